"""The real clocks. Nobody else asks the system for the time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.ports import Clock


class SystemClock:
    """Wall time from the system, aware UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


class ServerClock:
    """The wall time of one server, carried on by our own monotonic seconds.

    Processes that share a database agree by it about who is late and whose lease is over,
    whatever their machines believe; a machine whose time is set wrong changes nothing.
    `keep` has to be called before the first `now`, and now and then afterwards: two
    machines' seconds are not of exactly the same length, and a paused machine counts none.
    """

    def __init__(self, own: Clock, ask: Callable[[], Awaitable[datetime]]) -> None:
        self._own = own
        self._ask = ask
        self._told = own.now()
        self._at = own.monotonic()

    async def keep(self) -> None:
        """Ask the server; raises what asking raises, and the time goes on as before."""
        before = self._own.monotonic()
        told = await self._ask()
        self._told, self._at = told, (before + self._own.monotonic()) / 2

    def now(self) -> datetime:
        return self._told + timedelta(seconds=self._own.monotonic() - self._at)

    def monotonic(self) -> float:
        return self._own.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._own.sleep(seconds)
