"""Two brands on one developer app of a platform that counts, charges and says so in headers."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.app import build, make_log
from bot.config import AccountConfig, Config
from bot.domain.delivery import State
from bot.domain.marks import plain
from bot.domain.money import Budget, Price
from bot.domain.people import Brand, Policy
from bot.domain.post import Part
from bot.domain.rates import Rate, Scope
from bot.ports import Platform
from bot.registry import load
from bot.testing.clock import FakeClock
from bot.testing.platforms._demo_server import DemoSimulator
from tests.unit.demo_world import BRAND, Room, Wall, World, split

SEEN = date(2026, 11, 21)
CENTS_20, CENTS_2 = 200_000, 20_000
WINDOW = Rate(
    name="hourly limit",
    scope=Scope.ACCOUNT,
    limit=6,
    per=timedelta(hours=1),
    as_of=SEEN,
    source="ours",
)
APP = replace(WINDOW, name="daily app limit", scope=Scope.APP, limit=10, per="UTC day")


def price(part: Part) -> Price:
    """Links are dear."""
    return Price(micros=CENTS_20 if "https://" in part.text else CENTS_2, as_of=SEEN, source="ours")


def quick(name: str, **changes: Any) -> Brand:
    """A brand that asks nobody."""
    kept = {"name": name, "channels": ("room:main",) if name == "acme" else (f"room:{name}",)}
    return replace(BRAND, policy=Policy(mode="none"), **{**kept, **changes})


def account(
    name: str, sim: DemoSimulator, *, brand: str = "acme", mode: str = "lookup", budget: Budget | None = None
) -> AccountConfig:
    table = {"base_url": sim.url, "mode": mode, "name": name}
    platform = f"demo-{mode.replace('_', '-')}"
    return AccountConfig(name=name, brand=brand, platform=platform, table=table, budget=budget)


@asynccontextmanager
async def open_money(
    folder: Path,
    *,
    brands: Sequence[Brand] = (quick("acme"),),
    accounts: Mapping[str, Mapping[str, Any]] = {"acme-a": {}},  # read only
    start: datetime | None = None,
    clock: FakeClock | None = None,
    sim: DemoSimulator | None = None,
    plugins: Sequence[Path] = (),
    url: str = "sqlite+aiosqlite:///world.db",
    **platform: Any,
) -> AsyncIterator[World]:
    """A whole bot; ``platform`` changes what the demo platforms' manifest says."""
    clock = clock or (FakeClock(start) if start else FakeClock())
    text = io.StringIO()
    log = make_log(text)
    registry = load(log=log, builtins="bot.testing.platforms", entry_points=(), files=plugins)
    for name, known in registry.platforms.items():
        changed: Platform[Any] = replace(known, split=split, **platform)
        registry.platforms[name] = changed
    room, wall = Room(), Wall()
    async with AsyncExitStack() as stack:
        if sim is None:
            sim = await stack.enter_async_context(DemoSimulator(clock).running())
        config = Config(
            path=folder / "config.toml",
            brands=tuple(brands),
            accounts=tuple(account(name, sim, **facts) for name, facts in accounts.items()),
            store_url=url,
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
        yield World(
            app=app,
            clock=clock,
            room=room,
            file=folder / "world.db",
            sims={name: sim for name in accounts},
            log=text,
            wall=wall,
        )


async def states(world: World) -> list[State]:
    """The state of every delivery, in order."""
    rows = world.sql("SELECT state FROM deliveries ORDER BY id")
    return [State(state) for (state,) in rows]


def reasons(world: World) -> list[str]:
    return [plain(reason) for (reason,) in world.sql("SELECT reason FROM deliveries ORDER BY id")]


def spent(world: World) -> int:
    """Micro-dollars that count, by the days and by the attempts, which must agree."""
    ((by_days,),) = world.sql("SELECT coalesce(sum(amount), 0) FROM spending")
    ((by_calls,),) = world.sql(
        "SELECT coalesce(sum(price), 0) FROM attempts WHERE state IN ('calling', 'unknown', 'ok')"
    )
    assert by_days == by_calls
    return int(by_days)
