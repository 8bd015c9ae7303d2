"""What files LinkedIn takes: as rules to make them fit by, and as what is said of those that do not."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from bot.api import (
    DocumentRule,
    Facts,
    Finding,
    Level,
    Limit,
    Media,
    MediaKind,
    MediaRules,
    PictureRule,
    Variant,
    VideoRule,
)
from plugins.linkedin.little_text import utf16_length

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

IMAGES = 20
"""Images of a post; from two on as ``multiImage`` (multiimage-post-api, 2026)."""

ALT_LIMIT = 4086
"""Characters of ``altText`` (posts-api, 2026)."""

PIXEL_LIMIT = 36_152_320
"""An image must have fewer pixels than this (images-api, 2026)."""

IMAGE_BYTES = 5_000_000
"""Not stated by LinkedIn; larger images were reported to work and to fail."""

IMAGE_TYPES = ("image/jpeg", "image/png", "image/gif")

VIDEO_TYPES = ("video/mp4",)
VIDEO_BYTES = (75 * 1024, 500_000_000)
VIDEO_SECONDS = (3.0, 30 * 60.0)
"""Least and most (videos-api, 2026)."""

VIDEO_RATIOS, VIDEO_FPS = (1 / 2.4, 2.4), (10.0, 60.0)
"""Not stated by LinkedIn's API pages; field reports of 2026."""

DOCUMENT_TYPES = (
    "application/pdf",
    "application/msword",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
)
DOCUMENT_BYTES, DOCUMENT_PAGES = 100_000_000, 300
"""documents-api, 2026."""

CAPTION_BYTES = 1_000_000
"""Not stated by LinkedIn; the subtitles of half an hour are far smaller."""

READ = date(2026, 9, 19)
PLACE = "learn.microsoft.com/en-us/linkedin: community-management/shares/"
REPORTS = "field reports; not stated"

FILE_LIMITS = (
    Limit(name="alt text", value=ALT_LIMIT, unit="characters", as_of=READ, source=f"{PLACE}posts-api"),
    Limit(name="images in a post", value=IMAGES, unit="images", as_of=READ, source=f"{PLACE}posts-api"),
    Limit(name="image formats", value=IMAGE_TYPES, unit="types", as_of=READ, source=f"{PLACE}images-api"),
    Limit(name="image area", value=PIXEL_LIMIT - 1, unit="pixels", as_of=READ, source=f"{PLACE}images-api"),
    Limit(name="image size", value=IMAGE_BYTES, unit="bytes", as_of=READ, source=REPORTS),
    Limit(name="video formats", value=VIDEO_TYPES, unit="types", as_of=READ, source=f"{PLACE}videos-api"),
    Limit(name="video size", value=VIDEO_BYTES[1], unit="bytes", as_of=READ, source=f"{PLACE}videos-api"),
    Limit(
        name="video size, at least",
        value=VIDEO_BYTES[0],
        unit="bytes",
        as_of=READ,
        source=f"{PLACE}videos-api",
    ),
    Limit(
        name="video length", value=VIDEO_SECONDS[1], unit="seconds", as_of=READ, source=f"{PLACE}videos-api"
    ),
    Limit(
        name="video length, at least",
        value=VIDEO_SECONDS[0],
        unit="seconds",
        as_of=READ,
        source=f"{PLACE}videos-api",
    ),
    Limit(
        name="document formats",
        value=DOCUMENT_TYPES,
        unit="types",
        as_of=READ,
        source=f"{PLACE}documents-api",
    ),
    Limit(
        name="document size", value=DOCUMENT_BYTES, unit="bytes", as_of=READ, source=f"{PLACE}documents-api"
    ),
    Limit(
        name="document length", value=DOCUMENT_PAGES, unit="pages", as_of=READ, source=f"{PLACE}documents-api"
    ),
)


def media_rules(variant: Variant, facts: Facts) -> MediaRules:
    """What one post may carry: up to twenty pictures, or one video, or one document."""
    return MediaRules(
        picture=PictureRule(formats=IMAGE_TYPES, most_bytes=IMAGE_BYTES, most_pixels=PIXEL_LIMIT - 1),
        gif=PictureRule(
            formats=("image/gif",), most_bytes=IMAGE_BYTES, most_pixels=PIXEL_LIMIT - 1, moving=True
        ),
        video=VideoRule(
            containers=("mp4",),
            codecs=("h264",),
            audio=("aac",),
            least_bytes=VIDEO_BYTES[0],
            most_bytes=VIDEO_BYTES[1],
            seconds=VIDEO_SECONDS,
            ratios=VIDEO_RATIOS,
            aim=(1920, 1080),
            fps=VIDEO_FPS,
        ),
        document=DocumentRule(formats=DOCUMENT_TYPES, most_bytes=DOCUMENT_BYTES, most_pages=DOCUMENT_PAGES),
        most_pictures=IMAGES,
        most_files=IMAGES,
        source=f"{PLACE}videos-api",
        as_of=READ,
    )


def captions_of(media: Media) -> Media | None:
    """The subtitles LinkedIn gets: it takes one file, as SRT."""
    return next((c for c in media.captions if is_srt(c)), None)


def is_srt(captions: Media) -> bool:
    """Whether subtitles are SRT, by their name or media type."""
    return captions.name.lower().endswith(".srt") or "srt" in captions.mime or "subrip" in captions.mime


