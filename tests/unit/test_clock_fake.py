"""The clock that moves only when told to."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from bot.clock import SystemClock
from bot.testing.clock import START, FakeClock


async def turns() -> None:
    """Let everything that can run do so."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_it_stands_still_and_moves_both_times_together() -> None:
    clock = FakeClock()
    assert (clock.now(), clock.monotonic()) == (START, 0.0)
    clock.advance(90)
    clock.advance(timedelta(minutes=1))
    assert (clock.now() - START, clock.monotonic()) == (timedelta(seconds=150), 150.0)


async def test_sleepers_wake_when_their_time_is_passed_in_the_order_they_are_due() -> None:
    clock, woken = FakeClock(), list[str]()

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(name)

    async with asyncio.TaskGroup() as group:
        for name, seconds in (("late", 20), ("early", 10), ("also early", 10), ("last", 30)):
            group.create_task(sleeper(name, seconds))
        await turns()
        clock.advance(9.5)
        await turns()
        assert woken == []
        clock.advance(0.5)
        await turns()
        assert woken == ["early", "also early"]
        clock.advance(100)
    assert woken == ["early", "also early", "late", "last"]


async def test_no_time_at_all_only_lets_others_run() -> None:
    clock = FakeClock()
    await asyncio.wait_for(clock.sleep(0), 1)
    await asyncio.wait_for(clock.sleep(-1), 1)


async def test_who_was_cancelled_does_not_disturb_the_rest() -> None:
    clock = FakeClock()
    first = asyncio.ensure_future(clock.sleep(5))
    second = asyncio.ensure_future(clock.sleep(5))
    await turns()
    first.cancel()
    await turns()
    clock.advance(5)
    await second
    assert first.cancelled()


async def test_a_jump_moves_the_wall_only() -> None:
    clock = FakeClock(datetime(2027, 1, 1, tzinfo=UTC))
    sleeping = asyncio.ensure_future(clock.sleep(60))
    await turns()
    clock.jump(timedelta(hours=-2))
    clock.jump(timedelta(days=1))
    await turns()
    assert clock.now() == datetime(2027, 1, 1, 22, 0, tzinfo=UTC)
    assert clock.monotonic() == 0.0
    assert not sleeping.done()
    clock.advance(60)
    await sleeping


async def test_the_real_clock_is_aware_and_never_sleeps_backwards() -> None:
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    before = clock.monotonic()
    await asyncio.wait_for(clock.sleep(-5), 1)
    assert clock.monotonic() >= before
