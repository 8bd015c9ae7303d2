"""What is wrong with a variant for Instagram, or worth saying, before anything is sent. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bot.api import Finding, Level, Media, MediaKind, Part, PartRole
from plugins.instagram.limits import ALT, CAPTION, COMMENT, FILES, HASHTAGS, MENTIONS, PICTURE_BYTES
from plugins.instagram.options import (
    MOST_COLLABORATORS,
    MOST_TAGS,
    PLACE_ID,
    USERNAME,
    Kind,
    collaborators,
    cover_at,
    kind_of,
    place_of,
    tagged,
)
from plugins.instagram.settings import FACEBOOK

if TYPE_CHECKING:
    from bot.api import Facts, Variant
    from plugins.instagram.settings import InstagramSettings

FOLLOWING = frozenset({PartRole.COMMENT, PartRole.FOLLOW_UP})
TAG, MENTION, LINK = re.compile(r"#\w+"), re.compile(r"(?<!\w)@[\w.]+"), re.compile(r"https?://\S+")
PICTURES = frozenset({MediaKind.IMAGE, MediaKind.GIF})


def findings(
    variant: Variant, facts: Facts, settings: InstagramSettings, *, reachable: bool
) -> Iterator[Finding]:
    """Everything worth saying. ``reachable``: our media server has an address the world can use."""
    if not variant.parts:
        yield _block("empty", "There is nothing to post to Instagram.", "Add a picture or a video.")
        return
    first = variant.parts[0]
    options = {**variant.options, **first.options}
    kind = kind_of(options)
    if any(p.role not in FOLLOWING for p in variant.parts[1:]):
        yield _block(
            "thread",
            f"Instagram has no threads; this has {len(variant.parts)} parts.",
            f'Make it one post, or `--for {variant.account} "…"` gives Instagram its own text.',
        )
    yield from _text(first.text, variant.account, kind)
    yield from _files(first.media, kind)
    yield from _ways(first.media, kind, settings, reachable=reachable)
    yield from _choices(options, first.media, kind, settings)
    for part in variant.parts[1:]:
        if part.role in FOLLOWING:
            yield from _comment(part, kind)
    yield from _quota(facts)


def _text(text: str, account: str, kind: Kind) -> Iterator[Finding]:
    if kind is Kind.STORY:
        if text.strip():
            yield _warn(
                "story_text", "Instagram shows no text with a story.", "Put it into the picture or video."
            )
        return
    yield Finding(level=Level.NOTE, code="length", text=f"{len(text)}/{CAPTION}")
    if len(text) > CAPTION:
        yield _block(
            "too_long",
            f"Instagram takes {CAPTION:,} characters, this has {len(text):,}.",
            f'Shorten it, or `--for {account} "…"` gives Instagram its own text.',
        )
    for found, most, name in (
        (len(TAG.findall(text)), HASHTAGS, "hashtags"),
        (len(MENTION.findall(text)), MENTIONS, "mentions"),
    ):
        if found > most:
            yield _block(
                f"too_many_{name}", f"Instagram takes {most} {name}, this has {found}.", "Leave some out."
            )
    if LINK.search(text):
        yield Finding(level=Level.NOTE, code="dead_link", text="nobody can press a link in a caption")


def _files(media: Sequence[Media], kind: Kind) -> Iterator[Finding]:
    if not media:
        yield _block(
            "needs_media",
            "Instagram takes no post without a picture or a video.",
            "Add one with --media, or drop Instagram from this post.",
        )
    videos = [m for m in media if m.kind is MediaKind.VIDEO]
    strange = [m for m in media if m.kind not in (*PICTURES, MediaKind.VIDEO)]
    for file in strange:
        yield _block(
            "media_kind", f"Instagram takes pictures and videos; {file.name} is neither.", "Leave it out."
        )
    if kind is Kind.REEL and media and (len(media) != 1 or len(videos) != 1):
        yield _block("media_reel", "A reel is one video.", "Choose feed, or leave the other files out.")
    elif kind is Kind.STORY and len(media) > 1:
        yield _block(
            "media_story", f"A story is one picture or video, this has {len(media)}.", "Leave the others out."
        )
    elif len(media) > FILES:
        yield _block(
            "too_many_files", f"Instagram takes {FILES} files, this has {len(media)}.", "Leave some out."
        )
    for file in media:
        yield from _alt(file, kind)
        if file.cover is not None:
            yield from _cover(file.cover, alone=len(media) == 1 and kind is not Kind.STORY)


def _cover(cover: Media, *, alone: bool) -> Iterator[Finding]:
    if not alone:
        yield _warn(
            "cover_left_out",
            "Instagram takes a cover with a reel only; it goes out without.",
            "Leave it out.",
        )
    elif cover.mime != "image/jpeg" or cover.size > PICTURE_BYTES:
        yield _block(
            "media_cover",
            f"Instagram takes a JPEG of up to {PICTURE_BYTES // 10**6} MB as a cover; {cover.name} is none.",
            "Choose a frame of the video, or save it as JPEG.",
        )


def _alt(file: Media, kind: Kind) -> Iterator[Finding]:
    if file.kind not in PICTURES or kind is Kind.STORY:
        return
    if not file.alt.strip():
        yield _warn(
            "alt_missing",
            f"{file.name} has no description for people who do not see it.",
            'Add one with `--alt "…"`.',
        )
    elif len(file.alt) > ALT:
        yield _block(
            "alt_too_long",
            f"Instagram takes {ALT:,} characters of description, {file.name} has {len(file.alt):,}.",
            "Shorten it.",
        )


def _ways(
    media: Sequence[Media], kind: Kind, settings: InstagramSettings, *, reachable: bool
) -> Iterator[Finding]:
    """Whether the files can get there: pictures are only ever fetched, videos may be pushed."""
    if reachable:
        return
    fetched = [m for m in media if m.kind is not MediaKind.VIDEO or not settings.pushes]
    if fetched:
        what = "pictures" if fetched[0].kind is not MediaKind.VIDEO else "videos"
        yield _block(
            "no_public_url",
            f"Instagram fetches {what} from an address of ours, and this bot has none.",
            "Whoever runs it sets `public_url` under [web] to an address that leads here.",
        )
    elif any(m.cover for m in media) and kind is not Kind.STORY:
        yield _warn(
            "cover_left_out",
            "Instagram fetches a cover from an address of ours, and this bot has none.",
            "Choose a second of the video instead (cover_at), or set `public_url` under [web].",
        )


def _choices(
    options: Mapping[str, Any], media: Sequence[Media], kind: Kind, settings: InstagramSettings
) -> Iterator[Finding]:
    try:
        at = cover_at(options)
    except ValueError as error:
        yield _block("cover_at", f"“{error}” is no second of a video.", "Write it like 1.5.")
    else:
        longest = max((m.seconds for m in media), default=0.0)
        if at is not None and longest and at > longest * 1000:
            yield _block(
                "cover_at",
                f"The cover is to be at {at / 1000:g} s, and the video ends at {longest:g} s.",
                "Choose an earlier second.",
            )
    together = collaborators(options)
    if len(together) > MOST_COLLABORATORS:
        yield _block(
            "collaborators",
            f"Instagram takes {MOST_COLLABORATORS} co-authors, this has {len(together)}.",
            "Leave some out.",
        )
    for name in together:
        if not USERNAME.fullmatch(name):
            yield _block("collaborators", f"“{name}” is no name of an account.", "Write it without blanks.")
    try:
        people = tagged(options)
    except ValueError as error:
        yield _block("tagged", f"“{error}” names nobody.", "Write it like: ada 0.5,0.8")
        people = []
    if len(people) > MOST_TAGS:
        yield _block("tagged", f"Instagram tags {MOST_TAGS} people, this has {len(people)}.", "Tag fewer.")
    pictures = [m for m in media if m.kind in PICTURES]
    if pictures and kind is Kind.FEED and any("x" not in p for p in people):
        yield _block(
            "tagged", "People in a picture are tagged at a place in it.", "Write it like: ada 0.5,0.8"
        )
    if place := place_of(options):
        if settings.door != FACEBOOK:
            yield _warn(
                "location",
                "Instagram Login takes no place; it goes out without.",
                "Connect by Facebook Login.",
            )
        elif not PLACE_ID.fullmatch(place):
            yield _block(
                "location", f"“{place}” is no number of a page.", "Use the number of the place's page."
            )


def _comment(part: Part, kind: Kind) -> Iterator[Finding]:
    if kind is Kind.STORY:
        yield _block("comment_story", "Nobody comments on a story.", "Leave the comment out.")
    if not part.text.strip():
        yield _block("empty_comment", "There is a comment that says nothing.", "Write it, or leave it out.")
    if len(part.text) > COMMENT:
        yield _block(
            "comment_too_long",
            f"Instagram takes {COMMENT} characters in a comment, this has {len(part.text):,}.",
            "Shorten it.",
        )
    if part.media:
        yield _block("comment_media", "A comment on Instagram takes no files.", "Put them into the post.")


def _quota(facts: Facts) -> Iterator[Finding]:
    used, total = facts.values.get("quota_usage"), facts.values.get("quota_total")
    if isinstance(used, int) and isinstance(total, int) and used >= total:
        yield _warn(
            "quota",
            f"The account has used its {total} posts of 24 hours; this one waits until there is room.",
            "",
        )


def _block(code: str, text: str, fix: str) -> Finding:
    return Finding(level=Level.BLOCK, code=code, text=text, fix=fix)


def _warn(code: str, text: str, fix: str) -> Finding:
    return Finding(level=Level.WARN, code=code, text=text, fix=fix)
