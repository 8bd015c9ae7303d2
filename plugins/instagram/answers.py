"""What Instagram's answers say, and the addresses people can open. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.api import AppMisconfigured, Metrics, Part
from plugins.instagram.contents import is_carousel, is_video
from plugins.instagram.options import Kind, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.api import Ref

LINK = re.compile(r"https?://(?:www\.)?instagram\.com/(?:[\w.]+/)?(?:p|reel|reels|tv)/([\w-]{5,40})", re.I)
CODE, CONTAINER = "shortcode", "container"
"""What a ref is called that is not the post's own number: what a person's link names, and the container
of a post that is out and could not be told from others."""

PROFESSIONAL = frozenset({"BUSINESS", "CREATOR", "MEDIA_CREATOR"})


def ref_of(link: str) -> Ref | None:
    """The ref of a post that a person linked to: its short code, from which the API finds the number."""
    found = LINK.match(link.strip())
    return {CODE: found[1]} if found else None


def number_of(ref: Ref) -> str | None:
    """The post's own number, where the ref is one."""
    return ref if isinstance(ref, str) else None


def code_in(link: object) -> str:
    """The short code in a permalink."""
    found = LINK.match(str(link or ""))
    return found[1] if found else ""


def rows_of(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The objects of a list."""
    data = answer.get("data")
    return [one for one in data if isinstance(one, dict)] if isinstance(data, list) else []


def instant(text: object) -> datetime | None:
    """``2026-11-21T10:02:11+0000`` as an aware instant; None for what is none."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def is_ours(row: Mapping[str, Any], part: Part, since: datetime, until: datetime) -> bool:
    """Whether a post of the account may be the one we published: its words, its kind and its time."""
    made = instant(row.get("timestamp"))
    if made is None or not since <= made <= until or not isinstance(row.get("id"), str):
        return False
    kind = row.get("media_type")
    if isinstance(kind, str) and kind != _media_type(part):
        return False
    return kind_of(part.options) is Kind.STORY or same_text(str(row.get("caption") or ""), part.text)


def same_text(one: str, other: str) -> bool:
    """Whether two captions read the same: Instagram trims and normalises white space."""
    return _plain(one) == _plain(other)


def quota(answer: Mapping[str, Any]) -> tuple[int, int, timedelta] | None:
    """Posts used, posts allowed, and in how long."""
    for row in rows_of(answer):
        config = row.get("config")
        used = row.get("quota_usage")
        total = config.get("quota_total") if isinstance(config, dict) else None
        span = config.get("quota_duration") if isinstance(config, dict) else None
        if isinstance(used, int) and isinstance(total, int):
            return used, total, timedelta(seconds=span if isinstance(span, int) else 86_400)
    return None


def metrics(row: Mapping[str, Any], insights: Mapping[str, Any]) -> Metrics:
    """Counts as we know them; what is not there is unknown (insights lag by up to two days)."""
    found = {str(one.get("name")): _value(one) for one in rows_of(insights)}
    likes, comments = found.get("likes"), found.get("comments")
    return Metrics(
        views=found.get("views"),
        likes=_count(row.get("like_count")) if likes is None else likes,
        comments=_count(row.get("comments_count")) if comments is None else comments,
        shares=found.get("shares"),
        saves=found.get("saved"),
        reach=found.get("reach"),
    )


def profile(username: str) -> str:
    """Where a person looks at the account."""
    return f"https://www.instagram.com/{username}/" if username else "https://www.instagram.com/"


def demand_professional(account_type: object) -> None:
    """Raises `AppMisconfigured` for an account that no app may publish for."""
    if isinstance(account_type, str) and account_type.upper() not in PROFESSIONAL:
        raise AppMisconfigured(
            "Instagram lets apps publish for professional accounts only, and this one is personal. "
            "Switch it in the Instagram app: Settings, Account type and tools."
        )


def _media_type(part: Part) -> str:
    if is_carousel(part):
        return "CAROUSEL_ALBUM"
    return "VIDEO" if part.media and is_video(part.media[0]) else "IMAGE"


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _value(one: Mapping[str, Any]) -> int | None:
    values = one.get("values")
    first = values[0] if isinstance(values, list) and values and isinstance(values[0], dict) else {}
    return _count(first.get("value"))


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
