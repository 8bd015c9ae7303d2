"""Watches who of the plugins holds up everything else: one process has one loop, and it is everybody's.

Nobody can take the processor away from code in the same process. What can be done is done:
every step of a plugin is measured, the one that blocked is named, in the log while it still
blocks, and once in the channel afterwards.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import coroutine
from typing import Any, TypeVar
from weakref import WeakSet

from bot.ports import Log

T = TypeVar("T")

BLOCKS = 0.5
"""Seconds of one step in which nothing else could run, from which on it is a blockade."""

STUCK = 5.0
"""Seconds after which it is told while it still lasts."""


@dataclass(frozen=True, kw_only=True)
class Blockade:
    """``plugin`` let nothing else run for ``seconds``, in ``what`` (a hook or a method)."""

    plugin: str
    what: str
    seconds: float


class Step:
    """A context manager by hand: it is entered for every step of every call to a platform."""

    __slots__ = ("_began", "_outer", "_plugin", "_watch", "_what")

    def __init__(self, watch: Watch, plugin: str, what: str) -> None:
        self._watch, self._plugin, self._what = watch, plugin, what

    def __enter__(self) -> None:
        watch = self._watch
        self._began, self._outer = watch.now(), watch.current
        watch.current = (self._plugin, self._what, self._began)

    def __exit__(self, *raised: object) -> None:
        watch = self._watch
        watch.current = self._outer
        took = watch.now() - self._began
        if took >= BLOCKS:
            watch.blocked(Blockade(plugin=self._plugin, what=self._what, seconds=took))


class Watch:
    """``current`` is the step that runs now: plugin, what, since when.

    ``blockades`` holds each plugin's longest; ``now`` are seconds that never jump; ``told`` are
    the plugins whose blockade the channel knows of; ``born`` are the tasks that each plugin's
    hooks started.
    """

    def __init__(self, log: Log, now: Callable[[], float] | None = None) -> None:
        self.blockades: dict[str, Blockade] = {}
        self.now = now or _stands_still
        self.told: set[str] = set()
        self.born: dict[str, WeakSet[asyncio.Task[Any]]] = {}
        self._log = log
        self.current: tuple[str, str, float] | None = None

    def step(self, plugin: str, what: str) -> Step:
        """One stretch of a plugin's code during which nothing else runs."""
        return Step(self, plugin, what)

    @contextmanager
    def hook_step(self, plugin: str, what: str) -> Iterator[None]:
        """A step of a hook: whatever task it starts is remembered as this plugin's."""
        before = asyncio.all_tasks()
        with self.step(plugin, what):
            yield
        if new := asyncio.all_tasks() - before:
            self.born.setdefault(plugin, WeakSet()).update(new)

    async def end_tasks(self, grace: float) -> None:
        """Cancel what hooks have started and left running, and name who did; ``grace`` in seconds."""
        for plugin, tasks in self.born.items():
            left = [task for task in tasks if not task.done()]
            if not left:
                continue
            for task in left:
                task.cancel()
            _, stuck = await asyncio.wait(left, timeout=grace)
            self._log.warning("plugin_left_tasks", plugin=plugin, tasks=len(left), stuck=len(stuck))

    @coroutine
    def run(
        self, plugin: str, what: str, work: Awaitable[T], *, hook: bool = False
    ) -> Generator[Any, Any, T]:
        """Await ``work``, each of its steps watched."""
        watched = self.hook_step if hook else self.step
        steps = work.__await__()
        with watched(plugin, what):
            try:
                waits_for = next(steps)
            except StopIteration as done:
                return done.value  # type: ignore[no-any-return]  # what ``work`` answers
        while True:
            try:
                sent = yield waits_for
            except GeneratorExit:
                close = getattr(steps, "close", None)
                if close is not None:
                    close()
                raise
            except BaseException as error:
                with watched(plugin, what):
                    try:
                        waits_for = steps.throw(error)
                    except StopIteration as done:
                        return done.value  # type: ignore[no-any-return]  # what ``work`` answers
            else:
                with watched(plugin, what):
                    try:
                        waits_for = steps.send(sent)
                    except StopIteration as done:
                        return done.value  # type: ignore[no-any-return]  # what ``work`` answers

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Look on from a thread of its own, so that a blockade is told while it lasts."""
        over = threading.Event()
        thread = threading.Thread(target=self._look, args=(over,), name="plugin-watch", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(2.0)

    def _look(self, over: threading.Event) -> None:
        told: tuple[str, str, float] | None = None
        while not over.wait(1.0):
            told = self.look(told)

    def look(self, told: tuple[str, str, float] | None) -> tuple[str, str, float] | None:
        """One look at what runs now; what was ``told`` already is not told again."""
        current = self.current
        if current is None or current == told or self.now() - current[2] < STUCK:
            return told
        plugin, what, began = current
        self._log.error("plugin_blocks", plugin=plugin, what=what, seconds=round(self.now() - began, 1))
        return current

    def blocked(self, blockade: Blockade) -> None:
        """Keep it if it is the plugin's longest; the first is logged."""
        known = self.blockades.get(blockade.plugin)
        if known is None:
            took = round(blockade.seconds, 1)
            self._log.warning("plugin_blocked", plugin=blockade.plugin, what=blockade.what, seconds=took)
        if known is None or known.seconds < blockade.seconds:
            self.blockades[blockade.plugin] = blockade


def _stands_still() -> float:
    """Until a clock is given nothing can be measured."""
    return 0.0
