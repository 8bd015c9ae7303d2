"""One fake time for a bot and a simulator that live in different processes: a number in a shared page."""

from __future__ import annotations

import mmap
import struct
from datetime import datetime, timedelta
from pathlib import Path

from bot.testing.clock import START, FakeClock

SIZE = 8


def make_page(path: Path) -> None:
    """A new clock at its start."""
    path.write_bytes(bytes(SIZE))


def _opened(path: Path) -> mmap.mmap:
    with path.open("r+b") as file:
        return mmap.mmap(file.fileno(), SIZE)


class LeadingClock(FakeClock):
    """The bot's: whoever is started later goes on where the one before it was killed."""

    def __init__(self, path: Path) -> None:
        self._page = _opened(path)
        (gone,) = struct.unpack("d", self._page[:])
        super().__init__(START + timedelta(seconds=gone))

    def advance(self, delta: timedelta | float) -> None:
        super().advance(delta)
        self._page[:] = struct.pack("d", (self.now() - START).total_seconds())

    def close(self) -> None:
        self._page.close()


class FollowingClock:
    """The simulator's: reads the time that the bot has come to."""

    def __init__(self, path: Path) -> None:
        self._page = _opened(path)

    def now(self) -> datetime:
        return START + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        (gone,) = struct.unpack("d", self._page[:])
        return float(gone)

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing waits in these simulators")

    def close(self) -> None:
        self._page.close()
