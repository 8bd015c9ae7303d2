"""/queue --days, /slots and /blackout: what is planned, and when anything may be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.message import Message
from tests.unit.demo_world import BRAND, KEY, LOOK, World, open_world

FRIDAYS = f'/post "Weekly" --to {LOOK} --at every fri 17:30 until 2027-03-01'


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    brand = replace(BRAND, quiet="22:00-07:00", blackout=("2026-12-04",), spacing_s=900)
    async with open_world(tmp_path, brand=brand) as made:
        yield made


async def shown(world: World, line: str, user: str = "eve") -> Message:
    """The card that a command is answered with."""
    count = len(world.room.said)
    await world.say(user, line)
    return next(m for m in world.room.said[count:] if m.fields)


def values(message: Message) -> dict[str, str]:
    return {f.name: f.value for f in message.fields}


async def test_the_calendar_shows_each_day_empty_ones_days_off_and_what_waits(world: World) -> None:
    await world.say("alice", FRIDAYS)
    await world.say("bob", "/approve latest")
    await world.say("alice", f'/post "Late" --to {KEY} --at "tue 23:00"')
    card = await shown(world, "/queue --days 14")
    found = values(card)
    assert (card.title, card.status, len(found)) == ("14 days of acme", "2 planned", 14)
    assert found["Fri 27 Nov"] == "17:30 P1 acme-look “Weekly” (repeats)"
    assert found["Tue 24 Nov"] == "23:00 P2 acme-key “Late” (in review, quiet hours)"
    assert found["Fri 4 Dec"] == "day off"
    assert list(found.values()).count("—") == 11
    assert card.footer == "times of Lisbon, quiet 22:00-07:00"


async def test_the_calendar_names_what_is_open_first_and_ends_where_plans_do(world: World) -> None:
    await world.say("alice", f'/post "Soon" --to {LOOK} --at "in 1h"')
    await world.say("bob", "/approve latest")
    world.clock.advance(timedelta(hours=3))
    await world.app.settle()
    assert values(await shown(world, "/queue --days 2"))["Open"] == "P1 acme-look held"
    assert "1 to 14" in await world.say("eve", "/queue --days 15")
    assert "1 to 14" in await world.say("eve", "/queue --days -1")


async def test_what_repeats_is_in_the_queue_between_its_times(world: World) -> None:
    await world.say("alice", f'/post "Monthly" --to {LOOK} --at every month on the 25th 10:00 3 times')
    await world.say("bob", "/approve latest")
    for _ in range(6):
        await world.wait(timedelta(days=1))
    assert world.created(LOOK) == 1
    (line,) = values(await shown(world, "/queue")).values()
    assert line.startswith("repeats · next Fri 25 Dec 10:00 Lisbon · every month on the 25th 10:00")


async def test_slots_are_listed_with_the_next_free_one_of_each_account(world: World) -> None:
    await world.say("alice", f'/post "One" --to {LOOK} --at "next slot"')
    card = await shown(world, "/slots")
    assert values(card)["Mon"] == "09:00 · 17:30"
    assert values(card)[LOOK] == "next free: Mon 23 Nov 17:30 Lisbon"
    assert values(card)[KEY] == "next free: Mon 23 Nov 09:00 Lisbon"
    assert card.footer == "those of the configuration are changed there"


async def test_a_slot_added_in_the_chat_counts_at_once_and_stays(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        assert await world.say("carol", "/slots add sun 11:00") == "Added: sun 11:00."
        assert "there already" in await world.say("carol", "/slots add sun 11:00")
        clock, room = world.clock, world.room
    async with open_world(tmp_path, clock=clock, room=room) as world:
        assert values(await shown(world, "/slots"))["Sun"] == "11:00 (added here)"
        await world.say("alice", f'/post "One" --to {LOOK} --at "next slot"')
        assert f"{(await world.row()).due:%a %H:%M}" == "Sun 11:00"
        assert (
            await world.say("bob", "/slots remove sun 11:00")
            == "Removed: sun 11:00. What is planned stays planned."
        )
        assert "no such slot" in await world.say("bob", "/slots remove sun 11:00")


async def test_what_the_configuration_says_is_changed_there(world: World) -> None:
    assert await world.say("carol", "/slots remove mon 09:00") == (
        "mon 09:00 stands in the configuration (brand.acme.slots); it is changed there."
    )
    assert "(brand.acme.blackout)" in await world.say("carol", "/blackout remove 2026-12-04")
    assert "has that slot already" in await world.say("carol", "/slots add mon-fri 09:00")
    assert "is for bob, carol or dana" in await world.say("alice", "/slots add sun 11:00")
    assert "Like: /slots add fri 17:30" in await world.say("carol", "/slots add")
    assert "is not a slot" in await world.say("carol", "/slots add whenever")
    assert "is no day" in await world.say("carol", "/blackout add xmas")


async def test_new_days_off_take_the_occurrences_on_them_and_name_what_has_its_own_time(world: World) -> None:
    await world.say("alice", FRIDAYS)
    await world.say("bob", "/approve latest")
    await world.say("alice", f'/post "Fixed" --to {KEY} --at "fri 12:00"')
    said = await world.say("carol", "/blackout add 2026-11-27")
    assert said == (
        "Added: 2026-11-27. Skipped on those days: P1 on acme-look (Fri 27 Nov 17:30 Lisbon). "
        "Still planned there: P2 on acme-key (Fri 27 Nov 12:00 Lisbon); /schedule moves one."
    )
    for _ in range(21):
        await world.wait(timedelta(days=1))
    assert world.created(LOOK) == 1, "only the one on 11 December is on no day off"
    days = values(await shown(world, "/blackout"))
    assert days == {"2026-11-27": "added by carol", "2026-12-04": "in the configuration"}


async def test_a_named_time_wins_and_its_card_warns(world: World) -> None:
    await world.say("alice", f'/post "Night" --to {LOOK} --at "2026-12-04 23:00"')
    (line,) = [v for k, v in values(await world.card()).items() if k.startswith("Demo")]
    assert "⚠ 2026-12-04 is a day off — it goes out all the same" in line
    assert "⚠ 23:00 is in the quiet hours (22:00-07:00)" in line


async def test_a_slot_in_the_gap_of_the_clocks_goes_out_behind_it(tmp_path: Path) -> None:
    brand = replace(BRAND, slots=("sun 01:30",))
    async with open_world(tmp_path, brand=brand) as world:
        world.clock.advance(timedelta(days=126))
        assert f"{world.clock.now():%Y-%m-%d}" == "2027-03-27"
        await world.say("alice", f'/post "One" --to {LOOK} --at "next slot"')
        await world.say("bob", "/approve latest")
        assert f"{(await world.row()).due:%Y-%m-%d %H:%M}" == "2027-03-28 01:00", "02:00 in Lisbon"
        await world.wait(timedelta(days=1))
        assert world.created(LOOK) == 1
        said = await world.say("alice", f'/post "Two" --to {LOOK} --at "2028-03-26 01:30"')
        assert "I'd use 02:00" in said
