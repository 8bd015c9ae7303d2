"""X's answers, sorted into what the core can decide on.

Decided by status and by the last segment of the problem's ``type``; by X's English only
where X gives no code. Source: docs.x.com response-codes-and-errors (2026-08-22), OpenAPI
2.167, and field reports; what each means stands in `plugins.twitter.causes`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
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
from plugins.twitter.causes import OPERATOR, PHRASES
from plugins.twitter.limits import IMAGE_BYTES
from plugins.twitter.ratelimit import wait

if TYPE_CHECKING:
    from datetime import datetime

CLOCK_CODE, DUPLICATE_CODE = 135, 187
"""Codes of X's old error bodies: "timestamp out of bounds", "status is a duplicate"."""

QUOTED = 200
"""Characters of X's own sentence that a person is shown."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """An error body in any of X's shapes: ``kind`` is the last segment of its type.

    ``said`` is X's own sentence, safe to show. ``code`` is the number of an old-style
    error, 0 without one. ``json`` tells whether X's API answered, and not something in
    front of it.
    """

    kind: str = ""
    said: str = ""
    code: int = 0
    json: bool = False


def create_error(reply: Reply, now: datetime) -> PublishError:
    """What an answer to *create a post* means, when it is not a success.

    Whatever may have created something is `Uncertain`: server errors, and any 2xx that
    cannot be read.
    """
    if reply.status == 404 and problem(reply).kind != "resource-not-found":
        return _not_x(reply)
    if reply.status >= 500 or reply.status == 408 or 200 <= reply.status < 300:
        return Uncertain(
            "X took the post and gave no answer that says what became of it.", detail=detail(reply)
        )
    return _refusal(reply, now, "the post")


def call_error(reply: Reply, now: datetime, what: str = "the call") -> PublishError:
    """What an answer to any call that may be repeated means: read, upload, delete.

    ``what`` was refused, for people: "the file", "the description".
    """
    if reply.status >= 500 or reply.status == 408:
        return Transient("X is having trouble right now.", detail=detail(reply))
    if 200 <= reply.status < 300:
        return Transient("X's answer could not be read.", detail=detail(reply))
    return _refusal(reply, now, what)


def upload_error(reply: Reply, now: datetime, what: str = "the file") -> PublishError:
    """What an answer to an upload means; a 403 without a reason is a missing permission (x-api/media)."""
    found = problem(reply)
    if reply.status == 403 and found.json and not found.kind and found.said in ("", "Forbidden"):
        return Rejected(
            "X does not let this account upload files: it was connected without the permission media.write.",
            code="media_scope",
            fix="Connect the account again; posts without files go out meanwhile.",
            detail=detail(reply),
        )
    error = call_error(reply, now, what)
    if isinstance(error, Rejected) and error.code in ("invalid", "not_found", "media"):
        error.restage = True
    return error


def problem(reply: Reply) -> Problem:
    """Read an error body; anything unknown is an empty `Problem`."""
    body = reply.json()
    if not isinstance(body, dict):
        return Problem()
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    said = next(
        (
            text
            for text in (
                first.get("message"),
                body.get("detail"),
                first.get("detail"),
                body.get("error_description"),
                body.get("message"),
                body.get("title"),
            )
            if isinstance(text, str) and text.strip()
        ),
        "",
    )
    code = first.get("code", body.get("code"))
    return Problem(
        kind=_kind(body) or _kind(first),
        said=_safe(said),
        code=code if isinstance(code, int) else 0,
        json=True,
    )


def detail(reply: Reply) -> str:
    """For the log: status, problem type and X's number of the request."""
    number = reply.headers.get("x-transaction-id") or reply.headers.get("x-request-id") or ""
    return " ".join(word for word in (f"HTTP {reply.status}", problem(reply).kind, number[:64]) if word)


