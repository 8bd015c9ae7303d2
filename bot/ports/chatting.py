"""Chat services: protocol ↔ neutral values."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from bot.domain.message import Inbound, Message, Target
from bot.ports.publishing import Deps

S = TypeVar("S")

Inbox = Callable[[Inbound], Awaitable[None]]


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
class ChatSpec(Generic[S]):
    """A chat service as a plugin offers it."""

    name: str
    settings: type[S]
    connect: Callable[[S, Deps], Chat]
