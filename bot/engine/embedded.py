"""The engine inside the process: tasks by name, one at a time for each key, bounded for each queue."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable

from bot.ports import Log

PER_QUEUE = 8
"""Tasks a queue runs at a time; as many as an HTTP client has connections."""


class EmbeddedEngine:
    """Implements `bot.ports.Engine` on the running loop. Nothing is persisted: the pump
    derives all work from the tables again after a start."""

    def __init__(self, log: Log, *, per_queue: int = PER_QUEUE) -> None:
        self._log = log
        self._run: dict[str, Callable[..., Awaitable[None]]] = {}
        self._slots: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(per_queue))
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: dict[str, tuple[str, tuple[int | str, ...], str]] = {}
        self._started: set[str] = set()
        self._stopping = False

    def task(self, name: str, run: Callable[..., Awaitable[None]]) -> None:
        self._run[name] = run

    async def defer(self, name: str, *args: int | str, key: str, queue: str) -> None:
        if self._stopping:
            return
        if key in self._tasks:
            if key in self._started:
                self._again[key] = (name, args, queue)
            return
        self._start(name, args, key, queue)

    def _start(self, name: str, args: tuple[int | str, ...], key: str, queue: str) -> None:
        task = asyncio.get_running_loop().create_task(
            self._work(name, args, key, queue), name=f"{name}:{key}"
        )
        self._tasks[key] = task
        task.add_done_callback(lambda _: self._done(key))

    async def _work(self, name: str, args: tuple[int | str, ...], key: str, queue: str) -> None:
        async with self._slots[queue]:
            self._started.add(key)
            try:
                await self._run[name](*args)
            except Exception as error:
                # Whatever it was, the rows still say what has to be done: the pump comes again.
                self._log.error("task_failed", task=name, key=key, error=type(error).__name__, exc_info=error)

    def _done(self, key: str) -> None:
        self._tasks.pop(key, None)
        self._started.discard(key)
        waiting = self._again.pop(key, None)
        if waiting is not None and not self._stopping:
            name, args, queue = waiting
            self._start(name, args, key, queue)

    async def idle(self) -> None:
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))
            await asyncio.sleep(0)

    @property
    def stopping(self) -> bool:
        return self._stopping

    async def stop(self, grace: float) -> None:
        self._stopping = True
        self._again.clear()
        running = list(self._tasks.values())
        if not running:
            return
        _, late = await asyncio.wait(running, timeout=grace)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
