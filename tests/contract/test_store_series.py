"""Recurring posts, calendars and copies, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.approval import Choice, Via, Vote
from bot.domain.delivery import Delivery, State
from bot.domain.post import Post
from bot.domain.series import CalendarEntry, EntryKind, Series
from bot.errors import StoreError
from bot.ports import NewDelivery, Tx
from bot.store import SqlStore, copy_database, open_store, tame
from bot.testing.clock import START
from tests.contract.store_rows import at, card, new, notice, post

RULE = "every day 09:00 from 2026-11-22 until 2027-03-01"
FIRST = datetime(2026, 11, 22, 9, 0)  # noqa: DTZ001 - wall time


def occurrence(day: int, state: State, *, account: str = "acme-x") -> NewDelivery:
    due = START + timedelta(days=day + 1)
    made = new(account, state=state, due=due, wake_at=None if state is State.LIVE else due)
    return replace(made, rule=RULE, wall=FIRST + timedelta(days=day), zone="UTC")


async def recurring(store: SqlStore, *states: State) -> tuple[Post, tuple[Delivery, ...]]:
    """A post with one occurrence a day in these states."""
    rows = [occurrence(day, state) for day, state in enumerate(states)]
    return await store.write(lambda tx: tx.posts.add(post(), rows))


async def test_wall_times_come_back_as_they_were_and_another_can_be_saved(store: SqlStore) -> None:
    _, (made,) = await recurring(store, State.SCHEDULED)
    assert (made.rule, made.wall, made.zone) == (RULE, FIRST, "UTC")
    moved = replace(made, wall=FIRST + timedelta(days=7), zone=None, rule=None)
    assert await store.write(lambda tx: tx.deliveries.save(moved, fence=made.fence))
    assert await store.read(lambda tx: tx.deliveries.get(made.id)) == moved


async def test_a_rule_makes_an_occurrence_once(store: SqlStore) -> None:
    owner, _ = await recurring(store, State.LIVE)
    with pytest.raises(StoreError):
        await store.write(lambda tx: tx.deliveries.add(owner, occurrence(0, State.SCHEDULED)))
    other = await store.write(
        lambda tx: tx.deliveries.add(owner, occurrence(0, State.SCHEDULED, account="acme-y"))
    )
    assert other.account == "acme-y"


async def test_of_a_year_only_what_is_open_and_what_came_last_is_read(store: SqlStore) -> None:
    s = State
    owner, rows = await recurring(store, s.LIVE, s.CANCELLED, s.REFUSED, s.LIVE, s.SCHEDULED, s.SCHEDULED)
    found = await store.read(lambda tx: tx.deliveries.series(owner.id))
    assert [d.id for d in found] == [rows[2].id, rows[3].id, rows[4].id, rows[5].id]
    (shown,) = await store.read(lambda tx: tx.deliveries.of_post(owner.id))
    assert shown.id == rows[4].id, "what was refused counts until the one after it has begun"
    done, over = await recurring(store, s.LIVE, s.LIVE)
    assert [d.id for d in await store.read(lambda tx: tx.deliveries.of_post(done.id))] == [over[1].id]


async def test_what_was_refused_last_is_what_counts_until_the_next_begins(store: SqlStore) -> None:
    owner, rows = await recurring(store, State.LIVE, State.REFUSED, State.SCHEDULED)
    (shown,) = await store.read(lambda tx: tx.deliveries.of_post(owner.id))
    assert shown.id == rows[1].id


async def test_only_what_nothing_has_happened_to_is_forgotten(store: SqlStore) -> None:
    _, (first, second, third) = await recurring(store, State.SCHEDULED, State.SCHEDULED, State.LIVE)
    vote = Vote(
        delivery_id=second.id,
        member="bob",
        choice=Choice.YES,
        fingerprint="f",
        version=1,
        via=Via.COMMAND,
        at=START,
    )

    def unit(tx: Tx) -> list[bool]:
        tx.votes.put(vote)
        return [
            tx.deliveries.drop(first.id, fence=first.fence + 1),
            tx.deliveries.drop(first.id, fence=first.fence),
            tx.deliveries.drop(second.id, fence=second.fence),
            tx.deliveries.drop(third.id, fence=third.fence),
        ]

    assert await store.write(unit) == [False, True, False, False]
    assert await store.read(lambda tx: tx.deliveries.get(first.id)) is None


async def test_walls_and_dues_within_bounds(store: SqlStore) -> None:
    owner, rows = await recurring(store, State.LIVE, State.SCHEDULED, State.SCHEDULED)

    def unit(tx: Tx) -> tuple[object, ...]:
        return (
            tx.deliveries.walls(owner.id, "acme-x", FIRST),
            tx.deliveries.dues("acme-x", START, START + timedelta(days=2)),
            [d.id for d in tx.deliveries.between(START + timedelta(days=1), START + timedelta(days=2))],
            tx.deliveries.next_wake(START + timedelta(days=2)),
        )

    walls, dues, between, wake = await store.read(unit)
    assert sorted(walls) == [FIRST + timedelta(days=1), FIRST + timedelta(days=2)]  # type: ignore[call-overload]
    assert dues == (START + timedelta(days=2),)
    assert between == [rows[0].id, rows[1].id]
    assert wake == START + timedelta(days=3)


async def test_series_are_looked_at_in_order_and_rest_when_there_is_nothing_to_make(store: SqlStore) -> None:
    owners = [(await recurring(store, State.LIVE))[0] for _ in range(3)]

    def unit(tx: Tx) -> None:
        for owner, minutes in zip(owners, (5, 1, None), strict=True):
            look = None if minutes is None else at(minutes)
            tx.rules.put(Series(post_id=owner.id, brand="acme", look_at=look))

    await store.write(unit)
    assert [s.post_id for s in await store.read(lambda tx: tx.rules.due(at(9)))] == [
        owners[1].id,
        owners[0].id,
    ]
    assert await store.read(lambda tx: tx.rules.due(at(0))) == ()
    assert await store.read(lambda tx: tx.rules.next_look()) == at(1)
    assert len(await store.read(lambda tx: tx.rules.active("acme"))) == 2
    assert await store.read(lambda tx: tx.rules.active("other")) == ()
    await store.write(lambda tx: tx.rules.put(Series(post_id=owners[0].id, brand="acme", ended="enough")))
    assert (await store.read(lambda tx: tx.rules.get(owners[0].id))) == Series(
        post_id=owners[0].id, brand="acme", ended="enough"
    )


async def test_a_calendar_entry_is_there_once_and_only_for_its_brand(store: SqlStore) -> None:
    slot = CalendarEntry(brand="acme", kind=EntryKind.SLOT, text="fri 17:30", by="bob", at=START)
    assert await store.write(lambda tx: tx.calendars.add(slot))
    assert not await store.write(lambda tx: tx.calendars.add(replace(slot, by="carol")))
    assert await store.read(lambda tx: tx.calendars.of_brand("acme")) == (slot,)
    assert await store.read(lambda tx: tx.calendars.of_brand("other")) == ()
    assert not await store.write(lambda tx: tx.calendars.remove("acme", EntryKind.BLACKOUT, "fri 17:30"))
    assert await store.write(lambda tx: tx.calendars.remove("acme", EntryKind.SLOT, "fri 17:30"))


async def test_a_copy_says_what_the_original_does_and_does_nothing_to_others(
    url: str, store: SqlStore, tmp_path: Path
) -> None:
    owner, rows = await recurring(store, State.LIVE, State.PUBLISHING, State.SCHEDULED)

    def unit(tx: Tx) -> None:
        tx.cards.add(card(owner.id, "c1"))
        tx.notices.put(notice("n"))
        tx.meta.put("kind", "real")

    await store.write(unit)
    copy = tmp_path / "copy" / "copy.db"
    copy.parent.mkdir()
    await copy_database(url, copy)
    await tame(copy)
    other = await open_store(f"sqlite+aiosqlite:///{copy}")
    try:
        found = await other.read(lambda tx: tx.deliveries.series(owner.id))
        assert [(d.id, d.state, d.wall) for d in found] == [
            (rows[0].id, State.LIVE, rows[0].wall),
            (rows[1].id, State.UNCONFIRMED, rows[1].wall),
            (rows[2].id, State.SCHEDULED, rows[2].wall),
        ]
        assert found[2] == rows[2]
        assert await other.read(lambda tx: tx.cards.of_post(owner.id)) == ()
        assert await other.read(lambda tx: tx.notices.due(at(10))) == ()
        assert await other.read(lambda tx: tx.meta.get("kind")) is None
    finally:
        await other.aclose()
    assert len(await store.read(lambda tx: tx.cards.of_post(owner.id))) == 1
    assert (await store.read(lambda tx: tx.deliveries.get(rows[1].id))) == rows[1]
