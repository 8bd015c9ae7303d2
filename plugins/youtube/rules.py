"""YouTube's limits, dated, and what they mean for a variant.

Source: developers.google.com/youtube/v3/docs/videos and its guides, read in November 2026.
The title is the option ``title`` or the first line of the text; the rest is the description.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from bot.api import Facts, Finding, Level, Limit, Media, MediaKind, Part, Variant
from plugins.youtube.metadata import tags_length, title_and_description
from plugins.youtube.options import (
    PUBLIC,
    Kind,
    kind_of,
    playlist_of,
    privacy_of,
    publish_at_of,
    tags_of,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

TITLE_LIMIT = 100
"""Characters of ``snippet.title``."""

DESCRIPTION_LIMIT = 5000
"""Bytes of UTF-8, not characters, of ``snippet.description``."""

TAGS_LIMIT = 500
"""Characters of all tags together: the commas between them count, and so do the quotes that a
tag with a blank gets."""

SIZE_LIMIT = 256 * 1024**3
"""Bytes of one video."""

SECONDS_LIMIT = 12 * 3600
"""Seconds of one video, once the channel is verified."""

UNVERIFIED_SECONDS = 15 * 60
"""Seconds of one video before the channel's owner has verified a phone number."""

SHORT_SECONDS = 180
"""Seconds of a Short, since 15 October 2024 (support.google.com/youtube/answer/15424877)."""

COVER_LIMIT = 50 * 1024**2
"""Bytes of a cover, since 11 September 2026; it was 2 MB before."""

CAPTIONS_LIMIT = 100 * 1024**2
"""Bytes of one subtitles file (captions/insert)."""

HASHTAGS = 60
"""With more hashtags than this YouTube heeds none of them (support.google.com/youtube/answer/6390658)."""

_DOCS = "developers.google.com/youtube/v3/docs"
VIDEOS = f"{_DOCS}/videos"
_HELP = "support.google.com/youtube"
READ = date(2026, 11, 21)

LIMITS = (
    Limit(name="title", value=TITLE_LIMIT, unit="characters", as_of=READ, source=VIDEOS),
    Limit(name="description", value=DESCRIPTION_LIMIT, unit="bytes", as_of=READ, source=VIDEOS),
    Limit(name="tags", value=TAGS_LIMIT, unit="characters", as_of=READ, source=VIDEOS),
    Limit(name="videos in a post", value=1, unit="videos", as_of=READ, source=VIDEOS),
    Limit(name="video size", value=SIZE_LIMIT, unit="bytes", as_of=READ, source=_HELP),
    Limit(name="video length", value=SECONDS_LIMIT, unit="seconds", as_of=READ, source=_HELP),
    Limit(
        name="video length, unverified channel",
        value=UNVERIFIED_SECONDS,
        unit="seconds",
        as_of=READ,
        source=_HELP,
    ),
    Limit(name="Short", value=SHORT_SECONDS, unit="seconds", as_of=READ, source=f"{_HELP}: Shorts"),
    Limit(name="cover", value=COVER_LIMIT, unit="bytes", as_of=READ, source=f"{_DOCS}/thumbnails/set"),
    Limit(
        name="subtitles", value=CAPTIONS_LIMIT, unit="bytes", as_of=READ, source=f"{_DOCS}/captions/insert"
    ),
)


def findings(variant: Variant, facts: Facts) -> Iterator[Finding]:
    """Everything worth saying about ``variant``."""
    part = variant.part(0) if variant.parts else Part(text="", options=variant.options)
    if len(variant.parts) > 1:
        yield _block(
            "thread", f"YouTube has no threads; this has {len(variant.parts)} parts.", "Make it one."
        )
    yield from _text(part, variant.account)
    yield from _tags(part)
    yield from _choices(part, variant.account)
    yield from _video(variant, part, facts)


def _text(part: Part, account: str) -> Iterator[Finding]:
    title, description = title_and_description(part)
    size = len(description.encode("utf-8", "surrogatepass"))
    yield Finding(
        level=Level.NOTE,
        code="length",
        text=f"title {len(title)}/{TITLE_LIMIT}, description {size}/{DESCRIPTION_LIMIT} bytes",
    )
    own = f'`--for {account} "…"` gives YouTube its own text.'
    if not title:
        yield _block("no_title", "YouTube needs a title.", "The first line of the text becomes the title.")
    if len(title) > TITLE_LIMIT and size <= DESCRIPTION_LIMIT:
        chosen = text_of(part.options, "title")
        yield _block(
            "title_too_long" if chosen or description else "too_long",
            f"YouTube takes a title of {TITLE_LIMIT} characters, "
            f"{'this' if chosen else 'the first line'} has {len(title):,}.",
            f"Shorten it, or {own}",
        )
    if size > DESCRIPTION_LIMIT:
        yield _block(
            "too_long",
            f"YouTube takes a description of {DESCRIPTION_LIMIT:,} bytes, this has {size:,}.",
            f"Shorten it, or {own}",
        )
    if set("<>") & set(title + description):
        yield _block(
            "brackets", "YouTube takes no < or > in a title or description.", "Write it without them."
        )
    if sum(word.startswith("#") and len(word) > 1 for word in (title + " " + description).split()) > HASHTAGS:
        yield _warn(
            "hashtags", f"With more than {HASHTAGS} hashtags YouTube heeds none of them.", "Drop some."
        )
    if text_of(part.options, "description") and part.text.strip() not in ("", title, description):
        yield _warn(
            "text_unused",
            "The description was given by itself, so the text of the post is not shown below the video.",
            "Leave the description away to show the text.",
        )


