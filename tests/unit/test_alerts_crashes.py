"""Death behind every commit between a reading and its message: told once all the same."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.domain.alarms import AlertRules, Kind
from bot.errors import StoreError
from bot.services.alerting.announce import announce, say_due
from bot.services.alerting.look import look
from bot.services.courier import carry
from bot.testing.clock import FakeClock
from bot.testing.platforms._demo_server import DemoSimulator
from tests.unit.alert_world import CALM, HOUR, Newsroom, newsroom
from tests.unit.demo_world import KEY, MODES, Room
from tests.unit.test_alerts_told import news
from tests.unit.test_services_preparing_crashes import Mortal

BRAND = replace(CALM, alerts=AlertRules(daily=1))


async def life(room: Newsroom) -> None:
    """Everything between the reading and the chat."""
    await look(room.svc, KEY)
    alert = news(room, Kind.SPIKE, "takes off", 1)
    await room.svc.store.write(lambda tx: announce(room.svc, tx, replace(alert, key="fixed")))
    room.world.clock.advance(timedelta(minutes=3))
    await say_due(room.svc)
    while await carry(room.svc):
        pass


async def lives(folder: Path, dies_behind: int) -> int:
    """A life that dies behind its n-th commit, and a second one; how many commits the first came to."""
    await asyncio.to_thread(folder.mkdir)
    clock, chat = FakeClock(), Room()
    async with AsyncExitStack() as stack:
        sims = {name: await stack.enter_async_context(DemoSimulator(clock).running()) for name in MODES}
        async with newsroom(folder, brand=BRAND, clock=clock, sims=sims, room=chat) as room:
            post = await room.live(ago=2 * HOUR)
            await room.read(post, 20_000)
            real = room.svc.store
            store = Mortal(real, dies_behind)
            object.__setattr__(room.svc, "store", store)
            with suppress(StoreError):
                await life(room)
            object.__setattr__(room.svc, "store", real)
        async with newsroom(folder, brand=BRAND, clock=clock, sims=sims, room=chat) as room:
            await life(room)
            await room.later(timedelta(minutes=3))
            await room.world.app.settle()
            assert len(room.world.sql("SELECT * FROM milestones")) == 1
            told = room.world.sql("SELECT key FROM notices WHERE key LIKE 'alert:%'")
            assert len(told) == len(set(told)) == 2
            # What was sent and not noted down may be sent again; nothing is said under another name.
            for words in ("10,000 views", "takes off"):
                said = sum(words in text for text in chat.texts())
                assert said == 1 or (said == 2 and dies_behind), words
    return store.commits


async def test_a_death_behind_every_commit(tmp_path: Path) -> None:
    whole = await lives(tmp_path / "whole", 0)
    assert whole >= 5
    for number in range(1, whole + 1):
        assert await lives(tmp_path / str(number), number) == number
