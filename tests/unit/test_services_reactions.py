"""Reactions as votes: what stands on the card counts, whoever's event made us look."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.approval import Choice, Via
from bot.domain.delivery import State
from bot.domain.message import Reaction
from bot.domain.people import Policy
from tests.unit.demo_world import BRAND, LOOK, MAIN, Room, World, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path, brand=replace(BRAND, policy=Policy(needed=2))) as made:
        await made.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
        yield made


@pytest.fixture
async def blind(tmp_path: Path) -> AsyncIterator[World]:
    """A chat that cannot tell what stands on a message."""
    brand = replace(BRAND, policy=Policy(needed=2))
    async with open_world(tmp_path, brand=brand, room=Room(readable=False)) as made:
        await made.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
        yield made


async def cast(world: World) -> dict[str, tuple[Choice, Via]]:
    return {v.member: (v.choice, v.via) for v in await world.votes()}


@pytest.mark.parametrize("emoji", ["✅", "✅\ufe0f", "✅\U0001f3fd", "white_check_mark"])
async def test_a_check_mark_of_any_tone_is_a_vote(world: World, emoji: str) -> None:
    assert await world.react("bob", emoji) == "Your ✅ on P1 v1 counts: 1 of 2."
    assert await cast(world) == {"bob": (Choice.YES, Via.REACTION)}


@pytest.mark.parametrize("emoji", ["🎉", "👍", "☑️", "eyes"])
async def test_any_other_emoji_is_none(world: World, emoji: str) -> None:
    assert await world.react("bob", emoji) == ""
    assert await cast(world) == {}


async def test_a_mark_put_before_we_know_the_card_by_its_ref_counts(world: World) -> None:
    """People see a message before the service has told us what it is called."""
    (card,) = await world.app.services.store.read(lambda tx: tx.cards.of_post(1))
    early = await world.app.services.store.write(lambda tx: tx.cards.add(replace(card, id=0, ref=None)))
    await world.app.services.store.write(lambda tx: tx.cards.trying(early.id, world.clock.now()))
    world.room.marks["m-early"] = [("✅", "bob")]
    put = Reaction(emoji="✅", user="bob", ref="m-early", target=MAIN)
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        hearing = group.create_task(world.app.dispatch.handle(put))
        await asyncio.sleep(0.05)
        assert await cast(world) == {}
        await world.app.services.store.write(lambda tx: tx.cards.painted(early.id, rev=1, ref="m-early"))
        while not hearing.done():
            world.clock.advance(1.0)
            await asyncio.sleep(0.01)
    assert await cast(world) == {"bob": (Choice.YES, Via.REACTION)}


async def test_enough_of_them_decide(world: World) -> None:
    await world.react("bob", "✅")
    said = await world.react("carol", "✅")
    assert said == "P1 v1 is approved and goes out 12:00."
    assert (await world.row()).state is State.SCHEDULED


REFUSED = [("alice", "You wrote P1"), ("eve", "Approving is for"), ("mallory", "Approving is for")]


@pytest.mark.parametrize(("who", "why"), REFUSED)
async def test_who_may_not_is_told_alone_and_not_counted(world: World, who: str, why: str) -> None:
    spoken = len(world.room.said)
    assert why in await world.react(who, "✅")
    assert world.room.whispered[-1][0] == who
    assert len(world.room.said) == spoken
    assert await cast(world) == {}


async def test_a_cross_counts_at_once_and_asks_for_its_reason(world: World) -> None:
    await world.react("bob", "✅")
    await world.react("carol", "❌")
    assert (await world.row()).state is State.CANCELLED
    assert any(text.startswith("carol said ❌ to P1. What should change?") for text in world.room.texts())


async def test_a_cross_beats_ones_own_check_mark(world: World) -> None:
    await world.react("bob", "✅")
    await world.react("bob", "❌")
    assert await cast(world) == {"bob": (Choice.NO, Via.REACTION)}
    assert (await world.row()).state is State.CANCELLED


async def test_a_cross_stops_what_was_approved(world: World) -> None:
    await world.react("bob", "✅")
    await world.react("carol", "✅")
    await world.react("carol", "❌")
    assert (await world.row()).state is State.CANCELLED
    await world.wait(timedelta(hours=4))
    assert world.asked(LOOK) == 0


async def test_taking_the_emoji_away_takes_the_vote_away_until_it_is_decided(world: World) -> None:
    await world.react("bob", "✅")
    assert await world.react("bob", "✅", added=False) == "Your vote is withdrawn."
    assert await cast(world) == {}
    await world.react("bob", "✅")
    await world.react("carol", "✅")
    said = await world.react("carol", "✅", added=False)
    assert said == "It was decided before; your vote stands. /withdraw stops what has not been sent."
    assert (await world.row()).state is State.SCHEDULED
    assert set(await cast(world)) == {"bob", "carol"}


async def test_a_vote_by_button_survives_the_emoji(world: World) -> None:
    await world.press("bob", await world.button("Approve"))
    assert "already counts" in await world.react("bob", "✅")
    await world.react("bob", "✅", added=False)
    assert await cast(world) == {"bob": (Choice.YES, Via.BUTTON)}


async def test_nobody_takes_away_another_persons_vote(world: World) -> None:
    """T22: only one's own reaction withdraws one's own vote."""
    await world.react("bob", "✅")
    await world.react("eve", "✅")
    await world.react("eve", "✅", added=False)
    assert await cast(world) == {"bob": (Choice.YES, Via.REACTION)}


async def test_events_may_come_twice_late_or_not_at_all(world: World) -> None:
    """T20: an event only makes us look; what stands there counts."""
    ref = await world.card_ref()
    world.room.marks[ref] = [("✅", "bob")]  # its event was lost
    for _ in range(3):
        await world.app.dispatch.handle(Reaction(emoji="✅", user="eve", ref=ref, target=MAIN))
    assert await cast(world) == {"bob": (Choice.YES, Via.REACTION)}
    world.room.marks[ref] = []
    # the event says that it was put, the card says that it is gone
    await world.app.dispatch.handle(Reaction(emoji="✅", user="bob", ref=ref, target=MAIN))
    assert await cast(world) == {}


async def test_a_check_mark_on_the_old_version_does_not_sign_the_new_one(world: World) -> None:
    await world.react("bob", "✅")
    await world.say("alice", '/edit P1 "Other words"')
    await world.react("carol", "✅")
    await world.react("bob", "🎉")
    assert (await world.row()).state is State.IN_REVIEW
    fresh = (await world.row()).fingerprint
    assert [v.member for v in await world.votes() if v.fingerprint == fresh] == ["carol"]
    await world.react("bob", "✅", added=False)
    await world.react("bob", "✅")
    assert (await world.row()).state is State.SCHEDULED


async def test_a_message_that_is_no_card_has_no_votes(world: World) -> None:
    await world.app.dispatch.handle(Reaction(emoji="✅", user="bob", ref="elsewhere", target=MAIN))
    assert await cast(world) == {}
    assert world.room.whispered == []


async def test_where_the_chat_cannot_tell_each_change_is_believed(blind: World) -> None:
    await blind.react("bob", "✅")
    assert await cast(blind) == {"bob": (Choice.YES, Via.REACTION)}
    await blind.react("bob", "✅", added=False)
    assert await cast(blind) == {}
    await blind.react("bob", "✅")
    await blind.react("carol", "✅")
    assert (await blind.row()).state is State.SCHEDULED


async def test_where_the_chat_cannot_tell_another_emoji_changes_nothing(blind: World) -> None:
    await blind.react("bob", "✅")
    await blind.react("bob", "🎉")
    assert await cast(blind) == {"bob": (Choice.YES, Via.REACTION)}
    await blind.react("bob", "🎉", added=False)
    await blind.react("carol", "❌")
    assert await cast(blind) == {"bob": (Choice.YES, Via.REACTION), "carol": (Choice.NO, Via.REACTION)}


async def test_after_a_restart_the_first_reaction_counts(tmp_path: Path) -> None:
    """T16: between card and click the bot was started again."""
    async with open_world(tmp_path) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK} --at now')
        clock, room = world.clock, world.room
    async with open_world(tmp_path, clock=clock, room=room) as world:
        await world.react("bob", "✅")
        assert (await world.row()).state is State.LIVE
