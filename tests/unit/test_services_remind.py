"""Requests that wait: reminded of once for each step, escalated, never at night."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.delivery import State
from bot.domain.people import ApprovalLevel, Policy
from bot.services.remind import remind, steps_of
from tests.unit.demo_world import BRAND, KEY, LOOK, World, open_world

HOUR = 3600
POLICY = Policy(remind_s=(4 * HOUR, 24 * HOUR), escalate_s=30 * HOUR, escalate_to=("eve",), needed=2)


def world_of(folder: Path, policy: Policy = POLICY, **more: Any) -> Any:
    start = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    brand = replace(BRAND, policy=policy, **more.pop("brand", {}))
    return open_world(folder, brand=brand, **{"start": start, **more})


async def passes(world: World, hours: float) -> None:
    """Time goes by; everything that is due on the way is done when it is due."""
    await world.wait(timedelta(hours=hours))


def reminders(world: World) -> list[str]:
    return [text for text in world.room.texts() if "has waited for approval" in text]


def test_what_a_policy_wants_by_when() -> None:
    found = [steps_of(POLICY, timedelta(hours=h)) for h in (3, 4, 24, 30)]
    assert found == [
        (),
        ("remind:14400",),
        ("remind:14400", "remind:86400"),
        ("remind:14400", "remind:86400", "escalate"),
    ]


async def test_those_who_are_waited_for_are_named_once_for_each_step(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK}')
        await world.say("bob", "/approve P1")
        await passes(world, 3.9)
        assert reminders(world) == []
        await passes(world, 1)
        assert reminders(world) == [
            "P1 has waited for approval since 09:00. It needs carol or dana. "
            "It lapses Wed 25 Nov 09:00 Lisbon."
        ]
        for _ in range(3):
            await remind(world.app.services)
        await passes(world, 18)
        assert len(reminders(world)) == 1
        await passes(world, 2)
        assert len(reminders(world)) == 2
        assert world.sql("SELECT count(*) FROM audit WHERE what = 'reminded'") == [(2,)]


async def test_after_the_last_of_them_others_are_called_in_and_may_sign(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 47h"')
        await world.say("bob", "/approve P1")
        assert "Approving is for" in await world.say("eve", "/approve P1")
        await passes(world, 31)
        assert "eve may approve it now too." in reminders(world)[-1]
        card = {f.name: f.value for f in (await world.card()).fields}
        assert "carol, dana or eve" in card["Approve"]
        assert "is approved" in await world.say("eve", "/approve P1")
        await passes(world, 17)
        assert (await world.row()).state is State.LIVE
        assert world.created(LOOK, "Hello") == 1


async def test_whoever_was_called_in_and_left_since_signed_nothing(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 40h"')
        await world.say("bob", "/approve P1")
        await passes(world, 31)
        await world.say("eve", "/approve P1")
        assert (await world.row()).state is State.SCHEDULED
        clock, room = world.clock, world.room
    gone = {"roles": {k: v for k, v in BRAND.roles.items() if v != ("eve",)}}
    async with world_of(tmp_path, brand=gone, clock=clock, room=room, start=None) as world:
        await passes(world, 10)
        row = await world.row()
        assert row.state is State.HELD
        assert row.reason.startswith("its approval no longer holds: eve may no longer approve")
        assert world.asked(LOOK) == 0


async def test_at_night_nobody_is_reminded_and_in_the_morning_once(tmp_path: Path) -> None:
    start = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
    policy = replace(POLICY, remind_s=(4 * HOUR, 8 * HOUR), escalate_s=None, escalate_to=())
    async with world_of(tmp_path, policy, start=start, brand={"quiet": "22:00-07:00"}) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK}')
        await passes(world, 10)
        assert reminders(world) == []
        await passes(world, 2)
        assert len(reminders(world)) == 1


@pytest.mark.parametrize("line", ["/approve P1", '/reject P1 "no"', "/hold P1"])
async def test_what_no_longer_waits_is_not_reminded_of(tmp_path: Path, line: str) -> None:
    async with world_of(tmp_path, replace(POLICY, needed=1)) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 40h"')
        await world.say("bob", line)
        await passes(world, 32)
        assert reminders(world) == []


async def test_a_draft_is_not_reminded_of(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        await world.say("alice", f'/post "{"x" * 501}" --to {LOOK} --at "in 40h"')
        assert (await world.row()).state is State.DRAFT
        await passes(world, 32)
        assert reminders(world) == []


async def test_an_edit_asks_anew_and_is_reminded_of_anew(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 40h"')
        await passes(world, 5)
        await world.say("alice", '/edit P1 "Hello!"')
        await passes(world, 5)
        assert len(reminders(world)) == 2
        await world.say("alice", '/edit P1 "Hello"')
        await passes(world, 3)
        assert len(reminders(world)) == 2
        await passes(world, 2)
        assert len(reminders(world)) == 3


async def test_one_message_for_a_post_with_several_accounts_names_who_is_missing_where(
    tmp_path: Path,
) -> None:
    legal = Policy(mode="levels", levels=(ApprovalLevel(name="legal", who=("dana",)),))
    async with world_of(tmp_path, brand={"policies": {KEY: legal}}) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK},{KEY} --at "in 40h"')
        await passes(world, 5)
        assert reminders(world) == [
            "P1 has waited for approval since 09:00. It needs 2 of bob, carol or dana (on acme-look); "
            "dana for legal (on acme-key). It lapses Wed 25 Nov 01:00 Lisbon."
        ]


async def test_reminders_are_found_again_after_a_restart(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK}')
        await passes(world, 5)
        clock, room = world.clock, world.room
    async with world_of(tmp_path, clock=clock, room=room, start=None) as world:
        await passes(world, 5)
        assert len(reminders(world)) == 1
