"""Tests and what was observed in them, on both databases: kept whole, changed by one at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
from hypothesis import given as any_of
from hypothesis import strategies as st

from bot.domain.approval import Choice, Via, Vote
from bot.domain.experiment import Design, TestSpec
from bot.domain.post import Media, MediaKind
from bot.domain.trial import Arm, Experiment, Looked, Phase, Shown, plan_from_json, plan_to_json
from bot.store import SqlStore
from plugins.experiments.api import plan_test
from tests.contract.store_rows import at

PICTURE = Media(sha256="c" * 64, name="b.jpg", mime="image/jpeg", kind=MediaKind.IMAGE, size=9)
PLAN = plan_test(TestSpec(days=14, start=date(2026, 11, 22)), rng=np.random.default_rng(1))
FIRST = Experiment(
    brand="acme",
    plan=PLAN,
    texts={"A": "As it is", "B": "“Better” 🚀"},
    files={"B": PICTURE},
    author="alice",
    created_at=at(0),
    account="acme-yt",
    accounts=("acme-yt", "acme-x"),
    post_id=4,
    delivery_id=7,
    ref={"id": "x", "n": [1]},
    zone="America/Los_Angeles",
)


async def test_an_experiment_comes_back_as_it_was(store: SqlStore) -> None:
    made = await store.write(lambda tx: tx.experiments.add(FIRST))
    found = await store.read(lambda tx: tx.experiments.get(made.id))
    assert found == replace(FIRST, id=made.id)
    assert found is not None
    assert found.fingerprint == FIRST.fingerprint
    assert await store.read(lambda tx: tx.experiments.get(made.id + 1)) is None
    assert await store.read(lambda tx: tx.experiments.of_delivery(7)) == (found,)
    assert await store.read(lambda tx: tx.experiments.of_brand("acme", (Phase.RUNNING,))) == ()
    assert await store.read(lambda tx: tx.experiments.of_brand("acme")) == (found,)


async def test_only_who_saw_its_newest_turn_may_change_it(store: SqlStore) -> None:
    made = await store.write(lambda tx: tx.experiments.add(FIRST))
    running = replace(made, phase=Phase.RUNNING, wake_at=at(10))
    assert await store.write(lambda tx: tx.experiments.save(running))
    assert not await store.write(lambda tx: tx.experiments.save(replace(made, phase=Phase.REFUSED)))
    found = await store.read(lambda tx: tx.experiments.get(made.id))
    assert found == replace(running, turn=1)
    assert await store.read(lambda tx: tx.experiments.due(at(9))) == ()
    assert await store.read(lambda tx: tx.experiments.due(at(10))) == (made.id,)


async def test_votes_blocks_looks_and_arms_are_kept_once_each(store: SqlStore) -> None:
    vote = Vote(
        delivery_id=0,
        member="bob",
        choice=Choice.NO,
        fingerprint="f",
        version=0,
        via=Via.BUTTON,
        at=at(1),
        reason="no",
    )
    block = Shown(experiment_id=1, index=3, variant="B", set_at=at(2))
    seen = replace(block, seen_at=at(3), shown="B", impressions=4000.0, clicks=0.0, valid=False, why="late")
    await store.write(lambda tx: tx.experiments.vote(1, vote))
    await store.write(lambda tx: tx.experiments.vote(1, replace(vote, choice=Choice.YES, reason="")))
    await store.write(lambda tx: tx.experiments.keep(block))
    await store.write(lambda tx: tx.experiments.keep(seen))
    assert [v.choice for v in await store.read(lambda tx: tx.experiments.votes(1))] == [Choice.YES]
    assert await store.read(lambda tx: tx.experiments.votes(2)) == ()
    assert await store.read(lambda tx: tx.experiments.blocks(1)) == (seen,)
    looked = Looked(experiment_id=1, look=1, at=at(4), result={"verdict": "tie", "effect": None})
    assert await store.write(lambda tx: tx.experiments.look(looked))
    assert not await store.write(lambda tx: tx.experiments.look(replace(looked, result={})))
    assert await store.read(lambda tx: tx.experiments.looks(1)) == (looked,)
    arm = Arm(experiment_id=1, post_id=9, index=0, variant="A")
    assert await store.write(lambda tx: tx.experiments.assign(arm))
    assert not await store.write(lambda tx: tx.experiments.assign(replace(arm, index=1)))
    assert not await store.write(lambda tx: tx.experiments.assign(replace(arm, post_id=10)))
    assert await store.read(lambda tx: tx.experiments.arms(1)) == (arm,)
    assert await store.read(lambda tx: tx.experiments.arm_of(9)) == arm
    assert await store.read(lambda tx: tx.experiments.arm_of(10)) is None


@any_of(
    st.sampled_from(list(Design)),
    st.integers(2, 3),
    st.integers(0, 2**31),
    st.sampled_from([None, date(2027, 3, 1)]),
)
def test_a_plan_survives_its_row(design: Design, arms: int, seed: int, start: date | None) -> None:
    names = tuple("ABC"[: 2 if design is Design.PAIRS else arms])
    spec = TestSpec(design=design, variants=names, days=30, start=start, smallest=5.0)
    plan = plan_test(spec, rng=np.random.default_rng(seed))
    assert plan_from_json(plan_to_json(plan)) == plan
