"""A team in two chats, where people are users with ids, are in groups, and link themselves."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.app import App, build, make_log
from bot.config import Config
from bot.domain.delivery import Delivery
from bot.domain.message import Invocation, Press, Reaction, Target
from bot.domain.people import Brand, Policy, Role
from bot.errors import ChatError
from bot.ports import Chat, Profile
from bot.registry import load
from bot.testing.clock import FakeClock
from tests.unit.team_world import Hall, Said

NORTH, SOUTH = Target(chat="north", channel="C1"), Target(chat="south", channel="77001")
ALICE, BOB, CAROL, DANA, EVE = "U0A11CE", "U0B0B", "U0CAR01", "U0DANA0", "U0EVE00"
"""Users of the one chat; everybody's user in the other is in `OTHER`."""
OTHER = {ALICE: "100001", BOB: "100002", CAROL: "100003", DANA: "100004", EVE: "100005"}
NAMES = {ALICE: "Alice A.", BOB: "Bob B.", CAROL: "Carol C.", DANA: "Dana D.", EVE: "Eve E."}
LEADS, WRITERS = "@north:leads", "@north:writers"
BRAND = Brand(
    name="acme",
    timezone="Europe/Lisbon",
    channels=(NORTH.address, SOUTH.address),
    roles={Role.CREATE: (WRITERS,), Role.APPROVE: (LEADS,), Role.ADMIN: ("dana",)},
    policy=Policy(needed=1),
)
PEOPLE = {f"north:{DANA}": "dana", f"south:{OTHER[DANA]}": "dana"}


@dataclass(eq=False)
class Club(Hall):
    """A chat with groups. ``away``: groups and profiles cannot be read; ``reads`` counts the readings."""

    groups: dict[str, list[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    away: Exception | None = None
    reads: int = 0
    looked_up: int = 0

    async def group(self, name: str) -> Sequence[str] | None:
        self.reads += 1
        if self.away is not None:
            raise self.away
        return list(self.groups[name]) if name in self.groups else None

    async def profile(self, user: str) -> Profile | None:
        self.looked_up += 1
        if self.away is not None:
            raise self.away
        name = self.names.get(user)
        return Profile(id=user, name=name, zone="Europe/Berlin") if name else None


def north(clock: FakeClock) -> Club:
    return Club("north", clock, groups={"leads": [BOB, CAROL], "writers": [ALICE]}, names=dict(NAMES))


def south(clock: FakeClock) -> Club:
    return Club("south", clock, names={OTHER[user]: name for user, name in NAMES.items()})


@dataclass(kw_only=True)
class People:
    """The bot and its chats."""

    app: App
    clock: FakeClock
    north: Club
    south: Club
    log: io.StringIO

    @property
    def svc(self) -> Any:
        return self.app.services

    def club(self, where: Target) -> Club:
        return self.north if where.chat == "north" else self.south

    async def say(self, user: str, line: str, where: Target = NORTH, **more: Any) -> str:
        """Type a command as a user of a chat; everything that was answered to them alone."""
        name, _, raw = line.removeprefix("/").partition(" ")
        before = len(self.club(where).whispers)
        await self.app.dispatch(Invocation(command=name, raw=raw, user=user, target=where, **more))
        answers = [m for who, _, m in self.club(where).whispers[before:] if who == user]
        await self.app.settle()
        return "\n".join(
            "\n".join(filter(None, [m.title, m.text, *(f"{f.name}: {f.value}" for f in m.fields), m.footer]))
            for m in answers
        )

    async def press(self, user: str, label: str, where: Target = NORTH, post: int = 1, **more: Any) -> str:
        """Press a button of a post's card."""
        card = self.card(where, post)
        (button,) = [b for b in card.message.buttons if b.label.startswith(label)]
        before = len(self.club(where).whispers)
        await self.app.dispatch(Press(action=button.action, user=user, ref=card.ref, target=where, **more))
        answers = [m.text for who, _, m in self.club(where).whispers[before:] if who == user]
        await self.app.settle()
        return (answers or [""])[0]

    async def react(self, user: str, emoji: str, where: Target = NORTH, post: int = 1, **more: Any) -> str:
        card, club = self.card(where, post), self.club(where)
        club.marks.setdefault(card.ref, []).append((emoji, user))
        before = len(club.whispers)
        await self.app.dispatch(Reaction(emoji=emoji, user=user, ref=card.ref, target=where, **more))
        answers = [m.text for who, _, m in club.whispers[before:] if who == user]
        await self.app.settle()
        return (answers or [""])[0]

    def card(self, where: Target = NORTH, post: int = 1) -> Said:
        found = [
            s
            for s in self.club(where).said.values()
            if s.key.startswith("card:") and s.message.title.split()[0] == f"P{post}"
        ]
        return found[-1]

    def line(self, name: str, where: Target = NORTH, post: int = 1) -> str:
        """One row of the card."""
        return next(f.value for f in self.card(where, post).message.fields if f.name == name)

    async def rows(self, post: int = 1) -> tuple[Delivery, ...]:
        found: tuple[Delivery, ...] = await self.svc.store.read(lambda tx: tx.deliveries.of_post(post))
        return found

    async def states(self, post: int = 1) -> set[str]:
        return {d.state.value for d in await self.rows(post)}

    async def votes(self, post: int = 1) -> set[str]:
        return {v.member for v in await self.svc.store.read(lambda tx: tx.votes.of_post(post))}

    async def audited(self, what: str) -> list[Any]:
        rows = await self.svc.store.read(lambda tx: tx.audit.recent("acme", 100))
        return [row.entry for row in rows if row.entry.what == what]

    async def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)
        await self.app.settle()

    def take_away(self) -> None:
        """Groups and profiles can be read no more."""
        self.north.away = self.south.away = ChatError("the chat is away")

    def bring_back(self) -> None:
        self.north.away = self.south.away = None


@asynccontextmanager
async def open_people(
    folder: Path,
    *,
    brand: Brand = BRAND,
    more: Sequence[Brand] = (),
    people: Mapping[str, str] = PEOPLE,
    clock: FakeClock | None = None,
    clubs: tuple[Club, Club] | None = None,
) -> AsyncIterator[People]:
    clock = clock or FakeClock()
    one, other = clubs or (north(clock), south(clock))
    text = io.StringIO()
    log = make_log(text)
    config = Config(
        path=folder / "config.toml",
        chat_use=("north", "south"),
        brands=(brand, *more),
        people=people,
        store_url="sqlite+aiosqlite:///people.db",
    )
    chats: list[Callable[[int], Chat]] = [lambda first: one, lambda first: other]
    registry = load(log=log, builtins="bot.testing.platforms", entry_points=())
    async with build(config, clock=clock, env={}, chats=chats, log=log, registry=registry) as app:
        await app.settle()
        yield People(app=app, clock=clock, north=one, south=other, log=text)
