"""Two chats in which teams live, in memory, and a whole bot that talks in both."""

from __future__ import annotations

import asyncio
import io
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from bot.app import App, build, make_log
from bot.config import Config
from bot.domain.message import (
    Action,
    Attachment,
    Button,
    Inbound,
    Invocation,
    Message,
    Press,
    Reaction,
    Target,
    in_words,
)
from bot.domain.people import Brand, Policy, Role
from bot.domain.periods import ReportTimes
from bot.errors import BadInput, ChatBusy, ChatError
from bot.ports import Chat, Inbox, Profile
from bot.registry import load
from bot.testing.clock import FakeClock

HALL, YARD = "hall", "yard"
HERE, THERE = Target(chat=HALL, channel="H1"), Target(chat=YARD, channel="Y1")
PEOPLE = ("alice", "bob", "carol", "dana", "eve")
BRAND = Brand(
    name="acme",
    timezone="Europe/Lisbon",
    channels=(HERE.address, THERE.address),
    roles={
        Role.VIEW: ("eve",),
        Role.CREATE: ("alice",),
        Role.APPROVE: ("bob", "carol"),
        Role.ADMIN: ("dana",),
    },
    policy=Policy(needed=1),
    report=ReportTimes(weekly=False, monthly=False),  # drawing one takes seconds
)


class Killed(BaseException):
    """The process is gone; nobody catches this."""


@dataclass(kw_only=True)
class Said:
    """One message as it stands in a chat."""

    ref: str
    to: Target
    message: Message
    key: str
    at: datetime
    edits: int = 0


@dataclass(eq=False)
class Hall:
    """A team's chat in memory; implements `bot.ports.TeamChat`.

    ``trouble`` is asked before anything is done and may raise; ``lost`` after it was done. ``gate``:
    closed, whoever writes waits. ``pace``: seconds between two messages of a channel, with a
    refusal that says when to come back.
    """

    name: str
    clock: FakeClock
    pace: float = 0.0
    said: dict[str, Said] = field(default_factory=dict)
    whispers: list[tuple[str, Target, Message]] = field(default_factory=list)
    marks: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    files: dict[str, bytes] = field(default_factory=dict)
    trouble: Callable[[str, Target], None] = lambda what, to: None
    lost: Callable[[str, Target], None] = lambda what, to: None
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    last: dict[str, datetime] = field(default_factory=dict)
    breaches: int = 0
    _numbers: Any = field(default_factory=count)

    def __post_init__(self) -> None:
        self.gate.set()

    async def run(self, inbox: Inbox) -> None:
        await inbox.reconnected(self.name)
        await asyncio.Event().wait()

    async def send(self, to: Target, message: Message, *, key: str) -> str:
        await self._call("send", to)
        ref = self._put(to, message, key)
        self.lost("send", to)
        return ref

    async def resend(self, to: Target, message: Message, *, key: str, since: datetime) -> str:
        await self._call("resend", to)
        for one in self.said.values():
            if one.key == key and one.at >= since and one.to.channel == to.channel:
                return one.ref
        ref = self._put(to, message, key)
        self.lost("resend", to)
        return ref

    async def edit(self, to: Target, ref: str, message: Message) -> str:
        await self._call("edit", to)
        one = self.said[ref]
        one.message, one.edits = in_words(message), one.edits + 1
        self.changed.set()
        self.lost("edit", to)
        return ref

    async def whisper(self, to: Target, user: str, message: Message) -> None:
        await self._call("whisper", to)
        self.whispers.append((user, to, in_words(message)))

    async def reactions(self, to: Target, ref: str) -> Sequence[tuple[str, str]] | None:
        return list(self.marks.get(ref, ()))

    async def group(self, name: str) -> Sequence[str] | None:
        return None

    async def profile(self, user: str) -> Profile | None:
        return Profile(id=user, name=f"{user} of {self.name}")

    async def download(self, file: Attachment, into: Path) -> Path:
        if file.ref not in self.files:
            raise ChatError(f"I could not fetch {file.name}.")
        path = into / file.name
        path.write_bytes(self.files[file.ref])
        return path

    async def check(self, channels: Sequence[str]) -> Sequence[str]:
        return ()

    async def aclose(self) -> None:
        self.gate.set()

    async def _call(self, what: str, to: Target) -> None:
        self.calls[what] += 1
        self.trouble(what, to)
        await asyncio.sleep(0)
        await self.gate.wait()
        if what != "whisper" and self.pace:
            now, free = self.clock.now(), self.last.get(to.channel)
            if free is not None and now < free:
                self.breaches += 1
                raise ChatBusy(free)
            self.last[to.channel] = now + timedelta(seconds=self.pace)

    def _put(self, to: Target, message: Message, key: str) -> str:
        ref = f"{self.name[0]}{next(self._numbers)}"
        self.said[ref] = Said(ref=ref, to=to, message=in_words(message), key=key, at=self.clock.now())
        self.changed.set()
        return ref

    def texts(self, channel: str | None = None) -> list[str]:
        """What everybody reads, oldest first."""
        here = [s for s in self.said.values() if channel in (None, s.to.channel)]
        return [f"{s.message.title} {s.message.text}".strip() for s in here]

    def told(self, user: str) -> list[str]:
        """What one person was told alone."""
        return [m.text for who, _, m in self.whispers if who == user]

    def tally(self) -> Counter[str]:
        return Counter(s.key for s in self.said.values())


