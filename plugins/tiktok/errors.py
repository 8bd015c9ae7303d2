"""What TikTok's answers mean: one function for its API, one for the host that takes the bytes.

Source: developers.tiktok.com, tiktok-api-v2-error-handling and the references of the Content Posting API
(November 2026).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.api import AuthExpired, PublishError, RateLimited, Rejected, Transient, Uncertain
from plugins.tiktok.causes import FAILS, REFUSALS, by_code

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.api import Reply
    from plugins.tiktok.reading import Said

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

WAITS: Mapping[str, tuple[timedelta, str]] = MappingProxyType(
    {
        "rate_limit_exceeded": (MINUTE, "its limit a minute"),
        "spam_risk_too_many_posts": (DAY, "its limit of posts a day"),
        "reached_active_user_cap": (DAY, "its app's limit of people a day"),
        "spam_risk_too_many_pending_share": (
            HOUR,
            "its limit of five unfinished drafts; finish some in TikTok's app",
        ),
    }
)
"""Code → how long to wait, and what is limited. TikTok promises no ``Retry-After``; windows are sliding."""

_REFUSALS, _FAILS = by_code(REFUSALS), by_code(FAILS)


def refusal(said: Said, now: datetime, *, creates: bool = False) -> PublishError:
    """What an answer that is no success means.

    ``creates``: the call may publish by itself, so an answer that TikTok may not have written, or one
    about a fault of its own, leaves the outcome open.
    """
    if said.code in WAITS:
        wait, scope = WAITS[said.code]
        return RateLimited(retry_after(said.after, now) or now + wait, scope=scope, detail=said.detail)
    known = _REFUSALS.get(said.code)
    if known is not None:
        return Rejected(known.cause, code=known.code, fix=known.fix, detail=said.detail)
    if said.status == 401:
        return AuthExpired(
            "TikTok no longer accepts this account (its access is refused). Connect it again.",
            detail=said.detail,
        )
    if said.status == 429:
        return RateLimited(retry_after(said.after, now) or now + MINUTE, detail=said.detail)
    if not 400 <= said.status < 500 or said.status == 408 or not said.code:
        if creates:
            return Uncertain("TikTok did not say whether it took the post.", detail=said.detail)
        return Transient("TikTok has trouble at the moment.", detail=said.detail)
    words = f'TikTok refused it: "{said.message}"' if said.message else "TikTok refused it without a reason"
    return Rejected(
        f"{words} ({said.code}).",
        code=said.code,
        fix="Edit the post, or report it as a fault of mine.",
        detail=said.detail,
    )


def put_refusal(reply: Reply, now: datetime, *, last: bool) -> PublishError:
    """What the upload host means that did not store a chunk. ``last``: that chunk would have published."""
    detail = f"upload status={reply.status}"
    if reply.status == 429:
        until = retry_after(reply.headers.get("retry-after", ""), now) or now + MINUTE
        return RateLimited(until, scope="its limit on uploads", detail=detail)
    if reply.status == 401:
        return AuthExpired("TikTok's upload no longer accepts this account. Connect it again.", detail=detail)
    if 400 <= reply.status < 500 and reply.status != 408:
        return Rejected(
            "TikTok's upload did not take the file as it was sent; nothing was posted.",
            code="upload_refused",
            fix="Try again; if that does not help, convert the file to MP4.",
            detail=detail,
        )
    if last:
        return Uncertain("TikTok did not say whether it has the whole video.", detail=detail)
    return Transient("TikTok's upload has trouble at the moment.", detail=detail)


def failed(reason: str) -> str:
    """The sentence about a ``fail_reason``."""
    known = _FAILS.get(reason)
    if known is not None:
        return f"{known.cause} {known.fix}"
    words = " ".join(reason.replace("_", " ").split())[:60]
    return f"TikTok took the post and then could not publish it ({words or 'it does not say why'})."


def retry_after(text: str, now: datetime) -> datetime | None:
    """The instant that ``Retry-After`` names in seconds, at most a day ahead."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return now + min(timedelta(seconds=int(text[:9])), DAY)
    return None
