"""Discord's answers when it says no: a status, a JSON code, a message (topics/opcodes-and-status-codes)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from bot.testing.chats.discord.judging import Violation, as_errors

UNAUTHORIZED = (401, 0, "401: Unauthorized")
NOT_FOUND = (404, 0, "404: Not Found")
UNKNOWN_CHANNEL = (404, 10003, "Unknown Channel")
UNKNOWN_GUILD = (404, 10004, "Unknown Guild")
UNKNOWN_MEMBER = (404, 10007, "Unknown Member")
UNKNOWN_MESSAGE = (404, 10008, "Unknown Message")
UNKNOWN_ROLE = (404, 10011, "Unknown Role")
UNKNOWN_USER = (404, 10013, "Unknown User")
UNKNOWN_EMOJI = (400, 10014, "Unknown Emoji")
UNKNOWN_WEBHOOK = (404, 10015, "Unknown Webhook")
UNKNOWN_INTERACTION = (404, 10062, "Unknown interaction")
UNKNOWN_COMMAND = (404, 10063, "Unknown application command")
SLOWMODE = (429, 20016, "This action cannot be performed due to slowmode rate limit")
TOO_MANY_REACTIONS = (400, 30010, "Maximum number of reactions reached (20)")
TOO_MANY_CREATES = (400, 30034, "Max number of daily application command creates has been reached (200)")
OLD_EDITS = (429, 30046, "Maximum number of edits to messages older than 1 hour reached. Try again later")
TOO_LARGE = (413, 40005, "Request entity too large. Try sending something smaller")
ACKNOWLEDGED = (400, 40060, "Interaction has already been acknowledged.")
NO_ACCESS = (403, 50001, "Missing Access")
FOREIGN_MESSAGE = (403, 50005, "Cannot edit a message authored by another user")
EMPTY_MESSAGE = (400, 50006, "Cannot send an empty message")
CANNOT_DM = (403, 50007, "Cannot send messages to this user")
NO_PERMISSION = (403, 50013, "Missing Permissions")
WRONG_CHANNEL = (400, 50024, "Cannot execute action on this channel type")
DEAD_WEBHOOK = (401, 50027, "Invalid Webhook Token")
INVALID_FORM = (400, 50035, "Invalid Form Body")
THREAD_ARCHIVED = (400, 50083, "Thread is archived")
INVALID_JSON = (400, 50109, "The request body contains invalid JSON.")
REACTION_BLOCKED = (403, 90001, "Reaction blocked")
THREAD_EXISTS = (400, 160004, "A thread has already been created for this message")
THREAD_LOCKED = (400, 160005, "Thread is locked")
TOO_MANY_THREADS = (400, 160006, "Maximum number of active threads reached")
BLOCKED_BY_AUTOMOD = (400, 200000, "Message was blocked by automatic moderation")

Kind = tuple[int, int, str]


class Refusal(Exception):
    """Ends a request with Discord's error body."""

    def __init__(
        self,
        kind: Kind,
        *,
        errors: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
        extra: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.status, self.code, self.message = kind
        self.headers = headers
        self.body: dict[str, Any] = {"message": self.message, "code": self.code, **extra}
        if errors:
            self.body["errors"] = dict(errors)
        super().__init__(f"{self.status} {self.code} {self.message}")


def refuse_form(found: Sequence[Violation]) -> None:
    """Raises what Discord answers to a body with these violations; nothing when there are none."""
    if not found:
        return
    if all(violation.code == "EMPTY_MESSAGE" for violation in found):
        raise Refusal(EMPTY_MESSAGE)
    raise Refusal(INVALID_FORM, errors=as_errors(found))


def wrong(path: str, code: str, message: str) -> Refusal:
    """A 50035 about one field, for what only the server's state can tell."""
    return Refusal(INVALID_FORM, errors=as_errors([Violation(path=(path,), code=code, message=message)]))
