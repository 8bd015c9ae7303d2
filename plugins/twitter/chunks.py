"""Files that arrive at the simulated X: whole, or in segments, then processed. No network here.

Source: docs.x.com x-api/media (2026-09-11): segments 0 to 999 in any order, of at most 8 MB, in
all as many bytes as were announced; ``processing_info`` until the file can be used.
"""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from plugins.twitter import failures
from plugins.twitter.admission import RefusedCall
from plugins.twitter.failures import FAILURES, at
from plugins.twitter.limits import CAPTION_BYTES, CAPTION_TYPES, GIF_BYTES, IMAGE_BYTES, IMAGE_TYPES
from plugins.twitter.multipart import multipart
from plugins.twitter.world import MEDIA_LASTS, SimAccount, SimMedia, World

if TYPE_CHECKING:
    from collections.abc import Mapping

SEGMENT_BYTES, SEGMENTS = 8 * 2**20, 1000
LANGUAGE = re.compile(r"[A-Z]{2}")
VIDEOS = MappingProxyType({"tweet_video": "TweetVideo", "amplify_video": "AmplifyVideo"})
"""Category of a video → how the subtitles' endpoint calls it (OpenAPI 2.167)."""

MOST = MappingProxyType(
    {
        "tweet_image": IMAGE_BYTES,
        "tweet_gif": GIF_BYTES,
        "tweet_video": 512 * 2**20,
        "amplify_video": 16 * 2**30,
        "subtitles": CAPTION_BYTES,
    }
)
VIDEO_TYPES = ("video/mp4", "video/webm", "video/quicktime")
TYPES = MappingProxyType(
    {
        "tweet_image": IMAGE_TYPES,
        "tweet_gif": ("image/gif",),
        "tweet_video": VIDEO_TYPES,
        "amplify_video": VIDEO_TYPES,
        "subtitles": CAPTION_TYPES,
    }
)

STARTS = ((b"\x89PNG", "image/png"), (b"\xff\xd8", "image/jpeg"), (b"GIF8", "image/gif"))


def whole(world: World, account: SimAccount, kind: str, body: bytes) -> dict[str, Any]:
    """``POST /2/media/upload``: a small picture in one go."""
    fields = _fields(kind, body)
    content, mime = fields.get("media", (b"", ""))
    category = fields.get("media_category", (b"", ""))[0].decode(errors="replace")
    if category not in ("tweet_image", "tweet_gif") or not content or mime not in TYPES[category]:
        raise _invalid("The media or its category is not valid.", media_category=[category])
    if len(content) > MOST[category]:
        raise RefusedCall(at(FAILURES["F18"], world.clock))
    media = _new(world, account, category, mime, len(content))
    media.take(0, content)
    media.content, media.state = content, "succeeded"
    image = {"image": {"image_type": mime, "w": 1200, "h": 675}}
    return _view(world, media) | {"size": len(content)} | image


def initialize(world: World, account: SimAccount, body: Mapping[str, Any]) -> dict[str, Any]:
    """``POST /2/media/upload/initialize``."""
    category, mime, total = str(body.get("media_category")), body.get("media_type"), body.get("total_bytes")
    if category not in MOST or mime not in TYPES[category] or not isinstance(total, int) or total <= 0:
        raise _invalid("The media type or its category is not valid.", media_category=[category])
    if total > MOST[category]:
        raise _invalid("The file is too large.", total_bytes=[str(total)])
    return _view(world, _new(world, account, category, str(mime), total))


def append(world: World, account: SimAccount, media_id: str, kind: str, body: bytes) -> dict[str, Any]:
    """``POST /2/media/upload/{id}/append``; the same segment may come twice."""
    media = _mine(world, account, media_id)
    fields = _fields(kind, body)
    number = fields.get("segment_index", (b"", ""))[0].decode(errors="replace")
    piece = fields.get("media", (b"", ""))[0]
    if len(piece) > min(SEGMENT_BYTES, world.segment_bytes):
        raise RefusedCall(at(FAILURES["F18"], world.clock))
    if media.state != "uploading" or not number.isdigit() or int(number) >= SEGMENTS or not piece:
        raise _invalid("The segment is not valid.", segment_index=[number])
    world.taken += len(piece)
    media.take(int(number), piece)
    return {"expires_at": int(media.expires_at.timestamp())}


