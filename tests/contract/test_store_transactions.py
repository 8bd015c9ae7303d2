"""What a unit may count on: all or nothing, neighbours do no harm, reads see one state."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from functools import partial

import pytest

from bot.domain.records import AuditEntry
from bot.errors import NotFound, StoreError
from bot.ports import Tx
from bot.store import SqlStore
from bot.testing.clock import START
from tests.contract.conftest import Opener
from tests.contract.store_rows import add, at, keep, new, post


def put(n: int) -> str:
    return f"key-{n:03}"


async def known(store: SqlStore, count: int) -> list[int]:
    return await store.read(lambda tx: [n for n in range(count) if tx.meta.get(put(n))])


async def test_one_that_fails_among_many_harms_nobody(store: SqlStore) -> None:
    def unit(n: int, tx: Tx) -> int:
        tx.meta.put(put(n), "x")
        if n == 7:
            raise NotFound("there is no such post")
        return n

    writes = (store.write(partial(unit, n)) for n in range(20))
    found = await asyncio.gather(*writes, return_exceptions=True)
    assert isinstance(found[7], NotFound)
    others = [n for n in range(20) if n != 7]
    assert [found[n] for n in others] == others
    assert await known(store, 20) == others


async def test_one_that_the_database_refuses_harms_nobody(store: SqlStore) -> None:
    def unit(n: int, tx: Tx) -> int:
        tx.meta.put(put(n), "x")
        if n == 3:
            tx.deliveries.add(post(), new())
        return n

    await add(store, new())
    writes = (store.write(partial(unit, n)) for n in range(10))
    found = await asyncio.gather(*writes, return_exceptions=True)
    assert isinstance(found[3], StoreError)
    assert "INSERT" not in str(found[3])
    assert await known(store, 10) == [n for n in range(10) if n != 3]
    assert len(await store.read(lambda tx: tx.deliveries.unfinished())) == 1


async def test_a_cancelled_caller_harms_nobody(store: SqlStore) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(store.write(keep(put(n)))) for n in range(200)]
        for steps, n in ((0, 0), (1, 1), (1, 2), (1, 70), (1, 199)):
            for _ in range(steps):
                await asyncio.sleep(0)
            tasks[n].cancel()
    kept = {n for n in range(200) if not tasks[n].cancelled()}
    assert len(kept) >= 195
    assert kept <= set(await known(store, 200))
    await store.write(lambda tx: tx.meta.put("after", "x"))


async def test_everything_cancelled_leaves_a_working_store(store: SqlStore) -> None:
    for steps in range(8):
        tasks = [asyncio.ensure_future(store.write(lambda tx: tx.meta.put("k", "x"))) for _ in range(3)]
        for _ in range(steps):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await store.write(lambda tx: tx.meta.put("k", "y"))
    assert await store.read(lambda tx: tx.meta.get("k")) == "y"


async def test_a_read_cannot_write(store: SqlStore) -> None:
    with pytest.raises(StoreError, match="only allowed to read"):
        await store.read(lambda tx: tx.meta.put("k", "x"))
    assert await store.read(lambda tx: tx.meta.get("k")) is None
    await store.write(lambda tx: tx.meta.put("k", "x"))


async def test_a_read_that_fails_says_why(store: SqlStore) -> None:
    def unit(tx: Tx) -> None:
        raise NotFound("no such member")

    with pytest.raises(NotFound, match="no such member"):
        await store.read(unit)
    assert await store.read(lambda tx: tx.meta.get("k")) is None


async def test_another_store_sees_what_was_committed(opener: Opener) -> None:
    one, two = await opener(), await opener()
    await one.write(lambda tx: tx.meta.put("k", "1"))
    assert await two.read(lambda tx: tx.meta.get("k")) == "1"
    await two.write(lambda tx: tx.meta.put("k", "2"))
    assert await one.read(lambda tx: tx.meta.get("k")) == "2"


async def test_many_writers_of_two_processes_lose_nothing(opener: Opener) -> None:
    stores = [await opener(), await opener()]

    def count(tx: Tx) -> None:
        tx.posts.lock(row.post_id)
        tx.meta.put("n", str(int(tx.meta.get("n") or 0) + 1))

    (row,) = await add(stores[0], new())
    await asyncio.gather(*(stores[n % 2].write(count) for n in range(60)))
    assert await stores[0].read(lambda tx: tx.meta.get("n")) == "60"


async def test_a_closed_store_refuses_in_words(opener: Opener) -> None:
    store = await opener()
    last = asyncio.ensure_future(store.write(lambda tx: tx.meta.put("k", "last")))
    await asyncio.sleep(0)
    await store.aclose()
    await store.aclose()
    await last
    for ask in (store.write, store.read):
        with pytest.raises(StoreError, match="closed"):
            await ask(lambda tx: tx.meta.get("k"))
    assert await (await opener()).read(lambda tx: tx.meta.get("k")) == "last"


@pytest.fixture(params=["Asia/Kathmandu", "America/New_York"])
def elsewhere(request: pytest.FixtureRequest) -> Iterator[None]:
    """The machine stands somewhere else."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.usefixtures("elsewhere")
async def test_instants_do_not_depend_on_the_machine(store: SqlStore) -> None:
    kathmandu = timezone(timedelta(hours=5, minutes=45))
    night = datetime(2026, 3, 29, 1, 59, 59, 999_999, tzinfo=kathmandu)
    ancient = datetime(1, 1, 1, tzinfo=timezone.utc)  # noqa: UP017
    rows = await add(store, new(due=night, wake_at=ancient), new(due=at(0)))
    stored = await store.read(lambda tx: [tx.deliveries.get(row.id) for row in rows])
    found = [d for d in stored if d is not None]
    assert [d.due for d in found] == [night, START]
    assert [str(d.due) for d in found] == ["2026-03-28 20:14:59.999999+00:00", "2026-11-21 09:00:00+00:00"]
    assert found[0].wake_at == ancient
    entry = AuditEntry(at=night, brand="acme", who="x", what="y", post_id=rows[0].post_id)
    await store.write(lambda tx: tx.audit.add(entry))
    assert (await store.read(lambda tx: tx.audit.of_post(rows[0].post_id))) == (entry,)


async def test_an_instant_without_a_zone_is_refused(store: SqlStore) -> None:
    with pytest.raises(ValueError, match="without a zone"):
        await add(store, new(due=datetime(2026, 1, 1)))  # noqa: DTZ001
