"""A whole bot in this process, driven line by line as people do, on a clock that the test moves."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.app import App, build
from bot.chat.console import Console
from bot.config import Config
from bot.config.load import AccountConfig
from bot.domain.message import Action, Invocation, Press, Target
from bot.domain.people import Brand, Policy, Role
from bot.registry import Registry, load
from bot.testing.clock import FakeClock

TARGET = Target(chat="console", channel="main")
PEOPLE: Mapping[Role, tuple[str, ...]] = {
    Role.CREATE: ("alice",),
    Role.APPROVE: ("bob", "carol"),
    Role.ADMIN: ("dana",),
}
ACME = Brand(name="acme", channels=("console:main",), roles=PEOPLE)
OPEN_HOUSE = replace(ACME, policy=Policy(mode="none"))


@dataclass
class Journal:
    """A log in memory."""

    lines: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def _write(self, level: str, event: str, facts: dict[str, Any]) -> None:
        self.lines.append((level, event, facts))

    def debug(self, event: str, **facts: Any) -> None:
        self._write("debug", event, facts)

    def info(self, event: str, **facts: Any) -> None:
        self._write("info", event, facts)

    def warning(self, event: str, **facts: Any) -> None:
        self._write("warning", event, facts)

    def error(self, event: str, **facts: Any) -> None:
        self._write("error", event, facts)

    def events(self) -> list[str]:
        return [event for _, event, _ in self.lines]


@dataclass
class Desk:
    """One running bot and what it has said."""

    app: App
    clock: FakeClock
    spoken: list[str]
    log: Journal

    async def say(self, user: str, line: str) -> str:
        """Type one command, let everything due be done, and hand back what appeared."""
        word, _, rest = line.removeprefix("/").partition(" ")
        seen = len(self.spoken)
        await self.app.dispatch.handle(Invocation(command=word, raw=rest, user=user, target=TARGET))
        await self.app.settle()
        return flat(self.spoken[seen:])

    async def press(self, user: str, verb: str, id_: int, *, kind: str, version: int, text: str = "") -> str:
        """Press a button as a chat that kept it would hand it over, also after a restart."""
        seen = len(self.spoken)
        action = Action.decode(Action(verb=verb, kind=kind, id=id_, version=version).encode())
        await self.app.dispatch.handle(Press(action=action, user=user, ref="c1", target=TARGET, text=text))
        await self.app.settle()
        return flat(self.spoken[seen:])

    async def post(self, line: str) -> str:
        """Alice posts and bob approves."""
        return await self.say("alice", f"/post {line}") + await self.say("bob", "/approve latest")

    async def pass_time(self, *, most: timedelta = timedelta(hours=1)) -> None:
        """Move the clock from one due moment to the next until nothing is due within ``most``."""
        end = self.clock.now() + most
        for _ in range(200):
            await self.app.settle()
            wake = await self.app.next_wake()
            if wake is None or wake > end:
                return
            assert wake > self.clock.now(), f"due at {wake}, but nothing was done about it"
            self.clock.advance(wake - self.clock.now())
        raise AssertionError("it goes on for ever")

    async def deliveries(self, post_id: int = 1) -> list[Any]:
        return list(await self.app.services.store.read(lambda tx: tx.deliveries.of_post(post_id)))

    async def states(self, post_id: int = 1) -> list[str]:
        return [d.state.value for d in await self.deliveries(post_id)]

    async def notices(self) -> list[str]:
        def unit(tx: Any) -> list[str]:
            return [n.key for n in tx.notices.due(self.clock.now() + timedelta(days=365))]

        return await self.app.services.store.read(unit)

    @property
    def said(self) -> str:
        """Everything so far, on one line."""
        return flat(self.spoken)


def flat(spoken: Iterable[str]) -> str:
    """Text as a person reads it, without the frame of the cards and the breaks of lines."""
    return " ".join(" ".join(spoken).replace("│", " ").replace("┌", " ").replace("└", " ").split())


def config(
    folder: Path, accounts: Mapping[str, Mapping[str, Any]], *, brands: Sequence[Brand] = (ACME,)
) -> Config:
    """A configuration with accounts of the demo platform: name → its table, ``mode`` included."""
    return Config(
        path=folder / "config.toml",
        store_url="sqlite+aiosqlite:///clarion.db",
        brands=tuple(brands),
        accounts=tuple(
            AccountConfig(
                name=name,
                brand=str(table.get("brand", brands[0].name)),
                platform=f"demo-{str(table['mode']).replace('_', '-')}",
                table={k: v for k, v in table.items() if k != "brand"},
            )
            for name, table in accounts.items()
        ),
    )


def halves(text: str) -> tuple[str, ...]:
    """Cuts a text into a thread where it says so."""
    return tuple(piece.strip() for piece in text.split("//"))


def demo_registry(log: Journal, files: Sequence[Path] = ()) -> Registry:
    """Only the demo platforms, taught to make threads."""
    registry = load(log=log, builtins="bot.testing.platforms", entry_points=(), files=files)
    for name, platform in list(registry.platforms.items()):
        registry.platforms[name] = replace(platform, split=halves)
    return registry


@asynccontextmanager
async def desk(
    config: Config,
    *,
    clock: FakeClock | None = None,
    registry: Registry | None = None,
    wrap_http: Callable[[Any], Any] | None = None,
    files: Sequence[Path] = (),
    env: Mapping[str, str] = {},
    ear: Callable[[str], object] = len,
) -> AsyncIterator[Desk]:
    """Start a bot; leaving the block stops it as a restart would.

    ``ear`` hears everything before it counts as said, and may break.
    """
    clock, log, spoken = clock or FakeClock(), Journal(), list[str]()

    async def nobody_types() -> None:
        return None

    def write(text: str) -> None:
        ear(text)
        spoken.append(text)

    def console(first: int) -> Console:
        return Console(read_line=nobody_types, write=write, first_ref=first)

    async with build(
        config,
        clock=clock,
        env=env,
        chats=[console],
        log=log,
        registry=registry or demo_registry(log, files),
        wrap_http=wrap_http,
    ) as app:
        yield Desk(app=app, clock=clock, spoken=spoken, log=log)


TABLES = ("posts", "deliveries", "parts", "attempts", "votes", "cards", "notices", "audit")


def dump(file: Path) -> dict[str, list[dict[str, Any]]]:
    """Everything the database says, read by nobody but SQLite.

    Of a card's counters only how far it is behind: a start shows again what is in doubt, and
    how often a card was painted is nobody's truth.
    """
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        found = {
            name: [dict(row) for row in connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2")]
            for name in TABLES
        }
    for card in found["cards"]:
        card["behind"] = card.pop("wanted") - card.pop("painted")
    return found


def same(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Where two dumps differ, or nothing."""
    return "; ".join(
        f"{name}: {json.dumps(before[name])} → {json.dumps(after[name])}"
        for name in before
        if before[name] != after[name]
    )
