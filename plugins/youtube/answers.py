"""Reading what YouTube says about a video, and where people find it. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from plugins.youtube.options import Kind, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.api import Part

VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_LINK = re.compile(
    r"^(?:https?://)?(?:www\.|m\.)?(?:"
    r"youtube\.com/(?:watch\?(?:[^#]*&)?v=|shorts/|live/|embed/)|youtu\.be/|studio\.youtube\.com/video/"
    r")(?P<id>[A-Za-z0-9_-]{11})(?:[/?&#]|$)"
)


def video_id(value: object) -> str | None:
    """A video's id, if it is one: eleven signs of base64url."""
    return value if isinstance(value, str) and VIDEO_ID.fullmatch(value) else None


def ref_of(link: str) -> str | None:
    """The video's id in a link that a person pasted."""
    match = _LINK.match(link.strip())
    return match["id"] if match else None


def link_to(video: str, part: Part | None = None) -> str:
    """Where people see it; a Short has an address of its own, and the other leads there too."""
    if part is not None and kind_of(part.options) is Kind.SHORT:
        return f"https://www.youtube.com/shorts/{video}"
    return f"https://www.youtube.com/watch?v={video}"


def studio(video: str = "") -> str:
    """Where its owner looks after it."""
    return f"https://studio.youtube.com/video/{video}/edit" if video else "https://studio.youtube.com"


def part_of(video: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """One part of a resource; empty when it is missing."""
    found = video.get(name)
    return found if isinstance(found, dict) else {}


def count(value: object) -> int | None:
    """Counts come as strings; one that the owner hides is missing."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def instant(value: object) -> datetime | None:
    """An RFC 3339 time as aware UTC."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else None
