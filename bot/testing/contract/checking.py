"""What a check is, and how one is run: alone, on a loop of its own, with or without pytest."""

from __future__ import annotations

import asyncio
import inspect
import tempfile
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, TypeVar
from unittest import SkipTest

from bot.domain.platform import Feature
from bot.testing.contract.bench import Bench, open_bench

T = TypeVar("T")

PATIENCE = 20.0
"""Real seconds one check may take before it is given up."""

CLOSING = 0.5
"""Real seconds for what a check left running to end once it is cancelled."""


class Grade(IntEnum):
    """How far a platform can be trusted; each grade includes the ones before it.

    BRONZE: nothing is doubled, lost, invented or given away. SILVER: every refusal is told
    apart and nothing hangs. GOLD: what people see is true: text, limits, threads, links.
    PLATINUM: it reads back, counts and takes down, and none of these was skipped.
    """

    NONE = 0
    BRONZE = 1
    SILVER = 2
    GOLD = 3
    PLATINUM = 4


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that a publisher is proved to do; ``name`` says what. ``needs`` are its features."""

    name: str
    grade: Grade
    needs: Feature
    prove: Callable[[Any, Bench], Awaitable[None]]

    @property
    def says(self) -> str:
        """The name as words."""
        return self.name.removeprefix("test_").replace("_", " ")


def check(
    grade: Grade, *, needs: Feature = Feature.NONE
) -> Callable[[Callable[[Any, Bench], Awaitable[None]]], Callable[[Any], None]]:
    """Make a plain test method of a coroutine function that is given a `Bench`."""

    def wrap(prove: Callable[[Any, Bench], Awaitable[None]]) -> Callable[[Any], None]:
        made = Check(name=prove.__name__, grade=grade, needs=needs, prove=prove)

        def method(self: Any) -> None:
            run_check(made, self)

        # not functools.wraps: pytest would look through it and take the bench for a fixture
        method.__name__, method.__qualname__ = prove.__name__, prove.__qualname__
        method.__doc__, method.__module__ = prove.__doc__, prove.__module__
        method.check = made  # type: ignore[attr-defined]  # read again by `checks_of`
        return method

    return wrap


def checks_of(contract: type) -> tuple[Check, ...]:
    """Every check of a contract class, in the order in which they are written."""
    found: dict[str, Check] = {}
    for cls in reversed(inspect.getmro(contract)):
        for name, value in vars(cls).items():
            made = getattr(value, "check", None)
            if isinstance(made, Check):
                found[name] = made
            elif name in found:
                del found[name]  # overridden by something that is no check
    return tuple(found.values())


def run_check(made: Check, contract: Any) -> None:
    """Run one check; raises `Broken` or `unittest.SkipTest`, which pytest takes for a skip."""
    lacking = made.needs & ~contract.platform.features
    if lacking:
        words = ", ".join(sorted(str(f.name).lower().replace("_", " ") for f in lacking))
        raise SkipTest(f"{contract.platform.title} does not offer: {words}")

    async def whole(folder: Path) -> None:
        async with asyncio.timeout(PATIENCE):
            async with open_bench(contract, folder) as bench:
                await made.prove(contract, bench)

    with tempfile.TemporaryDirectory(prefix="clarion-contract-") as folder:
        run_alone(whole(Path(folder)))


def run_alone(work: Coroutine[Any, Any, T]) -> T:
    """Run on a fresh loop and close it, whatever is still running by then.

    Unlike `asyncio.run` it does not wait for a task that refuses to be cancelled: a broken
    publisher must not hang its tests.
    """
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda loop, context: None)
    try:
        return loop.run_until_complete(work)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=CLOSING))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
