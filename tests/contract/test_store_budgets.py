"""What the store counts: money by its attempts, rates by their buckets, alike on either database."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest

from bot.domain.delivery import BACKOFF, Attempt, AttemptState, Delivery, State
from bot.domain.money import DOLLAR, day_of
from bot.domain.rates import UTC_DAY, Bucket, Rate, Scope, Sighting, left, take, told
from bot.errors import Conflict
from bot.ports import Tx
from bot.store import SqlStore
from bot.testing.clock import START
from tests.contract.conftest import Opener
from tests.contract.store_rows import add, at, attempt, claim, new

CENT = DOLLAR // 100
TODAY = day_of(START)
SPAN: dict[str, Any] = {"since": TODAY, "until": TODAY + timedelta(days=1)}
RATE = Rate(name="limit", scope=Scope.APP, limit=10, per=UTC_DAY, as_of=date(2026, 11, 21), source="ours")


async def claimed(store: SqlStore, many: int) -> tuple[Delivery, ...]:
    await add(store, *(new() for _ in range(many)))
    return await store.write(lambda tx: claim(tx, limit=many))


async def opened(store: SqlStore, delivery: Delivery, key: str, price: int) -> Attempt:
    row = replace(attempt(delivery, key), price=price)
    return await store.write(lambda tx: tx.attempts.open(row, owner="me"))


async def closed(store: SqlStore, made: Attempt, state: AttemptState) -> None:
    await store.write(lambda tx: tx.attempts.close(made.id, state))


async def spent(store: SqlStore) -> int:
    return await store.read(lambda tx: tx.budgets.spent(brand="acme", **SPAN))


async def test_open_calls_and_good_ones_count_others_do_not(store: SqlStore) -> None:
    rows = await claimed(store, 3)
    a, b, c = [await opened(store, d, f"k{d.id}", 20 * CENT) for d in rows]
    assert (a.price, a.charged) == (20 * CENT, 20 * CENT)
    assert await spent(store) == 60 * CENT
    assert await store.read(lambda tx: tx.budgets.reserved(brand="acme")) == 60 * CENT
    await closed(store, a, AttemptState.OK)
    await closed(store, b, AttemptState.FAILED)
    await closed(store, c, AttemptState.UNKNOWN)
    assert await spent(store) == 40 * CENT
    assert await store.read(lambda tx: tx.budgets.reserved(account="acme-x")) == 20 * CENT
    assert await store.read(lambda tx: tx.budgets.reserved(account="acme-y")) == 0
    assert await store.read(lambda tx: tx.budgets.spent(account="acme-x", **SPAN)) == 40 * CENT
    assert await store.read(lambda tx: tx.budgets.spent(account="acme-y", **SPAN)) == 0
    later: dict[str, Any] = {"since": SPAN["until"], "until": SPAN["until"] + timedelta(days=1)}
    assert await store.read(lambda tx: tx.budgets.spent(brand="acme", **later)) == 0


async def test_settling_twice_counts_once_and_a_late_answer_counts_again(store: SqlStore) -> None:
    (row,) = await claimed(store, 1)
    made = await opened(store, row, "k", CENT)
    for state, sum_ in [
        (AttemptState.ABSENT, 0),
        (AttemptState.ABSENT, 0),
        (AttemptState.FAILED, 0),
        (AttemptState.UNKNOWN, CENT),
        (AttemptState.OK, CENT),
        (AttemptState.OK, CENT),
    ]:
        await closed(store, made, state)
        assert await spent(store) == sum_


async def test_a_call_counts_on_the_day_it_began(store: SqlStore) -> None:
    (row,) = await claimed(store, 1)
    made = await opened(store, row, "k", CENT)
    await closed(store, made, AttemptState.FAILED)
    days = await store.read(lambda tx: tx.budgets.spent(brand="acme", since=TODAY, until=at(60 * 24 * 9)))
    assert days == 0
    assert made.started_at == START


async def test_a_refused_attempt_costs_nothing(store: SqlStore) -> None:
    (row,) = await claimed(store, 1)
    await opened(store, row, "k", CENT)
    with pytest.raises(Conflict):
        await opened(store, row, "k", CENT)
    assert await spent(store) == CENT


async def test_the_sum_is_that_of_the_attempts_whatever_happens_in_parallel(opener: Opener) -> None:
    """Opened and closed by two processes in any order, some closings repeated."""
    stores = [await opener()]
    if "postgresql" in str(stores[0]._engine.url):
        stores.append(await opener())
    dice = random.Random(7)
    rows = await claimed(stores[0], 50)

    async def life(delivery: Delivery, seed: int) -> None:
        own, keys = random.Random(seed), count()
        for _ in range(own.randrange(1, 4)):
            store = own.choice(stores)
            made = await opened(store, delivery, f"k{delivery.id}-{next(keys)}", own.choice([1, 15, 200]))
            ends = own.choices(list(AttemptState), k=own.randrange(1, 4))
            for state in ends:
                await closed(own.choice(stores), made, state)
            if ends[-1] not in (AttemptState.FAILED, AttemptState.ABSENT):
                return

    await asyncio.gather(*(life(d, dice.randrange(10**6)) for d in rows))

    def sums(tx: Tx) -> tuple[int, int]:
        every = [a for d in rows for a in tx.attempts.of_delivery(d.id)]
        counting = {AttemptState.CALLING, AttemptState.UNKNOWN, AttemptState.OK}
        assert all(a.charged == (a.price if a.state in counting else 0) for a in every)
        return sum(a.charged for a in every), tx.budgets.spent(brand="acme", **SPAN)

    by_attempts, by_days = await stores[0].read(sums)
    assert by_attempts == by_days
    assert by_attempts > 0


async def test_a_bucket_is_what_was_kept(store: SqlStore) -> None:
    assert await store.write(lambda tx: tx.budgets.bucket("k")) == Bucket()
    kept = told(RATE, take(RATE, Bucket(), START, 3), START, Sighting(left=2))
    await store.write(lambda tx: tx.budgets.keep("k", kept))
    await store.write(lambda tx: tx.budgets.keep("other", Bucket(used=9)))
    assert await store.write(lambda tx: tx.budgets.bucket("k")) == kept


async def test_a_shared_bucket_never_gives_more_than_it_has(opener: Opener) -> None:
    """Fifty at once, from two processes where the database takes two."""
    stores = [await opener()]
    if "postgresql" in str(stores[0]._engine.url):
        stores.append(await opener())

    def unit(tx: Tx) -> bool:
        bucket = tx.budgets.bucket("shared")
        if not left(RATE, bucket, START):
            return False
        tx.budgets.keep("shared", take(RATE, bucket, START))
        return True

    got = await asyncio.gather(*(stores[n % len(stores)].write(unit) for n in range(50)))
    assert sum(got) == RATE.limit


async def test_a_gap_after_a_failed_try_outlives_a_check_and_a_clock_set_back(store: SqlStore) -> None:
    """T5 at its roots: what wakes sleepers early leaves those alone that sleep after a failed try."""
    failed, waiting, often = await add(store, new(), new(), new())
    asleep: dict[str, Any] = {"wake_at": at(60), "state": State.SCHEDULED}
    await store.write(lambda tx: tx.deliveries.save(replace(failed, tries=1, **asleep), fence=0))
    await store.write(lambda tx: tx.deliveries.save(replace(waiting, **asleep), fence=0))
    await store.write(lambda tx: tx.deliveries.save(replace(often, tries=7, **asleep), fence=0))

    def stored(id_: int, tx: Tx) -> Delivery | None:
        return tx.deliveries.get(id_)

    async def wakes() -> list[datetime | None]:
        found = [await store.read(partial(stored, d.id)) for d in (failed, waiting, often)]
        return [d.wake_at for d in found if d is not None]

    assert await store.write(lambda tx: tx.deliveries.pull_wakes("acme-x", START)) == 1
    assert await wakes() == [at(60), START, at(60)]
    assert await store.write(lambda tx: tx.deliveries.rouse(START)) == 2
    assert await wakes() == [START + BACKOFF[0], START, START + BACKOFF[-1]]
