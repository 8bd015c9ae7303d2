"""A whole bot in process, with the demo platforms and a chat whose every message can be looked at."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from bot.app import App, build, make_log
from bot.config import AccountConfig, Config
from bot.domain.approval import Vote
from bot.domain.delivery import Attempt, Delivery
from bot.domain.marks import plain
from bot.domain.message import Button, Invocation, Message, Press, Reaction, Target, in_words
from bot.domain.people import Brand, Policy, Role
from bot.domain.periods import ReportTimes
from bot.ports import Inbox, Platform, Tx
from bot.registry import load
from bot.store.columns import from_micros, to_micros
from bot.testing.clock import FakeClock
from bot.testing.platforms._demo_server import CREATE, DemoSimulator

MAIN = Target(chat="room", channel="main")
KEY, LOOK, BLIND = "acme-key", "acme-look", "acme-blind"
MODES = {KEY: "own_key", LOOK: "lookup", BLIND: "neither"}
BRAND = Brand(
    name="acme",
    timezone="Europe/Lisbon",
    channels=(MAIN.address,),
    roles={
        Role.VIEW: ("eve",),
        Role.CREATE: ("alice",),
        Role.APPROVE: ("bob", "carol"),
        Role.ADMIN: ("dana",),
    },
    policy=Policy(needed=1),
    report=ReportTimes(weekly=False, monthly=False),  # drawing one takes seconds
    slots=("mon-fri 09:00", "mon-fri 17:30"),
)


@dataclass
class Room:
    """A chat in memory. ``readable``: whether it can tell all reactions on a message."""

    name: str = "room"
    readable: bool = True
    shown: dict[str, Message] = field(default_factory=dict)
    said: list[Message] = field(default_factory=list)
    whispered: list[tuple[str, str]] = field(default_factory=list)
    marks: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    broken: bool = False

    async def run(self, inbox: Inbox) -> None:
        return None

    async def send(self, to: Target, message: Message, *, key: str) -> str:
        if self.broken:
            raise ConnectionError("the chat is away")
        ref = f"m{len(self.said)}"
        self.shown[ref] = in_words(message)
        self.said.append(in_words(message))
        return ref

    async def edit(self, to: Target, ref: str, message: Message) -> str:
        if self.broken:
            raise ConnectionError("the chat is away")
        self.shown[ref] = in_words(message)
        return ref

    async def whisper(self, to: Target, user: str, message: Message) -> None:
        self.whispered.append((user, plain(message.text)))

    async def reactions(self, to: Target, ref: str) -> Sequence[tuple[str, str]] | None:
        return list(self.marks.get(ref, ())) if self.readable else None

    def texts(self) -> list[str]:
        return [m.text for m in self.said if m.text]


class Wall:
    """In front of the sockets of every client: ``down``, nothing gets through."""

    def __init__(self) -> None:
        self.down = False
        self.tries = 0

    def wrap(self, inner: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        return Brick(self, inner)


class Brick(httpx.AsyncBaseTransport):
    """One client's transport behind the wall."""

    def __init__(self, wall: Wall, inner: httpx.AsyncBaseTransport) -> None:
        self._wall = wall
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._wall.tries += 1
        if self._wall.down:
            raise httpx.ConnectError("refused")
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


