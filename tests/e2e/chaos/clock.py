"""A wall clock that somebody outside can set, as an administrator or a broken time server does."""

from __future__ import annotations

import mmap
import struct
from datetime import datetime, timedelta
from pathlib import Path

from bot.clock import SystemClock

SHAPE = struct.Struct("d")


class SetClock(SystemClock):
    """The system's time plus the seconds in a file of eight bytes, which all processes share."""

    def __init__(self, file: Path) -> None:
        with file.open("r+b") as handle:
            self._seconds = mmap.mmap(handle.fileno(), SHAPE.size)

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=SHAPE.unpack(self._seconds[: SHAPE.size])[0])


def set_clock(file: Path, seconds: float) -> None:
    """How far every process's wall clock is off from now on."""
    with file.open("r+b" if file.exists() else "w+b") as handle:
        handle.write(SHAPE.pack(seconds))