def _tags(part: Part) -> Iterator[Finding]:
    tags = tags_of(part.options)
    length = tags_length(tags)
    if length > TAGS_LIMIT:
        yield _block(
            "tags_too_long",
            f"YouTube takes {TAGS_LIMIT} characters of tags, these have {length}.",
            "Drop some.",
        )
    if set("<>") & set("".join(tags)):
        yield _block("tags_brackets", "YouTube takes no < or > in tags.", "Write them without.")


def _choices(part: Part, account: str) -> Iterator[Finding]:
    playlist = playlist_of(part.options)
    if playlist and not (playlist.isascii() and playlist.replace("-", "").replace("_", "").isalnum()):
        yield _block(
            "playlist", f"“{playlist}” is no playlist of YouTube.", "Paste the playlist's link, or its id."
        )
    try:
        at = publish_at_of(part.options)
    except ValueError:
        yield _block(
            "publish_at",
            "YouTube needs the day, the time and the zone at which it is to publish the video.",
            "Write it as 2026-12-01T09:00+01:00, or leave it away: then Clarion publishes it.",
        )
        return
    if at is None:
        return
    if privacy_of(part.options) != PUBLIC:
        yield _block(
            "publish_at",
            "YouTube publishes by itself only what everybody is to see.",
            f"Choose privacy public for {account}, or leave publish_at away.",
        )
        return
    yield _warn(
        "publish_at",
        f"YouTube itself publishes it at {at:%Y-%m-%d %H:%M} UTC. /halt does not stop that.",
        "Leave publish_at away and Clarion publishes it at the post's own time.",
    )


def _video(variant: Variant, part: Part, facts: Facts) -> Iterator[Finding]:
    videos = [m for m in variant.media if m.kind is MediaKind.VIDEO]
    if not videos:
        yield _block(
            "needs_video", "YouTube needs a video.", f"Add one, or drop {variant.account} from this post."
        )
        return
    if len(variant.media) > 1:
        yield _block(
            "too_many_files",
            f"YouTube takes one video and nothing else, this has {len(variant.media)} files.",
            "Keep the video only.",
        )
    for video in videos:
        if not video.mime.startswith("video/"):
            yield _block(
                "video_type", f"YouTube takes videos; {video.name} is {video.mime}.", "Convert it first."
            )
        if video.size > SIZE_LIMIT:
            yield _block(
                "video_size", f"YouTube takes videos of 256 GiB; {video.name} is larger.", "Shorten it."
            )
        yield from _length(video, part, facts)
        yield from _beside(video)


def _length(video: Media, part: Part, facts: Facts) -> Iterator[Finding]:
    kind, upright = kind_of(part.options), video.height >= video.width
    is_short = upright and 0 < video.seconds <= SHORT_SECONDS and video.width > 0
    if video.seconds > SECONDS_LIMIT:
        yield _block(
            "video_length",
            f"YouTube takes videos of 12 hours; {video.name} has {video.seconds / 3600:.1f}.",
            "Cut it.",
        )
    elif video.seconds > UNVERIFIED_SECONDS and facts.values.get("long_uploads") is False:
        yield _block(
            "video_length",
            f"{video.name} is longer than 15 minutes, which YouTube takes only from a verified channel.",
            "Verify the channel's phone number at youtube.com/verify, or cut the video.",
        )
    elif video.seconds > UNVERIFIED_SECONDS and "long_uploads" not in facts.values:
        yield _warn(
            "video_length",
            f"{video.name} is longer than 15 minutes, which only a verified channel may upload.",
            "Verify the channel's phone number with YouTube, or cut the video.",
        )
    if kind is Kind.SHORT and video.seconds and video.width and not is_short:
        yield _block(
            "short",
            f"A Short is upright or square and lasts at most three minutes; {video.name} is "
            f"{video.width}×{video.height} and lasts {video.seconds:.0f} seconds.",
            "Choose kind video, or cut it.",
        )
    elif kind is Kind.VIDEO and is_short:
        yield _warn(
            "short",
            f"YouTube shows {video.name} as a Short: it is upright and at most three minutes long.",
            "Give it another shape if it is to be a video.",
        )
    elif is_short:
        yield Finding(level=Level.NOTE, code="short", text="YouTube shows it as a Short")


def _beside(video: Media) -> Iterator[Finding]:
    cover = video.cover
    if cover is not None and cover.mime not in ("image/jpeg", "image/png"):
        yield _block(
            "cover_type", f"YouTube takes a JPEG or PNG as cover, not {cover.mime}.", "Convert the picture."
        )
    if cover is not None and cover.size > COVER_LIMIT:
        yield _block("cover_size", "YouTube takes covers of 50 MB; this one is larger.", "Make it smaller.")
    languages = [captions.language for captions in video.captions]
    if any(not language for language in languages):
        yield _block(
            "captions_language", "YouTube wants to know the subtitles' language.", "Name it, as “en”."
        )
    if len(set(languages)) < len(languages):
        yield _block("captions_twice", "There are two subtitles files in one language.", "Keep one of them.")
    if any(captions.size > CAPTIONS_LIMIT for captions in video.captions):
        yield _block("captions_size", "YouTube takes subtitles of 100 MB at most.", "Shorten them.")


def _warn(code: str, text: str, fix: str) -> Finding:
    return Finding(level=Level.WARN, code=code, text=text, fix=fix)


def _block(code: str, text: str, fix: str) -> Finding:
    return Finding(level=Level.BLOCK, code=code, text=text, fix=fix)
