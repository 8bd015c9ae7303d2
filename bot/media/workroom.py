"""Folders that a rendition is made in: gone with the task, and after a crash at the next start."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from bot.errors import StoreFull

LOCK = "lock"
ROOM = 2
"""A rendition starts only when so many times its expected size is free."""


@contextmanager
def workplace(room: Path, *, needs: int = 0) -> Iterator[Path]:
    """An empty folder of one's own, removed on the way out.

    A lock says that its owner lives: the system lets go of it however the owner dies, so `sweep` never
    takes a folder that is in use, whatever became of process numbers. Raises `StoreFull`.
    """
    place = room / uuid4().hex
    try:
        place.mkdir(parents=True)
        lock = (place / LOCK).open("wb")
    except OSError:
        raise StoreFull(
            "There is no room on the disk to make files fit, or its folder is read-only."
        ) from None
    try:
        with lock:
            _hold(lock.fileno())
            if needs and shutil.disk_usage(place).free < ROOM * needs:
                raise StoreFull("There is too little room on the disk to make this file fit.")
            yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def sweep(room: Path) -> int:
    """Remove what owners that died left behind; how many folders."""
    swept = 0
    with suppress(OSError):
        for place in room.iterdir():
            with suppress(OSError), (place / LOCK).open("rb") as lock:
                _hold(lock.fileno())
                shutil.rmtree(place, ignore_errors=True)
                swept += 1
    return swept


def _hold(number: int) -> None:
    """Raises `OSError` when somebody else holds it."""
    import fcntl

    fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
