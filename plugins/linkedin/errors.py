"""LinkedIn's refusals, told apart by status and machine code, never by the English message.

Source: learn.microsoft.com/en-us/linkedin, shared/api-guide/concepts/error-handling,
marketing/error-responses and the error table of the Posts API (2026). The one thing read
from a message is the URN a duplicate names, for which there is no field.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from bot.api import (
    AppMisconfigured,
    AuthExpired,
    PublishError,
    Rejected,
    Reply,
    Transient,
    Uncertain,
)
from plugins.linkedin.causes import REFUSALS
from plugins.linkedin.rules import NEWEST_VERSION, ORGANIZATION

if TYPE_CHECKING:
    from collections.abc import Mapping

DUPLICATE = "DUPLICATE_POST"
MEDIA_NOT_READY = "MEDIA_ASSET_WAITING_UPLOAD"

_URN = re.compile(r"urn:li:(?:share|ugcPost|activity):\d+")
_QUOTE = 200
_TOO_MUCH = frozenset({411, 413, 414, 415})

_RESTAGE = frozenset(
    {
        "MEDIA_ASSET_PROCESSING_FAILED",
        "INVALID_IMAGE_ID",
        "INVALID_VIDEO_ID",
        "EXPIRED_UPLOAD_URL",
        "UPDATING_ASSET_FAILED",
    }
)
"""What an upload made anew may mend; tried once (posts-api, error table)."""

_LOST_ACCESS: Mapping[int, str] = MappingProxyType(
    {
        65600: "it does not know this access",
        65601: "access was revoked",
        65602: "access ends after 60 days",
        65604: "no access was sent",
    }
)


def body_of(reply: Reply) -> Mapping[str, Any] | None:
    """The error body, or None when LinkedIn itself did not answer (HTML, empty, a list)."""
    body = reply.json()
    return body if isinstance(body, dict) else None


def codes_of(reply: Reply) -> frozenset[str]:
    """Every machine code of a refusal: its own and those of its input errors."""
    errors = [body_of(reply) or {}, *_input_errors(reply)]
    return frozenset(code for e in errors if isinstance(code := e.get("code"), str))


def duplicate_of(reply: Reply) -> str | None:
    """The URN of the earlier post a duplicate's message names, if it names one."""
    found = _URN.search(unquote(message_of(reply)))
    return found.group() if found else None


def refusal(reply: Reply, *, creates: bool, author: str = "", version: str = "") -> PublishError:
    """What an answer that is no success means; 429 is the client's own matter.

    ``creates``: the call may bring a post into being, so an answer that LinkedIn itself
    may not have written leaves the outcome open.
    """
    detail = _detail(reply)
    codes = codes_of(reply)
    status = reply.status
    if status == 426 or (status == 400 and codes & {"NONEXISTENT_VERSION", "VERSION_MISSING"}):
        return AppMisconfigured(
            f"LinkedIn no longer answers the API version {version}. "
            f"Set `version` of this account to a newer one, such as {NEWEST_VERSION}.",
            detail=detail,
        )
    if status == 401:
        return _lost_access(reply, detail)
    if status in _TOO_MUCH:
        return Rejected(
            "LinkedIn finds the post too large.", code="too_large", fix="Shorten it.", detail=detail
        )
    if not 400 <= status < 500 or status == 408 or body_of(reply) is None:
        return _unanswered(creates, detail)
    if DUPLICATE in codes:
        urn = duplicate_of(reply)
        return Rejected(
            f"LinkedIn says this repeats {urn}." if urn else "LinkedIn says this repeats an earlier post.",
            code="duplicate",
            fix="Change the wording; the same text may be refused for a day, even after a deletion.",
            detail=f"{detail} {urn}" if urn else detail,
            ref=urn,
        )
    if MEDIA_NOT_READY in codes:
        return Transient("LinkedIn is still working on the file; nothing was posted.", detail=detail)
    if status == 409:
        return Transient("Something else was changing this on LinkedIn; nothing was posted.", detail=detail)
    if status == 403:
        return AppMisconfigured(missing_permission(author), detail=detail)
    return _rejected(reply, codes, detail)


def missing_permission(author: str) -> str:
    """The sentence about what the app or its member lacks to post as ``author``."""
    if author.startswith(ORGANIZATION):
        return (
            f"LinkedIn does not let this app act as {author}: it needs the permission w_organization_social, "
            "and whoever connected it needs a posting role on the page. Grant both and connect it again."
        )
    return (
        "LinkedIn does not let this app do that: it needs the permission w_member_social "
        '(the product "Share on LinkedIn"). Add it to the app and connect the account again.'
    )


def _lost_access(reply: Reply, detail: str) -> AuthExpired:
    number = (body_of(reply) or {}).get("serviceErrorCode")
    why = _LOST_ACCESS.get(number if isinstance(number, int) else 0, "access was refused")
    return AuthExpired(f"LinkedIn no longer accepts this account ({why}). Connect it again.", detail=detail)


def _unanswered(creates: bool, detail: str) -> PublishError:
    if creates:
        return Uncertain("LinkedIn did not say whether it took the post.", detail=detail)
    return Transient("LinkedIn has trouble at the moment.", detail=detail)


def _rejected(reply: Reply, codes: frozenset[str], detail: str) -> Rejected:
    known = next((c for c in REFUSALS if c.code in codes), None)
    if known is not None:
        return Rejected(
            known.cause, code=known.code.lower(), fix=known.fix, detail=detail, restage=known.code in _RESTAGE
        )
    said, raw = " ".join(message_of(reply).split())[:_QUOTE], ", ".join(sorted(codes))
    reason = f'LinkedIn refused it: "{said}"' if said else "LinkedIn refused it without a reason"
    reason += f" ({raw})." if raw else "."
    return Rejected(reason, code=min(codes, default="refused").lower(), detail=detail)


def message_of(reply: Reply) -> str:
    """LinkedIn's own words about a refusal; only for what has no code."""
    texts = [(body_of(reply) or {}).get("message"), *(e.get("description") for e in _input_errors(reply))]
    return " ".join(t for t in texts if isinstance(t, str))


def _input_errors(reply: Reply) -> list[Mapping[str, Any]]:
    details = (body_of(reply) or {}).get("errorDetails")
    inputs = details.get("inputErrors") if isinstance(details, dict) else None
    return [e for e in inputs if isinstance(e, dict)] if isinstance(inputs, list) else []


def _detail(reply: Reply) -> str:
    body = body_of(reply) or {}
    facts = {
        "status": reply.status,
        "codes": ",".join(sorted(codes_of(reply))),
        "service": body.get("serviceErrorCode"),
        "request": reply.headers.get("x-li-uuid") or reply.headers.get("x-li-request-id"),
    }
    return " ".join(f"{name}={value}" for name, value in facts.items() if value)
