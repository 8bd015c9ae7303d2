"""Every documented way in which a call to Discord goes wrong, by name.

``guild.fail("POST /channels/{channel}/messages", "missing-access")`` breaks the next call so. Their
sources: topics/opcodes-and-status-codes and topics/rate-limits, 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from bot.testing.chats.discord import refusals
from bot.testing.chats.discord.refusals import Kind
from bot.testing.simulator import CUT, LOST_REPLY, Failure


def told(kind: Kind, **extra: Any) -> Failure:
    """An answer with Discord's error body."""
    status, code, message = kind
    return Failure(status=status, body={"message": message, "code": code, **extra})


def limited(scope: str, seconds: float = 1.0, *, code: int | None = None) -> Failure:
    """A 429 of one of the three scopes, to be tried again after ``seconds``."""
    headers = {
        "Retry-After": str(int(seconds) + 1),
        "X-RateLimit-Scope": scope,
        "X-RateLimit-Reset-After": f"{seconds:.3f}",
        **({"X-RateLimit-Global": "true"} if scope == "global" else {}),
    }
    body: dict[str, Any] = {
        "message": "You are being rate limited.",
        "retry_after": seconds,
        "global": scope == "global",
    }
    return Failure(status=429, headers=headers, body=body if code is None else {**body, "code": code})


def too_long() -> dict[str, Any]:
    """The ``errors`` of a message whose content is too long."""
    said = {"code": "BASE_TYPE_BAD_LENGTH", "message": "Must be between 0 and 2000 in length."}
    return {"content": {"_errors": [said]}}


FAULTS: Mapping[str, Failure] = MappingProxyType(
    {
        "unauthorized": told(refusals.UNAUTHORIZED),
        "not-found": told(refusals.NOT_FOUND),
        "unknown-channel": told(refusals.UNKNOWN_CHANNEL),
        "unknown-guild": told(refusals.UNKNOWN_GUILD),
        "unknown-member": told(refusals.UNKNOWN_MEMBER),
        "unknown-message": told(refusals.UNKNOWN_MESSAGE),
        "unknown-user": told(refusals.UNKNOWN_USER),
        "unknown-webhook": told(refusals.UNKNOWN_WEBHOOK),
        "unknown-interaction": told(refusals.UNKNOWN_INTERACTION),
        "unknown-command": told(refusals.UNKNOWN_COMMAND),
        "too-many-reactions": told(refusals.TOO_MANY_REACTIONS),
        "too-many-creates": told(refusals.TOO_MANY_CREATES),
        "old-edits": limited("shared", 5.0, code=30046),
        "slowmode": limited("user", 5.0, code=20016),
        "too-large": told(refusals.TOO_LARGE),
        "acknowledged": told(refusals.ACKNOWLEDGED),
        "missing-access": told(refusals.NO_ACCESS),
        "foreign-message": told(refusals.FOREIGN_MESSAGE),
        "empty-message": told(refusals.EMPTY_MESSAGE),
        "cannot-dm": told(refusals.CANNOT_DM),
        "missing-permissions": told(refusals.NO_PERMISSION),
        "wrong-channel": told(refusals.WRONG_CHANNEL),
        "dead-webhook": told(refusals.DEAD_WEBHOOK),
        "invalid-form": told(refusals.INVALID_FORM, errors=too_long()),
        "thread-archived": told(refusals.THREAD_ARCHIVED),
        "thread-exists": told(refusals.THREAD_EXISTS),
        "thread-locked": told(refusals.THREAD_LOCKED),
        "too-many-threads": told(refusals.TOO_MANY_THREADS),
        "blocked": told(refusals.BLOCKED_BY_AUTOMOD),
        "rate-user": limited("user"),
        "rate-shared": limited("shared"),
        "rate-global": limited("global"),
        "rate-long": limited("user", 3600.0),
        "banned": Failure(
            status=429, headers={"Retry-After": "3600", "x-no-via": "1"}, body=b"error code: 1015"
        ),
        "broken": Failure(status=500, body={"message": "500: Internal Server Error", "code": 0}),
        "bad-gateway": Failure(status=502, body=b"<html>502 Bad Gateway</html>"),
        "unavailable": Failure(status=503, body={"message": "Service Unavailable", "code": 0}),
        "lost-reply": LOST_REPLY,
        "cut": CUT,
        "slow": Failure(delay=2.0),
        "too-slow": Failure(delay=60.0),
        "late-broken": Failure(status=502, effect=True, body=b"<html>502 Bad Gateway</html>"),
    }
)
