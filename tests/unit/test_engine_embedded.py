"""The embedded engine: one at a time for each key, bounded for each queue, and it always comes to rest."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine.embedded import PER_QUEUE, EmbeddedEngine
from bot.engine.lock import FileLock
from bot.errors import StoreBusy, StoreFull


@dataclass
class Lines:
    """A log in memory."""

    written: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def _write(self, event: str, **facts: Any) -> None:
        self.written.append((event, facts))

    debug = info = warning = error = _write


@dataclass
class Gates:
    """Tasks that wait at their gate until it is opened, and tell who is inside."""

    doors: dict[str, asyncio.Event] = field(default_factory=dict)
    inside: Counter[str] = field(default_factory=Counter)
    ran: list[str] = field(default_factory=list)

    async def run(self, name: str) -> None:
        self.inside[name] += 1
        try:
            await self.doors.setdefault(name, asyncio.Event()).wait()
        finally:
            self.inside[name] -= 1
        self.ran.append(name)

    def open(self, *names: str) -> None:
        for name in names:
            self.doors.setdefault(name, asyncio.Event()).set()

    def here(self) -> set[str]:
        return {name for name, count in self.inside.items() if count}


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def engine_with(run: Callable[..., Awaitable[None]], **options: int) -> EmbeddedEngine:
    engine = EmbeddedEngine(Lines(), **options)
    engine.task("work", run)
    return engine


async def defer(engine: EmbeddedEngine, name: str, *, key: str = "", queue: str = "q") -> None:
    await engine.defer("work", name, key=key or name, queue=queue)


async def test_one_key_never_runs_twice_at_once_and_runs_again_afterwards() -> None:
    gates = Gates()
    engine = engine_with(gates.run)
    await defer(engine, "a")
    await turns()
    for _ in range(5):
        await defer(engine, "a")
    await turns()
    assert gates.inside["a"] == 1
    gates.open("a")
    await engine.idle()
    assert gates.ran == ["a", "a"], "once more for what came while it ran, not five times"


async def test_while_one_waits_its_turn_another_is_not_added() -> None:
    gates = Gates()
    engine = engine_with(gates.run, per_queue=1)
    await defer(engine, "first")
    await turns()
    for _ in range(3):
        await defer(engine, "second")
    gates.open("first", "second")
    await engine.idle()
    assert gates.ran == ["first", "second"]


async def test_a_queue_is_bounded_and_queues_do_not_wait_for_each_other() -> None:
    gates = Gates()
    engine = engine_with(gates.run)
    names = [f"a{n}" for n in range(PER_QUEUE + 3)]
    for name in names:
        await defer(engine, name, queue="a")
    await defer(engine, "b", queue="b")
    await turns()
    assert gates.here() == {*names[:PER_QUEUE], "b"}
    gates.open(names[0])
    await turns()
    assert names[PER_QUEUE] in gates.here()
    assert len(gates.here()) == PER_QUEUE + 1
    gates.open("b", *names)
    await engine.idle()
    assert sorted(gates.ran) == sorted([*names, "b"])


async def test_a_task_that_fails_is_logged_and_stops_nobody() -> None:
    ran: list[str] = []
    log = Lines()

    async def run(name: str) -> None:
        if name == "bad":
            raise KeyError("broken")
        ran.append(name)

    engine = EmbeddedEngine(log, per_queue=1)
    engine.task("work", run)
    for name in ("bad", "good", "also good"):
        await defer(engine, name)
    await engine.idle()
    assert ran == ["good", "also good"]
    ((event, facts),) = log.written
    assert (event, facts["task"], facts["key"], facts["error"]) == ("task_failed", "work", "bad", "KeyError")
    await defer(engine, "bad")
    await defer(engine, "good")
    await engine.idle()
    assert ran == ["good", "also good", "good"]


async def test_an_unknown_task_is_logged_and_stops_nobody() -> None:
    log = Lines()
    engine = EmbeddedEngine(log)
    await engine.defer("nobody", key="k", queue="q")
    await engine.idle()
    assert [event for event, _ in log.written] == ["task_failed"]


async def test_stopping_lets_what_runs_finish_in_its_grace() -> None:
    gates = Gates()
    engine = engine_with(gates.run)
    await defer(engine, "a")
    await turns()
    await defer(engine, "a")
    stopping = asyncio.ensure_future(engine.stop(5.0))
    await turns()
    await defer(engine, "late")
    gates.open("a")
    await stopping
    await engine.idle()
    assert gates.ran == ["a"], "neither the repeat nor what came later was begun"


async def test_stopping_cancels_what_does_not_end_and_what_never_began() -> None:
    gates = Gates()
    engine = engine_with(gates.run, per_queue=1)
    await defer(engine, "stuck")
    await defer(engine, "waiting")
    await turns()
    await engine.stop(0.0)
    assert gates.ran == []
    assert gates.here() == set(), "it was told to leave"
    await asyncio.wait_for(engine.idle(), 1)


async def test_stopping_an_idle_engine_returns_at_once() -> None:
    await asyncio.wait_for(engine_with(Gates().run).stop(60.0), 1)


async def test_idle_waits_for_work_that_makes_work() -> None:
    ran: list[str] = []

    async def run(name: str) -> None:
        await asyncio.sleep(0)
        ran.append(name)
        if len(name) < 4:
            await defer(engine, name + "x")

    engine = engine_with(run)
    await defer(engine, "x")
    await engine.idle()
    assert ran == ["x", "xx", "xxx", "xxxx"]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans()), max_size=30), st.integers(1, 3))
def test_whatever_is_asked_for_runs_later_and_never_beside_itself(
    asked: list[tuple[str, bool]], width: int
) -> None:
    """Each request is followed by a whole run of its key, however they are coalesced."""
    begun: Counter[str] = Counter()
    wanted: dict[str, int] = {}
    inside: Counter[str] = Counter()
    most = 0

    async def run(name: str) -> None:
        nonlocal most
        begun[name] += 1
        inside[name] += 1
        most = max(most, inside.total())
        assert inside[name] == 1
        await asyncio.sleep(0)
        inside[name] -= 1

    async def play() -> None:
        log = Lines()
        engine = EmbeddedEngine(log, per_queue=width)
        engine.task("work", run)
        for name, pause in asked:
            wanted[name] = begun[name] + 1
            await defer(engine, name)
            if pause:
                await asyncio.sleep(0)
        await engine.idle()
        assert log.written == []

    asyncio.run(play())
    assert all(begun[name] >= count for name, count in wanted.items())
    assert begun.total() <= len(asked)
    assert most <= width


def test_a_second_process_is_refused_while_the_first_lives(tmp_path: Path) -> None:
    path = tmp_path / "clarion.db.lock"
    first = FileLock(path).take()
    with pytest.raises(StoreBusy, match=r"Another Clarion already runs on clarion\.db"):
        FileLock(path).take()
    first.free()
    first.free()
    FileLock(path).take().free()


def test_a_lock_that_cannot_be_written_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(StoreFull, match="check the folder's permissions"):
        FileLock(tmp_path / "missing" / "clarion.db.lock").take()


def test_the_lock_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "clarion.db.lock"
    lock = FileLock(path).take()
    assert os.stat(path).st_mode & 0o077 == 0
    lock.free()
