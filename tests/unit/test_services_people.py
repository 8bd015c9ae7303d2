"""Who somebody is, and by what name the others see them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from bot.domain.marks import mark_time
from bot.domain.message import Field, Message
from bot.domain.people import Role
from bot.domain.roster import Roster
from bot.services.people import dressed, known_as, member_of
from tests.unit.people_world import ALICE, BOB, BRAND, CAROL, DANA, EVE, OTHER, PEOPLE, open_people


async def test_a_user_is_the_member_that_file_or_rows_say(tmp_path: Path) -> None:
    async with open_people(tmp_path, people={**PEOPLE, f"north:{BOB}": "bob"}) as world:
        svc, now = world.svc, world.clock.now()
        await svc.store.write(lambda tx: tx.people.bind("south", OTHER[BOB], f"north:{BOB}", now))
        await svc.store.write(lambda tx: tx.people.bind("north", DANA, "bob", now))  # the file wins
        assert [await member_of(svc, BRAND, "north", user) for user in (BOB, DANA, EVE)] == [
            "bob",
            "dana",
            f"north:{EVE}",
        ]
        assert await member_of(svc, BRAND, "south", OTHER[BOB]) == "bob"
        assert await known_as(svc, "bob", "north") == BOB
        assert await known_as(svc, "Bob", "south") == OTHER[BOB]
        assert await known_as(svc, f"north:{EVE}", "north") == EVE
        assert await known_as(svc, f"north:{EVE}", "south") is None
        assert await known_as(svc, "nobody", "north") is None


async def test_people_nobody_bound_are_shown_by_their_names(tmp_path: Path) -> None:
    async with open_people(tmp_path) as world:
        await world.say(EVE, "/whoami")
        at = mark_time(world.clock.now(), "10:00")
        message = Message(
            title=f"P1 by north:{ALICE}",
            text=f"north:{EVE} at {at}: see north:U9NEVER9, south:77001 and http://north:{EVE}/",
            fields=(Field(name="Approve", value=f"north:{BOB} or north:{CAROL}"),),
            footer=f"(north:{EVE})",
            mentions=("dana", f"north:{EVE}", "nobody"),
        )
        seen = await dressed(world.svc, message, "north")
        assert seen.title == "P1 by Alice A."
        assert seen.text == f"Eve E. at {at}: see north:U9NEVER9, south:77001 and http://north:{EVE}/"
        assert seen.fields[0].value == "Bob B. or Carol C."
        assert seen.footer == "(Eve E.)"
        assert seen.mentions == (DANA, EVE)
        assert (await dressed(world.svc, message, "south")).mentions == (OTHER[DANA],)
        before = world.north.looked_up
        await dressed(world.svc, message, "north")
        assert world.north.looked_up == before  # known for a day


async def test_two_chats_that_paint_at_once_ask_once_and_both_know(tmp_path: Path) -> None:
    async with open_people(tmp_path) as world:
        await world.svc.store.write(
            lambda tx: tx.people.bind("south", "100099", f"north:{BOB}", world.clock.now())
        )
        message = Message(text=f"north:{BOB}, south:100099")
        before = world.north.looked_up
        seen = await asyncio.gather(*(dressed(world.svc, message, chat) for chat in ("north", "south")))
        assert [m.text for m in seen] == ["Bob B., Bob B."] * 2
        assert world.north.looked_up == before + 1


async def test_a_name_that_somebody_else_has_is_shown_with_the_id(tmp_path: Path) -> None:
    async with open_people(tmp_path) as world:
        world.north.names |= {EVE: "DANA", BOB: "Carol C."}
        await world.say(EVE, "/whoami")
        message = Message(text=f"north:{EVE}, north:{BOB}, north:{CAROL}")
        seen = await dressed(world.svc, message, "north")
        assert seen.text == f"DANA (north:{EVE}), Carol C. (north:{BOB}), Carol C. (north:{CAROL})"


async def test_a_name_cannot_steer_what_shows_it(tmp_path: Path) -> None:
    async with open_people(tmp_path) as world:
        world.north.names[EVE] = "\ufdd0 0\ufdd2now\ufdd3\x1b[31m\n" + "x" * 200
        await world.say(EVE, "/whoami")
        seen = await dressed(world.svc, Message(text=f"north:{EVE}"), "north")
        assert len(seen.text) <= 40
        assert not set(seen.text) & set("\n\x1b\ufdd0\ufdd2\ufdd3")


async def test_a_service_that_cannot_say_is_left_alone_for_a_while(tmp_path: Path) -> None:
    async with open_people(tmp_path) as world:
        world.take_away()
        await world.say(EVE, "/whoami")
        message = Message(text=f"north:{EVE} wrote")
        before = world.north.looked_up
        assert (await dressed(world.svc, message, "north")).text == f"north:{EVE} wrote"
        assert world.north.looked_up == before
        world.bring_back()
        world.clock.advance(601)
        assert (await dressed(world.svc, message, "north")).text == "Eve E. wrote"


def test_a_roster_puts_people_in_their_places() -> None:
    brand = replace(
        BRAND, roles={Role.APPROVE: ("@north:leads", "Bob", "south:100003"), Role.ADMIN: ("dana",)}
    )
    roster = Roster(
        declared={"north:U0B0B": "bob", "north:U0CAR01": "carol"},
        linked={"south:100003": "north:U0CAR01", "south:9": "south:8", "south:8": "south:9"},
        apart=frozenset({"north:U0EVE00"}),
        groups={"@north:leads": ("north:U0B0B", "north:U0CAR01", "north:U0EVE00", "south:9")},
    )
    seen = roster.expand(brand)
    assert seen.roles[Role.APPROVE][:2] == ("Bob", "carol")
    assert len(seen.roles[Role.APPROVE]) == 3  # a circle of rows ends somewhere
    assert seen.role_of("north:U0EVE00") is Role.CREATE
    assert seen.groups == {"@leads": ("Bob", "carol", "north:U0EVE00", "south:9")}
    assert roster.expand(seen) == replace(seen, groups={})


def test_a_group_is_called_by_its_name_when_all_of_it_is_meant() -> None:
    brand = replace(BRAND, roles={Role.APPROVE: ("bob", "carol", "eve")}, groups={"@leads": ("bob", "carol")})
    assert brand.called(("bob", "carol", "eve")) == ("@leads", "eve")
    assert brand.called(("bob", "eve")) == ("bob", "eve")
    assert brand.called(("bob", "eve"), but="carol") == ("@leads", "eve")
    assert brand.called(()) == ()
