"""TikTok's limits, dated, and what they mean for a variant.

Source: developers.tiktok.com, Content Posting API (media transfer guide, direct post and
photo post references), read in November 2026. A video's caption is the whole text; for
photos the first line is the title and the rest the description.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from bot.api import Finding, Level, Limit, Media, MediaKind, Variant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CAPTION_LIMIT = 2200
"""UTF-16 units of a video's ``title``, which is its caption."""

PHOTO_TITLE_LIMIT, PHOTO_TEXT_LIMIT = 90, 4000
"""UTF-16 units of a photo post's ``title`` and ``description``."""

PHOTOS = 35
PHOTO_TYPES = ("image/jpeg", "image/webp")
PHOTO_BYTES = 20_000_000
PHOTO_SIDE = 1080
"""Pixels of a photo's shorter side ("1080p")."""

VIDEO_TYPES = ("video/mp4", "video/quicktime", "video/webm")
VIDEO_BYTES = 4_000_000_000
SECONDS_LIMIT, SURE_SECONDS = 600, 180
"""The API's cap, and what every creator may post; a creator's own maximum lies between."""

SIDES = (360, 4096)
"""Pixels of each side of a video."""

_GUIDE = "developers.tiktok.com: content-posting-api media transfer guide"
_DIRECT = "developers.tiktok.com: content-posting-api direct post"
_PHOTO = "developers.tiktok.com: content-posting-api photo post"
_READ = date(2026, 11, 21)

LIMITS = (
    Limit(name="caption of a video", value=CAPTION_LIMIT, unit="UTF-16 units", as_of=_READ, source=_DIRECT),
    Limit(name="title of photos", value=PHOTO_TITLE_LIMIT, unit="UTF-16 units", as_of=_READ, source=_PHOTO),
    Limit(
        name="description of photos", value=PHOTO_TEXT_LIMIT, unit="UTF-16 units", as_of=_READ, source=_PHOTO
    ),
    Limit(name="photos in a post", value=PHOTOS, unit="images", as_of=_READ, source=_PHOTO),
    Limit(name="photo formats", value=PHOTO_TYPES, unit="types", as_of=_READ, source=_GUIDE),
    Limit(name="photo size", value=PHOTO_BYTES, unit="bytes", as_of=_READ, source=_GUIDE),
    Limit(name="photo's shorter side", value=PHOTO_SIDE, unit="pixels", as_of=_READ, source=_GUIDE),
    Limit(name="videos in a post", value=1, unit="videos", as_of=_READ, source=_DIRECT),
    Limit(name="video formats", value=VIDEO_TYPES, unit="types", as_of=_READ, source=_GUIDE),
    Limit(name="video size", value=VIDEO_BYTES, unit="bytes", as_of=_READ, source=_GUIDE),
    Limit(name="video length", value=SECONDS_LIMIT, unit="seconds", as_of=_READ, source=_GUIDE),
    Limit(name="video length for everybody", value=SURE_SECONDS, unit="seconds", as_of=_READ, source=_GUIDE),
    Limit(name="shortest side of a video", value=SIDES[0], unit="pixels", as_of=_READ, source=_GUIDE),
    Limit(name="longest side of a video", value=SIDES[1], unit="pixels", as_of=_READ, source=_GUIDE),
)


