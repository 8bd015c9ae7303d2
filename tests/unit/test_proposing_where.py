"""What is proposed, where, and what is not."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.outcomes import CROSSPOST
from bot.domain.proposal import Standing
from bot.ports import Tx
from tests.unit.demo_world import BLIND, KEY, LOOK
from tests.unit.proposing_world import (
    all_proposals,
    history,
    live,
    look,
    opened,
    proposing,
    read,
    winner,
    with_policy,
)


@pytest.mark.parametrize(
    "text", ["We launch today at noon.", "Doors open on Friday.", "It began on 2026-11-20 and was good."]
)
def test_what_speaks_of_its_day_is_not_proposed(tmp_path: Path, text: str) -> None:
    async def unit() -> None:
        async with proposing(tmp_path) as world:
            await history(world)
            await winner(world, text)
            await look(world)
            assert await all_proposals(world) == ()

    asyncio.run(unit())


async def test_what_its_author_keeps_where_it_is_is_not_proposed(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        await history(world)
        await winner(world)
        said = await world.say("alice", "/proposals forbid P15")
        assert said.startswith("P15 stays where it is: I propose it nowhere else.")
        await look(world)
        assert await all_proposals(world) == ()
        assert "alice keeps it where it is" in await world.say("bob", "/proposals P15")
        assert await world.say("alice", "/proposals allow P15") == "P15 may be proposed elsewhere again."
        await look(world)
        assert len(await all_proposals(world)) == 2
        assert await world.say("eve", "/proposals P15") == (
            "P15: nobody keeps it where it is; of it came R1 (open) and R2 (open). "
            "acme-look: it was proposed before; acme-blind: it was proposed before."
        )
        await world.say("bob", "/proposals forbid P15")
        assert {p.standing for p in await all_proposals(world)} == {Standing.SUPERSEDED}


async def test_a_post_can_be_kept_where_it_is_from_the_beginning(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        await world.say("alice", f"/post hello --to {KEY} --no-crosspost")
        assert await world.app.services.store.read(lambda tx: tx.proposals.forbidden(1)) == "alice"
        await world.say("alice", f"/post hi --to {KEY}")
        assert await world.app.services.store.read(lambda tx: tx.proposals.forbidden(2)) is None


async def test_where_it_is_already_or_is_on_its_way_it_is_not_proposed(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        await history(world)
        await winner(world, accounts=[LOOK])
        await world.say("alice", f"/post Why our card has three previews. --to {BLIND}")
        await look(world)
        assert await all_proposals(world) == ()


async def test_a_cross_post_an_old_post_and_a_gone_one_are_not_proposed(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        await history(world)
        copied, _ = await winner(world, "A copy that did well.")
        await winner(world, "An old one that did well.", days_old=40.0)
        _, gone = await winner(world, "One that is gone.")
        at = world.clock.now() + timedelta(minutes=1)

        def unit(tx: Tx) -> None:
            tx.snapshots.flag(copied, CROSSPOST)
            read(tx, gone, KEY, at, None, gone=True)

        await world.app.services.store.write(unit)
        world.clock.advance(timedelta(minutes=2))
        await look(world)
        texts = [p.body["brief"] for p in await all_proposals(world)]
        assert "A copy that did well." not in texts
        assert "An old one that did well." not in texts


async def test_no_more_a_day_than_the_brand_wants(tmp_path: Path) -> None:
    async with proposing(tmp_path, brand=with_policy(a_day=1)) as world:
        await history(world)
        await winner(world)
        await look(world)
        await look(world)
        assert len(await all_proposals(world)) == 1
        await world.wait(timedelta(hours=25))
        await look(world)
        assert len(await all_proposals(world)) == 2


async def test_switched_off_or_alone_nothing_is_proposed(tmp_path: Path) -> None:
    async with proposing(tmp_path, brand=with_policy(mode="off")) as world:
        await history(world)
        await winner(world)
        await look(world)
        assert await all_proposals(world) == ()
    async with proposing(tmp_path / "2", brand=with_policy(never=(LOOK,))) as world:
        await history(world)
        await winner(world)
        await look(world)
        assert [p.account for p in await all_proposals(world)] == [BLIND]


async def test_a_winner_of_another_brand_is_nobody_elses(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        await history(world)
        now = world.clock.now()
        await world.app.services.store.write(
            lambda tx: live(tx, now, "Theirs", days_old=2.0, views=9000, brand="zen", account="zen-x")
        )
        await look(world)
        assert await all_proposals(world) == ()


async def test_numbers_that_were_taken_back_take_the_proposal_with_them(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        one = await opened(world)
        assert one.source_delivery is not None
        number = one.source_delivery
        world.clock.advance(timedelta(hours=1))
        at = world.clock.now()
        await world.app.services.store.write(lambda tx: read(tx, number, KEY, at, 900))
        await look(world)
        found = await all_proposals(world)
        assert {p.standing for p in found} == {Standing.SUPERSEDED}
        assert found[0].why == "P15 is not that far above its usual any more."
        world.clock.advance(timedelta(hours=1))
        again = world.clock.now()
        await world.app.services.store.write(lambda tx: read(tx, number, KEY, again, 9000))
        await look(world)
        assert len(await all_proposals(world)) == 2


async def test_without_an_optimizer_or_with_a_broken_one_nothing_is_said(tmp_path: Path) -> None:
    class Broken:
        name, title = "cross_post", "Winners"

        def high_performers(self, *_: object, **__: object) -> object:
            raise RuntimeError("no")

        standings = expected = high_performers

    async with proposing(tmp_path) as world:
        await history(world)
        await winner(world)
        optimizers = world.app.services.registry.optimizers
        optimizers["cross_post"] = Broken()
        await look(world)
        del optimizers["cross_post"]
        await look(world)
        assert await all_proposals(world) == ()
