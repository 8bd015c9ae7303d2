"""A whole bot over some plugins, for tests that only want to type and look; no chat service, no waiting."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from bot.app import App, build, make_log
from bot.config import Config
from bot.domain.delivery import Delivery
from bot.domain.message import Invocation, Message, Target, in_words
from bot.domain.people import Brand, Policy, Role
from bot.ports import Inbox
from bot.registry import Registry, load
from bot.testing.clock import FakeClock
from bot.testing.loop import Loop
from bot.testing.simulator import Simulator

T = TypeVar("T")

ROOM = Target(chat="room", channel="main")
BRAND = Brand(
    name="acme",
    timezone="Europe/Lisbon",
    channels=(ROOM.address,),
    roles={Role.CREATE: ("alice",), Role.APPROVE: ("bob", "carol"), Role.ADMIN: ("dana",)},
    policy=Policy(needed=1),
)


class Room:
    """A chat in memory; ``shown`` is every message by its ref, as it stands now."""

    name = ROOM.chat

    def __init__(self) -> None:
        self.shown: dict[str, Message] = {}
        self.said: list[str] = []

    async def run(self, inbox: Inbox) -> None:
        return None

    async def send(self, to: Target, message: Message, *, key: str) -> str:
        ref = f"m{len(self.shown)}"
        return await self.edit(to, ref, message)

    async def edit(self, to: Target, ref: str, message: Message) -> str:
        self.shown[ref] = in_words(message)
        self.said.append(_words(in_words(message)))
        return ref

    async def whisper(self, to: Target, user: str, message: Message) -> None:
        self.said.append(f"(to {user}) {_words(in_words(message))}")

    async def reactions(self, to: Target, ref: str) -> Sequence[tuple[str, str]] | None:
        return ()


class Bot:
    """A bot with simulated accounts of every platform of ``plugins``; alice writes, bob approves.

    Plain methods, no coroutines: it has a loop of its own. ``close`` raises `Leaked` when a
    plugin left a task running.
    """

    def __init__(self, plugins: Mapping[str, object], folder: Path) -> None:
        self.clock = FakeClock()
        self.room = Room()
        self.log = io.StringIO()
        self._loop = Loop()
        self._open = True
        self._stack = AsyncExitStack()
        log = make_log(self.log)
        self.registry = load(log=log, given=plugins, entry_points=(), builtins="bot.testing.no_such_package")
        with ExitStack() as opened:
            opened.push(self._loop)
            self.app = self.run(self._start(folder, self.registry))
            opened.pop_all()  # it runs; from now on `close` does it

    async def _start(self, folder: Path, registry: Registry) -> App:
        config = Config(path=folder / "config.toml", brands=(BRAND,))
        return await self._stack.enter_async_context(
            build(
                config,
                clock=self.clock,
                env={},
                chats=[lambda first: self.room],
                log=make_log(self.log),
                registry=registry,
            )
        )

    def run(self, work: Awaitable[T]) -> T:
        """Await something on this bot's loop."""
        return self._loop.run(work)

    def say(self, user: str, line: str) -> str:
        """Type a command as somebody; everything that was said until nothing more is due."""
        self.room.said.clear()
        name, _, raw = line.removeprefix("/").partition(" ")
        self.run(self.app.dispatch.handle(Invocation(command=name, raw=raw, user=user, target=ROOM)))
        self.run(self.app.settle())
        return "\n".join(self.room.said)

    def wait(self, span: timedelta) -> str:
        """Let time pass, stopping wherever something is due."""
        self.room.said.clear()
        end = self.clock.now() + span
        while (wake := self.run(self.app.next_wake())) is not None and wake <= end:
            self.clock.advance(max(wake - self.clock.now(), timedelta(milliseconds=1)))
            self.run(self.app.settle())
        self.clock.advance(max(end - self.clock.now(), timedelta(0)))
        self.run(self.app.settle())
        return "\n".join(self.room.said)

    def deliveries(self, post_id: int = 1) -> tuple[Delivery, ...]:
        """The deliveries of a post as they stand."""
        found: tuple[Delivery, ...] = self.run(
            self.app.services.store.read(lambda tx: tuple(tx.deliveries.of_post(post_id)))
        )
        return found

    def simulator(self, platform: str) -> Simulator:
        """The server that a platform's simulated account talks to."""
        found: Any = self.app.simulators[platform]
        assert isinstance(found, Simulator)
        return found

    def close(self) -> None:
        """Stop the bot and close everything; may be called twice."""
        if self._open:
            self._open = False
            with self._loop:
                self.run(self._stack.aclose())


def _words(message: Message) -> str:
    """Everything a reader of the message would see."""
    lines = [" ".join(filter(None, (message.title, message.status))), message.text]
    lines += [f"{field.name}: {field.value}" for field in message.fields]
    lines += [" ".join(f"[{b.label}]" for b in message.buttons), message.footer]
    return "\n".join(filter(None, lines))