def said_of(media: Sequence[Media]) -> Iterator[Finding]:
    """Everything wrong with the files of a post, or worth saying."""
    alone = [m for m in media if m.kind in (MediaKind.VIDEO, MediaKind.DOCUMENT)]
    if alone and len(media) > 1:
        yield _block(
            "media_mix",
            f"LinkedIn takes one video or one document alone, or up to {IMAGES} images.",
            "Leave the others out.",
        )
    elif len(media) > IMAGES:
        yield _block(
            "too_many_images",
            f"LinkedIn takes {IMAGES} images in a post, this has {len(media)}.",
            "Leave some out.",
        )
    for one in media:
        match one.kind:
            case MediaKind.VIDEO:
                yield from _video(one)
            case MediaKind.DOCUMENT:
                yield from _document(one)
            case _:
                yield from _image(one)


def _video(video: Media) -> Iterator[Finding]:
    if video.mime not in VIDEO_TYPES:
        yield _block("video_type", f"LinkedIn takes MP4; {video.name} is {video.mime}.", "Convert it first.")
        return
    least, most = VIDEO_BYTES
    if video.size > most:
        yield _block(
            "video_size",
            f"LinkedIn takes videos up to {most // 10**6} MB; {video.name} has {video.size / 1e6:,.0f} MB.",
            "Make it smaller.",
        )
    if video.size < least:
        yield _block(
            "video_small",
            f"LinkedIn takes videos from {least // 1024} KB on; "
            f"{video.name} has {video.size / 1024:,.0f} KB.",
            "Use a longer or better one.",
        )
    shortest, longest = VIDEO_SECONDS
    if video.seconds > longest:
        yield _block(
            "video_long",
            f"LinkedIn takes videos of {longest / 60:g} minutes; {video.name} has {video.seconds / 60:.1f}.",
            "Trim it.",
        )
    if 0 < video.seconds < shortest:
        yield _block(
            "video_short",
            f"LinkedIn takes videos from {shortest:g} seconds on; {video.name} has {video.seconds:.1f}.",
            "Use a longer one.",
        )
    if video.captions:
        yield from _captions(video)
    if video.cover is not None and video.cover.mime not in ("image/jpeg", "image/png"):
        yield _block("cover", f"LinkedIn takes JPG and PNG as covers, not {video.cover.mime}.", "Convert it.")


def _captions(video: Media) -> Iterator[Finding]:
    taken = captions_of(video)
    if taken is None:
        yield Finding(
            level=Level.WARN,
            code="captions_format",
            text="LinkedIn takes subtitles as SRT only; it gets the video without them.",
            fix="Convert them to SRT.",
        )
    elif len(video.captions) > 1:
        yield Finding(
            level=Level.WARN,
            code="captions_many",
            text=f"LinkedIn takes one file of subtitles; it gets {taken.name}.",
        )
    if taken is not None and not 0 < taken.size <= CAPTION_BYTES:
        yield _block(
            "captions_size",
            f"The subtitles {taken.name} are empty or far too large.",
            "Use another SRT file.",
        )


def _document(document: Media) -> Iterator[Finding]:
    if document.mime not in DOCUMENT_TYPES:
        yield _block(
            "document_type",
            f"LinkedIn takes PDF, Word and PowerPoint; {document.name} is {document.mime}.",
            "Save it as PDF.",
        )
    if document.size > DOCUMENT_BYTES:
        yield _block(
            "document_size",
            f"LinkedIn takes documents up to {DOCUMENT_BYTES // 10**6} MB; "
            f"{document.name} has {document.size / 1e6:,.0f} MB.",
            "Make it smaller.",
        )
    if document.pages > DOCUMENT_PAGES:
        yield _block(
            "document_pages",
            f"LinkedIn takes documents of {DOCUMENT_PAGES} pages; {document.name} has {document.pages}.",
            "Split it.",
        )


def _image(image: Media) -> Iterator[Finding]:
    if image.mime not in IMAGE_TYPES:
        yield _block(
            "image_type",
            f"LinkedIn takes JPG, PNG and GIF; {image.name} is {image.mime}.",
            "Convert it first.",
        )
    if image.width * image.height >= PIXEL_LIMIT:
        yield _block(
            "image_area",
            f"LinkedIn takes images of fewer than {PIXEL_LIMIT:,} pixels; "
            f"{image.name} has {image.width * image.height:,}.",
            "Make it smaller.",
        )
    if image.size > IMAGE_BYTES:
        yield Finding(
            level=Level.WARN,
            code="image_size",
            text=f"{image.name} has {image.size / 1e6:.1f} MB; LinkedIn is only sure to take 5 MB.",
            fix="Make it smaller to be safe.",
        )
    if not image.alt.strip():
        yield Finding(
            level=Level.WARN,
            code="alt_missing",
            text=f"{image.name} has no description for people who do not see it.",
            fix='Add one with `--alt "…"`.',
        )
    elif utf16_length(image.alt) > ALT_LIMIT:
        yield _block(
            "alt_too_long",
            f"LinkedIn takes {ALT_LIMIT:,} characters of description, {image.name} has "
            f"{utf16_length(image.alt):,}.",
            "Shorten it.",
        )


def _block(code: str, text: str, fix: str) -> Finding:
    return Finding(level=Level.BLOCK, code=code, text=text, fix=fix)