def finalize(world: World, account: SimAccount, media_id: str) -> dict[str, Any]:
    """``POST /2/media/upload/{id}/finalize``; what is missing or too much is refused."""
    media = _mine(world, account, media_id)
    numbers, size = sorted(media.sizes), sum(media.sizes.values())
    if media.state != "uploading" or numbers != list(range(len(numbers))) or size != media.declared:
        raise _invalid("Segments do not add up to total bytes provided at initialize.", id=[media_id])
    media.content, media.state = b"".join(media.segments[n] for n in numbers), "pending"
    media.closed_at = world.clock.now()
    media.script = [] if media.category == "subtitles" else list(world.processing)
    if not media.script:
        media.state = "succeeded"
        return _view(world, media) | {"size": size}
    info = {"state": "pending", "check_after_secs": 1}
    return _view(world, media) | {"size": size, "processing_info": info}


def status(world: World, account: SimAccount, media_id: str) -> dict[str, Any]:
    """``GET /2/media/upload?command=STATUS``: the next line of the script, the last for ever."""
    media = _mine(world, account, media_id)
    if media.state == "uploading":
        raise _invalid("The upload is not finished.", media_id=[media_id])
    if not media.script:
        return _view(world, media)
    if (
        media.closed_at is not None
        and (left := media.closed_at + world.busy - world.clock.now()) > timedelta()
    ):
        done = int(100 * (1 - left / world.busy))
        after = min(max(int(left.total_seconds()), 1), 30)
        at_it = {"state": "in_progress", "check_after_secs": after, "progress_percent": done}
        return _view(world, media) | {"processing_info": at_it}
    info = media.script.pop(0) if len(media.script) > 1 else media.script[0]
    media.state = str(info["state"])
    whole = {"size": media.declared, "video": {"video_type": media.mime}} if media.category in VIDEOS else {}
    ready = whole if media.state == "succeeded" else {}
    return _view(world, media) | ready | {"processing_info": dict(info)}


def subtitles(world: World, account: SimAccount, body: Mapping[str, Any]) -> dict[str, Any]:
    """``POST /2/media/subtitles``: tie a track to a video that has been processed."""
    given = body.get("subtitles")
    track: Mapping[str, Any] = given if isinstance(given, dict) else {}
    video = _mine(world, account, str(body.get("id")))
    file = _mine(world, account, str(track.get("id")))
    code, name = str(track.get("language_code")), str(track.get("display_name", ""))
    if VIDEOS.get(video.category, "") != body.get("media_category") or video.state != "succeeded":
        raise _invalid("Subtitles belong to a video that is ready.", id=[video.id])
    if file.category != "subtitles" or file.state != "succeeded" or not LANGUAGE.fullmatch(code):
        raise _invalid("The subtitles or their language are not valid.", language_code=[code])
    video.subtitles[code] = (file.id, name)
    tracks = [{"id": i, "language_code": c, "display_name": n} for c, (i, n) in video.subtitles.items()]
    return {
        "id": video.id,
        "media_category": body["media_category"],
        "associated_subtitles": {"subtitles": tracks},
    }


def _fields(kind: str, body: bytes) -> Mapping[str, tuple[bytes, str]]:
    """The fields of a multipart body, or of a JSON one, where ``media`` is base64 (OpenAPI 2.167)."""
    if not kind.startswith("application/json"):
        return multipart(kind, body)
    try:
        sent = json.loads(body)
        content = base64.b64decode(sent.get("media", ""), validate=True)
    except (ValueError, AttributeError, TypeError):
        return {}
    mime = next((mime for start, mime in STARTS if content.startswith(start)), "")
    others = {name: (str(value).encode(), "") for name, value in sent.items()}
    return {**others, "media": (content, mime)}


def _new(world: World, account: SimAccount, category: str, mime: str, size: int) -> SimMedia:
    media = SimMedia(
        id=world.new_id(),
        owner=account.id,
        category=category,
        content=b"",
        mime=mime,
        expires_at=world.clock.now() + MEDIA_LASTS,
        declared=size,
        state="uploading",
    )
    world.media[media.id] = media
    return media


def _mine(world: World, account: SimAccount, media_id: str) -> SimMedia:
    media = world.media.get(media_id)
    if media is None or media.owner != account.id or media.expires_at <= world.clock.now():
        raise _invalid("The media id is not valid.", media_id=[media_id])
    return media


def _view(world: World, media: SimMedia) -> dict[str, Any]:
    left = int((media.expires_at - world.clock.now()).total_seconds())
    return {"id": media.id, "media_key": media.key, "expires_after_secs": left}


def _invalid(said: str, **parameters: list[str]) -> RefusedCall:
    return RefusedCall(failures.invalid(said, parameters))
