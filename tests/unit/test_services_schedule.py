"""Time in a running bot: what came too late is asked about, what was stopped does not burst out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.delivery import State
from bot.domain.message import Message
from tests.unit.demo_world import BRAND, KEY, LOOK, World, open_world

HELD = "I could not send in time"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as made:
        yield made


async def scheduled(world: World, count: int, *, to: str = LOOK, minutes: int = 60) -> None:
    for number in range(1, count + 1):
        at = f"in {minutes + number}m"
        await world.say("alice", f'/post "Post {number}" --to {to} --at "{at}"')
        await world.say("bob", "/approve latest")


async def sleep_through(world: World, span: timedelta) -> None:
    """The machine slept; nobody looked meanwhile."""
    world.clock.advance(span)
    await world.app.settle()


def digests(world: World) -> list[Message]:
    return [m for m in world.room.said if HELD in m.text]


async def states(world: World, count: int) -> list[State]:
    return [(await world.row(n)).state for n in range(1, count + 1)]


async def test_what_is_a_little_late_still_goes_out(world: World) -> None:
    await scheduled(world, 1)
    await sleep_through(world, timedelta(minutes=61 + 15))
    assert await states(world, 1) == [State.LIVE]
    assert digests(world) == []


async def test_what_came_much_too_late_is_held_and_asked_about_once(world: World) -> None:
    await scheduled(world, 3)
    await sleep_through(world, timedelta(hours=3))
    assert await states(world, 3) == [State.HELD] * 3
    assert world.asked(LOOK) == 0
    (digest,) = digests(world)
    assert digest.text == (
        f"3 posts came due (10:01 to 10:03) and {HELD}: P1 on {LOOK}, P2 on {LOOK}, P3 on {LOOK}. "
        "What now? /retry P1 sends one alone."
    )
    assert [b.label for b in digest.buttons] == ["Publish now", "Spread over today", "Choose", "Drop"]
    assert (await world.row()).reason == "was due 10:01; not sent unasked that late"
    await world.wait(timedelta(days=1))
    assert len(digests(world)) == 1
    assert world.asked(LOOK) == 0


async def test_publish_now_sends_them_in_order(world: World) -> None:
    await scheduled(world, 3)
    await sleep_through(world, timedelta(hours=3))
    send = digests(world)[0].buttons[0]
    assert "for people who may approve" in await world.press("alice", send)
    assert await world.press("bob", send) == "3 held posts are going out now."
    assert await states(world, 3) == [State.LIVE] * 3
    assert [p.text for p in world.sims[LOOK].posts] == ["Post 1", "Post 2", "Post 3"]
    assert await world.press("bob", send) == "Nothing is held any more."
    assert world.asked(LOOK) == 3


async def test_spread_sends_one_every_half_hour(world: World) -> None:
    await scheduled(world, 3)
    await sleep_through(world, timedelta(hours=3))
    await world.press("bob", digests(world)[0].buttons[1])
    counts = []
    for _ in range(3):
        counts.append(world.created(LOOK))
        await world.wait(timedelta(minutes=30))
    assert counts == [1, 2, 3]


async def test_a_respread_keeps_quiet_hours_days_off_spacing_and_other_posts(tmp_path: Path) -> None:
    brand = replace(BRAND, quiet="17:00-09:30", blackout=("2026-11-22",), spacing_s=3600)
    async with open_world(tmp_path, brand=brand) as world:
        await scheduled(world, 3)
        await world.say("alice", f'/post "Fixed" --to {LOOK} --at "16:30"')
        await world.say("bob", "/approve latest")
        await sleep_through(world, timedelta(hours=5))
        said = await world.press("bob", digests(world)[0].buttons[1])
        assert said == "3 held posts are spread from 14:00 to Mon 23 Nov 09:30 Lisbon."
        dues = [f"{(await world.row(n)).due:%a %H:%M}" for n in (1, 2, 3, 4)]
        assert dues == ["Sat 14:00", "Sat 15:00", "Mon 09:30", "Sat 16:30"]
        for _ in range(3):
            await world.wait(timedelta(days=1))
        assert [p.text for p in world.sims[LOOK].posts] == ["Post 1", "Post 2", "Fixed", "Post 3"]


async def test_choose_names_each_with_what_can_be_typed(world: World) -> None:
    await scheduled(world, 2)
    await sleep_through(world, timedelta(hours=3))
    said = await world.press("bob", digests(world)[0].buttons[2])
    assert said.startswith("2 wait for you, one by one:\nP1 on acme-look, due 10:01: “Post 1” · ")
    assert "/retry P2 --to acme-look sends it" in said
    assert await states(world, 2) == [State.HELD] * 2


async def test_drop_sends_nothing(world: World) -> None:
    await scheduled(world, 2)
    await sleep_through(world, timedelta(hours=3))
    assert await world.press("carol", digests(world)[0].buttons[3]) == "2 held posts are dropped."
    assert await states(world, 2) == [State.CANCELLED] * 2
    assert (await world.row()).reason == "dropped by carol"


async def test_one_of_them_alone(world: World) -> None:
    await scheduled(world, 2)
    await sleep_through(world, timedelta(hours=3))
    assert await world.say("bob", "/retry P2") == f"P2 goes out now: {LOOK}."
    assert await states(world, 2) == [State.HELD, State.LIVE]


async def test_halt_stops_claims_and_says_what_waits(world: World) -> None:
    await scheduled(world, 2)
    said = await world.say("alice", '/halt "wrong price"')
    assert said == (
        "Stopped at 09:00:00 for acme. Nothing new is sent. Nothing is in flight. "
        "2 scheduled posts wait. /resume when ready."
    )
    assert (await world.card()).footer.startswith("stopped by alice — /resume when ready")
    await world.wait(timedelta(minutes=70))
    assert world.asked(LOOK) == 0
    assert "alice stopped acme at 09:00:00" in await world.say("bob", "/halt")
    assert "for everybody" not in await world.say("alice", "/resume")
    assert world.asked(LOOK) == 0, "alice may stop it, not let it go on"


async def test_resume_within_the_hour_goes_on_and_later_asks_first(world: World) -> None:
    await scheduled(world, 1)
    await scheduled(world, 1, minutes=180)
    await world.say("alice", "/halt")
    await world.wait(timedelta(minutes=65))
    assert "acme sends again" in await world.say("dana", "/resume")
    assert await states(world, 2) == [State.LIVE, State.SCHEDULED]
    await world.say("alice", "/halt")
    await world.wait(timedelta(hours=3))
    assert digests(world) == []
    await world.say("dana", "/resume")
    assert await states(world, 2) == [State.LIVE, State.HELD]
    assert world.asked(LOOK) == 1
    assert len(digests(world)) == 1


async def test_what_a_halt_has_not_reached_is_not_resumed(world: World) -> None:
    assert await world.say("dana", "/resume") == "acme is not stopped."


async def test_one_accounts_lateness_does_not_hide_the_others(world: World) -> None:
    await scheduled(world, 1, to=f"{LOOK},{KEY}")
    await sleep_through(world, timedelta(hours=3))
    (digest,) = digests(world)
    assert digest.text.startswith("2 posts came due (10:01 to 10:01)")


async def test_a_clock_that_jumps_ahead_holds_and_one_that_jumps_back_repeats_nothing(world: World) -> None:
    await scheduled(world, 1)
    await world.wait(timedelta(minutes=61))
    assert await states(world, 1) == [State.LIVE]
    world.clock.jump(timedelta(hours=-3))
    await world.wait(timedelta(hours=4))
    assert world.asked(LOOK) == 1
    await scheduled(world, 1)
    world.clock.jump(timedelta(hours=5))
    await world.app.settle()
    assert (await world.row(2)).state is State.HELD


async def test_another_time_asks_again_and_the_old_one_is_forgotten(world: World) -> None:
    """T9: an edit at any instant; the next firing follows the row."""
    await scheduled(world, 1)
    await world.wait(timedelta(minutes=30))
    await world.say("alice", '/schedule P1 "in 4h"')
    await world.say("bob", "/approve P1")
    await world.wait(timedelta(hours=3))
    assert world.asked(LOOK) == 0
    await world.wait(timedelta(hours=1))
    assert world.created(LOOK, "Post 1") == 1


async def test_cancel_is_for_its_author_and_for_approvers(world: World) -> None:
    await scheduled(world, 1)
    await world.say("dana", f'/post "Dana\'s" --to {LOOK} --at "in 2h"')
    assert "is dana's; they or an approver can cancel it" in await world.say("alice", "/cancel P2")
    assert await world.say("alice", "/cancel P1") == "P1 is cancelled. /edit P1 brings it back."
    await world.wait(timedelta(hours=2))
    assert world.asked(LOOK) == 0
    await world.say("alice", '/edit P1 --at "in 1h"')
    assert (await world.row(1)).state is State.IN_REVIEW


async def test_slots_are_taken_one_after_the_other(world: World) -> None:
    for number in range(3):
        await world.say("alice", f'/post "Slot {number}" --to {LOOK} --at "next slot"')
        await world.say("bob", "/approve latest")
    dues = [f"{(await world.row(n)).due:%a %H:%M}" for n in (1, 2, 3)]
    assert dues == ["Mon 09:00", "Mon 17:30", "Tue 09:00"]
