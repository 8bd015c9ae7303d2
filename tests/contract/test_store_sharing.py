"""Several processes on one database: what one has taken is not given to another, and all agree."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from bot.domain.delivery import State
from bot.errors import StoreError
from bot.ports import Tx
from bot.store import SqlStore
from bot.store.postgres import PostgresStore
from bot.testing.clock import START
from tests.contract.conftest import Opener, Postgres
from tests.contract.store_rows import add, at, card, claim, new, tell

LATER = START + timedelta(seconds=60)


async def both(opener: Opener) -> tuple[SqlStore, SqlStore]:
    return await opener(), await opener()


async def test_what_one_courier_took_is_not_given_to_another(opener: Opener) -> None:
    one, other = await both(opener)
    (row,) = await add(one, new())
    for key in ("first", "second"):
        await one.write(tell(key))
    await one.write(lambda tx: tx.cards.add(card(row.post_id)))

    def take(tx: Tx) -> tuple[list[str], int]:
        notices = tx.notices.take(START, until=LATER)
        return [n.key for n in notices], len(tx.cards.take(START, until=LATER))

    found = await asyncio.gather(*(store.write(take) for store in (one, other, one, other)))
    assert sorted(keys for keys, _ in found if keys) == [["first", "second"]]
    assert sum(cards for _, cards in found) == 1


async def test_what_a_dead_courier_took_is_given_to_the_next(store: SqlStore) -> None:
    await store.write(tell("news"))
    await store.write(lambda tx: tx.notices.take(START, until=LATER))
    assert await store.read(lambda tx: tx.notices.due(START + timedelta(seconds=59))) == ()
    (left,) = await store.write(lambda tx: tx.notices.take(LATER, until=at(2)))
    await store.write(lambda tx: tx.notices.sent(left.id, "m1"))
    assert await store.write(lambda tx: tx.notices.take(at(9), until=at(10))) == ()


async def test_a_card_that_was_taken_and_painted_can_want_paint_again(store: SqlStore) -> None:
    (row,) = await add(store, new())
    await store.write(lambda tx: tx.cards.add(card(row.post_id)))
    (taken,) = await store.write(lambda tx: tx.cards.take(START, until=LATER))
    await store.write(lambda tx: tx.cards.touch(row.post_id))
    await store.write(lambda tx: tx.cards.painted(taken.id, rev=taken.wanted, ref="m1"))
    (again,) = await store.write(lambda tx: tx.cards.take(START, until=LATER))
    assert (again.wanted, again.painted, again.ref) == (2, 1, "m1")


async def test_all_processes_are_told_the_same_value(opener: Opener) -> None:
    """Two that start at once on a new database must not sign calls with different keys."""
    stores = await both(opener)

    def start(number: int) -> Callable[[Tx], str]:
        return lambda tx: tx.meta.settle("instance", str(number))

    found = await asyncio.gather(*(stores[n % 2].write(start(n)) for n in range(6)))
    assert len(set(found)) == 1
    assert await stores[0].read(lambda tx: tx.meta.get("instance")) == found[0]


async def test_nobody_counts_the_same_number_twice(opener: Opener) -> None:
    stores = await both(opener)

    def unit(tx: Tx) -> int:
        number = int(tx.meta.settle("counter", "0")) + 1
        tx.meta.put("counter", str(number))
        return number

    found = await asyncio.gather(*(stores[n % 2].write(unit) for n in range(8)))
    assert sorted(found) == list(range(1, 9))


async def test_a_locked_delivery_tells_its_newest_fence(store: SqlStore) -> None:
    (row,) = await add(store, new())
    assert await store.write(lambda tx: tx.deliveries.lock(row.id)) == 0
    await store.write(claim)
    assert await store.write(lambda tx: tx.deliveries.lock(row.id)) == 1


@pytest.mark.postgres
async def test_who_locks_a_delivery_sees_what_somebody_else_was_doing_to_it(
    postgres: Postgres, template: str
) -> None:
    """The sweep that lapses requests waits for the approval that is under way, and then leaves it alone."""
    from bot.store import open_store

    _, url = postgres.database(template)
    store = await open_store(url, patience=10)
    (row,) = await add(store, new(state=State.IN_REVIEW))

    def lapse(tx: Tx) -> State:
        tx.deliveries.lock(row.id)
        found = tx.deliveries.get(row.id)
        assert found is not None
        return found.state

    async with await psycopg.AsyncConnection.connect(url.replace("+psycopg", "")) as other:
        await other.execute("UPDATE deliveries SET state = 'scheduled'")
        waiting = asyncio.ensure_future(store.write(lapse))
        await blocked(other)
        await other.commit()
        assert await waiting is State.SCHEDULED
    await store.aclose()


async def blocked(connection: Any) -> None:
    """Until somebody waits for a lock, as the server itself tells."""
    for _ in range(500):
        cursor = await connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        if (await cursor.fetchone())[0]:
            return
    raise AssertionError("nobody waits")


async def test_rousing_wakes_what_sleeps_by_a_wrong_clock(store: SqlStore) -> None:
    """The clock was an hour ahead when these were put off; what is really planned for later sleeps on."""
    rows = await add(store, new(wake_at=at(65)), new(due=at(90), wake_at=at(90)), new())
    (held,) = await store.write(lambda tx: claim(tx, now=START, limit=1))
    assert held.id == rows[2].id
    await store.write(tell("news"))
    (said,) = await store.read(lambda tx: tx.notices.due(START))
    await store.write(lambda tx: tx.notices.failed(said.id, not_before=at(65)))
    assert await store.write(lambda tx: tx.deliveries.rouse(START)) == 2
    await store.write(lambda tx: tx.notices.rouse(START))
    woken = await store.read(lambda tx: [d.id for d in tx.deliveries.unfinished() if d.wake_at == START])
    assert sorted(woken) == [rows[0].id, rows[2].id]
    assert len(await store.read(lambda tx: tx.notices.due(START))) == 1


@pytest.mark.postgres
async def test_the_server_tells_the_time(postgres: Postgres, template: str) -> None:
    from bot.store import open_store

    store = await open_store(postgres.database(template)[1])
    assert isinstance(store, PostgresStore)
    first, second = await store.now(), await store.now()
    assert first.tzinfo is UTC
    assert timedelta(0) < second - first < timedelta(seconds=5)
    assert abs(second - datetime.now(UTC)) < timedelta(seconds=5)
    await store.aclose()
    with pytest.raises(StoreError, match="closed"):
        await store.now()


@pytest.mark.postgres
async def test_a_server_that_ends_our_sessions_costs_one_transaction(
    postgres: Postgres, template: str
) -> None:
    """As an immediate restart does. Everything after it works again."""
    from bot.store import open_store

    _, url = postgres.database(template)
    store = await open_store(url)
    await add(store, new())
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as other:

        def unit(tx: Tx) -> None:
            tx.meta.put("half", "done")
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
            tx.meta.put("other half", "done")

        with pytest.raises(StoreError, match="cannot be reached"):
            await store.write(unit)
    assert await store.read(lambda tx: tx.meta.get("half")) is None
    assert len(await add(store, new())) == 1
    await store.aclose()


@pytest.mark.postgres
async def test_a_frozen_process_does_not_keep_rows_for_long(postgres: Postgres, template: str) -> None:
    """The server ends a transaction whose process asks for nothing any more (T2)."""
    from bot.store import open_store

    store = await open_store(postgres.database(template)[1])
    assert isinstance(store, PostgresStore)
    async with store._engine.connect() as connection:
        limits = await connection.exec_driver_sql(
            "SELECT current_setting('idle_in_transaction_session_timeout'), current_setting('lock_timeout')"
        )
        assert tuple(limits.one()) == ("10s", "5s")
    await store.aclose()


async def test_who_holds_no_lease_saves_only_what_is_as_it_was_read(opener: Opener) -> None:
    """A sweep read it as scheduled; meanwhile somebody cancelled it. It must not come back."""
    one, other = await both(opener)
    (row,) = await add(one, new())
    gone = replace(row, state=State.CANCELLED, wake_at=None)
    held = replace(row, state=State.HELD, wake_at=None)
    assert await one.write(lambda tx: tx.deliveries.save(gone, fence=row.fence, was=State.SCHEDULED))
    assert not await other.write(lambda tx: tx.deliveries.save(held, fence=row.fence, was=State.SCHEDULED))
    found = await one.read(lambda tx: tx.deliveries.get(row.id))
    assert found is not None
    assert found.state is State.CANCELLED
