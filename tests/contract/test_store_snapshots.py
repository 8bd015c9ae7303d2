"""What was read about posts, on both databases: once for each second, newest first found, never lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.delivery import State
from bot.domain.platform import Metrics
from bot.domain.snapshot import AccountCount, Snapshot, Watch
from bot.ports import Tx
from bot.store import SqlStore
from bot.testing.clock import START
from tests.contract.store_rows import add, at, new

LEASE = timedelta(minutes=5)


def watch(delivery_id: int, account: str = "acme-x", *, look_at: datetime | None = START) -> Watch:
    return Watch(
        delivery_id=delivery_id,
        post_id=delivery_id,
        brand="acme",
        account=account,
        platform="demo",
        content_type="text",
        out_at=START,
        look_at=look_at,
    )


def reading(
    delivery_id: int, minutes: float, views: int | None = 1, *, likes: int | None = None, gone: bool = False
) -> Snapshot:
    counts = Metrics(views=views, likes=likes)
    return Snapshot(delivery_id=delivery_id, account="acme-x", at=at(minutes), metrics=counts, gone=gone)


async def test_a_delivery_is_watched_once_and_comes_back_as_it_was(store: SqlStore) -> None:
    assert await store.write(lambda tx: tx.snapshots.watch(watch(7)))
    assert not await store.write(lambda tx: tx.snapshots.watch(watch(7, look_at=None)))
    assert await store.read(lambda tx: tx.snapshots.watched(7)) == watch(7)
    assert await store.read(lambda tx: tx.snapshots.watched(8)) is None


async def test_what_is_live_and_unknown_is_found(store: SqlStore) -> None:
    live, other = await add(store, new(state=State.LIVE), new("acme-y", state=State.REFUSED))
    assert await store.read(lambda tx: tx.snapshots.unwatched(10)) == (live.id,)
    await store.write(lambda tx: tx.snapshots.watch(watch(live.id)))
    assert await store.read(lambda tx: tx.snapshots.unwatched(10)) == ()
    assert other.id != live.id


async def test_looks_come_when_they_are_due_and_are_planned_again(store: SqlStore) -> None:
    def begin(tx: Tx) -> None:
        for id_, minutes in ((1, 3), (2, 1), (3, 99)):
            tx.snapshots.watch(watch(id_, look_at=at(minutes)))
        tx.snapshots.watch(watch(4, "acme-y", look_at=at(2)))

    await store.write(begin)
    assert set(await store.read(lambda tx: tx.snapshots.due_accounts(at(5)))) == {"acme-x", "acme-y"}
    assert await store.read(lambda tx: tx.snapshots.due(at(5))) == 3
    first = await store.read(lambda tx: tx.snapshots.ready("acme-x", at(5), 9))
    assert [(one.delivery_id, one.look_at) for one in first] == [(2, at(1)), (1, at(3))]
    planned = replace(first[0], look_at=None, ended="closed", tries=2, missing=1)
    await store.write(lambda tx: tx.snapshots.plan(planned))
    assert await store.read(lambda tx: tx.snapshots.watched(2)) == planned
    assert await store.read(lambda tx: tx.snapshots.ready("acme-x", at(5), 9)) == first[1:]


async def test_one_at_a_time_reads_an_account(store: SqlStore) -> None:
    async def claims(owner: str, minutes: float, *, alone: bool = False) -> bool:
        return await store.write(
            lambda tx: tx.snapshots.claim(
                "acme-x", owner=owner, now=at(minutes), until=at(minutes) + LEASE, alone=alone
            )
        )

    assert await claims("a", 0)
    assert not await claims("b", 1)
    assert await claims("a", 4)  # goes on
    assert not await claims("b", 8)
    assert await claims("b", 9)  # the other fell silent
    assert await claims("c", 9, alone=True)  # nobody else can be there
    await store.write(lambda tx: tx.snapshots.release("acme-x", "b"))  # too late to mean anything
    assert not await claims("b", 10)
    await store.write(lambda tx: tx.snapshots.release("acme-x", "c"))
    assert await claims("b", 10)


async def test_an_account_is_put_off_as_a_whole(store: SqlStore) -> None:
    def unit(tx: Tx) -> int:
        tx.snapshots.watch(watch(1))
        tx.snapshots.watch(watch(2, look_at=at(90)))
        tx.snapshots.watch(watch(3, look_at=None))
        tx.snapshots.watch(watch(4, "acme-y"))
        return tx.snapshots.put_off("acme-x", at(60))

    assert await store.write(unit) == 1
    assert await store.read(lambda tx: tx.snapshots.due_accounts(at(59))) == ("acme-y",)
    assert await store.read(lambda tx: tx.snapshots.due(at(60))) == 2


async def test_a_second_is_kept_once_and_the_newest_is_found(store: SqlStore) -> None:
    def unit(tx: Tx) -> tuple[int, int]:
        tx.snapshots.watch(watch(7))
        some = (reading(7, 5, 50, likes=0), reading(7, 1, 10), reading(7, 5, 99))
        return tx.snapshots.put(some), tx.snapshots.put(some)

    assert await store.write(unit) == (2, 0)
    newest = (await store.read(lambda tx: tx.snapshots.latest([7, 8])))[7]
    assert (newest.metrics, newest.at, newest.gone) == (Metrics(views=50, likes=0), at(5), False)
    assert [one.at for one in await store.read(lambda tx: tx.snapshots.of(7))] == [at(1), at(5)]
    assert [one.at for one in await store.read(lambda tx: tx.snapshots.of(7, at(2)))] == [at(5)]
    assert await store.read(lambda tx: tx.snapshots.get(newest.id)) == newest


async def test_what_is_gone_keeps_its_last_numbers(store: SqlStore) -> None:
    def unit(tx: Tx) -> None:
        tx.snapshots.watch(watch(7))
        tx.snapshots.put([reading(7, 1, 10), reading(7, 9, None, gone=True)])
        tx.snapshots.plan(replace(watch(7), look_at=None, ended="gone"))

    await store.write(unit)
    newest = (await store.read(lambda tx: tx.snapshots.latest([7])))[7]
    assert (newest.metrics.views, newest.at, newest.gone) == (10, at(1), True)
    assert [one.gone for one in await store.read(lambda tx: tx.snapshots.of(7))] == [False, True]


@pytest.mark.parametrize("many", [1, 2000])
async def test_neighbours_do_not_run_into_each_other(store: SqlStore, many: int) -> None:
    def unit(tx: Tx) -> None:
        for id_ in range(1, many + 1):
            tx.snapshots.watch(watch(id_))
            tx.snapshots.put([reading(id_, minute, id_) for minute in (1, 2)])

    await store.write(unit)
    found = await store.read(lambda tx: tx.snapshots.series(range(1, many + 1)))
    assert [(one.delivery_id, one.metrics.views) for one in found] == [
        (id_, id_) for id_ in range(1, many + 1) for _ in (1, 2)
    ]
    assert len(await store.read(lambda tx: tx.snapshots.latest(range(1, many + 1)))) == many


async def test_readings_of_a_brand_carry_their_flags(store: SqlStore) -> None:
    def unit(tx: Tx) -> None:
        tx.snapshots.watch(watch(1))
        tx.snapshots.watch(replace(watch(2, "acme-y"), post_id=1, out_at=at(60)))
        tx.snapshots.watch(replace(watch(3), brand="globex"))
        tx.snapshots.watch(watch(4))  # nothing was read of it
        tx.snapshots.put([reading(id_, 90, id_) for id_ in (1, 2, 3)])
        tx.snapshots.flag(1, "PAID")
        tx.snapshots.flag(1, "TEST", "acme-y")
        tx.snapshots.flag(1, "TEST", "acme-y")

    await store.write(unit)
    found = await store.read(lambda tx: tx.snapshots.readings("acme"))
    assert [(r.watch.delivery_id, r.flags) for r in found] == [
        (1, frozenset({"PAID"})),
        (2, frozenset({"PAID", "TEST"})),
    ]
    of_one = await store.read(lambda tx: tx.snapshots.readings("acme", accounts=["acme-y"]))
    since = await store.read(lambda tx: tx.snapshots.readings("acme", since=at(30)))
    assert of_one == since == found[1:]
    assert len(await store.read(lambda tx: tx.snapshots.readings())) == 3
    flags = await store.read(lambda tx: tx.snapshots.flags([1, 2]))
    assert flags == {1: frozenset({("PAID", ""), ("TEST", "acme-y")})}
    await store.write(lambda tx: tx.snapshots.unflag(1, "PAID"))
    assert await store.read(lambda tx: tx.snapshots.flags([1])) == {1: frozenset({("TEST", "acme-y")})}
    assert [w.delivery_id for w in await store.read(lambda tx: tx.snapshots.watches("acme"))] == [1, 4, 2]


async def test_followers_are_kept_by_day(store: SqlStore) -> None:
    def unit(tx: Tx) -> None:
        for day, minutes, followers in (("2026-03-01", 1, 10), ("2026-03-01", 2, 9), ("2026-03-02", 3, 12)):
            count = AccountCount(account="acme-x", day=day, at=at(minutes), followers=followers)
            tx.snapshots.count_account(count)

    await store.write(unit)
    found = await store.read(lambda tx: tx.snapshots.account_counts("acme-x"))
    assert [(c.day, c.followers) for c in found] == [("2026-03-01", 9), ("2026-03-02", 12)]
    assert await store.read(lambda tx: tx.snapshots.account_counts("acme-x", "2026-03-02")) == found[1:]


async def test_money_for_reading_counts_and_can_be_given_back(store: SqlStore) -> None:
    day = START.replace(hour=0, minute=0, second=0, microsecond=0)
    after = day + timedelta(days=1)

    def unit(tx: Tx) -> tuple[int, int]:
        tx.budgets.charge("acme-x", "acme", day, 5000)
        tx.budgets.charge("acme-x", "acme", day, -2000)
        by_account = tx.budgets.spent(since=day, until=after, account="acme-x")
        return by_account, tx.budgets.spent(since=day, until=after, brand="acme")

    assert await store.write(unit) == (3000, 3000)
