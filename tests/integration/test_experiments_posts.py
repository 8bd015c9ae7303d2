"""A test of captions over posts: every new post gets the variant that was drawn for its place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.outcomes import TEST
from bot.domain.platform import Metrics
from bot.domain.snapshot import Snapshot
from bot.domain.trial import Phase
from bot.ports import Tx
from plugins.experiments.desk import Desk
from tests.unit.demo_world import World, open_world

START = (
    '/experiment start --kind caption --variant "ends with a question" --variant "ends with a fact" '
    "--posts 3 --smallest 3000"
)


@asynccontextmanager
async def trials(folder: Path) -> AsyncIterator[World]:
    """A bot that can plan tests."""
    async with open_world(folder) as world:
        world.app.services.registry.optimizers["experiments"] = Desk()
        yield world


async def draft(world: World, number: int) -> str:
    return await world.say("alice", f'/post "Number {number}" --to acme-key --at now --experiment E1')


async def test_posts_get_their_variants_and_are_judged_when_they_are_old_enough(tmp_path: Path) -> None:
    async with trials(tmp_path) as world:
        said = await world.say("alice", START)
        assert "E1 runs" in said
        store = world.app.services.store
        plan = (await store.read(lambda tx: tx.experiments.of_brand("acme")))[0].plan
        for number, block in enumerate(plan.blocks, 1):
            assert f"It is {block.variant} of E1" in await draft(world, number)
            await world.say("bob", f"/approve P{number}")
        assert "has all the posts it needs" in await draft(world, 99)
        assert await store.read(lambda tx: tx.posts.get(len(plan.blocks) + 1)) is None
        flags = await store.read(lambda tx: tx.snapshots.flags([1]))
        assert {flag for flag, _ in flags[1]} == {TEST}
        world.clock.advance(timedelta(hours=50))
        await world.app.settle()
        now = world.clock.now()

        def count(tx: Tx) -> None:
            for number, block in enumerate(plan.blocks, 1):
                (row,) = tx.deliveries.of_post(number)
                likes = 400 if block.variant == "B" else 20
                numbers = Metrics(views=1000, likes=likes + number)
                tx.snapshots.put([Snapshot(delivery_id=row.id, account=row.account, at=now, metrics=numbers)])

        await store.write(count)
        world.clock.advance(timedelta(hours=7))
        await world.app.settle()
        (found,) = await store.read(lambda tx: tx.experiments.of_brand("acme"))
        assert (found.phase, found.verdict) == (Phase.ENDED, "win")
        assert any("E1: B wins" in m.text for m in world.room.said)
        assert "is over; it takes no more posts" in await draft(world, 100)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('/experiment start --kind caption --variant "x" --posts 80', "2 to 8 different variants"),
        ('/experiment start --kind caption --variant "x" --variant "y" --posts 5', "I could only see"),
        ('/post "Hello" --experiment E7', "There is no E7"),
        ('/post "Hello" --experiment maybe', "Write it like E3"),
    ],
)
async def test_what_cannot_be_is_refused_with_the_reason(tmp_path: Path, line: str, why: str) -> None:
    async with trials(tmp_path) as world:
        assert why in await world.say("alice", line)
