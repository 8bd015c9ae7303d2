"""Approval in a running bot: who may, once, over what, until when, and what an edit does to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.approval import Choice, Via
from bot.domain.delivery import State
from bot.domain.message import Invocation
from bot.domain.people import Brand, Policy, Role
from bot.errors import Conflict
from bot.services.lapse import expire
from bot.services.review import decide
from tests.unit.demo_world import BLIND, BRAND, KEY, LOOK, MAIN, World, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as made:
        yield made


async def posted(world: World, text: str = "Hello", *, to: str = LOOK, at: str = "in 3h") -> None:
    assert "waits for approval" in await world.say("alice", f'/post "{text}" --to {to} --at "{at}"')


async def test_somebody_else_approves_and_it_goes_out_at_its_time(world: World) -> None:
    await posted(world)
    said = await world.say("bob", "/approve latest")
    assert said == "P1 v1 is approved and goes out 12:00."
    assert (await world.row()).state is State.SCHEDULED
    await world.wait(timedelta(hours=2, minutes=59))
    assert world.created(LOOK) == 0
    await world.wait(timedelta(minutes=1))
    assert (await world.row()).state is State.LIVE
    assert world.created(LOOK, "Hello") == 1


async def test_own_post_is_approved_by_nobody_who_wrote_it(world: World) -> None:
    await posted(world, at="now")
    said = await world.say("alice", "/approve latest")
    assert said == "You wrote P1, so someone else has to approve it: bob, carol or dana."
    assert (await world.row()).state is State.IN_REVIEW
    assert await world.votes() == ()
    assert world.asked(LOOK) == 0


async def test_another_spelling_of_ones_name_is_not_another_person(tmp_path: Path) -> None:
    brand = replace(
        BRAND,
        roles={Role.APPROVE: ("alice", "bob"), Role.ADMIN: ("dana",)},
        policy=Policy(needed=2),
    )
    async with open_world(tmp_path, brand=brand) as world:
        await posted(world, at="now")
        assert "someone else" in await world.say("ALICE", "/approve latest")
        await world.say("bob", "/approve latest")
        assert "already counts" in await world.say("Bob", "/approve latest")
        assert "already counts" in await world.react("BOB", "✅")
        assert (await world.row()).state is State.IN_REVIEW
        assert [v.member for v in await world.votes()] == ["bob"]


REFUSED = [
    ("eve", "Approving is for bob, carol or dana. I told nobody that you tried."),
    ("mallory", "You are not a member of acme yet; dana can add you."),
]


@pytest.mark.parametrize(("who", "words"), REFUSED)
async def test_without_the_role_nothing_counts_and_only_that_person_hears_it(
    world: World, who: str, words: str
) -> None:
    await posted(world)
    spoken = len(world.room.said)
    assert await world.say(who, "/approve latest") == words
    assert world.room.whispered[-1] == (who, words)
    assert len(world.room.said) == spoken
    assert await world.votes() == ()


async def test_the_author_may_approve_where_the_policy_says_so(tmp_path: Path) -> None:
    roles = {Role.APPROVE: ("alice",)}
    brand = replace(BRAND, roles=roles, policy=Policy(author_may_approve=True))
    async with open_world(tmp_path, brand=brand) as world:
        await posted(world, at="now")
        assert "approved" in await world.say("alice", "/approve latest")
        assert (await world.row()).state is State.LIVE


async def test_where_nobody_is_asked_it_goes_out_by_itself(tmp_path: Path) -> None:
    async with open_world(tmp_path, brand=replace(BRAND, policy=Policy(mode="none"))) as world:
        assert await world.say("alice", f'/post "Hello" --to {LOOK} --at now') == "P1 goes out now."
        assert (await world.row()).state is State.LIVE
        await world.say("alice", f'/post "Later" --to {LOOK} --at "in 2h"')
        row = await world.row(2)
        assert (row.state, row.due) == (State.SCHEDULED, world.clock.now() + timedelta(hours=2))


async def test_two_are_needed_and_the_card_counts_them(tmp_path: Path) -> None:
    async with open_world(tmp_path, brand=replace(BRAND, policy=Policy(needed=2))) as world:
        await posted(world)
        assert await world.say("bob", "/approve latest") == "Your ✅ on P1 v1 counts: 1 of 2."
        card = await world.card()
        assert card.status == "IN REVIEW  1 of 2"
        assert "bob ✅ v1 09:00" in {f.name: f.value for f in card.fields}["Approve"]
        assert (
            await world.say("bob", "/approve latest") == "Your ✅ on v1 already counts; it waits for others."
        )
        assert (await world.row()).state is State.IN_REVIEW
        await world.say("carol", "/approve latest")
        assert (await world.row()).state is State.SCHEDULED
        assert (await world.card()).footer.startswith("approved v1 by bob, carol")


async def test_a_second_decision_changes_nothing_and_says_who_was_first(world: World) -> None:
    await posted(world)
    await world.say("carol", "/approve latest")
    world.clock.advance(240)
    said = await world.say("bob", "/approve latest")
    assert said == "carol already approved v1 at 09:00. Nothing changed."
    assert [v.member for v in await world.votes()] == ["carol"]


async def test_of_a_hundred_decisions_at_once_one_wins(world: World) -> None:
    """T17 of the field notes: two approvers at once, and every click twice."""
    await posted(world)
    svc = world.app.services
    casts = [decide(svc, 1, ("bob", "carol")[i % 2], Choice.YES, via=Via.BUTTON) for i in range(100)]
    results = await asyncio.gather(*casts, return_exceptions=True)
    won = [r for r in results if isinstance(r, str)]
    lost = [str(r) for r in results if isinstance(r, Conflict)]
    assert (len(won), len(lost)) == (1, 99)
    assert {words.split(" at ")[0] for words in lost} == {"bob already approved v1"}
    assert world.sql("SELECT count(*) FROM audit WHERE what = 'yes'") == [(1,)]


async def test_a_button_of_an_older_version_decides_nothing(world: World) -> None:
    await posted(world)
    old = await world.button("Approve")
    await world.say("alice", '/edit latest "Hello again"')
    said = await world.press("bob", old)
    assert said.startswith("P1 changed since this card (v1 → v2: text for ")
    assert (await world.row()).state is State.IN_REVIEW
    assert "approved" in await world.press("bob", await world.button("Approve"))


async def test_a_refusal_needs_a_reason_and_the_author_hears_it(world: World) -> None:
    await posted(world)
    assert "Say why" in await world.press("bob", await world.button("Request changes"))
    assert (await world.row()).state is State.IN_REVIEW
    assert (
        await world.say("bob", '/changes latest "less salesy"') == "alice is asked to change P1: less salesy"
    )
    row = await world.row()
    assert (row.state, row.reason) == (State.CHANGES_REQUESTED, "bob asks for changes: less salesy")
    assert (await world.card()).status == "CHANGES REQUESTED"


async def test_one_rejection_beats_an_approval_that_was_given(world: World) -> None:
    await posted(world)
    await world.say("bob", "/approve latest")
    await world.say("carol", '/reject latest "wrong day"')
    row = await world.row()
    assert (row.state, row.reason) == (State.CANCELLED, "rejected by carol: wrong day")
    await world.wait(timedelta(hours=4))
    assert world.asked(LOOK) == 0


async def test_a_rejected_post_comes_back_by_an_edit_as_it_was_promised(world: World) -> None:
    await posted(world, to=f"{LOOK},{KEY}")
    said = await world.say("carol", '/reject latest "wrong day"')
    assert said == "P1 is rejected. /edit P1 brings it back into review."
    await world.say("alice", '/edit P1 "Better"')
    assert {d.state for d in (await world.rows()).values()} == {State.IN_REVIEW}
    await world.say("carol", "/approve P1")
    assert {d.state for d in (await world.rows()).values()} == {State.SCHEDULED}


async def test_an_edit_back_to_what_was_judged_asks_again(world: World) -> None:
    await posted(world, "One")
    await world.say("bob", "/approve latest")
    await world.say("alice", '/edit P1 "Two"')
    await world.say("alice", '/edit P1 "One"')
    assert (await world.row()).state is State.IN_REVIEW
    assert "is approved" in await world.say("bob", "/approve P1")
    assert (await world.row()).state is State.SCHEDULED


async def test_an_edit_voids_only_what_it_touches(world: World) -> None:
    await posted(world, to=f"{LOOK},{KEY}")
    await world.say("bob", "/approve latest")
    said = await world.say("alice", f'/edit latest --for {KEY} "Hello, longer"')
    assert said == (
        "Your edit changes what Demo (own key) gets, so bob's approval of v1 no longer covers it. "
        "Demo (lookup)'s part is untouched and stays approved."
    )
    rows = await world.rows()
    assert (rows[LOOK].state, rows[KEY].state) == (State.SCHEDULED, State.IN_REVIEW)
    shown = next(m.text for m in world.room.said if m.text.startswith("v2 by alice"))
    assert shown == f"v2 by alice:\n{KEY} text: ‹−Hello−› ‹+Hello, longer+›"
    await world.wait(timedelta(hours=3))
    assert (world.created(LOOK), world.created(KEY)) == (1, 0)


async def test_another_wish_about_time_voids_and_another_instant_inside_it_does_not(world: World) -> None:
    await posted(world, at="next slot")
    await world.say("bob", "/approve latest")
    await world.say("alice", '/schedule latest "mon 12:00"')
    assert (await world.row()).state is State.IN_REVIEW
    assert any("time: next slot → mon 12:00" in text for text in world.room.texts())


async def test_the_slot_that_the_card_showed_is_the_slot_it_gets(world: World) -> None:
    await posted(world, at="next slot")
    shown = (await world.row()).due
    assert "Mon 23 Nov 09:00 Lisbon" in {f.name: f.value for f in (await world.card()).fields}["When"]
    await world.say("alice", '/edit latest "Hello again"')
    assert (await world.row()).due == shown
    assert (
        await world.say("bob", "/approve latest") == "P1 v2 is approved and goes out Mon 23 Nov 09:00 Lisbon."
    )
    assert (await world.row()).due == shown
    await posted(world, "Another", at="next slot")
    assert (await world.row(2)).due == (shown or world.clock.now()) + timedelta(hours=8, minutes=30)


async def test_withdrawing_before_and_after_the_decision(tmp_path: Path) -> None:
    async with open_world(tmp_path, brand=replace(BRAND, policy=Policy(needed=2))) as world:
        await posted(world)
        assert "no vote there" in await world.say("bob", "/withdraw latest")
        await world.say("bob", "/approve latest")
        assert await world.say("bob", "/withdraw latest") == "Your vote on P1 is withdrawn."
        await world.say("carol", "/approve latest")
        assert (await world.row()).state is State.IN_REVIEW, "bob's vote is gone"
        await world.say("bob", "/approve latest")
        assert (await world.row()).state is State.SCHEDULED
        said = await world.say("carol", "/withdraw latest")
        assert said == "Your vote on P1 is withdrawn. It needs approval again."
        assert (await world.row()).state is State.IN_REVIEW
        await world.wait(timedelta(hours=4))
        assert world.asked(LOOK) == 0


async def test_what_is_taken_back_lapses_like_any_request(world: World) -> None:
    await posted(world)
    await world.say("bob", "/approve latest")
    await world.say("bob", "/withdraw latest")
    assert "by 12:00" in {f.name: f.value for f in (await world.card()).fields}["Approve"]
    await world.wait(timedelta(hours=3))
    assert (await world.row()).state is State.EXPIRED


async def test_a_vote_on_what_is_out_cannot_be_taken_back(world: World) -> None:
    await posted(world, at="now")
    await world.say("bob", "/approve latest")
    assert "already on its way" in await world.say("bob", "/withdraw P1")
    assert (await world.row()).state is State.LIVE


async def test_a_request_lapses_visibly_and_can_be_made_again_as_it_is(world: World) -> None:
    await posted(world, at="now")
    fields = {f.name: f.value for f in (await world.card()).fields}
    assert fields["Approve"] == "needs 1 of bob, carol or dana by Mon 23 Nov 09:00 Lisbon"
    await world.wait(timedelta(hours=48))
    row = await world.row()
    assert (row.state, row.reason) == (State.EXPIRED, "nobody approved it by 09:00")
    assert (await world.card()).status == "EXPIRED"
    assert 'P1 expired: nobody approved it by 09:00. /schedule P1 "…" asks again.' in world.room.texts()
    assert "Nothing changed" in await world.say("bob", "/approve P1")
    await world.say("alice", "/schedule P1 now")
    assert (await world.row()).state is State.IN_REVIEW
    await world.say("bob", "/approve P1")
    assert (await world.row()).state is State.LIVE


async def test_a_fixed_time_lapses_with_its_time(world: World) -> None:
    await posted(world, at="in 3h")
    await world.wait(timedelta(hours=3))
    assert (await world.row()).state is State.EXPIRED
    assert "has passed" in await world.say("alice", '/edit P1 "Too late"')
    assert (await world.row()).state is State.EXPIRED


async def test_looking_too_early_lapses_nothing(world: World) -> None:
    await posted(world)
    await expire(world.app.services, (await world.row()).id)
    assert (await world.row()).state is State.IN_REVIEW


async def test_who_lost_the_role_before_it_was_due_signed_nothing(tmp_path: Path) -> None:
    """The configuration changes between approval and due: the vote no longer counts, so it is held."""
    async with open_world(tmp_path) as world:
        await posted(world)
        await world.say("bob", "/approve latest")
        clock, room = world.clock, world.room
    less: Brand = replace(BRAND, roles={**BRAND.roles, Role.APPROVE: ("carol",), Role.VIEW: ("bob",)})
    async with open_world(tmp_path, brand=less, clock=clock, room=room) as world:
        await world.wait(timedelta(hours=3))
        row = await world.row()
        assert row.state is State.HELD
        assert "its approval no longer holds" in row.reason
        assert world.asked(LOOK) == 0
        assert "carol" not in [v.member for v in await world.votes()]
        await world.say("carol", "/retry P1")
        assert (await world.row()).state is State.LIVE
        assert world.created(LOOK) == 1


async def test_a_held_post_waits_for_as_many_as_are_needed(tmp_path: Path) -> None:
    two = replace(BRAND, policy=Policy(needed=2))
    async with open_world(tmp_path, brand=two) as world:
        await posted(world)
        for who in ("bob", "carol"):
            await world.say(who, "/approve latest")
        clock, room = world.clock, world.room
    fewer = replace(two, roles={**BRAND.roles, Role.APPROVE: ("bob", "erin"), Role.VIEW: ("carol",)})
    async with open_world(tmp_path, brand=fewer, clock=clock, room=room) as world:
        await world.wait(timedelta(hours=3))
        assert (await world.row()).state is State.HELD
        assert await world.say("bob", "/retry P1") == (
            "Your word counts: 1 of 2; others have to agree: erin or dana."
        )
        assert ((await world.row()).state, world.asked(LOOK)) == (State.HELD, 0)
        assert await world.say("erin", "/retry P1") == f"P1 goes out now: {LOOK}."
        assert (await world.row()).state is State.LIVE


async def test_what_cannot_go_out_stays_a_draft_and_says_why(world: World) -> None:
    long = "x" * 501
    said = await world.say("alice", f'/post "{long}" --to {LOOK} --at now')
    assert said.startswith("P1 is kept as a draft")
    assert "is not ready for approval" in await world.say("bob", "/approve P1")
    assert "✗ Demo takes 500 characters, this has 501 — shorten it" in (await world.card()).fields[0].value
    await world.say("alice", '/edit P1 "short"')
    assert (await world.row()).state is State.IN_REVIEW


async def test_of_two_targets_the_one_that_can_goes(world: World) -> None:
    long = "x" * 501
    await world.say("alice", f'/post "{long}" --to {LOOK},{BLIND} --for {LOOK} "short" --at now')
    said = await world.say("bob", "/approve P1")
    assert said == f"P1 v1 is approved and goes out now. {BLIND} stays behind: it cannot go out as it is."
    rows = await world.rows()
    assert (rows[LOOK].state, rows[BLIND].state) == (State.LIVE, State.DRAFT)


async def test_only_for_one_account(world: World) -> None:
    await posted(world, to=f"{LOOK},{KEY}")
    await world.say("bob", f"/approve latest --to {KEY}")
    rows = await world.rows()
    assert (rows[KEY].state, rows[LOOK].state) == (State.SCHEDULED, State.IN_REVIEW)


async def test_an_edit_that_changes_nothing_is_said_and_voids_nothing(world: World) -> None:
    await posted(world)
    await world.say("bob", "/approve latest")
    assert await world.say("alice", '/edit latest "Hello"') == "That changes nothing."
    assert (await world.row()).state is State.SCHEDULED


async def test_what_is_out_is_not_edited(world: World) -> None:
    await posted(world, at="now")
    await world.say("bob", "/approve latest")
    said = await world.say("alice", '/edit P1 "Other words"')
    assert said == f"P1 can no longer be edited: {LOOK} is live."


async def test_a_decision_reaches_the_card_after_the_chat_was_away(world: World) -> None:
    """T19: a failed repaint is tried again from the outbox."""
    await posted(world)
    world.room.broken = True
    await world.app.dispatch.handle(
        Invocation(command="approve", raw="latest", user="bob", target=replace(MAIN, chat="elsewhere"))
    )
    await decide(world.app.services, 1, "bob", Choice.YES, via=Via.COMMAND)
    await world.app.settle()
    assert (await world.card()).status == "IN REVIEW"
    world.room.broken = False
    await world.wait(timedelta(minutes=1))
    assert (await world.card()).status == "SCHEDULED"
