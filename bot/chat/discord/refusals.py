"""Discord's ways of saying no, and what each means for us and for people.

Codes: docs.discord.com/developers, topics/opcodes-and-status-codes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from types import MappingProxyType

from discord import DiscordException, HTTPException, LoginFailure, RateLimited

from bot.errors import ChatBusy, ChatClosed, ChatError, ChatRefused

UNKNOWN_CHANNEL, UNKNOWN_GUILD, UNKNOWN_MEMBER, UNKNOWN_MESSAGE = 10003, 10004, 10007, 10008
UNKNOWN_USER, UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION = 10013, 10015, 10062
TOO_LARGE, ANSWERED, NO_ACCESS, EMPTY, NO_DM, NO_PERMISSION = 40005, 40060, 50001, 50006, 50007, 50013
WRONG_CHANNEL, DEAD_WEBHOOK, INVALID_FORM, ARCHIVED = 50024, 50027, 50035, 50083
THREAD_THERE, THREAD_LOCKED, THREADS_FULL = 160004, 160005, 160006

REVOKED = (
    "Discord no longer accepts my token. Reset it in the developer portal under Bot, and put the new one "
    "where the configuration looks for it."
)
INTENTS = (
    "Discord does not let me see the members of the server. Switch on Server Members Intent in the "
    "developer portal under Bot, or set members_intent = false."
)
LISTING = (
    "Discord does not let me see who has a role. Switch on Server Members Intent in the developer portal "
    "under Bot."
)
SENTENCES = MappingProxyType(
    {
        UNKNOWN_CHANNEL: "That channel is not on Discord any more, or I cannot see it. Invite me again, or "
        "correct its id in the configuration.",
        UNKNOWN_GUILD: "I am not on that Discord server any more. Invite me again.",
        NO_ACCESS: "I cannot see that channel on Discord. Give me View Channel there, or invite me again.",
        NO_PERMISSION: "Discord does not let me do that there. I need View Channel, Send Messages, Send "
        "Messages in Threads, Create Public Threads, Embed Links, Attach Files and Read Message History.",
    }
)
UNSURE = "Discord did not answer; I do not know whether it arrived."
UNDER_BURDEN = 30.0
"""Seconds to wait when Discord says "too often" and not until when."""


class Closed(ChatClosed):
    """Discord does not let us in; ``code`` is its own."""

    def __init__(self, code: int, message: str, *, detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.code = code


class Refused(ChatRefused):
    """Discord does not take it; ``code`` is its own."""

    def __init__(self, code: int, message: str, *, detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.code = code


def classified(error: Exception, *, what: str, now: datetime) -> ChatError:
    """What to raise for what the library raised. ``what``: the call, without anything secret in it."""
    if isinstance(error, ChatError):
        return error
    if isinstance(error, RateLimited):
        return _busy(now, error.retry_after, what)
    if isinstance(error, LoginFailure):
        return Closed(0, REVOKED, detail=f"{what}: 401")
    if isinstance(error, HTTPException):
        return _answered(error, what, now)
    kind = "DiscordException" if isinstance(error, DiscordException) else type(error).__name__
    return ChatError(UNSURE, detail=f"{what}: {kind}")


def _answered(error: HTTPException, what: str, now: datetime) -> ChatError:
    detail = f"{what}: {error.status} {error.code}"
    if error.status == 429:
        return _busy(now, _wait(error), detail)
    if error.status >= 500:
        return ChatError(UNSURE, detail=detail)
    if error.code == DEAD_WEBHOOK or error.code == UNKNOWN_WEBHOOK:
        return Refused(error.code, "Discord's time for this answer is over.", detail=detail)
    if error.status == 401:
        return Closed(error.code, REVOKED, detail=detail)
    if error.code in SENTENCES:
        return Closed(error.code, SENTENCES[error.code], detail=detail)
    if error.status == 413:
        return Refused(TOO_LARGE, "That is too large for Discord.", detail=detail)
    return Refused(
        error.code, f"Discord does not take this ({error.code}).", detail=f"{detail} {error.text[:300]}"
    )


def _wait(error: HTTPException) -> float:
    for value in (
        error.response.headers.get("Retry-After"),
        error.response.headers.get("X-RateLimit-Reset-After"),
    ):
        try:
            return float(value) if value else UNDER_BURDEN
        except ValueError:
            continue
    return UNDER_BURDEN


def _busy(now: datetime, seconds: float, detail: str) -> ChatBusy:
    until = now + timedelta(seconds=min(max(seconds, 0.5), 86_400.0))
    return ChatBusy(until, f"Discord wants me to wait until {until:%H:%M:%S} UTC.", detail=detail)