def _refusal(reply: Reply, now: datetime, what: str) -> PublishError:
    found, log = problem(reply), detail(reply)
    app = next((f"{c.cause} {c.fix}" for c in OPERATOR if c.code == found.kind), "")
    if reply.status == 429 or found.kind in ("usage-capped", "rate-limit-exceeded"):
        until, scope = wait(reply, now)
        return RateLimited(until, f"X asked us to wait: {scope} is used up.", scope=scope, detail=log)
    if app:
        return AppMisconfigured(app, detail=log)
    if reply.status < 400:
        return AppMisconfigured(
            "X's address answers with a redirect, which I do not follow. Check `base_url`.", detail=log
        )
    if reply.status == 401:
        return _unauthorised(found, log)
    if reply.status == 402:
        unpaid = next(c for c in OPERATOR if c.code == "credits")
        return AppMisconfigured(f"{unpaid.cause} {unpaid.fix}", detail=log)
    if reply.status == 403:
        return _forbidden(found, log, what)
    if reply.status == 404:
        return Rejected("X does not find that post or file; it is gone.", code="not_found", detail=log)
    if reply.status == 413:
        return Rejected(
            "X refused the file because it is too large.",
            code="too_large",
            fix=f"Send a picture below {IMAGE_BYTES // 1024**2} MB.",
            detail=log,
        )
    if "media ids are invalid" in found.said.lower():
        return Rejected(
            "X does not accept the uploaded files any more, or not for this account.",
            code="media",
            fix="Try again, which uploads them anew.",
            detail=log,
            restage=True,
        )
    reason = _quoting(found, what) if found.kind == "invalid-request" else _unknown(found, what)
    return Rejected(reason, code="invalid", fix="Edit the post.", detail=log)


def _unauthorised(found: Problem, log: str) -> PublishError:
    if found.code == CLOCK_CODE:
        return AppMisconfigured(
            "X says that this computer's clock is wrong. Set it, then try again.", detail=log
        )
    if found.kind == "unauthorized_client":
        return AppMisconfigured(
            "X does not know this app's key and secret. Check TWITTER_API_KEY and its secret.", detail=log
        )
    return AuthExpired(
        "X no longer accepts this account's keys: they were revoked or made anew, "
        "or this computer's clock is wrong.",
        detail=log,
    )


def _forbidden(found: Problem, log: str, what: str) -> PublishError:
    if not found.json:
        return Transient("Something in front of X turned the request away before X saw it.", detail=log)
    if found.code == DUPLICATE_CODE:
        return Rejected(_quoting(found, what), code="duplicate", fix=PHRASES[0].fix, detail=log)
    words = f"{found.kind} {found.said}".lower()
    known = next((p for p in PHRASES if p.words in words), None)
    if known is not None:
        return Rejected(_quoting(found, what), code=known.code, fix=known.fix, detail=log)
    return Rejected(
        _unknown(found, what),
        fix="See in X's developer console and in the account whether X asks for something.",
        detail=log,
    )


def _not_x(reply: Reply) -> PublishError:
    return AppMisconfigured(
        "There is no X at that address: it does not know how to create a post. Check `base_url`.",
        detail=detail(reply),
    )


def _quoting(found: Problem, what: str) -> str:
    return f"X refused {what}: “{found.said}”" if found.said else f"X refused {what} and did not say why."


def _unknown(found: Problem, what: str) -> str:
    """A refusal we know nothing about, with X's raw code, so that people can look it up."""
    code, quoted = found.kind or str(found.code or ""), _quoting(found, what)
    return f"{quoted.rstrip('.')} (X's code: {code})." if code else quoted


def _kind(body: dict[str, Any]) -> str:
    for key in ("type", "reason", "error"):
        value = body.get(key)
        if isinstance(value, str) and value and value != "about:blank":
            return _safe(value.rstrip("/").rpartition("/")[2])[:40]
    return "credits" if body.get("title") == "CreditsDepleted" else ""


def _safe(text: str) -> str:
    """X's words without queries, signatures and tokens, on one line, not too long."""
    text = re.sub(r"oauth_\w+=\S+|(?i:bearer|basic) [\w+/=.%-]{12,}", "…", text)
    text = " ".join(re.sub(r"(https?://[^\s?]+)\?\S*", r"\1", text).split())
    return text if len(text) <= QUOTED else text[: QUOTED - 1] + "…"
