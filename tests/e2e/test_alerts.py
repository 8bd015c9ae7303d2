"""Counts that grow by a script, on a console, over restarts and replays: told once, explained, muted."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import App, build, make_log
from bot.chat.console import Console
from bot.config import AccountConfig, Config
from bot.domain.message import Invocation, Target
from bot.domain.periods import ReportTimes
from bot.domain.platform import Metrics
from bot.domain.snapshot import Snapshot
from bot.registry import load
from bot.testing.clock import FakeClock
from bot.testing.story import BRAND
from plugins.twitter import SIMULATED
from plugins.twitter.simulator import TwitterSimulator
from tests.integration.breadth_world import secrets_of
from tests.unit.alert_world import HOUR, Newsroom
from tests.unit.demo_world import Room, Wall, World

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
X, MAIN = "acme-x", Target(chat="console", channel="main")
CALM = replace(BRAND, spacing_s=0, quiet="", report=ReportTimes(weekly=False, monthly=False))


@dataclass
class Desk:
    """One life of the bot at a console; what it heard stays when the next one begins."""

    app: App
    clock: FakeClock
    x: TwitterSimulator
    heard: list[str] = field(default_factory=list)

    async def say(self, user: str, line: str) -> str:
        before = len(self.heard)
        name, _, raw = line.removeprefix("/").partition(" ")
        await self.app.dispatch.handle(Invocation(command=name, raw=raw, user=user, target=MAIN))
        await self.app.settle()
        return "".join(self.heard[before:])

    async def hours(self, many: float = 1, *, step: float = 0.25) -> str:
        """Let that much time pass, and everything happen that is due in it."""
        before = len(self.heard)
        for _ in range(round(many / step)):
            self.clock.advance(step * HOUR)
            for _ in range(2):
                self.clock.advance(timedelta(seconds=16))
                await self.app.settle()
        return "".join(self.heard[before:])

    def newsroom(self, folder: Path) -> Newsroom:
        world = World(
            app=self.app,
            clock=self.clock,
            room=Room(),
            file=folder / "clarion.db",
            sims={},
            log=io.StringIO(),
            wall=Wall(),
        )
        return Newsroom(world)


@asynccontextmanager
async def desk(folder: Path, x: TwitterSimulator, clock: FakeClock, heard: list[str]) -> AsyncIterator[Desk]:
    log = make_log(io.StringIO())
    account = AccountConfig(
        name=X, brand=CALM.name, platform="twitter", table={"base_url": x.url, "handle": "acme"}
    )
    config = Config(
        path=folder / "config.toml",
        brands=(CALM,),
        accounts=(account,),
        store_url="sqlite+aiosqlite:///clarion.db",
    )

    async def nothing() -> str | None:
        return None

    def console(first: int) -> Console:
        return Console(read_line=nothing, write=heard.append, first_ref=first)

    registry = load(log=log, entry_points=())
    async with build(
        config, clock=clock, env=secrets_of(SIMULATED.secrets), chats=[console], log=log, registry=registry
    ) as app:
        yield Desk(app=app, clock=clock, x=x, heard=heard)


async def test_levels_are_told_once_over_restarts_and_replays(tmp_path: Path) -> None:
    clock, heard = FakeClock(TUESDAY), list[str]()
    async with TwitterSimulator(clock).running() as x:
        async with desk(tmp_path, x, clock, heard) as one:
            await one.say("alice", '/post "Count me" --to acme-x --at now')
            await one.say("bob", "/approve latest")
            (post,) = x.world.posts
            post.metrics.update(impression_count=640, like_count=9)
            assert "views" not in _news(await one.hours(1))
            post.metrics.update(impression_count=1_240)
            said = await one.hours(1)
            assert "P1 on X: 1,000 views. It stood at 1,240 at " in said
        for views in (900, 1_240, 3_900):
            async with desk(tmp_path, x, clock, heard) as again:
                post.metrics.update(impression_count=views)
                assert "1,000 views" not in _news(await again.hours(1))
                svc = again.app.services
                rows = await svc.store.read(lambda tx: tx.snapshots.of(1))
                await svc.store.write(lambda tx, rows=rows: tx.snapshots.put(rows))  # type: ignore[misc]
                await again.hours(0.5)
        async with desk(tmp_path, x, clock, heard) as last:
            post.metrics.update(impression_count=10_300)
            said = await last.hours(1)
            assert "P1 on X: 10,000 views. It stood at 10,300 at " in said
            assert "10,000 views" not in _news(await last.hours(2))
            whole = "".join(heard)
            listed = await last.say("bob", "/alerts")
            assert "A2" in listed
            why = await last.say("bob", "/why A1")
            assert "1,000 views, first read as 1,240: the same as told" in " ".join(
                why.replace("│", "").split()
            )
        assert whole.count(" 1,000 views. It stood at") == 1
        assert whole.count(" 10,000 views. It stood at") == 1


async def test_a_takeoff_is_told_explained_and_muted(tmp_path: Path) -> None:
    import random

    from benchmarks.alert_world import course

    clock, heard = FakeClock(TUESDAY), list[str]()
    async with TwitterSimulator(clock).running() as x, desk(tmp_path, x, clock, heard) as one:
        room, dice = one.newsroom(tmp_path), random.Random(7)
        for n in range(30):
            ago = timedelta(days=80 - 2 * n)
            delivery = await room.live(X, ago=ago)
            total, rows = 0, []
            for hour, gained in enumerate(course(dice).gains, 1):
                total += gained
                at = clock.now() - ago + hour * HOUR
                rows.append(Snapshot(delivery_id=delivery, account=X, at=at, metrics=Metrics(views=total)))
            svc = one.app.services
            await svc.store.write(lambda tx, rows=rows: tx.snapshots.put(rows))  # type: ignore[misc]
        await one.hours(1)
        assert "expected pace" not in "".join(heard)
        await one.say("alice", '/post "This one flies" --to acme-x --at now')
        await one.say("bob", "/approve latest")
        (post,) = x.world.posts
        views = 0
        for hour in range(1, 31):
            views += round(180 / hour) * (14 if hour > 22 else 1) + 3
            post.metrics.update(impression_count=views)
            await one.hours(1, step=1)
        told = [line for line in "".join(heard).splitlines() if "expected pace" in line]
        assert told, "a takeoff of ×14 is told"
        assert sum("x its expected pace over 6 h" in line for line in told) == 1
        muted = await one.say("bob", "/alerts mute spike --account acme-x")
        assert "bob muted posts that take off on acme-x until " in muted
        listed = await one.say("bob", "/alerts")
        assert "its expected pace over 6 h" in listed
        assert "Muted" in listed


def _news(said: str) -> str:
    """Without what the live card says of its numbers."""
    return "\n".join(line for line in said.splitlines() if "It stood at" in line)
