"""What is asked of ``POST /{ig-user}/media`` for one part. Pure.

Source: instagram-platform/instagram-graph-api/reference/ig-user/media (28 September 2026).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.api import Media, MediaKind, Part
from plugins.instagram.options import (
    AI,
    Kind,
    collaborators,
    cover_at,
    kind_of,
    place_of,
    shared,
    tagged,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


def is_video(media: Media) -> bool:
    return media.kind is MediaKind.VIDEO


def is_carousel(part: Part) -> bool:
    """Whether it needs a container for each file and one around them."""
    return len(part.media) > 1


def file_body(part: Part, media: Media, *, url: str, cover: str, places: bool) -> dict[str, Any]:
    """The container of one file. ``url``: where it is fetched; empty when it is pushed. ``cover``: where
    the cover is fetched. ``places``: this door takes one."""
    kind = kind_of(part.options)
    if is_carousel(part):
        body: dict[str, Any] = {"is_carousel_item": True}
        return body | (_video("VIDEO", url) if is_video(media) else _picture(part, media, url))
    if kind is Kind.STORY:
        source = _video("STORIES", url) if is_video(media) else {"media_type": "STORIES", "image_url": url}
        return source
    if not is_video(media):
        return {**_picture(part, media, url), **_post(part, places=places)}
    body = {**_video("REELS", url), **_post(part, places=places), "share_to_feed": _in_feed(part)}
    if cover:
        body["cover_url"] = cover
    elif (at := cover_at(part.options)) is not None:
        body["thumb_offset"] = at
    if people := tagged(part.options):
        body["user_tags"] = [{"username": one["username"]} for one in people]
    return body


def carousel_body(part: Part, children: Sequence[str], *, places: bool) -> dict[str, Any]:
    """The container around the files of a carousel."""
    return {"media_type": "CAROUSEL", "children": list(children), **_post(part, places=places)}


def _in_feed(part: Part) -> bool:
    return kind_of(part.options) is Kind.FEED or shared(part.options)


def _picture(part: Part, media: Media, url: str) -> dict[str, Any]:
    people = tagged(part.options) if part.media and part.media[0] == media else []
    alt = media.alt.strip()
    return {
        "image_url": url,
        **({"alt_text": alt} if alt else {}),
        **({"user_tags": people} if people else {}),
    }


def _video(kind: str, url: str) -> dict[str, Any]:
    return {"media_type": kind, **({"video_url": url} if url else {"upload_type": "resumable"})}


def _post(part: Part, *, places: bool) -> dict[str, Any]:
    """What belongs to the post as a whole."""
    together, place = collaborators(part.options), place_of(part.options)
    return {
        "caption": part.text,
        **({"collaborators": list(together)} if together else {}),
        **({"location_id": place} if place and places else {}),
        **({"is_ai_generated": True} if part.options.get(AI) is True else {}),
    }
