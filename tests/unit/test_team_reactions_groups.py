"""Reactions of people in groups that cannot be seen for a while: nothing is lost, nothing is too early."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.errors import ChatError
from tests.unit.people_world import ALICE, BOB, NORTH, People, open_people


async def posted(world: People) -> None:
    await world.say(ALICE, '/post "Hello" --at "in 9h"')


async def unseen(world: People) -> None:
    """The groups were read some time ago, and the service does not answer now."""
    world.clock.advance(timedelta(minutes=11).total_seconds())
    world.north.away = ChatError("away")


async def seen_again(world: People) -> None:
    world.north.away = None
    world.clock.advance(30)
    await world.app.dispatch.reconnected(NORTH.chat)
    await world.app.settle()


async def test_a_mark_that_could_not_be_judged_counts_as_soon_as_it_can(tmp_path: Path) -> None:
    async with open_people(tmp_path) as world:
        await posted(world)
        await unseen(world)
        assert "I cannot see who is in @leads" in await world.react(BOB, "✅")
        assert await world.states() == {"in_review"}
        await seen_again(world)
        assert await world.states() == {"scheduled"}


async def test_a_mark_that_could_not_be_judged_does_not_sign_what_came_after_it(tmp_path: Path) -> None:
    async with open_people(tmp_path) as world:
        await posted(world)
        await unseen(world)
        await world.react(BOB, "✅")
        world.north.away = None
        world.clock.advance(30)
        await world.say(ALICE, '/edit P1 "Something else"')
        await seen_again(world)
        assert await world.states() == {"in_review"}
        assert "is approved" in await world.press(BOB, "Approve")
