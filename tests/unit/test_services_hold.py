"""Parking a post: nothing goes out, nothing that was signed is lost, late things ask."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.delivery import State
from bot.domain.message import Reaction
from bot.domain.people import Policy
from tests.unit.demo_world import BRAND, KEY, LOOK, MAIN, Room, World, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as made:
        await made.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
        yield made


async def state(world: World) -> tuple[State, str]:
    row = await world.row()
    return row.state, row.reason


async def test_what_is_on_hold_does_not_go_out_and_keeps_its_approval(world: World) -> None:
    await world.say("bob", "/approve latest")
    said = await world.say("carol", '/hold P1 "wait for legal"')
    assert said == ("P1 is on hold: nothing of it goes out until /unhold P1. Its approval stays as it is.")
    assert await state(world) == (State.HELD, "held by carol: wait for legal")
    card = await world.card()
    assert (card.status, card.fields[0].value.split("  ")[1]) == ("HELD", "held by carol: wait for legal")
    assert [b.label for b in card.buttons] == ["Resume", "Edit", "Cancel"]
    await world.wait(timedelta(hours=1))
    assert await world.say("alice", "/unhold P1") == "P1 goes on: 12:00."
    await world.wait(timedelta(hours=2))
    assert (await world.row()).state is State.LIVE
    assert world.created(LOOK, "Hello") == 1
    assert [v.member for v in await world.votes()] == ["bob"]


async def test_over_its_time_it_is_asked_about_and_never_sent_by_itself(world: World) -> None:
    await world.say("bob", "/approve latest")
    await world.press("bob", await world.button("Hold"))
    await world.wait(timedelta(hours=4))
    assert world.asked(LOOK) == 0
    said = await world.press("bob", await world.button("Resume"))
    assert said == (
        "P1 was due 12:00, while it was on hold. /retry P1 sends it now, "
        '/schedule P1 "…" gives it another time.'
    )
    assert await state(world) == (State.HELD, "was due 12:00; not sent unasked that late")
    await world.wait(timedelta(hours=1))
    assert world.asked(LOOK) == 0
    await world.press("bob", await world.button("Publish now"))
    assert (await world.row()).state is State.LIVE


async def test_the_answer_to_what_is_late_does_not_let_go_of_what_somebody_holds(world: World) -> None:
    """The digest's buttons are about what *we* were too late for."""
    await world.say("bob", "/approve latest")
    await world.say("bob", "/hold P1")
    await world.say("alice", f'/post "Other" --to {KEY} --at "in 3h"')
    await world.say("bob", "/approve P2")
    world.clock.advance(timedelta(hours=5))
    await world.app.settle()
    (digest,) = [m for m in world.room.said if "could not send in time" in m.text]
    assert "P2 on" in digest.text
    assert "P1" not in digest.text
    for label in ("Publish now", "Drop"):
        (button,) = [b for b in digest.buttons if b.label == label]
        await world.press("bob", button)
    assert (await world.row(2)).state is State.LIVE
    assert (await state(world))[0] is State.HELD
    assert world.created(LOOK) == 0


async def test_in_review_it_waits_for_approval_again_with_the_votes_it_had(tmp_path: Path) -> None:
    async with open_world(tmp_path, brand=replace(BRAND, policy=Policy(needed=2))) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
        await world.say("bob", "/approve P1")
        await world.say("alice", "/hold P1")
        said = await world.say("carol", "/approve P1")
        assert said == "P1 is on hold (held by alice). /unhold P1 lets it go on, then it can be approved."
        assert await world.say("alice", "/unhold P1") == "P1 waits for approval again."
        await world.say("carol", "/approve P1")
        assert (await world.row()).state is State.SCHEDULED


async def test_a_hold_is_for_the_author_and_those_who_may_approve(world: World) -> None:
    spoken = len(world.room.said)
    said = await world.say("eve", "/hold P1")
    assert said == "Holding P1 is for alice, bob, carol or dana. I told nobody that you tried."
    assert len(world.room.said) == spoken
    assert (await world.row()).state is State.IN_REVIEW


async def test_twice_is_once_and_what_is_out_is_not_held(world: World) -> None:
    await world.say("bob", "/hold P1")
    assert "is on hold already (held by bob)" in await world.say("carol", "/hold P1")
    await world.say("bob", "/unhold P1")
    assert await world.say("bob", "/unhold P1") == "Nothing of P1 is on hold."
    await world.say("bob", "/approve P1")
    await world.wait(timedelta(hours=3))
    assert await world.say("bob", "/hold P1") == "Nothing of P1 can be put on hold: it is live."


async def test_only_one_account_is_held(world: World) -> None:
    await world.say("alice", f'/post "Both" --to {LOOK},{KEY} --at "in 3h"')
    await world.say("bob", "/approve P2")
    await world.say("bob", f"/hold P2 --to {KEY}")
    assert {n: d.state for n, d in (await world.rows(2)).items()} == {
        LOOK: State.SCHEDULED,
        KEY: State.HELD,
    }


async def test_a_no_ends_what_is_on_hold(world: World) -> None:
    await world.say("bob", "/hold P1")
    await world.say("carol", '/reject P1 "not at all"')
    assert (await world.row()).state is State.CANCELLED


