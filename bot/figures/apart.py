"""A process of its own for one piece of work: bounded in time, and gone when it is done or nobody waits.

Not `multiprocessing`: its tracker of resources lives on beside us, and a child of its would import our own
main module again. A plain child needs neither, and ends by itself when we are gone, as its input ends.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from bot.errors import BadInput, FiguresFailed

T = TypeVar("T")

TICK = 0.1
"""Seconds after which it is looked whether the child is still wanted."""

PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT", "LD_LIBRARY_PATH")
"""What of our environment the child gets: none of it is a secret."""

SAID = 2_000
"""Characters of its complaints that go to the log."""


class Apart:
    """Runs functions in children, one after the other. ``cache``: a folder that they may keep things in."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._turn = asyncio.Lock()

    async def run(self, work: Callable[..., T], *arguments: Any, seconds: float = 60.0) -> T:
        """What ``work`` answers there; see `bot.ports.Figures.apart`."""
        asked = pickle.dumps((work.__module__, work.__qualname__, arguments))
        async with self._turn:
            stop, loop = threading.Event(), asyncio.get_running_loop()
            # With a child of asyncio's own, a loop that ended meanwhile was seen to wait for ever (3.11).
            running = loop.run_in_executor(None, self._work, asked, seconds, stop)
            try:
                answer = await asyncio.shield(running)
            except asyncio.CancelledError:
                stop.set()
                await asyncio.wait({running})
                running.exception()
                raise
        return answer  # type: ignore[no-any-return]  # what ``work`` answers

    def _work(self, asked: bytes, seconds: float, stop: threading.Event) -> Any:
        self._cache.mkdir(parents=True, exist_ok=True)
        with subprocess.Popen(
            [sys.executable, "-P", "-m", "bot.figures.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment(),
            cwd=self._cache,
            start_new_session=True,
        ) as child:
            try:
                return _answer(child, *_talk(child, asked, seconds, stop))
            finally:
                if child.poll() is None:
                    child.kill()

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        places = [str(Path(place or ".").absolute()) for place in sys.path]
        return kept | {"PYTHONPATH": os.pathsep.join(places), "MPLCONFIGDIR": str(self._cache.absolute())}


def _talk(
    child: subprocess.Popen[bytes], asked: bytes, seconds: float, stop: threading.Event
) -> tuple[bytes, bytes]:
    """Give it its work, and hear it out until it ends, its time is up or nobody wants it any more."""
    left: bytes | None = asked
    for _ in range(max(1, round(seconds / TICK))):
        if stop.is_set():
            break
        with suppress(subprocess.TimeoutExpired):
            return child.communicate(left, timeout=TICK)
        left = None
    child.kill()
    child.communicate()
    raise FiguresFailed(f"it took longer than {seconds:g} s" if not stop.is_set() else "nobody waits for it")


def _answer(child: subprocess.Popen[bytes], said: bytes, complaints: bytes) -> Any:
    """What it found. Raises the errors that `Apart.run` names."""
    try:
        came_off, value = pickle.loads(said)
    except (pickle.UnpicklingError, EOFError):
        words = complaints.decode("utf-8", "replace").strip()
        raise FiguresFailed(f"its process ended with {child.returncode}", detail=words[-SAID:]) from None
    if came_off == "input":
        raise BadInput(value)
    return value
