"""What Bluesky's limits mean for a variant: findings, before any upload. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.api import Facts, Finding, Level, Media, MediaKind, Part, Variant
from plugins.bluesky.counting import length, size
from plugins.bluesky.limits import (
    ALT_GRAPHEMES,
    CAPTION_BYTES,
    CAPTIONS,
    GRAPHEMES,
    IMAGE_BYTES,
    IMAGE_TYPES,
    IMAGES,
    OLD_IMAGE_BYTES,
    TEXT_BYTES,
    VIDEO_BYTES,
    VIDEO_SECONDS,
)
from plugins.bluesky.options import mistakes
from plugins.bluesky.records import thumb_of

if TYPE_CHECKING:
    from collections.abc import Iterator


def findings(variant: Variant, facts: Facts) -> Iterator[Finding]:
    """Everything worth saying about ``variant`` for this account."""
    first = variant.parts[0] if variant.parts else Part(text="")
    yield Finding(level=Level.NOTE, code="length", text=f"{length(first.text)}/{GRAPHEMES}")
    for number, part in enumerate(variant.parts or (first,), 1):
        which = f"Part {number}" if len(variant.parts) > 1 else "This"
        yield from _text(part, which, variant.account)
        yield from _files(part)
        if any(m.kind is MediaKind.VIDEO for m in part.media):
            yield from _may_upload(facts)
    yield from mistakes({**variant.options, **first.options})


def _text(part: Part, which: str, account: str) -> Iterator[Finding]:
    signs, octets = length(part.text), size(part.text)
    own = f'Shorten it, make it a thread, or `--for {account} "…"` gives Bluesky its own text.'
    if signs > GRAPHEMES:
        yield block("too_long", f"Bluesky takes {GRAPHEMES} characters, {which.lower()} has {signs:,}.", own)
    elif octets > TEXT_BYTES:
        yield block(
            "too_long",
            f"Bluesky takes {TEXT_BYTES:,} bytes of text, {which.lower()} has {octets:,}: signs that are "
            "joined of many count as many.",
            own,
        )
    if not part.text.strip() and not part.media and not part.link:
        yield block("empty", "There is nothing to post to Bluesky.", "Write a text or add an image.")
    if max(part.text, default="") >= "\ud800" and any("\ud800" <= sign <= "\udfff" for sign in part.text):
        yield block("invalid_text", "The text holds half a sign, which no server takes.", "Type it anew.")


def _files(part: Part) -> Iterator[Finding]:
    videos = [m for m in part.media if m.kind is MediaKind.VIDEO]
    pictures = [m for m in part.media if m.kind in (MediaKind.IMAGE, MediaKind.GIF)]
    others = [m for m in part.media if m not in videos and m not in pictures]
    for other in others:
        yield block("file_kind", f"Bluesky takes no files like {other.name}.", "Use pictures, or one video.")
    if len(videos) > 1 or (videos and pictures):
        yield block(
            "mixed",
            "Bluesky takes one video, or up to four images, in a post.",
            "Leave some of the files out.",
        )
    if len(pictures) > IMAGES:
        yield block(
            "too_many_images",
            f"Bluesky takes {IMAGES} images in a post, this has {len(pictures)}.",
            "Leave some out, or make it a thread.",
        )
    for picture in pictures:
        yield from _picture(picture)
    for video in videos:
        yield from _video(video)
    if part.link is not None and part.link.image is not None and not part.media and thumb_of(part) is None:
        yield Finding(
            level=Level.NOTE,
            code="thumb",
            text="The picture of the link's page is more than Bluesky takes; its card goes out without it.",
        )


def _picture(picture: Media) -> Iterator[Finding]:
    if picture.mime not in IMAGE_TYPES:
        yield block(
            "image_type",
            f"Bluesky shows JPG, PNG and WebP; {picture.name} is {picture.mime}.",
            "Convert it first.",
        )
    if picture.kind is MediaKind.GIF:
        yield Finding(
            level=Level.WARN,
            code="gif_still",
            text=f"{picture.name} moves; on Bluesky it would stand still.",
            fix="Use it as a video (MP4) to keep it moving.",
        )
    if picture.size > IMAGE_BYTES:
        yield block(
            "image_size",
            f"Bluesky takes images of 2 MB; {picture.name} has {picture.size / 1e6:.1f} MB.",
            "Make it smaller.",
        )
    elif picture.size > OLD_IMAGE_BYTES:
        yield Finding(
            level=Level.NOTE,
            code="image_size",
            text=f"{picture.name} is over 1 MB, which servers from before April 2026 refuse.",
        )
    yield from _alt(picture)


def _video(video: Media) -> Iterator[Finding]:
    if video.mime != "video/mp4":
        yield block("video_type", f"Bluesky takes MP4; {video.name} is {video.mime}.", "Convert it first.")
    if video.size > VIDEO_BYTES:
        yield block(
            "video_size",
            f"Bluesky takes videos of 300 MB; {video.name} has {video.size / 1e6:,.0f} MB.",
            "Make it shorter or smaller.",
        )
    if video.seconds > VIDEO_SECONDS:
        yield block(
            "video_length",
            f"Bluesky takes videos of 10 minutes; {video.name} has {_minutes(video.seconds)}.",
            "Trim it.",
        )
    if len(video.captions) > CAPTIONS:
        yield block("captions", f"Bluesky takes {CAPTIONS} subtitles for a video.", "Leave some out.")
    for one in video.captions:
        if one.size > CAPTION_BYTES:
            yield block(
                "captions",
                f"Bluesky takes subtitles of {CAPTION_BYTES:,} bytes; {one.name} has {one.size:,}.",
                "Shorten them, or leave them out.",
            )
    yield from _alt(video)


def _alt(media: Media) -> Iterator[Finding]:
    if not media.alt.strip():
        yield Finding(
            level=Level.WARN,
            code="alt_missing",
            text=f"{media.name} has no description for people who do not see it.",
            fix='Add one with `--alt "…"`.',
        )
    elif length(media.alt) > ALT_GRAPHEMES:
        yield block(
            "alt_too_long",
            f"Bluesky shows {ALT_GRAPHEMES:,} characters of description, {media.name} has "
            f"{length(media.alt):,}.",
            "Shorten it.",
        )


def _may_upload(facts: Facts) -> Iterator[Finding]:
    if facts.values.get("video_allowed") is False:
        said = str(facts.values.get("video_why") or "Bluesky takes no videos from this account now.")
        yield block("video_forbidden", said, str(facts.values.get("video_fix") or ""))


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def block(code: str, text: str, fix: str) -> Finding:
    """A finding that stops the post."""
    return Finding(level=Level.BLOCK, code=code, text=text, fix=fix)