async def test_an_edit_takes_it_off_hold_and_asks(world: World) -> None:
    await world.say("bob", "/approve P1")
    await world.say("bob", "/hold P1")
    await world.say("alice", '/edit P1 "Better"')
    assert (await world.row()).state is State.IN_REVIEW


async def test_it_stays_on_hold_over_a_restart(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
        await world.say("bob", "/approve P1")
        await world.say("bob", "/hold P1")
        clock, room = world.clock, world.room
    async with open_world(tmp_path, clock=clock, room=room) as world:
        await world.wait(timedelta(hours=5))
        assert (await state(world)) == (State.HELD, "held by bob")
        assert world.asked(LOOK) == 0


async def test_an_approver_who_left_meanwhile_is_asked_about(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
        await world.say("bob", "/approve P1")
        await world.say("bob", "/hold P1")
        clock, room = world.clock, world.room
    left = replace(BRAND, roles={**BRAND.roles, 3: ("carol",)})  # type: ignore[dict-item]
    async with open_world(tmp_path, clock=clock, room=room, brand=left) as world:
        assert await world.say("carol", "/unhold P1") == "P1 waits for approval again."
        await world.say("carol", "/approve P1")
        assert (await world.row()).state is State.SCHEDULED


PAUSE = "⏸\ufe0f"


async def test_a_pause_sign_holds_and_taking_it_away_lets_go(world: World) -> None:
    await world.say("bob", "/approve P1")
    assert "is on hold" in await world.react("bob", PAUSE)
    assert await state(world) == (State.HELD, "held by bob")
    assert await world.react("bob", PAUSE, added=False) == "P1 goes on: 12:00."
    assert (await world.row()).state is State.SCHEDULED


async def test_another_persons_sign_does_not_let_go(world: World) -> None:
    await world.react("bob", PAUSE)
    assert "already" in await world.react("carol", PAUSE)
    await world.react("carol", PAUSE, added=False)
    assert await state(world) == (State.HELD, "held by bob")


async def test_whoever_may_not_hold_is_told_alone(world: World) -> None:
    assert "Holding P1 is for" in await world.react("eve", PAUSE)
    assert world.room.whispered[-1][0] == "eve"
    assert (await world.row()).state is State.IN_REVIEW


async def test_an_event_that_comes_again_late_holds_nothing_twice(world: World) -> None:
    await world.react("bob", PAUSE)
    await world.say("carol", "/unhold P1")
    ref = await world.card_ref()
    for _ in range(3):
        await world.app.dispatch.handle(Reaction(emoji=PAUSE, user="bob", ref=ref, target=MAIN))
    assert (await world.row()).state is State.IN_REVIEW


async def test_where_the_chat_cannot_tell_each_sign_is_believed(tmp_path: Path) -> None:
    async with open_world(tmp_path, room=Room(readable=False)) as blind:
        await blind.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
        await blind.react("bob", PAUSE)
        assert (await blind.row()).state is State.HELD
        await blind.react("bob", PAUSE, added=False)
        assert (await blind.row()).state is State.IN_REVIEW


async def test_the_trail_says_who_held_and_who_let_go(world: World) -> None:
    await world.say("bob", '/hold P1 "wait"')
    await world.say("carol", "/unhold P1")
    assert world.sql("SELECT who, what FROM audit WHERE what LIKE '%hold' ORDER BY id") == [
        ("bob", "hold"),
        ("carol", "unhold"),
    ]


DAILY = "every day 12:00 5 times"


async def planned(world: World) -> list[State]:
    """Every occurrence that is not out, by its time."""
    rows = world.sql("SELECT state FROM deliveries WHERE post_id = 1 AND state != 'live' ORDER BY due")
    return [State(state) for (state,) in rows]


async def test_a_series_is_held_and_goes_on_as_a_whole(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.say("alice", f'/post "Daily" --to {LOOK} --at "{DAILY}"')
        await world.say("bob", "/approve P1")
        assert await planned(world) == [State.SCHEDULED] * 5
        await world.say("bob", "/hold P1")
        await world.wait(timedelta(hours=2))
        assert await planned(world) == [State.HELD]
        said = await world.say("bob", "/unhold P1")
        assert said == "P1 goes on: 12:00."
        assert await planned(world) == [State.SCHEDULED] * 5
        await world.wait(timedelta(days=1, hours=2))
        assert world.created(LOOK, "Daily") == 2


async def test_a_vote_taken_back_stops_what_is_left_of_a_series(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.say("alice", f'/post "Daily" --to {LOOK} --at "{DAILY}"')
        await world.say("bob", "/approve P1")
        await world.wait(timedelta(days=1, hours=4))
        assert world.created(LOOK, "Daily") == 2
        assert "needs approval again" in await world.say("bob", "/withdraw P1")
        await world.wait(timedelta(days=3))
        assert world.created(LOOK, "Daily") == 2


async def test_a_series_stays_signed_for_as_long_as_its_rule(tmp_path: Path) -> None:
    async with open_world(tmp_path, brand=replace(BRAND, policy=Policy(valid_s=3600))) as world:
        await world.say("alice", f'/post "Daily" --to {LOOK} --at "{DAILY}"')
        said = await world.say("bob", "/approve P1")
        assert "lasts until" not in said
        await world.wait(timedelta(days=5))
        assert world.created(LOOK, "Daily") == 5
