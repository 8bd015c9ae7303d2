"""The earlier post beside the new one: what says nearly the same, and what is due close by."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.stored import multiply
from bot.domain.delivery import State
from bot.domain.likeness import NEARLY, alike, likeness_of
from bot.testing.platforms._demo_server import CREATE
from bot.testing.simulator import CUT
from tests.unit.demo_world import BLIND, KEY, LOOK, World, open_world
from tests.unit.money_world import open_money

LAUNCH = "Launch day: Clarion 1.0 is out. Read why we built it → example.com/why"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as made:
        yield made


async def line(world: World, post_id: int) -> str:
    return (await world.card(post_id)).fields[0].value


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        (LAUNCH, LAUNCH.upper() + "!!", True),
        (LAUNCH, LAUNCH.replace("built", "made"), True),
        (LAUNCH, "Launch day, everybody: Clarion 1.0 is out. Read why we built it → example.com/why", True),
        (LAUNCH, "Clarion 1.0 needs testers. Write to us.", False),
        ("Weekly tip 12: use slots", "Weekly tip 13: use slots", False),
        ("First", "Second", False),
        ("🎉🎉", "🎉🎉", True),
        ("🎉🎉", "😀", False),
        ("", "", True),
    ],
)
def test_what_counts_as_nearly_the_same(one: str, other: str, near: bool) -> None:
    assert (alike(likeness_of(one), likeness_of(other)) >= NEARLY) is near


@given(st.text(max_size=80), st.text(max_size=80))
def test_likeness_is_a_share_and_has_no_direction(one: str, other: str) -> None:
    a, b = likeness_of(one), likeness_of(other)
    assert 0.0 <= alike(a, b) <= 1.0
    assert alike(a, b) == alike(b, a)
    assert alike(a, a) == 1.0


async def test_the_earlier_post_stands_beside_the_new_one(world: World) -> None:
    await world.say("alice", f'/post "{LAUNCH}" --to {LOOK} --at now')
    await world.say("bob", "/approve latest")
    await world.wait(timedelta(days=3))
    await world.say("alice", f'/post "{LAUNCH.replace("built", "made")}" --to {LOOK}')
    shown = await line(world, 2)
    assert (
        "⚠ nearly the same as P1 (live, Sat 21 Nov 09:00 Lisbon): "
        "“Launch day: Clarion 1.0 is out. Read why …”, demo.example/d1 "
        "— word this one differently, or leave it if the repeat is meant"
    ) in shown
    await world.say("bob", "/approve latest")
    assert (await world.row(2)).state is State.SCHEDULED, "it is a warning, not a bar"


async def test_a_post_that_is_still_coming_counts_too_and_the_same_is_called_the_same(world: World) -> None:
    await world.say("alice", f'/post "{LAUNCH}" --to {LOOK} --at "tomorrow 9:00"')
    await world.say("alice", f'/post "{LAUNCH}" --to {LOOK} --at "tomorrow 15:00"')
    assert "⚠ the same as P1 (in review, Sun 22 Nov 09:00 Lisbon)" in await line(world, 2)


async def test_what_is_said_below_a_post_later_is_not_the_post(world: World) -> None:
    below = '--follow-up 2h "A word of thanks, and a good deal more than that, to all who came"'
    await world.say("alice", f'/post "{LAUNCH}" --to {LOOK} --at "tomorrow 9:00" {below}')
    await world.say("alice", f'/post "{LAUNCH}" --to {LOOK} --at "tomorrow 15:00"')
    assert "⚠ the same as P1 (in review, Sun 22 Nov 09:00 Lisbon)" in await line(world, 2)


async def test_other_accounts_old_posts_and_its_own_earlier_version_do_not_count(world: World) -> None:
    await world.say("alice", f'/post "{LAUNCH}" --to {LOOK} --at now')
    await world.say("bob", "/approve latest")
    await world.say("alice", f'/post "{LAUNCH}" --to {KEY} --at "tomorrow 9:00"')
    assert "same as" not in await line(world, 2)
    await world.wait(timedelta(days=31))
    await world.say("alice", f'/post "{LAUNCH}" --to {LOOK} --at "tomorrow 9:00"')
    await world.say("alice", f'/edit P3 "{LAUNCH}!" --at "tomorrow 10:00"')
    assert "same as" not in await line(world, 3)


async def test_what_may_be_out_unseen_stays_the_stricter_warning_and_is_said_once(world: World) -> None:
    world.sims[BLIND].fail(CREATE, CUT)
    await world.say("alice", f'/post "{LAUNCH}" --to {BLIND} --at now')
    await world.say("bob", "/approve latest")
    await world.say("alice", f'/post "{LAUNCH}" --to {BLIND} --at "in 2h"')
    shown = await line(world, 2)
    assert f"P1 says the same on {BLIND} and may be out already" in shown
    assert "same as P1" not in shown


async def test_two_posts_close_to_each_other_are_shown(world: World) -> None:
    await world.say("alice", f'/post "Something about cats" --to {LOOK} --at "in 60m"')
    await world.say("alice", f'/post "Nothing like it" --to {LOOK},{KEY} --at "in 70m"')
    fields = {f.value.split()[0]: f.value for f in (await world.card(2)).fields}
    assert (
        "⚠ close to P1 (in review, 10:00): “Something about cats” — /schedule P2 gives this one another time"
        in fields[LOOK]
    )
    assert "close to" not in fields[KEY]
    await world.say("alice", f'/post "Far away in time" --to {LOOK} --at "in 3h"')
    assert "close to" not in await line(world, 3)


async def test_where_nobody_is_asked_the_answer_says_it(tmp_path: Path) -> None:
    async with open_money(tmp_path) as world:
        await world.say("alice", f'/post "{LAUNCH}" --at now')
        assert await world.say("alice", f'/post "{LAUNCH}!" --at "in 1h"') == (
            "P2 goes out 2026-11-21 10:00 → Sat 21 Nov 10:00 Lisbon. "
            "⚠ the same as P1 (live, 09:00): “Launch day: Clarion 1.0 is out. Read why …”, demo.example/d1."
        )


async def test_what_waits_for_nobodys_clock_is_close_to_nothing(world: World) -> None:
    await world.say("alice", f'/post "Something about cats" --to {LOOK} --at "in 5m"')
    await world.say("alice", f'/post "Nothing like it" --to {LOOK} --at now')
    assert "close to" not in await line(world, 2)


async def test_a_hundred_thousand_stored_posts_cost_no_more_than_some_hundred(tmp_path: Path) -> None:
    """The rows read are bounded: 200 of each state, whatever there is."""
    async with open_world(tmp_path) as world:
        for n in range(3):
            await world.say("alice", f'/post "{LAUNCH} {n}" --to {LOOK} --at "in {60 + n}m"')
            await world.say("bob", "/approve latest")
        few = await seconds(world)
    multiply(tmp_path / "world.db", templates=4, many=100_000, apart=timedelta(seconds=20))
    async with open_world(tmp_path) as world:
        read = await world.app.services.store.read(
            lambda tx: tx.echoes.near(
                LOOK,
                since=world.clock.now(),
                until=world.clock.now() + timedelta(days=30),
                states=(State.SCHEDULED, State.LIVE),
                limit=200,
            )
        )
        assert len(read) == 200
        assert read[0].due > read[-1].due
        many = await seconds(world)
    assert many < few + 1.0, "the cost must not grow with what is stored"


async def seconds(world: World) -> float:
    """How long it takes to draft a post and paint its card."""
    began = time.perf_counter()
    await world.say("alice", f'/post "{LAUNCH}" --to {LOOK} --at "in 20d"')
    took = time.perf_counter() - began
    ((newest,),) = world.sql("SELECT max(id) FROM posts")
    assert "same as" in await line(world, newest)
    return took
