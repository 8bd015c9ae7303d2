"""What a test may leave behind: nothing. Sockets, files, threads, folders, tasks are looked for."""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

DESCRIPTORS = (Path("/proc/self/fd"), Path("/dev/fd"))


class Leaked(AssertionError):
    """Something was left open or running."""


@dataclass(frozen=True, kw_only=True)
class Belongings:
    """What this process holds at a moment."""

    descriptors: dict[str, str]
    threads: frozenset[threading.Thread]


def belongings() -> Belongings:
    """Everything that counts, now."""
    return Belongings(
        descriptors=open_descriptors(),
        threads=frozenset(t for t in threading.enumerate() if t.is_alive() and not t.daemon),
    )


def left_behind(before: Belongings) -> tuple[str, ...]:
    """What is there now and was not then, each in words."""
    now = belongings()
    opened = [what for fd, what in now.descriptors.items() if before.descriptors.get(fd) != what]
    return (
        *(f"open: {what}" for what in sorted(opened)),
        *(f"thread: {t.name}" for t in now.threads - before.threads),
    )


@contextmanager
def nothing_left() -> Iterator[None]:
    """Raises `Leaked` at the end for whatever was opened inside and is still there.

    Temporary files are made in a folder of their own meanwhile, so that those of other
    processes do not count.
    """
    before, usual = belongings(), tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="clarion-guard-") as folder:
        tempfile.tempdir = folder
        try:
            yield
        finally:
            tempfile.tempdir = usual
        files = tuple(f"temporary: {name}" for name in sorted(os.listdir(folder)))
    if left := (*left_behind(before), *files):
        raise Leaked(f"Left behind: {'; '.join(left)}.")


def open_descriptors() -> dict[str, str]:
    """Open descriptors and what they are; empty where the system does not tell."""
    folder = next((d for d in DESCRIPTORS if d.is_dir()), None)
    found: dict[str, str] = {}
    for name in os.listdir(folder) if folder else ():
        try:
            found[name] = os.readlink(f"{folder}/{name}")
        except OSError:
            continue  # the one that listing itself opened
    return found


def running_tasks(loop: asyncio.AbstractEventLoop) -> tuple[str, ...]:
    """The names of a loop's unfinished tasks."""
    return tuple(sorted(task.get_name() for task in asyncio.all_tasks(loop) if not task.done()))
