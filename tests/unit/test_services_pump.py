"""The pump comes back for what is left, and does not run in circles for what has to stay."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.delivery import State
from bot.services.publish import BATCH
from bot.services.pump import pump, serve_account
from tests.unit.demo_world import LOOK, World, open_world

SOON = timedelta(minutes=5)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as made:
        yield made


async def planned(world: World, count: int) -> None:
    """So many posts on one account, all due at the same minute."""
    for number in range(count):
        await world.say("alice", f'/post "Number {number}" --to {LOOK} --at "in 5 minutes"')
        await world.say("bob", "/approve latest")


async def states(world: World, count: int) -> list[State]:
    return [(await world.row(number + 1)).state for number in range(count)]


async def test_work_done_wakes_the_pump_again(world: World) -> None:
    await planned(world, 1)
    world.clock.advance(SOON)
    world.app.woken.clear()
    await serve_account(world.app.services, LOOK)
    assert await states(world, 1) == [State.LIVE]
    assert world.app.woken.is_set()


async def test_a_halt_does_not_keep_the_pump_running(world: World) -> None:
    await planned(world, 1)
    await world.say("dana", "/halt")
    world.clock.advance(SOON)
    world.app.woken.clear()
    await serve_account(world.app.services, LOOK)
    assert await states(world, 1) == [State.SCHEDULED]
    assert not world.app.woken.is_set()


@pytest.mark.parametrize("count", [BATCH - 1, BATCH, BATCH + 1, 2 * BATCH])
async def test_all_that_is_due_goes_out_in_one_turn(world: World, count: int) -> None:
    await planned(world, count)
    world.clock.advance(SOON)
    await serve_account(world.app.services, LOOK)
    assert await states(world, count) == [State.LIVE] * count


async def test_an_account_at_work_is_not_handed_out_twice(world: World) -> None:
    services = world.app.services
    await planned(world, 1)
    world.clock.advance(SOON)
    services.serving.add(LOOK)
    await pump(services)
    await services.engine.idle()
    assert await states(world, 1) == [State.SCHEDULED]
    services.serving.discard(LOOK)
    await pump(services)
    await services.engine.idle()
    assert await states(world, 1) == [State.LIVE]
    assert services.serving == set()


async def test_a_bot_that_is_asked_to_end_finishes_its_call_and_gives_the_rest_back(world: World) -> None:
    """Nothing is cut, and whoever comes next goes on at once, without waiting for a lease."""
    await planned(world, 2 * BATCH)
    world.clock.advance(SOON)
    services, sim = world.app.services, world.sims[LOOK]
    sim.delay = 5.0
    await services.engine.defer("account", LOOK, key="acc", queue="posting")
    for _ in range(10_000):
        if sim.posts:
            break
        await asyncio.sleep(0.001)
    stopping = asyncio.ensure_future(services.engine.stop(30.0))
    await asyncio.sleep(0)
    world.clock.advance(5)
    await stopping
    found = await states(world, 2 * BATCH)
    assert found == [State.LIVE] + [State.SCHEDULED] * (2 * BATCH - 1)
    rows = [await world.row(number + 1) for number in range(2 * BATCH)]
    assert [row.lease_owner for row in rows] == [None] * (2 * BATCH)
    assert len(sim.posts) == 1
