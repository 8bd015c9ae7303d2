"""Bluesky's refusals, told apart by status and by the name in the body, never by the English message.

Envelope ``{"error": "Name", "message": "text"}`` (atproto.com/specs/xrpc). The one thing a message is
read for is the limit of a file, for which there is no name.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.api import (
    AppMisconfigured,
    AuthExpired,
    PublishError,
    RateLimited,
    Rejected,
    Transient,
    Uncertain,
)
from plugins.bluesky.causes import ACCOUNT, POST, VIDEO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.api import Reply

__all__ = ["error_of", "refusal", "waits_until"]

QUOTE = 200
LONGEST_WAIT = timedelta(days=1)
NO_WAIT = timedelta(seconds=60)
"""How long to wait where no header says it."""

RESTAGE = frozenset({"BlobNotFound", "InvalidSize"})
"""What files uploaded anew may mend; tried once."""

SESSION_OVER = frozenset({"ExpiredToken", "InvalidToken"})
BUSY = frozenset({"TooManyOpenUploads", "ServiceOverloaded", "UploadNotReady"})
NO_METHOD = frozenset({"MethodNotImplemented", "XRPCNotSupported"})
_TOO_BIG = re.compile(r"too (?:big|large)", re.IGNORECASE)


def error_of(reply: Reply) -> str:
    """The refusal's name; empty when there is none."""
    name = _body(reply).get("error")
    return name if isinstance(name, str) else ""


def message_of(reply: Reply) -> str:
    """Bluesky's own words; for what has no name that says enough."""
    said = _body(reply).get("message")
    return " ".join(said.split())[:QUOTE] if isinstance(said, str) else ""


def refusal(reply: Reply, now: datetime, *, creates: bool = False) -> PublishError:
    """What an answer that is no success means.

    ``creates``: the call may bring a post into being, so an answer that the server itself may not
    have written leaves the outcome open.
    """
    status, name, detail = reply.status, error_of(reply), detail_of(reply)
    if status == 429 or name == "RateLimitExceeded":
        return RateLimited(waits_until(reply, now), scope="its limit", detail=detail)
    account = next((c for c in ACCOUNT if c.code == name), None)
    if account is not None:
        return AuthExpired(f"{account.cause} {account.fix}", detail=detail)
    if name == "ExpiredToken":
        return Transient("Bluesky wants this account to sign in anew; nothing was posted.", detail=detail)
    if name == "AuthMissing":
        return AppMisconfigured(
            "The sign-in did not arrive at Bluesky. See whether `base_url` of this account is right.",
            detail=detail,
        )
    if status == 401:
        return AuthExpired("Bluesky no longer accepts this account. Set a new app password.", detail=detail)
    if name in BUSY:
        return Transient("Bluesky's video service is busy at the moment.", detail=detail)
    if status == 501 or name in NO_METHOD or (status == 404 and not name):
        return AppMisconfigured(
            "There is no Bluesky server at the address of this account, or it is too old. "
            "See whether `base_url` is right.",
            detail=detail,
        )
    if not 400 <= status < 500 or status == 408:
        return _unanswered(creates, detail)
    if name == "InvalidSwap" and creates:
        return Uncertain("An earlier try of this post seems to have arrived at Bluesky.", detail=detail)
    return _rejected(reply, name, detail)


def waits_until(reply: Reply, now: datetime) -> datetime:
    """When Bluesky accepts calls again (docs.bsky.app, "Rate limits"); at most a day ahead."""
    after = reply.headers.get("retry-after", "").strip()
    if after.isascii() and after.isdigit():
        return now + min(timedelta(seconds=int(after[:9])), LONGEST_WAIT)
    reset = reply.headers.get("ratelimit-reset", "").strip()
    if reset.isascii() and reset.isdigit() and len(reset) <= 11:
        at = datetime.fromtimestamp(int(reset), UTC)
        return min(max(at, now + timedelta(seconds=1)), now + LONGEST_WAIT)
    return now + NO_WAIT


def detail_of(reply: Reply) -> str:
    """For the log: never a token, never an address."""
    name = error_of(reply)
    return f"status={reply.status}" + (f" error={name}" if name else "")


def _unanswered(creates: bool, detail: str) -> PublishError:
    if creates:
        return Uncertain("Bluesky did not say whether it took the post.", detail=detail)
    return Transient("Bluesky has trouble at the moment.", detail=detail)


def _rejected(reply: Reply, name: str, detail: str) -> Rejected:
    known = next((c for c in (*POST, *VIDEO) if c.code == name), None)
    said = message_of(reply)
    if "grapheme too big" in said or "string too big" in said:
        return Rejected("Bluesky finds the text too long.", code="too_long", fix="Shorten it.", detail=detail)
    if known is None and (reply.status == 413 or _TOO_BIG.search(said)):
        known = next(c for c in POST if c.code == "PayloadTooLarge")
    if known is not None:
        return Rejected(
            known.cause, code=known.code.lower(), fix=known.fix, detail=detail, restage=name in RESTAGE
        )
    reason = f'Bluesky refused it: "{said}"' if said else "Bluesky refused it without a reason"
    reason += f" ({name})." if name else "."
    return Rejected(reason, code=name.lower() or "refused", detail=detail)


def _body(reply: Reply) -> Mapping[str, Any]:
    body = reply.json()
    return body if isinstance(body, dict) else {}
