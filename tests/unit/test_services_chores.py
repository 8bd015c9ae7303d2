"""What is done now and then: at its own pace, and never in the way of what has to go out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.delivery import State
from bot.errors import StoreError
from bot.services.chores import Chore, do_chores
from bot.services.context import Services
from tests.unit.demo_world import LOOK, World, open_world

EVERY = timedelta(minutes=5)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as made:
        yield made


def counting(done: list[str], error: Exception | None = None, *, name: str = "counting") -> Chore:
    async def run(_svc: Services) -> None:
        done.append("done")
        if error is not None:
            raise error

    return Chore(name=name, every=EVERY, run=run)


async def test_it_runs_at_the_start_and_then_at_its_own_pace(world: World) -> None:
    done: list[str] = []
    chores = (counting(done),)
    for minutes in (0, 1, 4, 1, 4, 1):
        world.clock.advance(timedelta(minutes=minutes))
        await do_chores(world.app.services, chores)
    assert len(done) == 3


async def test_a_clock_that_went_back_does_not_silence_it(world: World) -> None:
    done: list[str] = []
    chores = (counting(done),)
    await do_chores(world.app.services, chores)
    world.clock.jump(timedelta(hours=-1))
    await do_chores(world.app.services, chores)
    assert len(done) == 2


@pytest.mark.parametrize("error", [StoreError("away"), KeyError("a fault of ours")])
async def test_one_that_breaks_keeps_neither_the_next_one_nor_the_posts(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    done: list[str] = []
    monkeypatch.setattr("bot.services.pump.CHORES", (counting([], error, name="broken"), counting(done)))
    await world.say("alice", f'/post "Hello" --to {LOOK} --at now')
    await world.say("bob", "/approve latest")
    assert (await world.row()).state is State.LIVE
    assert done