def user_in(chat: str, member: str) -> str:
    """The id that a member has in a chat."""
    return f"{chat[0].upper()}-{member}"


@dataclass(kw_only=True)
class Team:
    """The bot, its clock and its chats."""

    app: App
    clock: FakeClock
    hall: Hall
    yard: Hall
    log: io.StringIO
    folder: Path

    @property
    def svc(self) -> Any:
        return self.app.services

    async def give(self, said: Inbound) -> bool:
        """As an adapter does: write it down, then do it."""
        new = await self.app.dispatch.accept(said)
        if new:
            await self.app.dispatch(said)
        return new

    async def say(self, who: str, line: str, where: Target = HERE, *, key: str = "", **more: Any) -> str:
        """Type a command as a member; what was answered to them alone."""
        chat = self.hall if where.chat == HALL else self.yard
        user, before = user_in(where.chat, who), len(chat.whispers)
        name, _, raw = line.removeprefix("/").partition(" ")
        await self.give(
            Invocation(command=name, raw=raw, user=user, target=replace(where, hook="door"), key=key, **more)
        )
        answers = [f"{m.title} {m.text}".strip() for whom, _, m in chat.whispers[before:] if whom == user]
        await self.app.settle()
        return (answers or [""])[0]

    def pressing(self, who: str, action: Action, where: Target, key: str = "", ref: str = "") -> Press:
        return Press(action=action, user=user_in(where.chat, who), ref=ref, target=where, key=key)

    async def press(self, who: str, label: str, where: Target = HERE, *, post: int = 1, key: str = "") -> str:
        """Press a button of a post's card; what was answered to them alone."""
        chat = self.hall if where.chat == HALL else self.yard
        button, ref = self.button(label, where, post=post)
        user, before = user_in(where.chat, who), len(chat.whispers)
        await self.give(self.pressing(who, button.action, where, key, ref))
        answers = [f"{m.title} {m.text}".strip() for whom, _, m in chat.whispers[before:] if whom == user]
        await self.app.settle()
        return (answers or [""])[0]

    async def react(self, who: str, emoji: str, where: Target = HERE, *, post: int = 1) -> None:
        chat = self.hall if where.chat == HALL else self.yard
        card, user = self.card(where, post=post), user_in(where.chat, who)
        chat.marks.setdefault(card.ref, []).append((emoji, user))
        await self.give(Reaction(emoji=emoji, user=user, ref=card.ref, target=where))
        await self.app.settle()

    def card(self, where: Target = HERE, *, post: int = 1) -> Said:
        chat = self.hall if where.chat == HALL else self.yard
        (found,) = [
            s
            for s in chat.said.values()
            if s.key.startswith("card:")
            and s.to.channel == where.channel
            and s.message.title.split()[0] == f"P{post}"
        ]
        return found

    def button(self, label: str, where: Target = HERE, *, post: int = 1) -> tuple[Button, str]:
        card = self.card(where, post=post)
        (found,) = [b for b in card.message.buttons if b.label.startswith(label)]
        return found, card.ref

    async def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)
        await self.app.settle()

    async def working(self, done: Callable[[], bool], *, turns: int = 2_000) -> None:
        """Let everybody work until ``done``, without time passing."""
        for _ in range(turns):
            if done():
                return
            await asyncio.sleep(0.001)
        raise AssertionError("it did not come about")


Opened = Callable[..., Awaitable[Team]]


@asynccontextmanager
async def open_team(
    folder: Path,
    *,
    brand: Brand = BRAND,
    clock: FakeClock | None = None,
    hall: Hall | None = None,
    yard: Hall | None = None,
    others: Sequence[Chat] = (),
    store_url: str = "sqlite+aiosqlite:///team.db",
) -> AsyncIterator[Team]:
    """A bot with simulated demo accounts; everybody is bound to an id of theirs in both chats."""
    clock = clock or FakeClock()
    hall, yard = hall or Hall(HALL, clock), yard or Hall(YARD, clock)
    text = io.StringIO()
    log = make_log(text)
    config = Config(path=folder / "config.toml", brands=(brand,), store_url=store_url)
    chats: list[Callable[[int], Chat]] = [lambda _first, chat=c: chat for c in (*others, hall, yard)]  # type: ignore[misc]  # mypy infers no lambda with a default
    async with build(
        config,
        clock=clock,
        env={},
        chats=chats,
        log=log,
        registry=load(log=log, builtins="bot.testing.platforms", entry_points=()),
    ) as app:
        for member in PEOPLE:
            for chat in (HALL, YARD):
                await app.services.store.write(
                    lambda tx, c=chat, m=member: tx.people.bind(c, user_in(c, m), m, clock.now())  # type: ignore[misc]  # as above
                )
        yield Team(app=app, clock=clock, hall=hall, yard=yard, log=text, folder=folder)


def broken(words: str = "") -> Callable[[str, Target], None]:
    """Whatever is asked of the chat, the connection is gone."""

    def trouble(what: str, to: Target) -> None:
        raise ChatError(words)

    return trouble


__all__ = [
    "BRAND",
    "HALL",
    "HERE",
    "PEOPLE",
    "THERE",
    "YARD",
    "BadInput",
    "Hall",
    "Killed",
    "Said",
    "Team",
    "broken",
    "open_team",
    "user_in",
]