def utf16_length(text: str) -> int:
    """The length as TikTok counts: an emoji outside the basic plane counts two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def findings(variant: Variant) -> Iterator[Finding]:
    """Everything worth saying about ``variant``."""
    videos = [m for m in variant.media if m.kind is MediaKind.VIDEO]
    photos = [m for m in variant.media if m.kind is not MediaKind.VIDEO]
    text = variant.parts[0].text.strip() if variant.parts else ""
    if len(variant.parts) > 1:
        yield _block("thread", f"TikTok has no threads; this has {len(variant.parts)} parts.", "Make it one.")
    yield from (
        _photo_text(text, variant.account) if photos and not videos else _caption(text, variant.account)
    )
    if not variant.media:
        yield _block(
            "needs_video",
            "TikTok needs a video or photos.",
            f"Add one, or drop {variant.account} from this post.",
        )
    if len(videos) > 1 or (videos and photos):
        yield _block("mixed", "TikTok takes one video, or photos, not both.", "Keep the video only.")
    for video in videos:
        yield from _video(video)
    yield from _photos(photos)
    yield _block(
        "unsupported",
        "Publishing to TikTok arrives with a later version.",
        f"Take {variant.account} out of this post.",
    )


def _caption(text: str, account: str) -> Iterator[Finding]:
    length = utf16_length(text)
    yield Finding(level=Level.NOTE, code="length", text=f"{length}/{CAPTION_LIMIT}")
    if length > CAPTION_LIMIT:
        yield _too_long("characters", CAPTION_LIMIT, length, account)


def _photo_text(text: str, account: str) -> Iterator[Finding]:
    title, _, rest = text.partition("\n")
    lengths = utf16_length(title.strip()), utf16_length(rest.strip())
    yield Finding(
        level=Level.NOTE,
        code="length",
        text=f"title {lengths[0]}/{PHOTO_TITLE_LIMIT}, description {lengths[1]}/{PHOTO_TEXT_LIMIT}",
    )
    if lengths[0] > PHOTO_TITLE_LIMIT:
        yield _too_long(
            "characters in the first line of a photo post", PHOTO_TITLE_LIMIT, lengths[0], account
        )
    if lengths[1] > PHOTO_TEXT_LIMIT:
        yield _too_long("characters after the first line", PHOTO_TEXT_LIMIT, lengths[1], account)


def _video(video: Media) -> Iterator[Finding]:
    if video.mime not in VIDEO_TYPES:
        yield _block(
            "video_type", f"TikTok takes MP4, MOV and WebM; {video.name} is {video.mime}.", "Convert it."
        )
    if video.size > VIDEO_BYTES:
        yield _block(
            "video_size",
            f"TikTok takes videos of 4 GB; {video.name} has {video.size / 1e9:.1f} GB.",
            "Shorten it.",
        )
    sides = [side for side in (video.width, video.height) if side]
    if any(not SIDES[0] <= side <= SIDES[1] for side in sides):
        yield _block(
            "video_sides",
            f"TikTok takes sides of {SIDES[0]} to {SIDES[1]} pixels; "
            f"{video.name} is {video.width}×{video.height}.",
            "Scale it.",
        )
    if video.seconds > SECONDS_LIMIT:
        yield _block(
            "video_length",
            f"TikTok takes videos of 10 minutes; {video.name} has {video.seconds / 60:.1f}.",
            "Cut it.",
        )
    elif video.seconds > SURE_SECONDS:
        yield Finding(
            level=Level.WARN,
            code="video_length",
            text=f"{video.name} is longer than 3 minutes, which not every TikTok account may post.",
            fix="Cut it to be safe.",
        )


def _photos(photos: Sequence[Media]) -> Iterator[Finding]:
    if len(photos) > PHOTOS:
        yield _block(
            "too_many_images", f"TikTok takes {PHOTOS} photos, this has {len(photos)}.", "Keep fewer."
        )
    for photo in photos:
        if photo.mime not in PHOTO_TYPES:
            yield _block(
                "image_type", f"TikTok takes JPG and WebP; {photo.name} is {photo.mime}.", "Convert it."
            )
        if min(photo.width, photo.height) > PHOTO_SIDE:
            yield Finding(
                level=Level.WARN,
                code="image_area",
                text=f"TikTok takes photos of 1080p; {photo.name} is {photo.width}×{photo.height}.",
                fix="Scale it down to be safe.",
            )
        if photo.size > PHOTO_BYTES:
            yield _block(
                "image_size",
                f"TikTok takes photos of 20 MB; {photo.name} has {photo.size / 1e6:.1f} MB.",
                "Make it smaller.",
            )


def _too_long(what: str, limit: int, length: int, account: str) -> Finding:
    return _block(
        "too_long",
        f"TikTok takes {limit:,} {what}, this has {length:,}.",
        f'Shorten it, or `--for {account} "…"` gives TikTok its own text.',
    )


def _block(code: str, text: str, fix: str) -> Finding:
    return Finding(level=Level.BLOCK, code=code, text=text, fix=fix)
