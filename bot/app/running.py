"""A bot that runs: the pump, and how to wait for it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.app.listening import listen
from bot.commands.dispatch import Dispatch
from bot.errors import StoreError
from bot.ports import RunningSimulator, Tx
from bot.services.context import Services
from bot.services.courier import carry
from bot.services.jumps import JUMP, after_jump, offset
from bot.services.preparing import to_prepare
from bot.services.pump import pump

TICK = 1.0
"""Seconds between two looks at the tables at the most (design, §5)."""

BREATH = 0.1
"""Seconds between two looks at the least: in a burst every account wakes the pump when it is done."""

KEEP = 10.0
"""Seconds after which the database server is asked for its time again."""

INBOX = "inbox"
"""The engine's task that goes on with what other processes died over."""

ORPHANS = 60.0
"""Seconds between two looks for that; only where several processes share a database."""


@dataclass(kw_only=True)
class App:
    """A running bot. ``quiet`` and ``settle`` are how tests, the demo and piped runs wait for it.

    ``keep_time`` sets the clock by the database's, where several processes share one.
    """

    services: Services
    dispatch: Dispatch
    simulators: Mapping[str, RunningSimulator]
    woken: asyncio.Event
    keep_time: Callable[[], Awaitable[None]] | None = None

    async def serve(self) -> None:
        """The pump: look, hand out work, sleep until something is due. Runs until cancelled."""
        svc = self.services
        known, kept = offset(svc.clock), svc.clock.monotonic()
        looked = kept
        while True:
            began = svc.clock.monotonic()
            wake: datetime | None = None
            self.woken.clear()
            try:
                if self.keep_time is not None and began - kept > KEEP:
                    await self.keep_time()
                    kept = began
                if svc.teams and not svc.alone and began - looked > ORPHANS:
                    await svc.engine.defer(INBOX, key=INBOX, queue=INBOX)
                    looked = began
                seen = offset(svc.clock)
                if abs(seen - known) > JUMP:
                    await after_jump(svc, seen - known)
                known = seen
                wake = await pump(svc)
            except StoreError as error:
                svc.log.error("pump_waits", error=str(error))
            await self._pause(wake)
            await svc.clock.sleep(began + BREATH - svc.clock.monotonic())

    async def take_up(self) -> None:
        """What processes that died had accepted in the team chats."""
        for chat in self.services.teams:
            await self.dispatch.take_up(chat)

    async def _pause(self, wake: datetime | None) -> None:
        now = self.services.clock.now()
        ahead = (wake - now).total_seconds() if wake is not None and wake > now else TICK
        sleep = asyncio.ensure_future(self.services.clock.sleep(min(TICK, ahead)))
        woken = asyncio.ensure_future(self.woken.wait())
        try:
            await asyncio.wait((sleep, woken), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sleep, woken):
                task.cancel()

    def wake(self) -> None:
        """Something may be due: do not sleep on."""
        self.woken.set()

    async def settle(self) -> None:
        """Do everything that is due by the clock, then return; for fake clocks, without `serve`."""
        svc = self.services
        for _ in range(1_000):
            await pump(svc)
            await svc.engine.idle()
            if not await carry(svc) and not await self._something_due():
                return
        raise StoreError("The work does not settle.")

    async def _something_due(self) -> bool:
        now = self.services.clock.now()
        brands, accounts = self.services.brands, self.services.accounts

        def unit(tx: Tx) -> bool:
            halted = {b for b in brands if tx.halts.active(b)}
            names = tx.deliveries.waiting_accounts(now)
            if to_prepare(self.services, tx):
                return True
            return any(n in accounts and accounts[n].brand not in halted for n in names)

        return await self.services.store.read(unit)

    async def next_wake(self) -> datetime | None:
        """When something is due next, whatever it is."""

        def unit(tx: Tx) -> datetime | None:
            found = (tx.deliveries.next_wake(), tx.rules.next_look())
            return min((at for at in found if at is not None), default=None)

        return await self.services.store.read(unit)

    async def quiet(self) -> bool:
        """Nothing is due, in flight, being checked or unsent to a chat."""
        now = self.services.clock.now()

        def unit(tx: Tx) -> bool:
            return not (
                tx.deliveries.pressing(now)
                or (self.services.studio is not None and tx.preparations.under_way())
                or tx.cards.stale(now, limit=1)
                or tx.notices.due(now, limit=1)
            )

        # what a courier of ours has taken is not in the tables' lists until it is said
        busy = self.services.carrying.locked() or self.services.speaking
        return not busy and await self.services.store.read(unit)


async def run(app: App, *, linger: float | None) -> bool:
    """Serve every chat until those that can end have ended; then, with ``linger`` seconds, finish what
    is open. Chats in which teams live never end: with nothing else, it serves until it is cancelled.

    True when nothing is due, in flight, being checked or unsent at the end. None does not wait.
    """
    with app.services.registry.watch.looking():
        # What is there now stays: to look it all through for garbage stops everything for 0.1 s at a time.
        gc.freeze()
        try:
            return await _run(app, linger)
        finally:
            gc.unfreeze()


async def _run(app: App, linger: float | None) -> bool:
    loop = asyncio.get_running_loop()
    svc = app.services
    pumping = loop.create_task(app.serve(), name="pump")
    teams = asyncio.gather(*(listen(svc, chat, app.dispatch) for chat in svc.teams.values()))
    ending = [chat for name, chat in svc.chats.items() if name not in svc.teams]
    talking = asyncio.gather(*(chat.run(app.dispatch) for chat in ending)) if ending else teams
    try:
        await asyncio.wait((pumping, talking), return_when=asyncio.FIRST_COMPLETED)
        if pumping.done():
            pumping.result()  # a bot that listens but never sends must not go on
        await talking
        if linger is None:
            return True
        end = loop.time() + linger
        while True:
            app.wake()
            await asyncio.sleep(0.05)
            if pumping.done():
                pumping.result()
            try:
                if await app.quiet():
                    return True
            except StoreError as error:
                svc.log.warning("quiet_unknown", error=str(error))
            if loop.time() > end:
                return False
    finally:
        for work in (pumping, talking, teams):
            work.cancel()
        await asyncio.gather(pumping, talking, teams, return_exceptions=True)
