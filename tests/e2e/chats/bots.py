"""A whole bot over real sockets: its chats, its platforms and its database, on the real clock."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.app import App, build, make_log, run
from bot.clock import SystemClock
from bot.config import Config
from bot.config.load import AccountConfig
from bot.domain.delivery import Delivery
from bot.domain.people import Brand, Policy, Role
from bot.domain.post import Json
from bot.ports import Chat, Clock, Platform
from bot.registry import load
from bot.testing.platforms._demo_server import DemoSimulator

PATIENCE = 20.0
"""Seconds until something that must happen counts as missing, on a machine that is busy."""

SPEED = 10.0

KEY, LOOK, NEVER = "acme-key", "acme-look", "acme-never"
MODES = {KEY: "own_key", LOOK: "lookup", NEVER: "neither"}

ACME = Brand(
    name="acme",
    timezone="Europe/Lisbon",
    roles={Role.CREATE: ("alice",), Role.APPROVE: ("bob", "carol"), Role.ADMIN: ("dana",)},
    policy=Policy(needed=1),
)


async def until(happened: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """What ``happened`` answers once it is true; fails with ``what`` if that takes too long."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if found := happened():
            return found
        # what is waited for comes through sockets; there is nothing to be told by
        await asyncio.sleep(0.01)
    raise AssertionError(f"never seen: {what}")


class QuickClock:
    """The real time, `SPEED` times as fast: pauses that are kept towards a service do not hold a test up."""

    def __init__(self) -> None:
        self._real = SystemClock()
        self._began, self._since = self._real.now(), self._real.monotonic()

    def now(self) -> datetime:
        return self._began + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return (self._real.monotonic() - self._since) * SPEED

    async def sleep(self, seconds: float) -> None:
        await self._real.sleep(seconds / SPEED)


@dataclass(kw_only=True)
class Running:
    """A bot that serves in the background."""

    app: App
    log: io.StringIO
    sims: Mapping[str, DemoSimulator]
    work: asyncio.Task[bool]

    async def deliveries(self, post_id: int = 1) -> dict[str, Delivery]:
        found = await self.app.services.store.read(lambda tx: tx.deliveries.of_post(post_id))
        return {d.account: d for d in found}

    def creates(self, account: str = KEY) -> int:
        """How many posts the platform has."""
        return len(self.sims[account].posts)


@asynccontextmanager
async def platforms(names: Sequence[str] = (KEY,)) -> AsyncIterator[dict[str, DemoSimulator]]:
    """The platforms' servers, which outlive a bot that is restarted."""
    async with AsyncExitStack() as stack:
        yield {
            name: await stack.enter_async_context(DemoSimulator(SystemClock()).running()) for name in names
        }


@asynccontextmanager
async def running(
    folder: Path,
    *,
    sims: Mapping[str, DemoSimulator],
    channels: Sequence[str],
    tables: Mapping[str, Mapping[str, Json]] | None = None,
    people: Mapping[str, Sequence[str]] | None = None,
    console: Callable[[int], Chat] | None = None,
    brand: Brand = ACME,
    store_url: str = "sqlite+aiosqlite:///team.db",
    clock: Clock | None = None,
    dress: Callable[[Platform[Any]], Platform[Any]] = lambda platform: platform,
) -> AsyncIterator[Running]:
    """Start a bot on the database in ``folder`` and let it serve until the block ends."""
    tables, text = tables or {}, io.StringIO()
    log = make_log(text)
    bound = {address: member for member, addresses in (people or {}).items() for address in addresses}
    config = Config(
        path=folder / "config.toml",
        chat_use=(*(("console",) if console else ()), *tables),
        chat_tables=tables,
        people=bound,
        brands=(replace(brand, channels=tuple(channels)),),
        accounts=tuple(
            AccountConfig(
                name=name,
                brand=brand.name,
                platform=f"demo-{MODES[name].replace('_', '-')}",
                table={"base_url": sim.url, "mode": MODES[name], "name": name},
            )
            for name, sim in sims.items()
        ),
        store_url=store_url,
    )
    registry = load(log=log, builtins="bot.testing.platforms", entry_points=())
    for platform in [*registry.platforms.values()]:
        registry.platforms[platform.name] = dress(platform)
    async with build(
        config,
        clock=clock or QuickClock(),
        env={},
        chats=[console] if console else [],
        team_chats=True,
        log=log,
        registry=registry,
    ) as app:
        work = asyncio.ensure_future(run(app, linger=None))
        try:
            yield Running(app=app, log=text, sims=sims, work=work)
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
