"""T23: fifty posts at once, money for twenty: the cap holds in one process and in two, and over a crash."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.app import App
from bot.domain.delivery import State
from bot.domain.money import Budget, period_of
from bot.domain.platform import Call, Checkpoint, Receipt
from bot.domain.post import Part, Post, Variant, fingerprint
from bot.domain.rates import LONG_AGO
from bot.ports import NewDelivery, Publisher, Tx
from bot.testing.clock import FakeClock
from bot.testing.platforms._demo_server import DemoSimulator
from tests.unit.demo_world import World
from tests.unit.money_world import CENTS_2, open_money, price, quick

POSTS, MONEY_FOR = 50, 20
BRAND = quick("acme", budget=Budget(limit=MONEY_FOR * CENTS_2 + CENTS_2 // 2, per="month"))
ACCOUNTS: dict[str, dict[str, Any]] = {f"acme-{n:02}": {} for n in range(POSTS)}


class Fading:
    """A publisher whose process goes away in the middle of the call."""

    def __init__(self, inner: Publisher) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt:
        await self._inner.commit(part, checkpoint, call)
        raise asyncio.CancelledError


async def schedule_all(app: App) -> datetime:
    """Due now, by the clock that the bot goes by: on PostgreSQL that is the server's."""
    now = app.services.clock.now()

    def unit(tx: Tx) -> None:
        for number, account in enumerate(ACCOUNTS):
            parts = (Part(text=f"Number {number}"),)
            variant = Variant(account=account, platform="demo-lookup", parts=parts)
            post = Post(id=0, brand="acme", author="alice", brief="", wish="now", version=1, created_at=now)
            signed = fingerprint(variant, "now")
            row = NewDelivery(
                variant=variant, fingerprint=signed, state=State.SCHEDULED, due=now, wake_at=now
            )
            tx.posts.add(post, [row])

    await app.services.store.write(unit)
    return now


def counted(tx: Tx) -> tuple[int, int, dict[str, int]]:
    """What the days say, what the attempts say, and how many deliveries are in which state."""
    every = [a for n in range(1, POSTS + 1) for a in tx.attempts.of_delivery(n)]
    rows = [tx.deliveries.get(n) for n in range(1, POSTS + 1)]
    states: dict[str, int] = {}
    for row in rows:
        assert row is not None
        states[row.state.value] = states.get(row.state.value, 0) + 1
    days = tx.budgets.spent(brand="acme", since=LONG_AGO, until=datetime.max.replace(tzinfo=UTC))
    return days, sum(a.charged for a in every), states


async def test_what_is_spent_never_exceeds_the_cap(url: str, tmp_path: Path) -> None:
    clock, two = FakeClock(), "postgresql" in url
    async with AsyncExitStack() as stack:
        sim = await stack.enter_async_context(DemoSimulator(clock).running())
        worlds: list[World] = []
        for number in range(2 if two else 1):
            folder = tmp_path / str(number)
            folder.mkdir()
            opening = open_money(
                folder, brands=[BRAND], accounts=ACCOUNTS, clock=clock, sim=sim, url=url, price=price
            )
            worlds.append(await stack.enter_async_context(opening))
        now = await schedule_all(worlds[0].app)
        await asyncio.gather(*(world.app.settle() for world in worlds))
        days, calls, states = await worlds[0].app.services.store.read(counted)
        assert days == calls == MONEY_FOR * CENTS_2
        assert len(sim.posts) == MONEY_FOR
        assert states == {"live": MONEY_FOR, "held": POSTS - MONEY_FOR}
        month = period_of("month", now).label
        told = {t for world in worlds for t in world.room.texts() if f"budget for {month}" in t}
        assert len(told) == 2, "one warning at 80 %, one at the cap"


async def test_a_crash_between_the_row_and_the_answer_costs_once_and_is_found(
    url: str, tmp_path: Path
) -> None:
    """The money belongs to the attempt's row: the next process counts it, whatever the last one knew."""
    clock = FakeClock()
    async with AsyncExitStack() as stack:
        sim = await stack.enter_async_context(DemoSimulator(clock).running())
        facts: dict[str, Any] = {
            "brands": [BRAND],
            "accounts": ACCOUNTS,
            "clock": clock,
            "sim": sim,
            "url": url,
        }
        folder = tmp_path / "first"
        folder.mkdir()
        async with open_money(folder, price=price, **facts) as first:
            await schedule_all(first.app)
            for account in first.app.services.accounts.values():
                account.publisher = Fading(account.publisher)
            await first.app.settle()
            days, calls, _ = await first.app.services.store.read(counted)
            assert days == calls == MONEY_FOR * CENTS_2
            assert len(sim.posts) == MONEY_FOR
        folder = tmp_path / "second"
        folder.mkdir()
        async with open_money(folder, price=price, **facts) as second:
            clock.advance(timedelta(minutes=3))
            for _ in range(3):
                await second.app.settle()
                clock.advance(timedelta(minutes=1))
            days, calls, states = await second.app.services.store.read(counted)
            assert days == calls == MONEY_FOR * CENTS_2
            assert states == {"live": MONEY_FOR, "held": POSTS - MONEY_FOR}
            assert len(sim.posts) == MONEY_FOR
