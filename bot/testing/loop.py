"""A loop for tests that are plain functions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Self, TypeVar

from bot.testing.guards import Leaked, running_tasks

T = TypeVar("T")


class Loop:
    """Runs coroutines one after the other; leaving it raises `Leaked` when a task still runs."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()

    def run(self, work: Awaitable[T]) -> T:
        """Await it, and give what else is ready a turn."""
        return self._loop.run_until_complete(_awaited(work))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        left = running_tasks(self._loop)
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()
        if left:
            raise Leaked(f"Tasks still ran at the end of the test: {', '.join(left)}.")


async def _awaited(work: Awaitable[T]) -> T:
    answer = await work
    for _ in range(3):
        await asyncio.sleep(0)
    return answer
