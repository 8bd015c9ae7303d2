"""TikTok's limits, dated, and the files it takes.

Source: developers.tiktok.com, Content Posting API (media transfer guide, direct post and photo post
references), read in November 2026.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from bot.api import Limit, MediaRules, PictureRule, VideoRule

if TYPE_CHECKING:
    from bot.api import Facts, Variant

CAPTION_LIMIT = 2200
"""UTF-16 units of a video's ``title``, which is its caption."""

PHOTO_TITLE_LIMIT, PHOTO_TEXT_LIMIT = 90, 4000
"""UTF-16 units of a photo post's ``title`` and ``description``."""

PHOTOS = 35
PHOTO_TYPES = ("image/jpeg", "image/webp")
PHOTO_BYTES = 20_000_000
PHOTO_SIDE = 1080
"""Pixels of a photo's shorter side ("1080p")."""

PHOTO_LONG_SIDE = 1920
VIDEO_TYPES = ("video/mp4", "video/quicktime", "video/webm")
VIDEO_BYTES = 4_000_000_000
SECONDS_LIMIT, SURE_SECONDS = 600, 180
"""The API's cap, and what every creator may post; a creator's own maximum lies between."""

SIDES = (360, 4096)
"""Pixels of each side of a video."""

FPS = (23.0, 60.0)

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
    Limit(name="slowest video", value=FPS[0], unit="frames a second", as_of=_READ, source=_GUIDE),
    Limit(name="fastest video", value=FPS[1], unit="frames a second", as_of=_READ, source=_GUIDE),
)


def media(variant: Variant, facts: Facts) -> MediaRules:
    """What files TikTok takes from this account now. Pure."""
    return MediaRules(
        picture=PictureRule(
            formats=PHOTO_TYPES,
            most_bytes=PHOTO_BYTES,
            widths=(1, PHOTO_LONG_SIDE),
            heights=(1, PHOTO_LONG_SIDE),
            most_pixels=PHOTO_SIDE * PHOTO_LONG_SIDE,
            aim=(PHOTO_SIDE, PHOTO_LONG_SIDE),
        ),
        video=VideoRule(
            containers=("mp4", "mov", "webm"),
            codecs=("h264", "hevc", "vp8", "vp9"),
            audio=("aac", "mp3", "opus", "vorbis"),
            most_bytes=VIDEO_BYTES,
            seconds=(1.0, float(longest(facts))),
            aim=(1080, 1920),
            widths=SIDES,
            heights=SIDES,
            fps=FPS,
        ),
        most_pictures=PHOTOS,
        most_files=PHOTOS,
        needed=True,
        source=_GUIDE,
        as_of=_READ,
    )


def longest(facts: Facts) -> int:
    """Seconds of the longest video this account may post; the API's cap where nobody knows."""
    said = facts.values.get("seconds")
    return min(said, SECONDS_LIMIT) if isinstance(said, int) and said > 0 else SECONDS_LIMIT


def utf16_length(text: str) -> int:
    """The length as TikTok counts: an emoji outside the basic plane counts two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def photo_words(text: str, title: str) -> tuple[str, str]:
    """Title and description of a photo post; without a title of its own the first line is it."""
    if title:
        return title, text.strip()
    first, _, rest = text.strip().partition("\n")
    return first.strip(), rest.strip()
