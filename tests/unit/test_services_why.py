"""/why, /diff and /audit: everything that led somewhere can be asked for, from the rows alone."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.domain.delivery import State
from bot.domain.people import Policy, Role
from tests.unit.demo_world import BRAND, KEY, LOOK, World, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as made:
        yield made


async def why(world: World, line: str = "/why P1") -> dict[str, list[str]]:
    """What /why says, by what it is about."""
    await world.say("eve", line)
    card = world.room.said[-1]
    assert card.title.startswith("Why P")
    found: dict[str, list[str]] = {}
    for field in card.fields:
        found.setdefault(field.name, []).append(field.value)
    return found


async def test_a_request_says_by_which_policy_and_who_is_missing(tmp_path: Path) -> None:
    async with open_world(tmp_path, brand=replace(BRAND, policy=Policy(needed=2))) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
        await world.say("bob", "/approve P1")
        told = await why(world)
        assert told["State"] == ["in review: it waits for approval"]
        assert told["Approval"] == [
            "mode “any”: needs 2 of bob, carol or dana · bob ✅ v1 09:00 · waiting: carol, dana",
            "missing: carol or dana",
        ]
        assert told["Time"] == ["“2026-11-21 12:00” → 12:00"]


async def test_a_slot_names_itself_and_those_that_were_passed_over(world: World) -> None:
    await world.say("alice", f'/post "One" --to {LOOK}')
    await world.say("alice", f'/post "Two" --to {LOOK}')
    told = await why(world, "/why P2")
    assert told["Time"] == [
        "“next slot” → Mon 23 Nov 17:30 Lisbon: the slot mon 17:30",
        "Mon 23 Nov 09:00 Lisbon was not taken: another post of the account has it",
    ]


async def test_slots_in_quiet_hours_and_on_days_off_are_explained(tmp_path: Path) -> None:
    brand = replace(BRAND, quiet="08:00-10:00", blackout=("2026-11-24",))
    async with open_world(tmp_path, brand=brand) as world:
        for text in ("One", "Two"):
            await world.say("alice", f'/post "{text}" --to {LOOK}')
        assert (await why(world, "/why P2"))["Time"] == [
            "“next slot” → Wed 25 Nov 17:30 Lisbon: the slot wed 17:30",
            "Mon 23 Nov 09:00 Lisbon was not taken: in the quiet hours",
            "Mon 23 Nov 17:30 Lisbon was not taken: another post of the account has it",
            "Tue 24 Nov 09:00 Lisbon was not taken: a day off",
            "Tue 24 Nov 17:30 Lisbon was not taken: a day off",
            "and more slots before it",
        ]


async def test_a_named_time_that_breaks_the_calendar_says_who_wins(tmp_path: Path) -> None:
    async with open_world(tmp_path, brand=replace(BRAND, quiet="11:00-13:00")) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK} --at "12:00"')
        assert (await why(world))["Time"][1] == (
            "12:00 is in the quiet hours (11:00-13:00); a time that a person names wins"
        )


async def test_a_halt_names_who_and_why(world: World) -> None:
    await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
    await world.say("bob", "/approve P1")
    await world.say("dana", '/halt "the site is down"')
    told = await why(world)
    assert told["Stopped"] == ["dana stopped acme 09:00:00: the site is down; /resume lets it go on"]
    assert told["Approval"] == [
        "given: mode “any”, needs 1 of bob, carol or dana · bob ✅ v1 09:00; "
        "it lasts until Mon 21 Dec 09:00 Lisbon"
    ]


async def test_a_wait_says_until_when_and_a_call_what_came_of_it(world: World) -> None:
    world.wall.down = True
    await world.say("alice", f'/post "Hello" --to {LOOK} --at now')
    await world.say("bob", "/approve P1")
    told = await why(world)
    assert told["State"][0].startswith("scheduled: Demo (lookup) could not be reached; next try 09:00:")
    assert told["Time"][0] == "“now”: as soon as it is approved; that was 09:00"
    assert "nothing came of it" in told["Call"][0]


async def test_what_was_too_late_says_how_late_is_too_late(world: World) -> None:
    await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 1h"')
    await world.say("bob", "/approve P1")
    world.clock.advance(timedelta(hours=3))
    await world.app.settle()
    told = await why(world)
    assert told["State"] == ["held: was due 10:00; not sent unasked that late"]
    assert told["Time"][-1] == "later than 15 minutes nothing goes out unasked"


async def test_an_approver_who_left_is_named(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
        await world.say("bob", "/approve P1")
        clock, room = world.clock, world.room
    left = replace(BRAND, roles={**BRAND.roles, Role.APPROVE: ("carol",)})
    async with open_world(tmp_path, clock=clock, room=room, brand=left) as world:
        assert (await why(world))["Approval"] == [
            "no longer holds: bob may no longer approve",
            "missing: carol or dana",
        ]


async def test_an_edit_says_whose_word_covers_it_no_more(world: World) -> None:
    await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
    await world.say("bob", "/approve P1")
    await world.say("alice", '/edit P1 "Hello there"')
    told = await why(world)
    assert (
        told["Approval"][-1] == "does not cover this version: what bob (v1) said; /diff P1 shows what changed"
    )
    assert (
        await world.say("eve", "/diff P1") == "P1 v1 → v2, by alice 09:00:\nacme-look text: Hello ‹+there+›"
    )


async def test_a_hold_and_a_refusal_name_the_person(world: World) -> None:
    await world.say("alice", f'/post "Hello" --to {LOOK},{KEY} --at "in 3h"')
    await world.say("bob", f'/hold P1 "legal first" --to {KEY}')
    await world.say("carol", '/reject P1 "wrong day"')
    told = await why(world)
    assert told[f"{LOOK} · State"] == ["cancelled: rejected by carol: wrong day"]
    assert told[f"{LOOK} · Approval"] == ["carol rejected it: wrong day"]
    await world.say("alice", f'/post "Other" --to {KEY} --at "in 3h"')
    await world.say("bob", '/hold P2 "legal first"')
    assert (await why(world, "/why P2"))["State"] == ["held by bob: legal first; /unhold P2 lets it go on"]


async def test_of_an_account_it_does_not_go_to_there_is_nothing_to_say(world: World) -> None:
    await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
    assert await world.say("eve", "/why P1 acme-zoo") == "P1 does not go to “acme-zoo”; it goes to acme-look."


async def test_the_trail_is_told_in_words_and_proven(world: World) -> None:
    await world.say("alice", f'/post "Hello" --to {LOOK} --at now')
    await world.say("bob", "/approve P1")
    assert (await world.row()).state is State.LIVE
    await world.say("eve", "/audit P1")
    assert [f.value for f in world.room.said[-1].fields] == [
        "alice wrote it (acme-look)",
        "bob approved it (via command)",
        "Clarion published it (proof receipt)",
    ]
    said = await world.say("eve", "/audit --verify")
    assert said.startswith("acme: 3 entries, every one as it was written. The chain ends in ")


def meddle(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute("UPDATE audit SET who = 'mallory' WHERE what = 'yes'")


async def test_a_trail_that_was_meddled_with_is_named_in_the_chat(world: World) -> None:
    await world.say("alice", f'/post "Hello" --to {LOOK} --at now')
    await world.say("bob", "/approve P1")
    meddle(world.file)
    said = await world.say("eve", "/audit --verify")
    assert "acme: 3 entries, and the chain is broken in 1 place:" in said
    assert "entry 2 was changed: now it reads “mallory yes” about P1, 2026-11-21 09:00 UTC." in said


CONFIG = """
store.url = "sqlite+aiosqlite:///world.db"
[brand.acme]
[accounts.acme-x]
platform = "demo"
"""


def test_the_command_line_proves_and_exports_and_fails_when_it_cannot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def story() -> None:
        async with open_world(tmp_path) as world:
            await world.say("alice", f'/post "Hello" --to {LOOK} --at now')
            await world.say("bob", "/approve P1")

    asyncio.run(story())
    (tmp_path / "acme.toml").write_text(CONFIG)
    base = ["audit", "--config", str(tmp_path / "acme.toml")]
    out = tmp_path / "trail.jsonl"

    def call(*more: str) -> tuple[int, str, str]:
        code = main([*base, *more])
        said = capsys.readouterr()
        return code, said.out, said.err

    code, said, _ = call("--verify", "--export", str(out))
    assert (code, said.splitlines()[0]) == (0, "3 entries are in trail.jsonl.")
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(r["seq"], r["who"], r["what"]) for r in rows] == [
        (1, "alice", "drafted"),
        (2, "bob", "yes"),
        (3, "clarion", "part_out"),
    ]
    assert [r["prev"] for r in rows[1:]] == [r["hash"] for r in rows[:-1]]
    code, _, told = call("--brand", "acne")
    assert (code, told) == (2, "clarion audit: there is no trail of 'acne', did you mean 'acme'?\n")
    code, _, told = call("--export", str(tmp_path / "none" / "x.jsonl"))
    assert (code, "cannot be written (No such file or directory)" in told) == (2, True)
    meddle(tmp_path / "world.db")
    code, said, _ = call()
    assert code == 1
    assert "entry 2 was changed" in said
    (tmp_path / "world.db").unlink()
    assert call("--verify")[:2] == (0, "There is no database at world.db yet, so there is no trail.\n")
