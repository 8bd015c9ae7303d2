"""What the workspace tells the app: attempts, acknowledgements, repeats, losses."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.ports import Clock
from bot.testing.chats.slack.state import Json

PATIENCE = 3.0
"""Seconds within which the app has to acknowledge."""
RETRIES = (0.0, 60.0, 300.0)
"""An event that was not acknowledged comes again at once, after one minute, after five."""

EVENTS, INTERACTIVE, COMMANDS = "events_api", "interactive", "slash_commands"


@dataclass(kw_only=True)
class Attempt:
    """One copy on its way. ``latency``: real seconds until it was acknowledged; ``fault``: why it was not.

    ``final``: the app asked for no repeat.
    """

    via: str
    number: int = 0
    latency: float | None = None
    answer: Json | None = None
    fault: str = ""
    final: bool = False


@dataclass(kw_only=True, eq=False)
class Delivery:
    """One thing told, in as many copies as it took. ``name`` says what, for tests."""

    kind: str
    name: str
    payload: Json
    attempts: list[Attempt] = field(default_factory=list)
    lost: bool = False

    @property
    def ok(self) -> bool:
        """Whether any copy was acknowledged."""
        return any(a.latency is not None for a in self.attempts)

    @property
    def latency(self) -> float:
        """Real seconds of the first acknowledgement; infinite without one."""
        return min((a.latency for a in self.attempts if a.latency is not None), default=float("inf"))

    @property
    def answer(self) -> Json:
        """What came with the acknowledgement."""
        return next((a.answer for a in self.attempts if a.latency is not None and a.answer), {})

    @property
    def fault(self) -> str:
        """Why the last copy was not acknowledged; empty when one was."""
        return "" if self.ok or not self.attempts else self.attempts[-1].fault


class Carrier(Protocol):
    """A way to the app: a socket or its request URL."""

    async def carry(self, delivery: Delivery, attempt: Attempt, reason: str) -> None:
        """Take one copy there and note in ``attempt`` what became of it."""


async def within(clock: Clock, seconds: float, work: Awaitable[Any]) -> bool:
    """Whether the work is done in time by the clock; it is cancelled if not."""
    wanted = asyncio.ensure_future(work)
    bell = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({wanted, bell}, return_when=asyncio.FIRST_COMPLETED)
        return wanted.done()
    finally:
        bell.cancel()
        wanted.cancel()
        await asyncio.gather(bell, wanted, return_exceptions=True)


class Post:
    """Delivers. ``times``: copies of everything; `hold` and `release` reorder and drop events."""

    def __init__(self, clock: Clock, carrier: Callable[[], Carrier]) -> None:
        self.times = 1
        self.deliveries: list[Delivery] = []
        self._clock = clock
        self._carrier = carrier
        self._held: list[Delivery] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def latencies(self) -> list[float]:
        """Real seconds of every acknowledgement so far."""
        return [a.latency for d in self.deliveries for a in d.attempts if a.latency is not None]

    @property
    def busy(self) -> bool:
        """Whether repeats are still to come."""
        return bool(self._tasks)

    def hold(self) -> None:
        """From now on events are kept back."""
        self._held = []

    async def release(
        self, order: Callable[[list[Delivery]], Sequence[Delivery]] = list
    ) -> Sequence[Delivery]:
        """Let out what was held, in the order given; what ``order`` leaves out is lost."""
        held, self._held = self._held or [], None
        going = order(held)
        for delivery in held:
            delivery.lost = delivery not in going
        for delivery in going:
            await self._out(delivery)
        return going

    async def tell(self, kind: str, name: str, payload: Json) -> Delivery:
        """Tell the app; returns when every first copy was acknowledged or failed."""
        delivery = Delivery(kind=kind, name=name, payload=payload)
        self.deliveries.append(delivery)
        if kind == EVENTS and self._held is not None:
            self._held.append(delivery)
        else:
            await self._out(delivery)
        return delivery

    async def _out(self, delivery: Delivery) -> None:
        attempts = [Attempt(via="") for _ in range(self.times)]
        delivery.attempts += attempts
        await asyncio.gather(*(self._carrier().carry(delivery, a, "") for a in attempts))
        if delivery.kind == EVENTS and not delivery.ok:
            self.start(self._again(delivery))

    async def _again(self, delivery: Delivery) -> None:
        for number, pause in enumerate(RETRIES, 1):
            before = delivery.attempts[-1]
            if before.final:
                return
            await self._clock.sleep(pause)
            attempt = Attempt(via="", number=number)
            delivery.attempts.append(attempt)
            await self._carrier().carry(delivery, attempt, before.fault)
            if attempt.latency is not None:
                return
        delivery.lost = True

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Something that goes on beside; ended by `aclose`."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
