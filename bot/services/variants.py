"""What one account will get: its body, cut where asked for, and everything that goes with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.domain.extras import LEFT_OUT, OF_FILES, Extras, body_of, dressed, extras_of, with_link, without_link
from bot.domain.post import Link, Media, MediaKind, Part, Variant, with_alts
from bot.domain.spans import parse_span
from bot.errors import BadInput
from bot.services.context import Connected, Services

NO_EXTRAS = Extras()
SUBTITLES = re.compile(r"\.(?:srt|vtt)$", re.IGNORECASE)
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}")
"""A language tag as people write it (BCP 47, shortened)."""
NAMED = re.compile(rf"\.({LANGUAGE.pattern})\.(?:srt|vtt)$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a person said about the extras; None leaves a thing as it is, empty drops it.

    ``follow_ups``: span → text, as typed. ``link`` is the address, ``card`` what it shows.
    """

    comment: str | None = None
    comment_after: str | None = None
    follow_ups: Mapping[str, str] | None = None
    link: str | None = None
    card: Link | None = None


def read_extras(wanted: Wanted, before: Extras = NO_EXTRAS) -> Extras:
    """The extras after what a person said; raises `BadInput` for a span or text that is none."""
    comment = before.comment if wanted.comment is None else wanted.comment.strip()
    after = before.comment_after if wanted.comment_after is None else parse_span(wanted.comment_after)
    if wanted.comment_after is not None and not comment:
        raise BadInput("--comment-after needs a comment: --comment “…”.")
    later = before.follow_ups
    if wanted.follow_ups is not None:
        later = tuple(sorted((parse_span(span), text.strip()) for span, text in wanted.follow_ups.items()))
        if any(not text for _, text in later) and len(later) > 1:
            raise BadInput("A follow-up needs a text. An empty one alone drops them all.")
        later = () if later and not later[0][1] else later
        if any(seconds == 0 for seconds, _ in later):
            raise BadInput("A follow-up comes later than the post; --comment goes out with it.")
        if len({seconds for seconds, _ in later}) < len(later):
            raise BadInput("Two follow-ups have the same time. Give them different ones.")
    return Extras(
        comment=comment,
        comment_after=after if comment else 0,
        follow_ups=later,
        link=before.link if wanted.link is None else wanted.card,
    )


async def add_media(svc: Services, paths: Sequence[str], alts: Sequence[str]) -> tuple[Media, ...]:
    """Copy files into the media store, each with its description, in order."""
    files = [await _add(svc, path) for path in paths]
    posted = [m for m in files if m.kind is not MediaKind.CAPTIONS]
    return with_captions(with_alts(posted, alts), [m for m in files if m.kind is MediaKind.CAPTIONS])


async def add_media_beside(
    svc: Services, paths: Sequence[str]
) -> tuple[tuple[Media, ...], tuple[Media, ...]]:
    """Copy in what goes with a video: pictures and subtitles; raises `BadInput` for anything else."""
    files = [await _add(svc, path) for path in paths]
    pictures = tuple(m for m in files if m.kind is MediaKind.IMAGE)
    captions = tuple(m for m in files if m.kind is MediaKind.CAPTIONS)
    for media in files:
        if media.kind not in (MediaKind.IMAGE, MediaKind.CAPTIONS):
            raise BadInput(f"{media.name} is neither a picture nor subtitles.")
    if len(pictures) > 1:
        raise BadInput(f"A video has one cover; these are {len(pictures)} pictures.")
    return pictures, captions


async def _add(svc: Services, path: str) -> Media:
    """A file, or subtitles with their language behind a colon (``de.srt:de``)."""
    plain, colon, language = path.rpartition(":")
    spoken = language if colon and SUBTITLES.search(plain) and LANGUAGE.fullmatch(language) else ""
    found = await svc.media.add(Path(plain if spoken else path))
    if found.kind is not MediaKind.CAPTIONS:
        return found
    named = NAMED.search(found.name)
    return replace(found, language=spoken or found.language or (named[1] if named else "en"))


def with_captions(media: tuple[Media, ...], captions: Sequence[Media]) -> tuple[Media, ...]:
    """The same files with subtitles on their video; raises `BadInput` when there is none."""
    if not captions:
        return media
    if not any(m.kind is MediaKind.VIDEO for m in media):
        raise BadInput(
            f"{captions[0].name} are subtitles, and there is no video for them. Add it with --media."
        )
    spoken = {m.language: m for m in captions}
    return tuple(
        replace(m, captions=tuple(spoken.values())) if m.kind is MediaKind.VIDEO else m for m in media
    )


def variant_for(
    account: Connected, text: str, media: tuple[Media, ...], thread: bool, extras: Extras = NO_EXTRAS
) -> Variant:
    """One part, or a thread where it was asked for and exists, and what goes with it."""
    features = account.platform.features
    whole = with_link(text, extras.link, media, features)
    pieces: tuple[str, ...] = (whole,)
    if thread and account.platform.split is not None:
        pieces = tuple(account.platform.split(whole)) or pieces
    parts = tuple(Part(text=piece, media=media if i == 0 else ()) for i, piece in enumerate(pieces))
    body = Variant(account=account.name, platform=account.platform.name, parts=parts)
    return dressed(body, extras, features)


def changed_variant(
    account: Connected,
    old: Variant | None,
    *,
    brief: str,
    text: str | None,
    media: tuple[Media, ...] | None,
    alts: Sequence[str] | None,
    thread: bool | None,
    wanted: Wanted,
    pattern: Extras = NO_EXTRAS,
) -> Variant:
    """The account's next variant: what is None stays as it was.

    ``pattern`` are the extras of an account that is new to the post.
    """
    before = extras_of(old) if old is not None else pattern
    extras = read_extras(wanted, before)
    held = old.parts[0].media if old is not None else ()
    files = media if media is not None else held
    if alts is not None:
        files = with_alts(files, alts)
    body = body_of(old.parts) if old is not None else ()
    if old is not None and media is not None:
        old = replace(old, options={k: v for k, v in old.options.items() if k != LEFT_OUT})
    same_link = extras.link == before.link and (extras.link is None or bool(files) == bool(held))
    if text is None and old is not None and thread is None and same_link:
        kept = (replace(body[0], media=files), *body[1:])
        return dressed(replace(old, parts=kept), extras, account.platform.features)
    whole = text
    if whole is None:
        whole = without_link("\n\n".join(p.text for p in body), before.link) if body else brief
    cut = thread if thread is not None else len(body) > 1
    made = variant_for(account, whole, files, cut, extras)
    if old is None:
        return made
    # what its files lost stays lost while they stay, and is still said
    lost = [name for name in old.options.get(LEFT_OUT, ()) if name in OF_FILES]
    left = [*lost, *(name for name in made.options.get(LEFT_OUT, ()) if name not in lost)]
    chosen = {k: v for k, v in {**old.options, **made.options}.items() if k != LEFT_OUT}
    return replace(made, options={**chosen, **({LEFT_OUT: left} if left else {})})
