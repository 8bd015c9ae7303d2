"""Posts, votes, cards, notices, accounts, halts, the audit trail: the same on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.approval import Choice, Via, Vote
from bot.domain.delivery import State
from bot.domain.message import Message, Target
from bot.domain.post import Variant
from bot.domain.records import AccountState, AuditEntry, Halt, Health, Version
from bot.ports import Tx
from bot.store import SqlStore
from bot.testing.clock import START
from tests.contract.store_rows import TARGET, add, at, card, keep, new, notice, post, tell


async def test_a_post_is_kept_with_its_versions(store: SqlStore) -> None:
    kept, rows = await store.write(lambda tx: tx.posts.add(post(), [new(), new("acme-li")]))
    assert kept == replace(post(), id=kept.id)
    assert [d.account for d in rows] == ["acme-x", "acme-li"]
    changed = replace(kept, brief="new", wish="fri 17:30", version=2)
    variants: tuple[Variant, ...] = (new(text="a").variant, new("acme-li", text="b").variant)
    versions = tuple(
        Version(post_id=kept.id, number=n, author="bob", at=at(n), wish="now", variants=variants)
        for n in (1, 2)
    )

    def unit(tx: Tx) -> None:
        tx.posts.lock(kept.id)
        tx.posts.save(changed)
        for version in reversed(versions):
            tx.posts.add_version(version)

    await store.write(unit)
    assert await store.read(lambda tx: tx.posts.get(kept.id)) == changed
    assert await store.read(lambda tx: tx.posts.versions(kept.id)) == versions
    assert await store.read(lambda tx: tx.deliveries.of_post(kept.id)) == rows
    assert await store.read(lambda tx: tx.posts.get(99)) is None
    assert await store.read(lambda tx: tx.deliveries.get(99)) is None


async def test_the_latest_post_of_a_brand(store: SqlStore) -> None:
    (waiting,) = await add(store, new(state=State.IN_REVIEW))
    (live,) = await add(store, new(state=State.LIVE))
    await add(store, new(state=State.IN_REVIEW), brand="zeta")

    async def latest(brand: str, *states: State) -> int | None:
        found = await store.read(lambda tx: tx.posts.latest(brand, states or None))
        return None if found is None else found.id

    assert await latest("acme") == live.post_id
    assert await latest("acme", State.IN_REVIEW, State.APPROVED) == waiting.post_id
    assert await latest("acme", State.HELD) is None
    assert await latest("nobody") is None


async def test_the_newer_vote_replaces_the_older(store: SqlStore) -> None:
    one, two = await add(store, new(), new("acme-li"))
    (other,) = await add(store, new())
    yes = Vote(
        delivery_id=one.id,
        member="bob",
        choice=Choice.YES,
        fingerprint="f",
        version=1,
        via=Via.BUTTON,
        at=at(1),
    )
    no = replace(yes, choice=Choice.NO, via=Via.REACTION, at=at(2), reason="typo")
    carol, elsewhere = replace(yes, delivery_id=two.id, member="carol"), replace(yes, delivery_id=other.id)

    def unit(tx: Tx) -> None:
        for vote in (yes, carol, elsewhere, no):
            tx.votes.put(vote)

    await store.write(unit)
    assert await store.read(lambda tx: tx.votes.of_post(one.post_id)) == (carol, no)
    await store.write(lambda tx: tx.votes.drop(one.id, "bob"))
    await store.write(lambda tx: tx.votes.drop(one.id, "nobody"))
    assert await store.read(lambda tx: tx.votes.of_post(one.post_id)) == (carol,)
    assert await store.read(lambda tx: tx.votes.of_post(other.post_id)) == (elsewhere,)


async def test_a_card_is_stale_until_it_is_painted(store: SqlStore) -> None:
    (row,) = await add(store, new())
    mine = await store.write(lambda tx: tx.cards.add(card(row.post_id)))
    assert await store.read(lambda tx: tx.cards.stale(START)) == (mine,)
    await store.write(lambda tx: tx.cards.touch(row.post_id))
    await store.write(lambda tx: tx.cards.painted(mine.id, rev=1, ref="m1"))
    painted = replace(mine, ref="m1", wanted=2, painted=1)
    assert await store.read(lambda tx: tx.cards.stale(START)) == (painted,)
    await store.write(lambda tx: tx.cards.failed(mine.id, not_before=at(1)))
    assert await store.read(lambda tx: tx.cards.stale(START)) == ()
    assert await store.read(lambda tx: tx.cards.stale(at(1))) == (replace(painted, tries=1),)
    await store.write(lambda tx: tx.cards.painted(mine.id, rev=2, ref="m2"))
    await store.write(lambda tx: tx.cards.painted(mine.id, rev=1, ref="m2"))
    done = replace(mine, ref="m2", wanted=2, painted=2)
    assert await store.read(lambda tx: tx.cards.stale(at(9))) == ()
    assert await store.read(lambda tx: tx.cards.of_post(row.post_id)) == (done,)
    assert await store.read(lambda tx: tx.cards.by_ref("console", "main", "m2")) == done
    assert await store.read(lambda tx: tx.cards.by_ref("slack", "main", "m2")) is None


async def test_a_card_is_arriving_from_the_first_try_until_its_ref_is_known(store: SqlStore) -> None:
    (row,) = await add(store, new())
    mine = await store.write(lambda tx: tx.cards.add(card(row.post_id)))
    where = (mine.target.chat, mine.target.channel)
    assert not await store.read(lambda tx: tx.cards.arriving(*where))
    await store.write(lambda tx: tx.cards.trying(mine.id, START))
    assert await store.read(lambda tx: tx.cards.arriving(*where))
    assert not await store.read(lambda tx: tx.cards.arriving(where[0], "elsewhere"))
    await store.write(lambda tx: tx.cards.painted(mine.id, rev=1, ref="m1"))
    assert not await store.read(lambda tx: tx.cards.arriving(*where))


async def test_one_incident_one_message(store: SqlStore) -> None:
    assert await store.write(lambda tx: tx.notices.put(notice("account:acme-x:expired"))) is True
    assert await store.write(lambda tx: tx.notices.put(notice("account:acme-x:expired"))) is False
    assert await store.write(lambda tx: tx.notices.put(notice("account:acme-xy:expired"))) is True
    (first, _) = await store.read(lambda tx: tx.notices.due(START))
    assert (first.key, first.message) == ("account:acme-x:expired", Message(text="account:acme-x:expired"))
    await store.write(lambda tx: tx.notices.failed(first.id, not_before=at(1)))
    assert [n.id for n in await store.read(lambda tx: tx.notices.due(START))] != [first.id]
    assert (await store.read(lambda tx: tx.notices.due(at(1))))[-1] == replace(first, tries=1)
    await store.write(lambda tx: tx.notices.sent(first.id, "m7"))
    assert first.id not in [n.id for n in await store.read(lambda tx: tx.notices.due(at(9)))]
    sent = await store.read(lambda tx: tx.notices.by_ref("console", "main", "m7"))
    assert sent == replace(first, tries=1, ref="m7")


async def test_a_forgotten_incident_may_be_told_again(store: SqlStore) -> None:
    keys = ("account:a%_b:expired", "account:axxb:expired", "accoun", "account:a%_b:\U0010fffe", "accounz")
    for key in keys:
        assert await store.write(tell(key))
    (first, *_) = await store.read(lambda tx: tx.notices.due(START))
    await store.write(lambda tx: tx.notices.sent(first.id, "m1"))
    for _ in range(2):
        await store.write(lambda tx: tx.notices.forget("account:a%_b:"))
    again = [await store.write(tell(key)) for key in keys]
    assert again == [True, False, False, True, False]
    answered = await store.read(lambda tx: tx.notices.by_ref("console", "main", "m1"))
    assert answered is not None
    assert answered.id == first.id
    unsaid = [n.message.text for n in await store.read(lambda tx: tx.notices.due(START))]
    assert sorted(unsaid) == sorted([*keys, keys[3]])


async def test_everything_can_be_forgotten(store: SqlStore) -> None:
    for _ in range(2):
        assert await store.write(lambda tx: tx.notices.put(notice("x")))
        await store.write(lambda tx: tx.notices.forget(""))
    assert len({n.key for n in await store.read(lambda tx: tx.notices.due(START))}) == 2


async def test_a_start_is_a_new_try_but_waits_stay(store: SqlStore) -> None:
    fresh = AccountState(name="acme-x", brand="acme", platform="demo")
    await store.write(lambda tx: tx.accounts.sync([fresh]))
    ill = replace(fresh, health=Health.EXPIRED, blocked_until=at(9), why="reconnect", handle="@acme")
    await store.write(lambda tx: tx.accounts.save(ill))
    assert await store.read(lambda tx: tx.accounts.get("acme-x")) == ill
    moved = replace(fresh, brand="zeta")
    await store.write(lambda tx: tx.accounts.sync([moved, replace(fresh, name="acme-li")]))
    await store.write(lambda tx: tx.accounts.sync([]))
    assert await store.read(lambda tx: tx.accounts.all()) == (
        replace(fresh, name="acme-li"),
        replace(moved, blocked_until=at(9), handle="@acme"),
    )
    assert await store.read(lambda tx: tx.accounts.get("nobody")) is None


async def test_what_keeps_an_account_from_sending_is_one_question(store: SqlStore) -> None:
    well = AccountState(name="acme-x", brand="acme", platform="demo")
    later = START + timedelta(minutes=1)

    async def stopped(now: datetime = START) -> bool:
        return await store.read(lambda tx: tx.accounts.stopped("acme-x", "acme", now))

    assert not await stopped()
    await store.write(lambda tx: tx.accounts.save(well))
    await store.write(lambda tx: tx.halts.put(Halt(brand="zeta", by="dana", at=START)))
    assert not await stopped()
    for ill in (Health.EXPIRED, Health.MISCONFIGURED):
        await store.write(lambda tx, ill=ill: tx.accounts.save(replace(well, health=ill)))  # type: ignore[misc]
        assert await stopped()
    await store.write(lambda tx: tx.accounts.save(replace(well, blocked_until=later)))
    assert await stopped()
    assert not await stopped(later)
    await store.write(lambda tx: tx.halts.put(Halt(brand="acme", by="dana", at=START)))
    assert await stopped(later)


async def test_a_brand_is_halted_until_it_is_resumed(store: SqlStore) -> None:
    halt = Halt(brand="acme", by="dana", at=START, reason="fire")
    await store.write(lambda tx: tx.halts.put(replace(halt, reason="smoke")))
    await store.write(lambda tx: tx.halts.put(halt))
    assert await store.read(lambda tx: tx.halts.active("acme")) == halt
    assert await store.read(lambda tx: tx.halts.active("zeta")) is None
    assert await store.write(lambda tx: tx.halts.lift("acme")) is True
    assert await store.write(lambda tx: tx.halts.lift("acme")) is False
    assert await store.read(lambda tx: tx.halts.active("acme")) is None


async def test_the_audit_trail_is_read_in_order(store: SqlStore) -> None:
    (row,) = await add(store, new())
    entries = tuple(
        AuditEntry(
            at=at(-n), brand="acme", who="bob", what="approved", post_id=row.post_id, facts={"n": [n, None]}
        )
        for n in range(3)
    )

    def unit(tx: Tx) -> None:
        for entry in entries:
            tx.audit.add(entry)
        tx.audit.add(AuditEntry(at=START, brand="acme", who="dana", what="halted"))

    await store.write(unit)
    assert await store.read(lambda tx: tx.audit.of_post(row.post_id)) == entries


async def test_single_values(store: SqlStore) -> None:
    assert await store.read(lambda tx: tx.meta.get("simulated")) is None
    for value in ("yes", "no"):
        await store.write(keep("simulated", value))
    assert await store.read(lambda tx: tx.meta.get("simulated")) == "no"


async def test_a_thread_is_part_of_the_address(store: SqlStore) -> None:
    (row,) = await add(store, new())
    there = Target(chat="slack", channel="C1", thread=row.post_id)
    kept = await store.write(lambda tx: tx.cards.add(replace(card(row.post_id), target=there)))
    await store.write(lambda tx: tx.notices.put(replace(notice("k"), target=there, to="bob")))
    assert (await store.read(lambda tx: tx.cards.of_post(row.post_id)))[0] == kept
    assert (await store.read(lambda tx: tx.notices.due(START)))[0].target == there
    assert there != TARGET


@pytest.mark.parametrize("text", ["100% sure", ":now :a_id", "?", "\\", "'; --", "naïve 🐦‍⬛", "a\nb"])
async def test_words_stay_as_they_are(store: SqlStore, text: str) -> None:
    kept, (row,) = await store.write(lambda tx: tx.posts.add(post(text, text), [new(text=text)]))
    assert await store.read(lambda tx: tx.posts.latest(text)) == kept
    assert (await store.read(lambda tx: tx.deliveries.of_post(kept.id)))[0].variant == row.variant
