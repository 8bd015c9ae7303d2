"""The ledger on both databases: claims, fences, leases, attempts, and what the engine asks."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial

import pytest

from bot.domain.delivery import Attempt, AttemptState, PartProgress, PartState, State
from bot.domain.platform import Proof
from bot.domain.records import Halt
from bot.errors import Conflict, NotFound
from bot.ports import Backlog, Tx
from bot.store import SqlStore
from bot.testing.clock import START
from tests.contract.conftest import Opener
from tests.contract.store_rows import LEASE, add, at, attempt, claim, new


async def test_a_claim_takes_the_oldest_due_first(store: SqlStore) -> None:
    rows = (new(due=at(-1)), new(due=at(-9)), new(due=at(-9)), new(due=at(9), wake_at=at(9)))
    late, first, second, future = [(await add(store, row))[0] for row in rows]
    taken = await store.write(lambda tx: claim(tx, limit=2))
    assert [d.id for d in taken] == [first.id, second.id]
    assert taken[0] == replace(
        first,
        state=State.PUBLISHING,
        fence=1,
        lease_owner="me",
        lease_until=START + LEASE,
        wake_at=START + LEASE,
    )
    assert [d.id for d in await store.write(claim)] == [late.id]
    assert await store.write(claim) == ()
    assert (await store.read(lambda tx: tx.deliveries.get(future.id))) == future


async def test_a_claim_takes_what_wakes_before_it_is_due_after_what_is_due(store: SqlStore) -> None:
    early, sleeping, undated, due = await add(
        store,
        new(due=at(1)),
        new(due=at(-5), wake_at=at(5)),
        new(due=None),
        new(due=at(-1)),
    )
    taken = await store.write(claim)
    assert [d.id for d in taken] == [due.id, early.id, undated.id]
    assert sleeping.id not in {d.id for d in taken}


async def test_a_claim_leaves_other_accounts_and_states_alone(store: SqlStore) -> None:
    await add(store, new("acme-li"), new(state=State.IN_REVIEW), new(state=State.HELD))
    assert await store.write(claim) == ()


async def test_two_processes_never_claim_the_same_row(opener: Opener) -> None:
    one, two = await opener(), await opener()
    await add(one, *(new(due=at(-n)) for n in range(40)))

    async def work(store: SqlStore, owner: str) -> list[int]:
        got: list[int] = []
        while rows := await store.write(lambda tx: claim(tx, owner, limit=3)):
            got += [d.id for d in rows]
            assert {d.lease_owner for d in rows} == {owner}
        return got

    found = await asyncio.gather(*(work(s, f"{n}{k}") for n, s in enumerate((one, two)) for k in "ab"))
    ids = [id_ for got in found for id_ in got]
    assert len(ids) == 40
    assert len(set(ids)) == 40


async def test_a_claimed_row_brings_its_parts(store: SqlStore) -> None:
    begun, fresh = await add(store, new(due=at(-2)), new())
    part = PartProgress(
        index=1,
        state=PartState.OUT,
        ref={"uri": "at://x", "n": [1, None]},
        url="https://example.org/1",
        proof=Proof.RECEIPT,
        out_at=at(-1),
        checkpoint={"media": "7"},
        checkpoint_expires=at(5),
    )
    first = PartProgress(index=0, state=PartState.STAGED)

    def unit(tx: Tx) -> None:
        tx.deliveries.save_part(begun.id, replace(part, ref=None, state=PartState.WAITING))
        tx.deliveries.save_part(begun.id, part)
        tx.deliveries.save_part(begun.id, first)

    await store.write(unit)
    taken = await store.write(claim)
    assert [d.parts for d in taken] == [(first, part), ()]
    assert taken[1].id == fresh.id
    assert (await store.read(lambda tx: tx.deliveries.of_post(begun.post_id)))[0].parts == (first, part)


async def test_only_the_newest_fence_may_save(store: SqlStore) -> None:
    await add(store, new())
    (old,) = await store.write(claim)
    taken = await store.write(
        lambda tx: tx.deliveries.take_over(old.id, fence=old.fence, now=at(2), owner="you", lease=LEASE)
    )
    assert taken is not None
    assert (taken.fence, taken.lease_owner, taken.lease_until) == (2, "you", at(2) + LEASE)
    live = replace(old, state=State.LIVE, wake_at=None)
    assert await store.write(lambda tx: tx.deliveries.save(live, fence=old.fence)) is False
    assert await store.read(lambda tx: tx.deliveries.get(old.id)) == taken
    again = await store.write(
        lambda tx: tx.deliveries.take_over(old.id, fence=old.fence, now=at(2), owner="me", lease=LEASE)
    )
    assert again is None


async def test_save_writes_everything_that_may_change(store: SqlStore) -> None:
    (row,) = await add(store, new())
    changed = replace(
        row,
        variant=new(text="other words").variant,
        fingerprint="0" * 64,
        version=2,
        state=State.HELD,
        due=at(10),
        wake_at=None,
        lease_until=at(1),
        lease_owner="me",
        tries=3,
        checks=2,
        platform_wait=True,
        reason="waits — «quoted» 🐦",
    )
    assert await store.write(lambda tx: tx.deliveries.save(changed, fence=0)) is True
    assert await store.read(lambda tx: tx.deliveries.get(row.id)) == changed


async def test_a_part_has_one_open_attempt(store: SqlStore) -> None:
    await add(store, new())
    (mine,) = await store.write(claim)
    first = await store.write(lambda tx: tx.attempts.open(attempt(mine, "k1"), owner="me"))
    assert first.id > 0
    with pytest.raises(Conflict, match="open attempt"):
        await store.write(lambda tx: tx.attempts.open(attempt(mine, "k2"), owner="me"))
    await store.write(lambda tx: tx.attempts.open(attempt(mine, "k3", part=1), owner="me"))
    await store.write(lambda tx: tx.attempts.close(first.id, AttemptState.FAILED, error="429\0"))
    second = await store.write(lambda tx: tx.attempts.open(attempt(mine, "k2"), owner="me"))
    await store.write(lambda tx: tx.attempts.close(second.id, AttemptState.UNKNOWN, ref="17"))
    with pytest.raises(Conflict):
        await store.write(lambda tx: tx.attempts.open(attempt(mine, "k4"), owner="me"))
    await store.write(lambda tx: tx.attempts.close(second.id, AttemptState.OK))
    with pytest.raises(Conflict):
        await store.write(lambda tx: tx.attempts.open(attempt(mine, "k4"), owner="me"))
    rows = await store.read(lambda tx: tx.attempts.of_delivery(mine.id))
    assert [(a.key, a.state, a.ref, a.error) for a in rows] == [
        ("k1", AttemptState.FAILED, None, "429\ufffd"),
        ("k3", AttemptState.CALLING, None, ""),
        ("k2", AttemptState.OK, "17", ""),
    ]


def try_to_open(bad: Attempt, owner: str, tx: Tx) -> Attempt:
    return tx.attempts.open(bad, owner=owner)


async def test_an_attempt_is_for_the_holder_of_the_row(store: SqlStore) -> None:
    await add(store, new())
    (mine,) = await store.write(claim)
    for bad, owner in (
        (attempt(mine, "k", fence=0), "me"),
        (attempt(mine, "k", fence=2), "me"),
        (attempt(mine, "k"), "you"),
    ):
        with pytest.raises(Conflict, match="another worker"):
            await store.write(partial(try_to_open, bad, owner))
    held = replace(mine, state=State.HELD)
    await store.write(lambda tx: tx.deliveries.save(held, fence=1))
    with pytest.raises(Conflict):
        await store.write(lambda tx: tx.attempts.open(attempt(mine, "k"), owner="me"))


async def test_concurrent_attempts_for_one_part_leave_one(opener: Opener) -> None:
    stores = [await opener(), await opener()]
    await add(stores[0], new())
    (mine,) = await stores[0].write(claim)

    async def ask(n: int) -> bool:
        try:
            await stores[n % 2].write(lambda tx: tx.attempts.open(attempt(mine, f"k{n}"), owner="me"))
        except Conflict:
            return False
        return True

    assert sum(await asyncio.gather(*(ask(n) for n in range(20)))) == 1


async def test_what_the_pump_asks(store: SqlStore) -> None:
    await add(
        store,
        new("b", wake_at=at(0)),
        new("a", wake_at=at(-1)),
        new("a", wake_at=at(-2)),
        new("c", wake_at=at(1)),
        new("d", wake_at=None),
    )
    read = store.read
    assert sorted(await read(lambda tx: tx.deliveries.waiting_accounts(START))) == ["a", "b"]
    assert await read(lambda tx: tx.deliveries.next_wake()) == at(-2)
    assert await read(lambda tx: tx.deliveries.waiting_accounts(at(-5))) == ()


async def test_nothing_to_wake_for(store: SqlStore) -> None:
    assert await store.read(lambda tx: tx.deliveries.next_wake()) is None
    assert await store.read(lambda tx: tx.deliveries.waiting_accounts(START)) == ()


async def test_rows_that_wake_in_other_states(store: SqlStore) -> None:
    rows = await add(
        store,
        new(state=State.UNCONFIRMED, due=at(-1)),
        new(state=State.PUBLISHING, due=at(-2)),
        new(state=State.UNCONFIRMED, wake_at=at(1)),
        new(state=State.SCHEDULED),
        new("acme-li", state=State.UNCONFIRMED),
    )
    states = {State.UNCONFIRMED, State.PUBLISHING}
    found = await store.read(lambda tx: tx.deliveries.waking("acme-x", START, states))
    assert [d.id for d in found] == [rows[1].id, rows[0].id]


async def test_leases_of_a_dead_predecessor(store: SqlStore) -> None:
    await add(store, new(), new(due=at(-1)))
    (mine,) = await store.write(lambda tx: claim(tx, "dead", limit=1))
    await store.write(lambda tx: claim(tx, "me", limit=1))
    assert await store.read(lambda tx: tx.deliveries.leased_by_others("me")) == (mine,)


async def test_unfinished_by_due_time(store: SqlStore) -> None:
    rows = await add(
        store,
        new(due=None, state=State.IN_REVIEW),
        new(due=at(2)),
        new(due=at(1), state=State.UNCONFIRMED),
        new(due=at(0), state=State.LIVE),
        new(due=at(0), state=State.CANCELLED),
    )
    (other,) = await add(store, new(due=at(1.5)), brand="zeta")
    everything = [rows[2].id, other.id, rows[1].id, rows[0].id]
    assert [d.id for d in await store.read(lambda tx: tx.deliveries.unfinished())] == everything
    assert [d.id for d in await store.read(lambda tx: tx.deliveries.unfinished(limit=2))] == everything[:2]
    mine = await store.read(lambda tx: tx.deliveries.unfinished("acme"))
    assert [d.id for d in mine] == [rows[2].id, rows[1].id, rows[0].id]
    few = await store.read(lambda tx: tx.deliveries.unfinished("acme", limit=2))
    assert few == mine[:2]


async def test_a_backlog_counts_what_is_unfinished_in_a_brand(store: SqlStore) -> None:
    assert await store.read(lambda tx: tx.queue.backlog("acme")) == Backlog(states={})
    rows = await add(
        store,
        new(due=None, wake_at=None),
        new(due=at(3)),
        new(due=at(2)),
        new(due=at(1), state=State.IN_REVIEW),
        new(state=State.UNCONFIRMED, wake_at=at(1)),
        new(state=State.UNCONFIRMED, wake_at=None),
        new(state=State.REFUSED),
        new(due=at(0), state=State.LIVE),
    )
    await add(store, new(due=at(0)), new(state=State.UNCONFIRMED, wake_at=None), brand="zeta")
    found = await store.read(lambda tx: tx.queue.backlog("acme"))
    states = {State.SCHEDULED: 3, State.IN_REVIEW: 1, State.UNCONFIRMED: 2, State.REFUSED: 1}
    assert found == Backlog(states=states, asked=1, upcoming=(at(2), rows[2].post_id))


async def test_open_is_what_does_not_only_wait_for_its_time(store: SqlStore) -> None:
    rows = await add(
        store,
        new(due=None, state=State.IN_REVIEW),
        new(due=at(9), state=State.UNCONFIRMED),
        new(due=at(1)),
        new(due=at(2)),
        new(due=at(3)),
        new(due=None, wake_at=None),
        new(due=at(2), state=State.CANCELLED),
    )
    await add(store, new(due=at(2)), new(state=State.HELD), brand="zeta")

    async def found(since: float, until: float, limit: int = 200) -> list[int]:
        span = {"since": at(since), "until": at(until)}
        return [d.id for d in await store.read(lambda tx: tx.queue.open("acme", **span, limit=limit))]

    assert await found(0, 0) == [rows[1].id, rows[0].id]
    assert await found(1, 3) == [rows[2].id, rows[3].id, rows[1].id, rows[0].id]
    assert await found(1, 3, limit=1) == [rows[2].id]


async def test_what_is_pressing_and_what_is_late(store: SqlStore) -> None:
    await add(
        store,
        new(due=at(-30)),
        new(due=at(-20), wake_at=at(5)),
        new(due=at(5), wake_at=at(5)),
        new(state=State.PUBLISHING, wake_at=at(1)),
        new(state=State.UNCONFIRMED, wake_at=at(1)),
        new(state=State.UNCONFIRMED, wake_at=None),
        new(state=State.IN_REVIEW, wake_at=at(-1)),
        new(state=State.IN_REVIEW, wake_at=at(1)),
        new(state=State.LIVE, wake_at=None),
    )
    (halted,) = await add(store, new(due=at(-40)), brand="zeta")
    await store.write(lambda tx: tx.halts.put(Halt(brand="zeta", by="dana", at=START)))
    assert await store.read(lambda tx: tx.deliveries.pressing(START)) == 5
    late = await store.read(lambda tx: tx.deliveries.late(START, before=at(-15)))
    assert [d.due for d in late] == [at(-30)]
    await store.write(lambda tx: tx.halts.lift("zeta"))
    assert await store.read(lambda tx: tx.deliveries.pressing(START)) == 6
    late = await store.read(lambda tx: tx.deliveries.late(START, before=at(-15), limit=1))
    assert [d.id for d in late] == [halted.id]


async def test_advancing_writes_where_it_stands_and_not_what_it_says(store: SqlStore) -> None:
    (row,) = await add(store, new())
    changed = replace(row, variant=replace(row.variant, account="other"), fingerprint="x", version=9)
    moved = replace(changed, state=State.HELD, wake_at=None, tries=2, reason="why")
    assert not await store.write(lambda tx: tx.deliveries.advance(replace(moved, fence=row.fence + 1)))
    assert await store.read(lambda tx: tx.deliveries.get(row.id)) == row
    assert await store.write(lambda tx: tx.deliveries.advance(moved))
    kept = replace(row, state=State.HELD, wake_at=None, tries=2, reason="why")
    assert await store.read(lambda tx: tx.deliveries.get(row.id)) == kept


async def test_wakes_are_pushed_and_pulled(store: SqlStore) -> None:
    rows = await add(
        store,
        new(due=at(-1)),
        new(due=at(3), wake_at=at(3)),
        new(due=at(20), wake_at=at(20)),
        new(state=State.UNCONFIRMED),
        new("acme-li"),
    )

    async def wakes() -> list[object]:
        found = await store.read(lambda tx: [tx.deliveries.get(row.id) for row in rows])
        return [d.wake_at for d in found if d is not None]

    def push(tx: Tx) -> tuple[int, ...]:
        return tx.deliveries.set_wakes("acme-x", before=at(10), until=at(10), reason="its daily limit")

    assert await store.write(push) == (rows[0].post_id,) * 2
    pushed = await store.read(lambda tx: tx.deliveries.get(rows[0].id))
    assert pushed == replace(rows[0], wake_at=at(10), reason="its daily limit", platform_wait=True)
    assert await wakes() == [at(10), at(10), at(20), START, START]
    assert await store.write(lambda tx: tx.deliveries.pull_wakes("acme-x", at(1))) == 1
    assert await wakes() == [at(1), at(10), at(20), START, START]


async def test_the_times_an_account_has_taken(store: SqlStore) -> None:
    await add(
        store,
        new(due=at(2)),
        new(due=at(1), state=State.IN_REVIEW),
        new(due=None, state=State.IN_REVIEW),
        new(due=at(3), state=State.LIVE),
        new("acme-li", due=at(4)),
    )
    assert await store.read(lambda tx: tx.deliveries.dues("acme-x")) == (at(1), at(2))


async def test_a_unit_that_fails_leaves_nothing(store: SqlStore) -> None:
    (row,) = await add(store, new())

    def failing(tx: Tx) -> None:
        claim(tx)
        raise NotFound("no such post")

    with pytest.raises(NotFound):
        await store.write(failing)
    assert await store.read(lambda tx: tx.deliveries.get(row.id)) == row
