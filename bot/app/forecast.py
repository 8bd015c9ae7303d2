"""What the next days would bring: the real scheduler on a copy, simulated platforms and a clock
that is wound by hand. Nothing outside the copy is touched, and no platform is asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from bot.app.building import build, load_plugins
from bot.app.place import place
from bot.app.running import App
from bot.config import Config
from bot.domain.delivery import Delivery
from bot.domain.grant import Grant
from bot.domain.message import Message, Target
from bot.domain.records import Halt
from bot.errors import NotFound
from bot.ports import Chat, Clock, Inbox, Log, Tx
from bot.registry import Registry
from bot.store import copy_database, open_store, tame

STEP = timedelta(hours=3)
"""The longest stretch without a look, so that reminders and the like come about when they would."""


class WoundClock(Clock, Protocol):
    def advance(self, delta: timedelta) -> None:
        """Move on."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """Something that would be said to a channel."""

    at: datetime
    address: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What would happen between two instants.

    ``before``: what was unfinished at the start; ``after``: everything due in between and what
    became of it, with what was unfinished before; ``unable``: accounts whose platform has no
    simulator.
    """

    start: datetime
    end: datetime
    before: tuple[Delivery, ...]
    after: tuple[Delivery, ...]
    heard: tuple[Heard, ...]
    grants: tuple[Grant, ...]
    halts: tuple[Halt, ...]
    unable: tuple[str, ...]


@dataclass
class Listener:
    """A chat that only remembers what was said, and when."""

    name: str
    clock: Clock
    heard: list[Heard] = field(default_factory=list)

    async def run(self, inbox: Inbox) -> None:
        return None

    async def send(self, to: Target, message: Message, *, key: str) -> str:
        self.heard.append(Heard(at=self.clock.now(), address=to.address, text=message.text))
        return f"f{len(self.heard)}"

    async def edit(self, to: Target, ref: str, message: Message) -> str:
        return ref

    async def whisper(self, to: Target, user: str, message: Message) -> None:
        return None

    async def reactions(self, to: Target, ref: str) -> Sequence[tuple[str, str]] | None:
        return None


async def foresee(
    config: Config,
    *,
    days: int,
    clock: WoundClock,
    folder: Path,
    log: Log,
    registry: Registry | None = None,
) -> Forecast:
    """Copy the database into ``folder`` and let the bot run on it for ``days``.

    Raises `NotFound` when there is no database, `ConfigError` and the `StoreError` family.
    """
    url, home = place(config, simulated=not config.accounts)
    if home is not None and not home.exists():
        raise NotFound(f"There is no {home.name} yet, so nothing is planned. `clarion run` makes it.")
    registry = registry or load_plugins(config, log)
    copy = folder / "copy.db"
    await copy_database(url, copy)
    grants = await _grants(copy)
    await tame(copy)
    _lend_media((home.parent if home is not None else config.folder) / "media", folder / "media")
    able = tuple(a for a in config.accounts if _can(registry, a.platform))
    unable = tuple(a.name for a in config.accounts if a not in able)
    if config.accounts and not able:
        raise NotFound("None of these accounts can be simulated, so there is nothing to show.")
    names = dict.fromkeys(c.partition(":")[0] for b in config.brands for c in b.channels)
    listeners = [Listener(name=name, clock=clock) for name in names]
    there = replace(
        config, path=folder / "config.toml", store_url=f"sqlite+aiosqlite:///{copy}", accounts=able
    )
    chats: list[Callable[[int], Chat]] = [lambda _first, chat=one: chat for one in listeners]  # type: ignore[misc]  # mypy infers no lambda with a default
    async with build(
        there, clock=clock, env={}, chats=chats, log=log, simulate=True, registry=registry
    ) as app:
        start, end = clock.now(), clock.now() + timedelta(days=days)
        before, halts = await app.services.store.read(lambda tx: _look(tx, list(app.services.brands)))
        await _run(app, clock, end)
        after = await app.services.store.read(lambda tx: _outcome(tx, before, start, end))
    return Forecast(
        start=start,
        end=end,
        before=before,
        after=after,
        heard=tuple(sorted((h for one in listeners for h in one.heard), key=lambda h: h.at)),
        grants=grants,
        halts=halts,
        unable=unable,
    )


async def _run(app: App, clock: WoundClock, end: datetime) -> None:
    """From one moment at which something is due to the next."""
    store = app.services.store
    while True:
        await app.settle()
        now = clock.now()
        if now >= end:
            return
        found = await store.read(lambda tx, now=now: (tx.deliveries.next_wake(now), tx.rules.next_look()))  # type: ignore[misc]  # mypy infers no lambda with a default
        then = min([at for at in found if at is not None and at > now] + [now + STEP, end])
        clock.advance(then - now)


async def _grants(copy: Path) -> tuple[Grant, ...]:
    store = await open_store(f"sqlite+aiosqlite:///{copy}")
    try:
        return await store.read(lambda tx: tx.grants.all())
    finally:
        await store.aclose()


def _look(tx: Tx, brands: Sequence[str]) -> tuple[tuple[Delivery, ...], tuple[Halt, ...]]:
    halts = tuple(h for h in map(tx.halts.active, brands) if h is not None)
    return tx.deliveries.unfinished(limit=1_000_000), halts


def _outcome(tx: Tx, before: Sequence[Delivery], start: datetime, end: datetime) -> tuple[Delivery, ...]:
    found = {d.id: d for d in tx.deliveries.between(start, end)}
    for delivery in before:
        now = tx.deliveries.get(delivery.id)
        if now is not None and now.id not in found and (now.due is None or now.due < start):
            found[now.id] = now
    return tuple(found.values())


def _can(registry: Registry, platform: str) -> bool:
    known = registry.platforms.get(platform)
    return known is None or known.simulated is not None


def _lend_media(source: Path, target: Path) -> None:
    """Every file of the media store by a link of its own: new ones stay in the copy."""
    target.mkdir()
    if not source.is_dir():
        return
    for file in source.iterdir():
        if file.is_file():
            with suppress(OSError):
                os.symlink(file.absolute(), target / file.name)
