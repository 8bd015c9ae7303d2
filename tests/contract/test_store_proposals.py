"""Proposals on both databases: one for each key for ever, decided once in a turn, found again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.evidence import Evidence
from bot.domain.proposal import CROSSPOST, Proposal, Standing, crosspost_key
from bot.ports import Tx
from bot.store import SqlStore
from bot.testing.clock import START
from tests.contract.store_rows import at

EVIDENCE = Evidence(
    method="cross_post/1",
    at=at(5),
    n=40,
    kind="snapshot",
    rows=(3, 5, 8),
    since=START,
    facts={"ratio": 3.1, "words": "“3.1×” of its usual 🚀", "of": [1, None, True]},
)
ONE = Proposal(
    brand="acme",
    kind=CROSSPOST,
    key=crosspost_key(42, "acme-li"),
    text="P42 did 3.1× its usual on X. Post it on LinkedIn too?",
    evidence=EVIDENCE,
    body={"wish": "next slot", "variant": {"parts": [{"text": "a\u00e9"}]}},
    account="acme-li",
    source_post=42,
    source_delivery=7,
    created_at=START,
    expires_at=START + timedelta(days=7),
)


async def _put(store: SqlStore, proposal: Proposal = ONE) -> Proposal:
    found = await store.write(lambda tx: tx.proposals.put(proposal))
    assert found is not None
    return found


async def test_a_proposal_comes_back_as_it_was_and_only_once(store: SqlStore) -> None:
    put = await _put(store)
    assert put == replace(ONE, id=put.id)
    assert put.name == f"R{put.id}"
    assert await store.read(lambda tx: tx.proposals.get(put.id)) == put
    assert await store.read(lambda tx: tx.proposals.of_key("acme", ONE.key)) == put
    assert await store.write(lambda tx: tx.proposals.put(replace(ONE, text="again"))) is None
    assert await store.read(lambda tx: tx.proposals.of_source(42)) == (put,)
    other = await _put(store, replace(ONE, brand="zen"))
    assert other.id != put.id
    assert await store.read(lambda tx: tx.proposals.get(9999)) is None
    assert await store.read(lambda tx: tx.proposals.of_key("acme", "nothing")) is None


async def test_who_decides_on_an_old_turn_decides_nothing(store: SqlStore) -> None:
    put = await _put(store)

    def take(tx: Tx, turn: int, by: str) -> bool:
        return tx.proposals.decide(put.id, turn=turn, standing=Standing.TAKEN, by=by, at=at(9), why="so")

    assert await store.write(lambda tx: take(tx, 0, "alice"))
    assert not await store.write(lambda tx: take(tx, 0, "bob"))
    found = await store.read(lambda tx: tx.proposals.get(put.id))
    assert found is not None
    assert (found.standing, found.decided_by, found.turn, found.why) == (Standing.TAKEN, "alice", 1, "so")
    assert found.decided_at == at(9)
    assert await store.write(lambda tx: tx.proposals.put(ONE)) is None


async def test_the_first_post_that_is_made_of_it_stays(store: SqlStore) -> None:
    put = await _put(store)
    await store.write(lambda tx: tx.proposals.settle(put.id, 50))
    await store.write(lambda tx: tx.proposals.settle(put.id, 51))
    made = await store.read(lambda tx: tx.proposals.made("acme", CROSSPOST))
    assert {n: one.id for n, one in made.items()} == {50: put.id}
    assert await store.read(lambda tx: tx.proposals.made("zen", CROSSPOST)) == {}
    assert await store.read(lambda tx: tx.proposals.made("acme", "slot")) == {}


async def test_the_newest_come_first_and_those_whose_time_is_over_are_found(store: SqlStore) -> None:
    first = await _put(store)
    second = await _put(store, replace(ONE, key="slot:tue", kind="slot", expires_at=at(60), source_post=None))
    everything = await store.read(lambda tx: tx.proposals.of_brand("acme"))
    assert [one.id for one in everything] == [second.id, first.id]
    assert await store.read(lambda tx: tx.proposals.of_brand("acme", limit=1)) == (second,)
    assert await store.read(lambda tx: tx.proposals.due(at(59))) == ()
    assert await store.read(lambda tx: tx.proposals.due(at(60))) == (second,)
    await store.write(
        lambda tx: tx.proposals.decide(second.id, turn=0, standing=Standing.EXPIRED, by="", at=at(60))
    )
    assert await store.read(lambda tx: tx.proposals.due(at(61))) == ()
    assert await store.read(lambda tx: tx.proposals.of_brand("acme", [Standing.OPEN])) == (first,)


async def test_a_post_is_reserved_until_that_is_taken_back(store: SqlStore) -> None:
    assert await store.write(lambda tx: tx.proposals.forbid("acme", 42, "alice", START))
    assert not await store.write(lambda tx: tx.proposals.forbid("acme", 42, "bob", START))
    assert await store.read(lambda tx: tx.proposals.forbidden(42)) == "alice"
    assert await store.read(lambda tx: tx.proposals.forbidden(43)) is None
    assert await store.write(lambda tx: tx.proposals.allow(42))
    assert not await store.write(lambda tx: tx.proposals.allow(42))
