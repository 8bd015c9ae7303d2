"""The clock of the machine is set while the bot runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app.running import run
from bot.domain.delivery import State
from bot.services.context import Services
from bot.services.pump import pump
from bot.testing.platforms._demo_server import CREATE
from bot.testing.simulator import LOST_REPLY, Failure
from tests.unit.demo_world import BLIND, LOOK, World, open_world

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as made:
        yield made


async def while_it_serves(world: World, *jumps: timedelta) -> None:
    """Let the real loop run; the clock is set in between."""
    looked: list[Services] = []

    async def counted(services: Services) -> datetime | None:
        looked.append(services)
        return await pump(services)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.app.running.pump", counted)
        serving = asyncio.ensure_future(world.app.serve())
        await looks(world, looked)
        for jump in jumps:
            world.clock.jump(jump)
            await looks(world, looked)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
    await world.app.services.engine.idle()


async def looks(world: World, looked: list[Services]) -> None:
    """Until the pump has looked twice more, so that once was surely after what happened before this."""
    seen = len(looked) + 2
    for _ in range(5_000):
        if len(looked) >= seen:
            return
        world.clock.advance(0.3)
        await asyncio.sleep(0.001)
    raise AssertionError("the pump does not look")


async def test_what_was_put_off_while_the_clock_was_ahead_does_not_sleep_too_long(world: World) -> None:
    await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 1m"')
    await world.say("bob", "/approve latest")
    world.sims[LOOK].fail(CREATE, Failure(status=429, headers={"retry-after": "3000"}))
    world.clock.jump(11 * MINUTE)
    await world.app.settle()
    put_off = await world.row()
    assert put_off.wake_at == world.clock.now() + 50 * MINUTE
    await while_it_serves(world, -9 * MINUTE)
    assert (await world.row()).state is State.LIVE
    assert len(world.sims[LOOK].posts) == 1


async def test_a_question_is_asked_in_time_although_the_clock_went_back(world: World) -> None:
    world.sims[BLIND].fail(CREATE, LOST_REPLY)
    world.clock.jump(HOUR)
    await world.say("alice", f'/post "Hello" --to {BLIND} --at now')
    await world.say("bob", "/approve latest")
    await while_it_serves(world, -HOUR)
    await world.wait(timedelta(minutes=3))
    row = await world.row()
    assert (row.state, row.wake_at) == (State.UNCONFIRMED, None)
    assert len(world.sims[BLIND].posts) == 1


@pytest.mark.parametrize(
    ("jump", "words"),
    [
        (HOUR, "My clock went forward by 1 h 0 min"),
        (-HOUR, "My clock went back by 1 h 0 min"),
        (timedelta(minutes=7), "My clock went forward by 7 min"),
    ],
)
async def test_people_are_told_once(world: World, jump: timedelta, words: str) -> None:
    await while_it_serves(world, jump)
    await world.app.settle()
    assert [text[: len(words)] for text in world.room.texts() if "My clock" in text] == [words]


async def test_a_second_more_or_less_is_nobodys_business(world: World) -> None:
    await while_it_serves(world, timedelta(seconds=1), timedelta(seconds=-2))
    await world.app.settle()
    assert not [text for text in world.room.texts() if "My clock" in text]


async def test_a_pump_that_breaks_ends_the_bot_loudly(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Worse than a bot that is down is one that talks and never sends."""

    async def broken(_services: Any) -> None:
        raise RuntimeError("a fault of ours")

    async def talk_on(_inbox: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("bot.app.running.pump", broken)
    monkeypatch.setattr(world.room, "run", talk_on)
    with pytest.raises(RuntimeError, match="a fault of ours"):
        await asyncio.wait_for(run(world.app, linger=None), 5)
