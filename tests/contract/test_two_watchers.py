"""Two bots on one PostgreSQL look at the same readings at the same time: every level is told once."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from bot.services.alerting.announce import say_due
from bot.services.alerting.look import look
from tests.contract.conftest import Postgres
from tests.unit.alert_world import HOUR, newsroom
from tests.unit.demo_world import KEY, Room

pytestmark = pytest.mark.postgres


async def test_two_processes_tell_every_level_once(tmp_path: Path, postgres: Postgres, template: str) -> None:
    _, url = postgres.database(template)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(newsroom(tmp_path / "one", store_url=url))
        rest: dict[str, Any] = {
            "clock": one.world.clock,
            "sims": one.world.sims,
            "room": Room(),
            "store_url": url,
        }
        two = await stack.enter_async_context(newsroom(tmp_path / "two", **rest))
        posts = [await one.live() for _ in range(8)]
        for views in (400, 1_200, 1_100, 6_000, 12_000):
            one.world.clock.advance(HOUR)
            for post in posts:
                await one.read(post, views)
            await asyncio.gather(*(look(room.svc, KEY) for room in (one, two, one, two)))
            await asyncio.gather(*(say_due(room.svc) for room in (one, two)))

        def told(tx):  # type: ignore[no-untyped-def]
            return tx.alerts.recent("acme", 100), tx.alerts.reached(posts)

        alerts, levels = await one.svc.store.read(told)
        assert sorted((r.delivery_id, r.level) for r in levels) == sorted(
            (post, level) for post in posts for level in (1_000, 5_000, 10_000)
        )
        assert len(alerts) == len(levels)
        assert all(alert.told_at is not None for alert in alerts)
        keys = await one.svc.store.read(
            lambda tx: [tx.notices.of_key(f"alert:{a.id}@room:main") for a in alerts]
        )
        assert all(keys)
