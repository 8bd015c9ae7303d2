"""One embedded engine for one SQLite file: a lock beside the database, freed by the system when we die."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Self

from bot.errors import StoreBusy, StoreFull


class FileLock:
    """Held from `take` until `free` or the end of the process.

    `take` raises `StoreBusy` when another process holds it, `StoreFull` when the file
    cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def take(self) -> Self:
        try:
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            raise StoreFull(
                f"I cannot write beside the database ({self._path.name}): check the folder's permissions."
            ) from None
        try:
            _lock(fd)
        except OSError:
            os.close(fd)
            raise StoreBusy(
                f"Another Clarion already runs on {self._path.name.removesuffix('.lock')}. "
                "Stop it first, or give this one its own [store] url."
            ) from None
        self._fd = fd
        return self

    def free(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def _lock(fd: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
