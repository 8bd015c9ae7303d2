"""Everything that can go wrong, and who should hear of it.

BotError                  every error this program raises on purpose
  UserError               shown word for word to the person who typed the command
    BadInput              an option, a time or a file could not be understood
    NotAllowed            the person lacks the role
    NotFound              no such post, account or member in this brand
    Conflict              somebody or something else was first
  ConfigError             start only: all problems of the configuration at once
  PluginError             a plugin broke; names the plugin
  KeyLost                   a sealed secret cannot be opened
  FiguresFailed             no chart or table: its process broke or took too long
  StoreError              the database cannot do what was asked
    StoreBusy             locked by somebody else for too long; try again
    StoreFull             no room, or not writable: nothing can be recorded
    StoreTooNew           written by a newer Clarion
  PublishError            raised by publishers, which classify; the core decides
    AuthExpired           the account must be connected again
    RateLimited           the platform says when to come back
    Transient             surely nothing came into being; try again later
    Rejected              the platform said no and will say no again
    Uncertain             it may be out; look before anything else
    Unsupported           the platform, or this plugin, cannot do that
    AppMisconfigured      our app is at fault, not the account
  ChatError               raised by chats, which classify; the courier decides
    ChatBusy              the service says when to come back
    ChatRefused           it does not take this message, whatever we do
    ChatClosed            it does not let us in: thrown out, channel gone, token revoked
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime


class BotError(Exception):
    """Something went wrong that Clarion foresaw."""


class UserError(BotError):
    """That did not work."""


class BadInput(UserError):
    """I could not read that.

    ``instead``: the instant (aware UTC) that is meant most likely, where one is known.
    """

    def __init__(self, message: str = "", *, instead: datetime | None = None) -> None:
        super().__init__(message)
        self.instead = instead


class NotAllowed(UserError):
    """That is not yours to do."""


class NotFound(UserError):
    """There is no such thing here."""


class Conflict(UserError):
    """Somebody else was first."""


class ConfigError(BotError):
    """The configuration has problems; ``problems`` holds one sentence for each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class PluginError(BotError):
    """A plugin failed; ``plugin`` names it and ``__cause__`` says how."""

    def __init__(self, plugin: str, cause: BaseException | str) -> None:
        super().__init__(f"plugin {plugin!r}: {cause}")
        self.plugin = plugin
        if isinstance(cause, BaseException):
            self.__cause__ = cause


class KeyLost(BotError):
    """A sealed secret cannot be opened: its key is not here, or it is damaged."""


class FiguresFailed(BotError):
    """A chart or a table could not be made. ``detail`` is for the log."""

    def __init__(self, message: str = "", *, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


class StoreError(BotError):
    """The database could not do that."""


class StoreBusy(StoreError):
    """The database is locked by another program."""


class StoreFull(StoreError):
    """The database cannot be written: the disk is full or the file is read-only."""


class StoreTooNew(StoreError):
    """The database was written by a newer Clarion."""


class PublishError(BotError):
    """A platform did not do what we asked.

    ``detail`` is for the log: status, machine code, request id. Never a secret.
    """

    def __init__(self, message: str = "", *, detail: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").splitlines()[0])
        self.detail = detail


class AuthExpired(PublishError):
    """The platform no longer accepts this account's authorisation."""


class RateLimited(PublishError):
    """The platform asked us to wait.

    ``until`` is an aware UTC instant; ``scope`` names what is limited, for people
    ("its daily limit").
    """

    def __init__(
        self, until: datetime, message: str = "", *, scope: str = "its limit", detail: str = ""
    ) -> None:
        super().__init__(message or f"waits until {until:%H:%M:%S} UTC", detail=detail)
        self.until = until
        self.scope = scope


class Transient(PublishError):
    """The platform could not be reached, and surely nothing was created."""


class Rejected(PublishError):
    """The platform refused the post.

    ``code`` is a short machine word for us; ``"duplicate"`` has a meaning of its own:
    the platform says that the same thing is already there. ``restage``: what was prepared
    is no good any more, or never was; prepared anew it may be taken, so that is tried once.
    ``ref``: what a duplicate is said to repeat.
    """

    def __init__(
        self,
        reason: str,
        *,
        code: str = "refused",
        fix: str = "",
        detail: str = "",
        restage: bool = False,
        ref: object = None,
    ) -> None:
        super().__init__(reason, detail=detail)
        self.code = code
        self.fix = fix
        self.restage = restage
        self.ref = ref


class Uncertain(PublishError):
    """The platform's answer is missing; the post may be out."""


class Unsupported(PublishError):
    """The platform cannot do that."""


class AppMisconfigured(PublishError):
    """The platform refuses our app, not the account."""


class ChatError(BotError):
    """A chat service did not do what we asked.

    ``detail`` is for the log: the service's own word. Never a secret.
    """

    def __init__(self, message: str = "", *, detail: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").splitlines()[0])
        self.detail = detail


class ChatBusy(ChatError):
    """The chat service asks us to wait. ``until`` is an aware UTC instant."""

    def __init__(self, until: datetime, message: str = "", *, detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.until = until


class ChatRefused(ChatError):
    """The chat service does not take this message."""


class ChatClosed(ChatError):
    """The chat service does not let us in."""
