"""What LinkedIn's answers say, and the addresses people can open. Pure functions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from bot.api import AppMisconfigured, Checkpoint, Part, Reply
from plugins.linkedin.little_text import same_text, unescape
from plugins.linkedin.rules import ORGANIZATION

if TYPE_CHECKING:
    from collections.abc import Mapping


def member_urn(userinfo: Mapping[str, Any]) -> str:
    """The author URN of the member a token belongs to (OpenID Connect's ``sub``)."""
    sub = userinfo.get("sub")
    if not isinstance(sub, str) or not sub:
        raise AppMisconfigured(
            "LinkedIn did not say whose access this is: the permission openid is missing. "
            "Add it, or set `author` of this account."
        )
    return f"urn:li:person:{sub}"


def created_urn(reply: Reply) -> str | None:
    """The id of what was created: a header, the body is empty (concepts/methods, 2026)."""
    named = reply.headers.get("x-restli-id") or reply.headers.get("x-linkedin-id") or ""
    return unquote(named.strip()) or None


def elements(reply: Reply) -> list[dict[str, Any]]:
    """The objects a finder found."""
    body = reply.json()
    found = body.get("elements") if isinstance(body, dict) else None
    return [e for e in found if isinstance(e, dict)] if isinstance(found, list) else []


def is_ours(post: Mapping[str, Any], part: Part, checkpoint: Checkpoint, since: datetime) -> bool:
    """Whether a post of the page is the one we sent: its text, its files, not before ``since``."""
    created = instant(post.get("createdAt"))
    if not isinstance(post.get("id"), str) or created is None or created < since:
        return False
    if not same_text(part.text, unescape(str(post.get("commentary", "")))):
        return False
    theirs = files_in(post.get("content"))
    return theirs is None or theirs == (urns_of(checkpoint) if part.media else ())


def files_in(content: Any) -> tuple[str, ...] | None:
    """The files a post shows, in order; None when LinkedIn does not say."""
    if not isinstance(content, dict):
        return None
    media, several = content.get("media"), content.get("multiImage")
    if isinstance(several, dict) and isinstance(several.get("images"), list):
        return tuple(str(i.get("id")) for i in several["images"] if isinstance(i, dict))
    return (str(media["id"]),) if isinstance(media, dict) and "id" in media else None


def urns_of(checkpoint: Checkpoint) -> tuple[str, ...]:
    """The staged files that can be used, in order."""
    return tuple(str(e["urn"]) for e in checkpoint.data.get("files", ()) if is_done(e))


def is_done(entry: Mapping[str, Any]) -> bool:
    """Whether a file's upload has come to its end: nothing but its URN is left to know."""
    return set(entry) == {"urn"}


def made_at(urn: str) -> datetime | None:
    """When a post came into being, by its number: it begins with milliseconds (widely reported)."""
    number = urn.rpartition(":")[2]
    return instant(int(number) >> 22) if number.isdigit() and len(number) == 19 else None


def instant(millis: Any) -> datetime | None:
    """Milliseconds since 1970 as an aware instant; None for what is none."""
    try:
        return datetime.fromtimestamp(millis / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def post_url(urn: str) -> str:
    """Where a post can be seen."""
    return f"https://www.linkedin.com/feed/update/{urn}/"


def where_to_look(author: str) -> str:
    """Where a person finds the newest posts of an author."""
    if author.startswith(ORGANIZATION):
        return f"https://www.linkedin.com/company/{author.removeprefix(ORGANIZATION)}/posts/"
    return "https://www.linkedin.com/in/me/recent-activity/all/"
