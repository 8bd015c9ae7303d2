"""What a proposal claims, what came of it, and what a policy makes of that by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.domain.delivery import State
from bot.domain.outcomes import CROSSPOST
from bot.domain.people import Policy
from bot.domain.proposal import Standing
from bot.ports import Tx
from bot.services.measuring.outcomes import outcomes
from bot.services.proposing.explain import explain
from tests.unit.demo_world import BLIND, BRAND, KEY, LOOK
from tests.unit.proposing_world import (
    all_proposals,
    history,
    look,
    of_account,
    opened,
    pair,
    proposing,
    read,
    winner,
    with_policy,
)


async def test_auto_makes_the_post_and_people_still_approve_it(tmp_path: Path) -> None:
    async with proposing(tmp_path, brand=with_policy(mode="auto", never=(BLIND,))) as world:
        one = await opened(world)
        assert (one.standing, one.decided_by, one.post_id) == (Standing.TAKEN, "Clarion", 16)
        assert (await world.row(16)).state is State.IN_REVIEW
        await world.wait(timedelta(days=1))
        assert world.created(LOOK) == 0
    asks_nobody = replace(with_policy(mode="auto", never=(BLIND,)), policies={LOOK: Policy(mode="none")})
    async with proposing(tmp_path / "2", brand=asks_nobody) as world:
        await opened(world)
        assert (await world.row(16)).state is State.SCHEDULED
        await world.wait(timedelta(days=1))
        assert world.created(LOOK) == 1


async def test_why_computes_it_again_from_the_rows_it_cites(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        one = await opened(world)
        svc = world.app.services
        world.clock.advance(timedelta(hours=1))
        at = world.clock.now()
        await svc.store.write(lambda tx: read(tx, one.source_delivery or 0, KEY, at, 7777))
        told = {f.name: f.value for f in (await explain(svc, BRAND, one.id)).fields}
        assert told["Again"].startswith("6,000 views, 7.5× the usual at the same age (80%: ")
        assert told["Again"].endswith("the same, from the same readings")
        assert told["Stands on"].startswith("14 posts that came out")
        # one of its posts was an advertisement after all: the same rows say something else now

        def paid(tx: Tx) -> None:
            for number in range(1, 10):
                tx.snapshots.flag(number, "PAID")

        await svc.store.write(paid)
        told = {f.name: f.value for f in (await explain(svc, BRAND, one.id)).fields}
        assert "cannot be computed again" in told["Again"]


async def test_the_lift_of_a_pair_is_measured_against_the_targets_usual(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        await history(world)
        await history(world, account=LOOK, usual=400)
        await winner(world)
        await look(world)
        one = of_account(await all_proposals(world), LOOK)
        await world.say("alice", f"/proposals take {one.name}")
        made = next(p for p in await all_proposals(world) if p.post_id).post_id
        assert made is not None
        await world.say("bob", f"/approve P{made}")
        await world.wait(timedelta(days=4))
        row = await world.row(made)
        assert row.state is State.LIVE
        at = world.clock.now()
        await world.app.services.store.write(lambda tx: read(tx, row.id, LOOK, at, 800, likes=3))
        (own,) = [o for o in await outcomes(world.app.services, "acme") if o.post_id == str(row.id)]
        assert CROSSPOST in own.flags
        told = {f.name: f.value for f in (await explain(world.app.services, BRAND, one.id)).fields}
        assert "× the usual there (80 %: " in told["Came of it"]


async def test_after_ten_pairs_a_range_is_expected_and_never_before(tmp_path: Path) -> None:
    async with proposing(tmp_path, brand=with_policy(never=(BLIND,), a_day=20)) as world:
        await history(world)
        await history(world, account=LOOK)
        svc, now = world.app.services, world.clock.now()

        views = (800, 1500, 1100, 2000, 900, 1300, 1000, 1700, 1200, 1400)
        for number, count in enumerate(views[:9]):
            await svc.store.write(lambda tx, n=number, v=count: pair(tx, now, n, v))  # type: ignore[misc]
        await winner(world)
        await look(world)
        newest = (await all_proposals(world))[-1]
        assert "Expect: no figure yet: 9 of 10 pairs Demo (own key) → Demo (lookup)." in newest.text
        await svc.store.write(lambda tx: pair(tx, now, 9, views[9]))
        await winner(world, "Another one that did well.")
        await look(world)
        newest = (await all_proposals(world))[-1]
        line = next(one for one in newest.text.splitlines() if one.startswith("Expect: "))
        assert line.endswith("× the usual there (80%), from 10 pairs Demo (own key) → Demo (lookup).")
        assert len(newest.evidence.facts["pairs"]) == 10


async def test_auto_halts_itself_when_what_it_made_went_badly(tmp_path: Path) -> None:
    async with proposing(tmp_path, brand=with_policy(mode="auto", never=(BLIND,))) as world:
        await history(world)
        await history(world, account=LOOK)
        svc, now = world.app.services, world.clock.now()
        for number in range(3):
            await svc.store.write(lambda tx, n=number: pair(tx, now, n, 200, by="Clarion"))  # type: ignore[misc]
        await winner(world)
        await look(world)
        newest = (await all_proposals(world))[-1]
        assert (newest.standing, newest.post_id) == (Standing.OPEN, None)
        (asked,) = [text for text in world.room.texts() if "I stopped cross-posting to acme-look" in text]
        assert "got less than 0.5 of the usual" in asked
        assert (await world.say("alice", f"/proposals take {newest.name}")).startswith("P")