@dataclass(kw_only=True)
class World:
    """The bot, its clock, its room and its platforms."""

    app: App
    clock: FakeClock
    room: Room
    file: Path
    sims: Mapping[str, DemoSimulator]
    log: io.StringIO
    wall: Wall

    async def say(self, user: str, line: str) -> str:
        """Type a command; what was answered to it, privately or not."""
        said, whispered = len(self.room.said), len(self.room.whispered)
        name, _, raw = line.removeprefix("/").partition(" ")
        await self.app.dispatch.handle(Invocation(command=name, raw=raw, user=user, target=MAIN))
        private = [text for who, text in self.room.whispered[whispered:] if who == user]
        public = [m.text for m in self.room.said[said:] if not m.title]
        await self.app.settle()
        return (private or public or [""])[0]

    async def press(self, user: str, button: Button, text: str = "") -> str:
        said, whispered = len(self.room.said), len(self.room.whispered)
        await self.app.dispatch.handle(
            Press(action=button.action, user=user, ref="m0", target=MAIN, text=text)
        )
        private = [words for who, words in self.room.whispered[whispered:] if who == user]
        public = [m.text for m in self.room.said[said:] if not m.title]
        await self.app.settle()
        return (private or public or [""])[0]

    async def react(self, user: str, emoji: str, post_id: int = 1, *, added: bool = True) -> str:
        """Put or take away an emoji on the post's card; what was whispered, if anything."""
        ref = await self.card_ref(post_id)
        marks = self.room.marks.setdefault(ref, [])
        if added:
            marks.append((emoji, user))
        else:
            marks.remove((emoji, user))
        whispered = len(self.room.whispered)
        await self.app.dispatch.handle(Reaction(emoji=emoji, user=user, ref=ref, target=MAIN, added=added))
        words = [text for _, text in self.room.whispered[whispered:]]
        await self.app.settle()
        return (words or [""])[0]

    async def card_ref(self, post_id: int = 1) -> str:
        (card,) = await self.app.services.store.read(lambda tx: tx.cards.of_post(post_id))
        assert card.ref is not None, "the card was never sent"
        return card.ref

    async def card(self, post_id: int = 1) -> Message:
        """The card as it is painted now."""
        return self.room.shown[await self.card_ref(post_id)]

    async def button(self, label: str, post_id: int = 1) -> Button:
        card = await self.card(post_id)
        (found,) = [b for b in card.buttons if b.label.startswith(label)]
        return found

    async def rows(self, post_id: int = 1) -> dict[str, Delivery]:
        found = await self.app.services.store.read(lambda tx: tx.deliveries.of_post(post_id))
        return {d.account: replace(d, reason=plain(d.reason)) for d in found}

    async def row(self, post_id: int = 1) -> Delivery:
        (found,) = (await self.rows(post_id)).values()
        return found

    async def votes(self, post_id: int = 1) -> tuple[Vote, ...]:
        return await self.app.services.store.read(lambda tx: tx.votes.of_post(post_id))

    async def attempts(self, post_id: int = 1) -> list[Attempt]:
        def unit(tx: Tx) -> list[Attempt]:
            return [a for d in tx.deliveries.of_post(post_id) for a in tx.attempts.of_delivery(d.id)]

        return await self.app.services.store.read(unit)

    async def wait(self, span: timedelta) -> None:
        """Let time pass, stopping wherever something is due."""
        end = self.clock.now() + span
        while (wake := self._next_wake()) is not None and wake <= end:
            self.clock.advance(wake - self.clock.now())
            await self.app.settle()
        self.clock.advance(end - self.clock.now())
        await self.app.settle()

    def _next_wake(self) -> datetime | None:
        """What is overdue already, as under a halt, is nothing to wait for."""
        now = to_micros(self.clock.now())
        ((wake,),) = self.sql("SELECT min(wake_at) FROM deliveries WHERE wake_at > ?", now)
        return None if wake is None else from_micros(wake)

    def created(self, account: str, text: str | None = None) -> int:
        """How many objects the platform has made, removed ones included."""
        return sum(1 for p in self.sims[account].posts if text in (None, p.text))

    def asked(self, account: str) -> int:
        """How often the platform was asked to publish."""
        return self.sims[account].count(CREATE)

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Look into the database from outside, as another program."""
        with closing(sqlite3.connect(self.file)) as connection, connection:
            return connection.execute(query, values).fetchall()


def split(text: str) -> tuple[str, ...]:
    """How the demo platforms cut a thread in these tests."""
    return tuple(text.split(" / "))


@asynccontextmanager
async def open_world(
    folder: Path,
    *,
    brand: Brand = BRAND,
    start: datetime | None = None,
    sims: Mapping[str, DemoSimulator] | None = None,
    clock: FakeClock | None = None,
    room: Room | None = None,
    wall: Wall | None = None,
    store_url: str = "sqlite+aiosqlite:///world.db",
    dress: Callable[[Platform[Any]], Platform[Any]] = lambda platform: platform,
) -> AsyncIterator[World]:
    """A bot on a database in ``folder``, with one account of each temper."""
    clock = clock or (FakeClock(start) if start else FakeClock())
    text = io.StringIO()
    log = make_log(text)
    registry = load(log=log, builtins="bot.testing.platforms", entry_points=())
    for name, platform in registry.platforms.items():
        threaded: Platform[Any] = dress(replace(platform, split=split))
        registry.platforms[name] = threaded
    room = room or Room()
    wall = wall or Wall()
    async with AsyncExitStack() as stack:
        if sims is None:
            sims = {name: await stack.enter_async_context(DemoSimulator(clock).running()) for name in MODES}
        accounts = tuple(
            AccountConfig(
                name=name,
                brand=brand.name,
                platform=f"demo-{mode.replace('_', '-')}",
                table={"base_url": sims[name].url, "mode": mode, "name": name},
            )
            for name, mode in MODES.items()
        )
        config = Config(
            path=folder / "config.toml",
            brands=(brand,),
            accounts=accounts,
            store_url=store_url,
        )
        app = await stack.enter_async_context(
            build(
                config,
                clock=clock,
                env={},
                chats=[lambda first: room],
                log=log,
                registry=registry,
                wrap_http=wall.wrap,
            )
        )
        yield World(app=app, clock=clock, room=room, file=folder / "world.db", sims=sims, log=text, wall=wall)
