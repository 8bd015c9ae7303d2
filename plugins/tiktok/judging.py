"""What the simulated TikTok accepts of an init call: the shape, the words, the chunks."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bot.testing.simulator import Failure
from plugins.tiktok.failures import FAILURES, refused

if TYPE_CHECKING:
    from plugins.tiktok.world import World

MB = 1_000_000
INFO = MappingProxyType(
    {
        "privacy_level": str,
        "title": str,
        "disable_comment": bool,
        "disable_duet": bool,
        "disable_stitch": bool,
        "video_cover_timestamp_ms": int,
        "brand_content_toggle": bool,
        "brand_organic_toggle": bool,
        "is_aigc": bool,
    }
)
PHOTO_INFO = MappingProxyType(
    {
        "privacy_level": str,
        "title": str,
        "description": str,
        "disable_comment": bool,
        "auto_add_music": bool,
        "brand_content_toggle": bool,
        "brand_organic_toggle": bool,
    }
)


class Refused(Exception):
    """An answer found while judging a call."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.status)
        self.failure = failure


def wrong(message: str) -> Refused:
    """A 400 that names the parameter."""
    return Refused(refused(400, "invalid_param", message))


def judge_info(world: World, info: object, *, photo: bool) -> Mapping[str, Any]:
    """``post_info`` of a direct post."""
    known: Mapping[str, type] = PHOTO_INFO if photo else INFO
    if not isinstance(info, dict):
        raise wrong("post_info is missing")
    for name, value in info.items():
        kind = known.get(name)
        if kind is None or not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise wrong(f"post_info.{name} is not valid")
    _judge_words(info, photo=photo)
    if "privacy_level" not in info:
        raise wrong("post_info.privacy_level is missing")
    if info["privacy_level"] not in world.creator.audiences:
        raise Refused(FAILURES["T-I8"])
    if not world.audited and (info["privacy_level"] != "SELF_ONLY" or not world.creator.private):
        raise Refused(FAILURES["T-I6"])
    if info.get("brand_content_toggle") and info["privacy_level"] == "SELF_ONLY":
        raise wrong("branded content cannot be private")
    return info


def judge_draft(info: object) -> Mapping[str, Any]:
    """``post_info`` of a photo draft: the words at most."""
    if not isinstance(info, dict):
        raise wrong("post_info is missing")
    _judge_words(info, photo=True)
    return info


def _judge_words(info: Mapping[str, Any], *, photo: bool) -> None:
    limits = {"title": 90, "description": 4000} if photo else {"title": 2200}
    for name, most in limits.items():
        if len(str(info.get(name, "")).encode("utf-16-le", "surrogatepass")) // 2 > most:
            raise wrong(f"post_info.{name} is too long")


def judge_upload(source: Mapping[str, Any]) -> dict[str, int]:
    """Sizes of a FILE_UPLOAD, by the rules of the media transfer guide."""
    names = ("video_size", "chunk_size", "total_chunk_count")
    values = [source.get(name) for name in names]
    if any(not isinstance(v, int) or isinstance(v, bool) or v <= 0 for v in values):
        raise wrong("video_size, chunk_size and total_chunk_count must be positive")
    size, chunk, count = (int(v) for v in values if v is not None)
    if size > 4000 * MB:
        raise wrong("video_size is too large")
    if count != max(size // chunk, 1) or count > 1000:
        raise wrong("total_chunk_count is wrong")
    if count == 1:
        if chunk != size or size > 64 * MB:
            raise wrong("chunk_size is wrong for one chunk")
    elif not 5 * MB <= chunk <= 64 * MB or size - (count - 1) * chunk > 128 * MB:
        raise wrong("chunk_size is out of bounds")
    return {"size": size, "chunk": chunk, "count": count}


def judge_photos(source: Mapping[str, Any]) -> list[str]:
    """The addresses of a photo post."""
    urls, cover = source.get("photo_images"), source.get("photo_cover_index", 0)
    if source.get("source") != "PULL_FROM_URL" or not isinstance(urls, list) or not 1 <= len(urls) <= 35:
        raise wrong("photo_images takes 1 to 35 addresses and PULL_FROM_URL")
    if not isinstance(cover, int) or isinstance(cover, bool) or not 0 <= cover < len(urls):
        raise wrong("photo_cover_index is out of bounds")
    return [str(url) for url in urls]
