"""Chat services: protocol ↔ neutral values."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Generic, Protocol, TypeVar, runtime_checkable

from bot.domain.asks import Form
from bot.domain.message import Attachment, Inbound, Invocation, Message, Press, Target
from bot.ports.publishing import Deps

S = TypeVar("S")

Heard = Callable[[Inbound], Awaitable[None]]
"""Does what was said and answers it; nothing but a cancellation leaves it."""


class Inbox(Protocol):
    """Where a chat hands over what it hears.

    A chat that must answer its service in seconds calls `ask`, shows the form if there is one,
    else `accept`, tells the service that it has it, and then, if it was new, calls the inbox itself.
    """

    async def __call__(self, said: Inbound) -> None:
        """Do what was said and answer it; nothing but a cancellation leaves here."""

    async def ask(self, said: Invocation | Press) -> Form | None:
        """The form to show first, when the person has to say more; None to go on at once.

        Quick: no network. Raises `UserError` with what to tell the person instead.
        """

    async def accept(self, said: Inbound) -> bool:
        """Write it down, so that it outlives this process; False when its ``key`` was here before.

        Quick: one short transaction. Raises the `StoreError` family.
        """

    async def suggest(self, command: str, option: str, typed: str, said: Invocation) -> Sequence[str]:
        """At most 25 values for an option that somebody is typing; quick."""

    async def home(self, user: str, chat: str) -> Message:
        """What waits for this person, today's queue, failures."""

    async def reconnected(self, chat: str) -> None:
        """Events may have been missed: what stands on the open cards is read again."""


class Chat(Protocol):
    """One chat service: protocol ↔ `Message` and `Inbound`. No business logic."""

    name: str

    async def run(self, inbox: Inbox) -> None:
        """Hand everything said to ``inbox`` until the chat closes or is cancelled."""

    async def send(self, to: Target, message: Message, *, key: str) -> str:
        """Say it and return the message's ref. ``key`` is the same for a repeat of the same message."""

    async def edit(self, to: Target, ref: str, message: Message) -> str:
        """Repaint a message; returns its ref, a new one where the service had to send anew."""

    async def whisper(self, to: Target, user: str, message: Message) -> None:
        """Tell one person; privately where the service can."""

    async def reactions(self, to: Target, ref: str) -> Sequence[tuple[str, str]] | None:
        """All (emoji, user) on a message now; None when the service cannot say."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What a service tells of one of its users: ``name`` as people see it, ``zone`` an IANA name or nothing.

    ``bot``: no person at all.
    """

    id: str
    name: str
    zone: str = ""
    bot: bool = False


@runtime_checkable
class TeamChat(Chat, Protocol):
    """A chat where a team lives: many channels, threads, private answers, groups, files.

    What fails on the way raises the `ChatError` family. Everybody is named by the service's own
    user ids.
    """

    async def resend(self, to: Target, message: Message, *, key: str, since: datetime) -> str:
        """Like `send`, where an earlier try may have arrived: looks at what was said there since
        ``since`` (aware) and returns that message's ref instead of saying it twice."""

    async def group(self, name: str) -> Sequence[str] | None:
        """The ids of everybody in a user group or role now, by its id or name; None when there is no
        such group."""

    async def profile(self, user: str) -> Profile | None:
        """Who that is; None when the service does not know."""

    async def download(self, file: Attachment, into: Path) -> Path:
        """Fetch an attachment into the folder; the name it got there is safe."""

    async def check(self, channels: Sequence[str]) -> Sequence[str]:
        """Prove tokens, scopes, intents and membership with real calls, and that a card can be posted
        and removed in each channel: one sentence for each problem."""

    async def aclose(self) -> None:
        """Close every connection; nothing is left running."""


@dataclass(frozen=True, kw_only=True)
class ChatSpec(Generic[S]):
    """A chat service as a plugin offers it. ``variables``: settings field → the customary variable
    that a secret is read from when the file does not give it."""

    name: str
    settings: type[S]
    connect: Callable[[S, Deps], Chat]
    variables: Mapping[str, str] = field(default_factory=dict)
