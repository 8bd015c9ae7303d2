"""All, levels and a policy for one account in a running bot; and what is left of an approval at its time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.delivery import State
from bot.domain.people import ApprovalLevel, Brand, Policy, Role
from tests.unit.demo_world import BLIND, BRAND, KEY, LOOK, World, open_world

LEGAL = ApprovalLevel(name="legal", who=("bob", "carol"))
BOARD = ApprovalLevel(name="board", who=("dana",))
LEVELS = Policy(mode="levels", levels=(LEGAL, BOARD))
ALL = Policy(mode="all")


def world_of(folder: Path, policy: Policy, **more: Any) -> Any:
    return open_world(folder, brand=replace(BRAND, policy=policy), **more)


async def asked(world: World) -> dict[str, str]:
    """What the card says about who is asked."""
    return {f.name: f.value for f in (await world.card()).fields if f.name.startswith("Approve")}


async def test_in_all_everybody_is_waited_for_by_name(tmp_path: Path) -> None:
    async with world_of(tmp_path, ALL) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
        assert await asked(world) == {"Approve": "needs bob, carol and dana by 12:00"}
        said = await world.say("bob", "/approve P1")
        assert said == "Your ✅ on P1 v1 counts: 1 of 3. It waits for carol and dana."
        assert await asked(world) == {
            "Approve": "needs bob, carol and dana by 12:00 · bob ✅ v1 09:00 · waiting: carol, dana"
        }
        await world.say("dana", "/approve P1")
        assert (await world.row()).state is State.IN_REVIEW
        assert "is approved" in await world.say("carol", "/approve P1")


async def test_in_all_an_approver_who_writes_needs_the_others(tmp_path: Path) -> None:
    async with world_of(tmp_path, ALL) as world:
        await world.say("bob", f'/post "Hello" --to {LOOK} --at "in 3h"')
        assert "someone else has to approve it: carol or dana." in await world.say("bob", "/approve P1")
        await world.say("carol", "/approve P1")
        assert "is approved" in await world.say("dana", "/approve P1")


async def test_levels_are_asked_in_their_order_and_the_card_says_how_far(tmp_path: Path) -> None:
    async with world_of(tmp_path, LEVELS) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
        assert await asked(world) == {
            "Approve": "legal: waiting for bob or carol · board: then dana · until 12:00"
        }
        assert (await world.card()).status == "IN REVIEW  0 of 2"
        assert await world.say("bob", "/approve P1") == (
            "Your ✅ on P1 v1 counts for legal. board is asked now: dana."
        )
        assert await asked(world) == {"Approve": "legal ✓ bob · board: waiting for dana · until 12:00"}
        assert "is approved" in await world.say("dana", "/approve P1")
        assert (await world.row()).state is State.SCHEDULED


async def test_a_later_level_may_speak_early_and_counts_when_its_turn_comes(tmp_path: Path) -> None:
    async with world_of(tmp_path, LEVELS) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
        assert await world.say("dana", "/approve P1") == (
            "Your ✅ on P1 v1 counts for board. legal is asked now: bob or carol."
        )
        assert (await world.row()).state is State.IN_REVIEW
        assert "already counts" in await world.say("dana", "/approve P1")
        assert "is approved" in await world.say("carol", "/approve P1")


async def test_an_approver_outside_the_levels_signs_nothing_but_may_say_no(tmp_path: Path) -> None:
    only = Policy(mode="levels", levels=(LEGAL,))
    async with world_of(tmp_path, only) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
        said = await world.say("dana", "/approve P1")
        assert said == "Approving is for bob or carol. I told nobody that you tried."
        await world.say("dana", '/reject P1 "no"')
        assert (await world.row()).state is State.CANCELLED


async def test_an_account_has_its_own_policy(tmp_path: Path) -> None:
    brand = replace(BRAND, policies={KEY: LEVELS, BLIND: Policy(mode="none")})
    async with open_world(tmp_path, brand=brand) as world:
        said = await world.say("alice", f'/post "Hello" --to {LOOK},{KEY},{BLIND} --at "in 3h"')
        assert said.startswith("P1 waits for approval")
        assert {n: d.state for n, d in (await world.rows()).items()} == {
            LOOK: State.IN_REVIEW,
            KEY: State.IN_REVIEW,
            BLIND: State.SCHEDULED,
        }
        assert set((await asked(world)).values()) == {
            "needs 1 of bob, carol or dana by 12:00",
            "legal: waiting for bob or carol · board: then dana · until 12:00",
        }
        said = await world.say("bob", "/approve P1")
        assert said == ("acme-look is approved. Your ✅ on P1 v1 counts for legal. board is asked now: dana.")
        await world.wait(timedelta(hours=3))
        assert {n: d.state for n, d in (await world.rows()).items()} == {
            LOOK: State.LIVE,
            KEY: State.EXPIRED,
            BLIND: State.LIVE,
        }


async def test_who_may_approve_only_one_of_two_accounts_approves_that_one(tmp_path: Path) -> None:
    brand = replace(BRAND, policies={KEY: Policy(mode="levels", levels=(BOARD,))})
    async with open_world(tmp_path, brand=brand) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK},{KEY} --at "in 3h"')
        said = await world.say("bob", "/approve P1")
        assert said == "Your ✅ on P1 v1 approves acme-look. acme-key waits for others."
        assert "Approving is for dana" in await world.say("bob", f"/approve P1 --to {KEY}")
        assert "is approved" in await world.say("dana", "/approve P1")


SIGNERS = {"any": ("bob", "carol"), "all": ("bob", "carol", "dana"), "levels": ("bob", "dana")}
POLICIES = {"any": Policy(needed=2), "all": ALL, "levels": LEVELS}


def without(name: str) -> Brand:
    """The brand after somebody has left it."""
    roles = {role: tuple(n for n in names if n != name) for role, names in BRAND.roles.items()}
    return replace(BRAND, roles=roles)


@pytest.mark.parametrize("mode", ["any", "all", "levels"])
async def test_an_approver_who_left_signed_nothing_and_everybody_hears_who_can(
    tmp_path: Path, mode: str
) -> None:
    """Between approval and publishing bob leaves: roles are looked up again when it is due."""
    async with world_of(tmp_path, POLICIES[mode]) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
        for name in SIGNERS[mode]:
            await world.say(name, "/approve P1")
        assert (await world.row()).state is State.SCHEDULED
        clock, room = world.clock, world.room
    left = replace(without("bob"), policy=POLICIES[mode])
    async with open_world(tmp_path, brand=left, clock=clock, room=room) as world:
        await world.wait(timedelta(hours=3))
        row = await world.row()
        if mode == "all":
            # carol and dana are everybody who is left, and both have signed
            assert row.state is State.LIVE
            return
        assert row.state is State.HELD
        assert row.reason == (
            "its approval no longer holds: bob may no longer approve; /retry signs and sends it"
        )
        assert world.asked(LOOK) == 0
        who = {"any": "dana", "levels": "carol for legal"}[mode]
        told = [text for text in room.texts() if "no longer holds" in text]
        assert told == [
            "P1 is held on acme-look: its approval no longer holds, because bob may no longer approve. "
            f"It needs {who}: /retry P1 signs and sends it."
        ]
        assert (await world.card()).status == "HELD"
        assert "goes out now" in await world.say(who.split(" ")[0], "/retry P1")
        assert (await world.row()).state is State.LIVE
        assert world.created(LOOK, "Hello") == 1


async def test_in_all_one_who_joined_since_has_to_sign_too(tmp_path: Path) -> None:
    async with world_of(tmp_path, ALL) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
        for name in ("bob", "carol", "dana"):
            await world.say(name, "/approve P1")
        clock, room = world.clock, world.room
    joined = replace(BRAND, policy=ALL, roles={**BRAND.roles, Role.APPROVE: ("bob", "carol", "erin")})
    async with open_world(tmp_path, brand=joined, clock=clock, room=room) as world:
        await world.wait(timedelta(hours=3))
        row = await world.row()
        assert (row.state, row.reason.split(";")[0]) == (
            State.HELD,
            "its approval no longer holds: 4 have to sign now and 3 did",
        )
        await world.say("erin", "/retry P1")
        assert (await world.row()).state is State.LIVE


async def test_a_signature_runs_out_and_that_is_said_when_it_is_given(tmp_path: Path) -> None:
    short = Policy(valid_s=2 * 3600)
    async with world_of(tmp_path, short) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
        said = await world.say("bob", "/approve P1")
        assert said == (
            "P1 v1 is approved and goes out 12:00. The approval lasts until 11:00; after that I ask again."
        )
        await world.wait(timedelta(hours=3))
        row = await world.row()
        assert row.state is State.HELD
        assert "bob signed more than 2 hours ago" in row.reason
        assert world.asked(LOOK) == 0
        assert "goes out now" in await world.say("bob", "/retry P1")
        assert (await world.row()).state is State.LIVE


async def test_retry_by_somebody_who_may_not_sign_says_who_can(tmp_path: Path) -> None:
    async with world_of(tmp_path, replace(LEVELS, valid_s=3600)) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
        for name in ("bob", "dana"):
            await world.say(name, "/approve P1")
        await world.wait(timedelta(hours=3))
        assert (await world.row()).state is State.HELD
        assert await world.say("dana", "/retry P1") == (
            "Your word counts: 1 of 2; others have to agree: bob or carol for legal."
        )
        assert "goes out now" in await world.say("carol", "/retry P1")


async def test_a_role_that_is_lost_while_the_request_is_open_decides_nothing(tmp_path: Path) -> None:
    async with world_of(tmp_path, Policy(needed=2)) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
        await world.say("bob", "/approve P1")
        clock, room = world.clock, world.room
    left = replace(without("bob"), policy=Policy(needed=2))
    async with open_world(tmp_path, brand=left, clock=clock, room=room) as world:
        said = await world.say("carol", "/approve P1")
        assert said == "Your ✅ on P1 v1 counts: 1 of 2. It waits for dana."
        assert "not a member" in await world.say("bob", "/approve P1")
        assert (await world.row()).state is State.IN_REVIEW


async def test_a_click_after_a_restart_counts(tmp_path: Path) -> None:
    """T16: the bot was started again between the card and the click."""
    async with world_of(tmp_path, LEVELS) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
        await world.say("bob", "/approve P1")
        button = await world.button("Approve")
        clock, room = world.clock, world.room
    async with world_of(tmp_path, LEVELS, clock=clock, room=room) as world:
        assert "is approved" in await world.press("dana", button)
        assert (await world.row()).state is State.SCHEDULED
        assert (await world.card()).footer.startswith("approved v1 by bob, dana")
