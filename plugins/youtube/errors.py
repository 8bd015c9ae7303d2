"""YouTube's refusals, told apart by their reason, never by the English message.

Source: developers.google.com/youtube/v3/docs/errors (2026). The envelope is Google's:
``{"error": {"code", "message", "errors": [{"reason", "domain"}], "status"}}``; ``errors`` may be missing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.api import (
    AppMisconfigured,
    AuthExpired,
    PublishError,
    RateLimited,
    Rejected,
    Reply,
    Transient,
    Uncertain,
)
from plugins.youtube.budget import midnight_pacific
from plugins.youtube.causes import BROKEN_APP, COVER_FORBIDDEN, LOST, REFUSALS

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_CHANNEL = "youtubeSignupRequired"
OVER_QUOTA = frozenset({"quotaExceeded", "dailyLimitExceeded"})
TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "uploadRateLimitExceeded"})
GONE = frozenset({"videoNotFound", "notFound"})
SUSPENDED = frozenset({"channelSuspended", "authenticatedUserAccountSuspended", "accountSuspended"})
CLOSED = frozenset({"channelClosed", "authenticatedUserAccountClosed", "accountClosed"})
LACKS = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})
_QUOTE = 200


def error_of(reply: Reply) -> Mapping[str, Any] | None:
    """The error itself, or None when Google did not answer (HTML, empty, a list)."""
    body = reply.json()
    if not isinstance(body, dict):
        return None
    error = body.get("error")
    return error if isinstance(error, dict) else body


def reason_of(reply: Reply) -> str:
    """YouTube's own word for it; empty when there is none."""
    return _first(reply, "reason")


def domain_of(reply: Reply) -> str:
    """Whose reason it is: "youtube.quota", "youtube.thumbnail", "global"."""
    return _first(reply, "domain")


def refusal(
    reply: Reply, now: datetime, *, creates: bool = False, wait: timedelta = timedelta(seconds=30)
) -> PublishError:
    """What an answer that is no success means.

    ``creates``: the call may make something public, so an answer that Google itself may not have
    written leaves the outcome open. ``wait``: how long to wait where YouTube does not say it.
    """
    detail, reason, status = detail_of(reply), reason_of(reply), reply.status
    if reason in OVER_QUOTA:
        return RateLimited(midnight_pacific(now), scope="Google's daily quota of this app", detail=detail)
    if reason == "uploadLimitExceeded":
        return RateLimited(now + timedelta(days=1), scope="this channel's daily uploads", detail=detail)
    if status == 429 or reason in TOO_FAST:
        return RateLimited(retry_after(reply, now) or now + wait, detail=detail)
    if reason == NO_CHANNEL:
        return _rejected(reply, reason, detail)
    if reason in SUSPENDED or reason in CLOSED:
        return AuthExpired(
            _lost("channelSuspended" if reason in SUSPENDED else "channelClosed"), detail=detail
        )
    if status == 401:
        return AuthExpired(_lost("authError"), detail=detail)
    if reason in LACKS:
        return AuthExpired(_lost("insufficientPermissions"), detail=detail)
    if reason == "accessNotConfigured":
        (broken,) = BROKEN_APP
        return AppMisconfigured(f"{broken.cause} {broken.fix}", detail=detail)
    if not 400 <= status < 500 or status in (408, 409) or error_of(reply) is None:
        if creates:
            return Uncertain("YouTube did not say whether it took the change.", detail=detail)
        return Transient("YouTube has trouble at the moment.", detail=detail)
    if reason in GONE or (status == 404 and not reason):
        return Rejected("YouTube no longer has the video.", code="gone", restage=True, detail=detail)
    return _rejected(reply, reason, detail)


def retry_after(reply: Reply, now: datetime) -> datetime | None:
    """The instant a ``Retry-After`` in seconds names, at most a day ahead."""
    text = reply.headers.get("retry-after", "").strip()
    if not text.isascii() or not text.isdigit():
        return None
    return now + min(timedelta(seconds=int(text[:9])), timedelta(days=1))


def detail_of(reply: Reply) -> str:
    """Status and machine codes, for the log."""
    facts = {"status": reply.status, "reason": reason_of(reply), "domain": domain_of(reply)}
    return " ".join(f"{name}={value}" for name, value in facts.items() if value)


def _lost(code: str) -> str:
    found = next(c for c in LOST if c.code == code)
    return f"{found.cause} {found.fix}"


def _rejected(reply: Reply, reason: str, detail: str) -> Rejected:
    known = next((c for c in REFUSALS if c.code == reason), None)
    if reason == "forbidden" and domain_of(reply) == "youtube.thumbnail":
        known = COVER_FORBIDDEN
    if known is not None:
        return Rejected(known.cause, code=reason.lower(), fix=known.fix, detail=detail)
    said = " ".join(str((error_of(reply) or {}).get("message") or "").split())[:_QUOTE]
    words = f'YouTube refused it: "{said}"' if said else "YouTube refused it without a reason"
    return Rejected(
        words + (f" ({reason})." if reason else "."), code=reason.lower() or "refused", detail=detail
    )


def _first(reply: Reply, name: str) -> str:
    error = error_of(reply) or {}
    errors = error.get("errors")
    for one in errors if isinstance(errors, list) else []:
        if isinstance(one, dict) and isinstance(one.get(name), str):
            return str(one[name])
    details = error.get("details")
    for one in details if isinstance(details, list) else []:
        if isinstance(one, dict) and isinstance(one.get(name), str):
            return str(one[name])
    return ""
