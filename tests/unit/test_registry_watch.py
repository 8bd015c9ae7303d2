"""Whoever holds everybody up is named, with how long; what is awaited behaves as without a watch."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.registry import Blockade, Watch
from bot.registry.watch import STUCK
from tests.unit.test_registry_events import Journal


class Hand:
    """Seconds, moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def watch(hand: Hand, journal: Journal) -> Watch:
    return Watch(journal, hand.now)


async def test_waiting_blocks_nobody(watch: Watch, hand: Hand) -> None:
    async def wait() -> str:
        hand.seconds += 0.1
        await asyncio.sleep(0)
        hand.seconds += 0.1
        return "done"

    async def others() -> None:
        hand.seconds += 60.0

    found, _ = await asyncio.gather(awaited(watch, wait()), others())
    assert found == "done"
    assert watch.blockades == {}


async def awaited(watch: Watch, work: Any) -> Any:
    return await watch.run("mine", "stage", work)


async def test_the_longest_step_is_kept_and_told_once(watch: Watch, hand: Hand, journal: Journal) -> None:
    async def block(*steps: float) -> None:
        for seconds in steps:
            hand.seconds += seconds
            await asyncio.sleep(0)

    await awaited(watch, block(0.2, 0.6, 0.4))
    await awaited(watch, block(2.0))
    await awaited(watch, block(1.0))
    assert watch.blockades == {"mine": Blockade(plugin="mine", what="stage", seconds=2.0)}
    (line,) = journal.lines
    assert (line["event"], line["plugin"], line["what"], line["seconds"]) == (
        "plugin_blocked",
        "mine",
        "stage",
        0.6,
    )


def test_a_block_that_lasts_is_told_while_it_lasts(watch: Watch, hand: Hand, journal: Journal) -> None:
    assert watch.look(None) is None
    with watch.step("mine", "inspect"):
        told = watch.look(None)
        assert told is None
        hand.seconds += STUCK
        told = watch.look(told)
        assert told == ("mine", "inspect", 0.0)
        assert watch.look(told) == told
    assert watch.look(told) == told
    assert [line["event"] for line in journal.lines] == ["plugin_blocks", "plugin_blocked"]


def test_steps_inside_steps_belong_to_the_inner_one(watch: Watch, hand: Hand) -> None:
    with watch.step("outer", "a"):
        with watch.step("inner", "b"):
            hand.seconds += 0.6
        hand.seconds += 0.1
    assert set(watch.blockades) == {"inner", "outer"}


async def test_what_is_raised_or_thrown_goes_through(watch: Watch) -> None:
    caught: list[str] = []

    async def stubborn() -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            caught.append("cancelled")
            raise
        return "never"

    async with asyncio.TaskGroup() as group:
        task = group.create_task(awaited(watch, stubborn()))
        await asyncio.sleep(0)
        task.cancel()
    assert task.cancelled()
    assert caught == ["cancelled"]

    async def fail() -> None:
        await asyncio.sleep(0)
        raise KeyError("x")

    with pytest.raises(KeyError):
        await awaited(watch, fail())


async def test_a_time_limit_inside_works(watch: Watch) -> None:
    async def slow() -> str:
        try:
            async with asyncio.timeout(0.01):
                await asyncio.Event().wait()
        except TimeoutError:
            return "given up"
        return "never"

    assert await awaited(watch, slow()) == "given up"


async def test_futures_and_tasks_can_be_awaited_too(watch: Watch) -> None:
    loop = asyncio.get_running_loop()
    future: asyncio.Future[int] = loop.create_future()
    loop.call_soon(future.set_result, 42)
    assert await awaited(watch, future) == 42
    assert await awaited(watch, asyncio.ensure_future(asyncio.sleep(0, 43))) == 43


async def test_what_is_dropped_is_closed(watch: Watch) -> None:
    closed: list[str] = []

    async def open_forever() -> None:
        try:
            await asyncio.sleep(0)
        finally:
            closed.append("yes")

    work = awaited(watch, open_forever())
    work.send(None)
    work.close()
    assert closed == ["yes"]


async def test_tasks_of_a_hook_are_ended_and_named(watch: Watch, journal: Journal) -> None:
    kept: list[Any] = []

    async def leave() -> None:
        await asyncio.sleep(0)
        kept.append(asyncio.ensure_future(asyncio.sleep(3600)))

    async def hook() -> None:
        await watch.run("mine", "bot_started", leave(), hook=True)

    await hook()
    await watch.end_tasks(1.0)
    (line,) = journal.lines
    assert (line["event"], line["plugin"], line["tasks"], line["stuck"]) == (
        "plugin_left_tasks",
        "mine",
        1,
        0,
    )
    await watch.end_tasks(1.0)
    assert len(journal.lines) == 1
