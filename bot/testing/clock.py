"""A clock that moves only when told to."""

from __future__ import annotations

import asyncio
import heapq
from datetime import UTC, datetime, timedelta
from itertools import count

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
"""A Saturday morning; the default start of every fake clock."""


class FakeClock:
    """Shared by a bot and its simulators; sleepers wake when `advance` passes them."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._elapsed = 0.0
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._order), waiter))
        await waiter

    def advance(self, delta: timedelta | float) -> None:
        """Move on by ``delta`` (seconds when a number) and wake who sleeps until then."""
        seconds = delta.total_seconds() if isinstance(delta, timedelta) else float(delta)
        self._elapsed += seconds
        self._now += timedelta(seconds=seconds)
        while self._sleepers and self._sleepers[0][0] <= self._elapsed:
            waiter = heapq.heappop(self._sleepers)[2]
            if not waiter.done():
                waiter.set_result(None)

    @property
    def next_wake(self) -> float | None:
        """When the first sleeper wakes, in seconds of `monotonic`; None while nobody sleeps."""
        return next((at for at, _, waiter in sorted(self._sleepers, key=_first) if not waiter.done()), None)

    def jump(self, delta: timedelta) -> None:
        """Move the wall clock only, as a system whose time was set does."""
        self._now += delta


def _first(sleeper: tuple[float, int, asyncio.Future[None]]) -> tuple[float, int]:
    return sleeper[0], sleeper[1]
