"""Who users of the chats are, what becomes theirs, codes and groups: the same on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from bot.domain.approval import Choice, Via, Vote
from bot.domain.delivery import State
from bot.domain.records import Group, Identity, Keepsake
from bot.ports import Tx
from bot.store import SqlStore
from tests.contract.conftest import Opener
from tests.contract.store_rows import add, at, new, post

BOB = Identity(chat="slack", user_id="U0B0B", name="Bob", zone="Europe/Lisbon", seen_at=at(0))


async def test_what_a_service_tells_does_not_change_who_somebody_is(store: SqlStore) -> None:
    def unit(tx: Tx) -> None:
        tx.people.bind("slack", "U0B0B", "bob", at(0), was="rob")
        tx.people.see(BOB)
        tx.people.see(replace(BOB, user_id="U0EVE", name="Eve"))
        tx.people.bind("discord", "8035", "bob", at(1))

    await store.write(unit)
    bob = await store.read(lambda tx: tx.people.get("slack", "U0B0B"))
    assert bob == replace(BOB, member="bob", was="rob")
    await store.write(lambda tx: tx.people.bind("slack", "U0B0B", "", at(2), was="bob"))
    assert await store.read(lambda tx: tx.people.get("slack", "U0B0B")) == replace(BOB, member="", was="bob")
    found = await store.read(lambda tx: (tx.people.of_member("bob"), tx.people.all()))
    assert [i.user_id for i in found[0]] == ["8035"]
    assert [i.user_id for i in found[1]] == ["8035", "U0B0B", "U0EVE"]
    assert await store.read(lambda tx: tx.people.get("discord", "U0B0B")) is None


async def test_what_a_user_wrote_and_decided_becomes_the_members(store: SqlStore) -> None:
    first, second = await add(store, new(state=State.IN_REVIEW), new("acme-li", state=State.IN_REVIEW))
    (third,) = await add(store, new(state=State.IN_REVIEW))

    def vote(delivery: int, member: str, choice: Choice, minute: int) -> Vote:
        return Vote(
            delivery_id=delivery,
            member=member,
            choice=choice,
            fingerprint="f" * 64,
            version=1,
            via=Via.BUTTON,
            at=at(minute),
        )

    def unit(tx: Tx) -> None:
        mine = tx.posts.add(replace(post(), author="slack:U0B0B"), [new()])[0]
        assert mine.author == "slack:U0B0B"
        for cast in (
            vote(first.id, "slack:U0B0B", Choice.NO, 5),
            vote(first.id, "bob", Choice.YES, 4),
            vote(second.id, "slack:U0B0B", Choice.NO, 3),
            vote(second.id, "bob", Choice.YES, 4),
            vote(third.id, "slack:U0B0B", Choice.YES, 1),
            vote(third.id, "carol", Choice.YES, 1),
        ):
            tx.votes.put(cast)
        tx.reminders.note(first.post_id, "f" * 64, "escalate", at(6), ["slack:U0B0B", "dana", "bob"])
        for who in ("slack:U0B0B", "bob"):
            tx.kept.put(Keepsake(post_id=first.post_id, member=who, brand="acme", via=Via.BUTTON, at=at(1)))

    await store.write(unit)
    asked = ("slack:U0B0B", "slack:U0NOBODY", "bob")
    assert await store.read(lambda tx: tx.people.known_as(asked)) == ("bob", "slack:U0B0B")
    assert await store.read(lambda tx: tx.people.known_as(())) == ()
    await store.write(lambda tx: tx.people.rename("slack:U0B0B", "bob"))
    assert await store.read(lambda tx: tx.people.known_as(asked)) == ("bob",)

    def look(tx: Tx) -> tuple[Any, ...]:
        votes = {(v.delivery_id, v.member): v.choice for v in tx.votes.of_post(first.post_id)}
        called = tx.reminders.called(first.post_id, "f" * 64)
        kept = [k.member for k in tx.kept.of_post(first.post_id)]
        posts = [tx.posts.get(number) for number in range(1, 10)]
        return votes, called, kept, [p.author for p in posts if p is not None]

    votes, called, kept, authors = await store.read(look)
    assert votes == {(first.id, "bob"): Choice.NO, (second.id, "bob"): Choice.YES}
    assert called == ("bob", "dana")
    assert kept == ["bob"]
    assert sorted(map(str, authors)) == ["alice", "alice", "bob"]
    await store.write(lambda tx: tx.people.void("bob"))
    left = await store.read(lambda tx: [v.member for v in tx.votes.of_post(third.post_id)])
    assert left == ["carol"]
    assert await store.read(lambda tx: tx.votes.of_post(first.post_id)) == ()


async def test_votes_on_what_is_all_over_are_history(store: SqlStore) -> None:
    (over,) = await add(store, new(state=State.LIVE))
    vote = Vote(
        delivery_id=over.id,
        member="bob",
        choice=Choice.YES,
        fingerprint="f" * 64,
        version=1,
        via=Via.COMMAND,
        at=at(0),
    )
    await store.write(lambda tx: tx.votes.put(vote))
    await store.write(lambda tx: tx.people.void("bob"))
    assert await store.read(lambda tx: tx.votes.of_post(over.post_id)) == (vote,)


async def test_a_code_is_taken_once_and_only_the_newest_of_a_user(opener: Opener) -> None:
    one, other = await opener(), await opener()

    def unit(tx: Tx) -> None:
        tx.people.put_link("a" * 64, "slack", "U0B0B", at(10))
        tx.people.put_link("b" * 64, "slack", "U0B0B", at(10))
        tx.people.put_link("c" * 64, "slack", "U0EVE", at(5))

    await one.write(unit)
    assert await one.write(lambda tx: tx.people.take_link("a" * 64, at(1))) is None
    taken = await asyncio.gather(
        *(store.write(lambda tx: tx.people.take_link("b" * 64, at(1))) for store in (one, other) * 5)
    )
    assert [found for found in taken if found] == [("slack", "U0B0B")]
    assert await one.write(lambda tx: tx.people.take_link("c" * 64, at(5))) is None


async def test_groups_are_kept_as_they_were_read_last(store: SqlStore) -> None:
    leads = Group(chat="slack", name="leads", users=("U1", "U2"), read_at=at(0))
    await store.write(lambda tx: tx.people.keep_group(leads))
    await store.write(lambda tx: tx.people.keep_group(replace(leads, chat="discord", users=())))
    newer = replace(leads, users=("U2",), read_at=at(1))
    await store.write(lambda tx: tx.people.keep_group(newer))
    found = await store.read(lambda tx: tx.people.groups())
    assert found == (replace(leads, chat="discord", users=()), newer)
