"""Groups of the chats: who is in them decides, at the decision and again when it goes out."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.message import Press
from bot.domain.people import ApprovalLevel, Brand, Policy, Role
from bot.errors import ChatBusy, ChatClosed, ChatError
from bot.ports import Tx
from bot.services.seating import changed_people, seat_people
from bot.testing.clock import FakeClock
from tests.unit.people_world import (
    ALICE,
    BOB,
    BRAND,
    CAROL,
    DANA,
    EVE,
    LEADS,
    NORTH,
    OTHER,
    PEOPLE,
    SOUTH,
    WRITERS,
    People,
    north,
    open_people,
    south,
)

CANNOT_SEE = "I cannot see who is in @leads at the moment; try again in a minute."
ROLES = {Role.CREATE: (WRITERS,), Role.APPROVE: ("@south:7001", LEADS), Role.ADMIN: ("dana",)}


async def posted(world: People, when: str = "in 2h") -> None:
    said = await world.say(ALICE, f'/post "Hello" --at "{when}"')
    assert said.startswith("P1 waits for approval"), said


async def test_who_is_in_the_group_approves_and_the_card_says_whom_it_asks(tmp_path: Path) -> None:
    async with open_people(tmp_path) as world:
        await posted(world)
        assert world.line("Approve").startswith("needs 1 of @leads or dana by ")
        assert world.line("Approve", SOUTH) == world.line("Approve")
        eve = await world.press(EVE, "Approve")
        assert eve == "Approving is for @leads or dana. I told nobody that you tried."
        alice = await world.press(ALICE, "Approve")
        assert alice == "You wrote P1, so someone else has to approve it: @leads or dana."
        assert "is approved" in await world.press(BOB, "Approve")
        assert "approved v1 by Bob B." in world.card().message.footer


async def test_a_group_is_read_again_before_a_decision_but_once_for_a_hundred(tmp_path: Path) -> None:
    async with open_people(tmp_path) as world:
        await posted(world)
        world.north.groups["leads"] = [CAROL]
        assert "is approved" not in await world.react(EVE, "❌")  # reads the card, not yet the group
        world.clock.advance(16)
        before = world.north.reads
        card = world.card()
        button = card.message.buttons[0]

        async def press(user: str) -> None:
            await world.app.dispatch(Press(action=button.action, user=user, ref=card.ref, target=NORTH))

        await asyncio.gather(*(press(user) for user in [BOB] * 50 + [EVE] * 50))
        assert world.north.reads == before + 2  # writers and leads, once each
        assert await world.states() == {"in_review"}
        assert await world.votes() == set()
        assert "is approved" in await world.press(CAROL, "Approve")


async def test_who_left_the_group_no_longer_approves_what_goes_out(tmp_path: Path) -> None:
    async with open_people(tmp_path) as world:
        await posted(world)
        await world.press(BOB, "Approve")
        assert await world.states() == {"scheduled"}
        world.north.groups["leads"].remove(BOB)
        await world.wait(2 * 3600 + 1)
        assert await world.states() == {"held"}
        told = [text for text in world.north.texts() if "its approval no longer holds" in text]
        assert told
        assert "because Bob B. may no longer approve. It needs @leads or dana" in told[0]
        (change,) = [e for e in await world.audited("group_changed") if e.facts["left"]]
        assert change.facts == {"group": LEADS, "joined": [], "left": [BOB]}


async def test_who_came_back_in_time_still_counts(tmp_path: Path) -> None:
    async with open_people(tmp_path) as world:
        await posted(world)
        await world.press(BOB, "Approve")
        world.north.groups["leads"].remove(BOB)
        await world.wait(600)
        world.north.groups["leads"].append(BOB)
        await world.wait(2 * 3600)
        assert await world.states() == {"live"}


async def test_the_card_follows_the_group(tmp_path: Path) -> None:
    async with open_people(tmp_path) as world:
        await posted(world)
        world.north.groups["leads"] = []
        await world.wait(61)
        assert world.line("Approve").startswith("needs 1 of dana")


async def test_what_a_service_says_of_one_person_counts_at_once_both_ways(tmp_path: Path) -> None:
    clock = FakeClock()
    clubs = north(clock), south(clock)
    clubs[1].groups["7001"] = [OTHER[BOB]]
    brand = replace(BRAND, roles=ROLES)
    async with open_people(tmp_path, brand=brand, clock=clock, clubs=clubs) as world:
        await posted(world)
        lost = await world.press(OTHER[BOB], "Approve", SOUTH, groups=("7002",))
        assert lost.startswith("Approving is for")
        won = await world.press(OTHER[EVE], "Approve", SOUTH, groups=("7001", "7002"))
        assert "is approved" in won
        assert await world.votes() == {f"south:{OTHER[EVE]}"}


async def test_what_another_brands_server_says_takes_nothing_away(tmp_path: Path) -> None:
    clock = FakeClock()
    clubs = north(clock), south(clock)
    clubs[1].groups["7001"] = [OTHER[BOB]]
    there = Brand(
        name="globex", channels=("south:88001",), roles={Role.VIEW: ("@south:7009",), Role.APPROVE: ("dana",)}
    )
    async with open_people(
        tmp_path, brand=replace(BRAND, roles=ROLES), more=(there,), clock=clock, clubs=clubs
    ) as world:
        await posted(world)
        elsewhere = replace(SOUTH, channel="88001")
        assert "Role: none in globex" in await world.say(OTHER[BOB], "/whoami", elsewhere, groups=("7008",))
        assert "is approved" in await world.press(OTHER[BOB], "Approve", SOUTH)


async def test_a_role_known_by_its_name_needs_names_to_take_it_away(tmp_path: Path) -> None:
    clock = FakeClock()
    clubs = north(clock), south(clock)
    clubs[1].groups["Marketing"] = [OTHER[BOB]]
    brand = replace(BRAND, roles={**ROLES, Role.APPROVE: ("@south:Marketing",)})
    async with open_people(tmp_path, brand=brand, clock=clock, clubs=clubs) as world:
        await posted(world)
        assert "Approving is for" in await world.press(OTHER[EVE], "Approve", SOUTH, groups=("7001",))
        lost = await world.press(OTHER[BOB], "Approve", SOUTH, groups=("7001", "Editors"))
        assert "Approving is for" in lost
        world.clock.advance(20)
        assert "is approved" in await world.press(OTHER[BOB], "Approve", SOUTH, groups=("7001",))


async def test_a_group_that_cannot_be_read_stops_decisions_and_nothing_else(tmp_path: Path) -> None:
    async with open_people(tmp_path) as world:
        await posted(world)
        world.take_away()
        world.clock.advance(20)
        assert await world.press(BOB, "Approve") == CANNOT_SEE
        assert await world.press(EVE, "Approve") == CANNOT_SEE
        assert await world.react(CAROL, "✅") == CANNOT_SEE
        assert await world.votes() == set()
        assert await world.states() == {"in_review"}
        dana = await world.press(DANA, "Approve")  # by name: no group is asked
        assert "is approved" in dana


@pytest.mark.parametrize("trouble", [ChatError("away"), KeyError("users")], ids=["away", "broken"])
async def test_what_is_signed_goes_out_while_the_chat_is_away(tmp_path: Path, trouble: Exception) -> None:
    clock = FakeClock()
    clubs = north(clock), south(clock)
    async with open_people(tmp_path, clock=clock, clubs=clubs) as world:
        await posted(world)
        await world.press(BOB, "Approve")
        clubs[0].away = trouble
    # a restart in the outage: the last reading is in the database
    async with open_people(tmp_path, clock=clock, clubs=clubs) as world:
        await world.wait(2 * 3600 + 1)
        assert await world.states() == {"live"}


async def test_a_group_out_of_sight_is_told_once_and_seen_in_status(tmp_path: Path) -> None:
    async with open_people(tmp_path) as world:
        await world.say(DANA, "/status")
        world.take_away()
        for _ in range(30):
            await world.wait(60)
        told = [text for text in world.north.texts() if "could not see who is in @leads" in text]
        assert len(told) == 1
        assert "decisions that need it wait. What is signed stays signed." in told[0]
        assert {e.facts["group"] for e in await world.audited("group_unreadable")} == {LEADS, WRITERS}
        status = await world.say(DANA, "/status")
        assert "Out of sight: I could not see who is in @leads since " in status
        world.bring_back()
        await world.wait(61)
        assert "Out of sight" not in await world.say(DANA, "/status")
        assert "role" in (await world.say(BOB, "/whoami")).casefold()


async def test_before_the_first_reading_nothing_is_decided(tmp_path: Path) -> None:
    clock = FakeClock()
    clubs = north(clock), south(clock)
    clubs[0].away = ChatClosed("no")
    async with open_people(tmp_path, clock=clock, clubs=clubs) as world:
        said = await world.say(ALICE, '/post "Hello"')
        assert said == "I cannot see who is in @leads or @writers at the moment; try again in a minute."
        clubs[0].away = None
        world.clock.advance(11)
        assert (await world.say(ALICE, '/post "Hello"')).startswith("P1 waits")


async def test_what_a_group_never_seen_may_have_signed_waits_for_it(tmp_path: Path) -> None:
    """The file names another group since: its people may have signed, or be asked as well."""
    clock = FakeClock()
    clubs = north(clock), south(clock)
    async with open_people(tmp_path, clock=clock, clubs=clubs) as world:
        await posted(world)
        await world.press(BOB, "Approve")
        clubs[0].groups["chiefs"] = [BOB]
        world.take_away()
    renamed = replace(BRAND, roles={**BRAND.roles, Role.APPROVE: ("@north:chiefs",)})
    async with open_people(tmp_path, brand=renamed, clock=clock, clubs=clubs) as world:
        await world.wait(2 * 3600 + 1)
        assert await world.states() == {"scheduled"}
        assert "waits: I cannot see yet who is in @chiefs" in (await world.rows())[0].reason
        assert any("I could never see who is in @chiefs" in text for text in world.north.texts())
        world.bring_back()
        await world.wait(61)
        assert await world.states() == {"live"}


async def test_nobody_stands_for_everybody_while_it_is_unknown_who_that_is(tmp_path: Path) -> None:
    clock = FakeClock()
    clubs = north(clock), south(clock)
    brand = replace(
        BRAND,
        policy=Policy(mode="all"),
        roles={Role.APPROVE: ("dana", LEADS), Role.CREATE: (f"north:{ALICE}",)},
    )
    clubs[0].away = ChatClosed("no")
    async with open_people(tmp_path, brand=brand, clock=clock, clubs=clubs) as world:
        await posted(world)
        assert await world.press(DANA, "Approve") == CANNOT_SEE
        assert await world.states() == {"in_review"}


async def test_a_service_that_asks_to_be_read_less_does_not_stop_decisions(tmp_path: Path) -> None:
    async with open_people(tmp_path) as world:
        await posted(world)
        world.north.away = ChatBusy(world.clock.now() + timedelta(seconds=30))
        world.clock.advance(20)
        before = world.north.reads
        assert "is approved" in await world.press(BOB, "Approve")
        await world.press(EVE, "Hold")
        assert world.north.reads == before + 2  # each group once: it is left alone until then


async def test_a_group_that_is_gone_gives_nobody_a_role_and_says_so(tmp_path: Path) -> None:
    async with open_people(tmp_path) as world:
        await posted(world)
        del world.north.groups["leads"]
        await world.wait(61)
        assert (await world.press(BOB, "Approve")).startswith("Approving is for dana.")
        assert any("There is no group @leads (any more)" in text for text in world.north.texts())


async def test_everybody_of_a_group_and_levels_of_groups(tmp_path: Path) -> None:
    everybody = replace(BRAND, policy=Policy(mode="all"), roles={**BRAND.roles, Role.ADMIN: ()})
    (tmp_path / "all").mkdir()
    async with open_people(tmp_path / "all", brand=everybody) as world:
        await posted(world)
        assert world.line("Approve").startswith("needs everybody of @leads")
        await world.press(BOB, "Approve")
        assert await world.states() == {"in_review"}
        await world.press(CAROL, "Approve")
        assert await world.states() == {"scheduled"}
    levels = (ApprovalLevel(name="legal", who=("dana",)), ApprovalLevel(name="brand", who=(LEADS,)))
    (tmp_path / "levels").mkdir()
    async with open_people(
        tmp_path / "levels", brand=replace(BRAND, policy=Policy(mode="levels", levels=levels))
    ) as world:
        await posted(world)
        assert "then @leads" in world.line("Approve")
        await world.press(BOB, "Approve")
        assert await world.states() == {"in_review"}
        await world.press(DANA, "Approve")
        assert await world.states() == {"scheduled"}


async def test_whoever_learned_it_everybody_counts_by_it(tmp_path: Path) -> None:
    """Another process wrote the row; this one has not read the group since."""
    async with open_people(tmp_path) as world:
        await posted(world)

        def elsewhere(tx: Tx) -> None:
            for group in tx.people.groups():
                if group.name == "leads":
                    tx.people.keep_group(replace(group, users=(CAROL,)))
            changed_people(tx)

        await world.svc.store.write(elsewhere)
        before = world.north.reads
        assert (await world.press(BOB, "Approve")).startswith("Approving is for")
        assert world.north.reads == before
        seen = await world.svc.store.read(lambda tx: seat_people(world.svc, tx))
        assert seen["acme"].members(Role.APPROVE) == (f"north:{CAROL}", "dana")


async def test_a_console_only_bot_asks_nobody_about_people(tmp_path: Path) -> None:
    lone = Brand(name="acme", channels=("north:C1",), roles={Role.CREATE: ("alice",)})
    async with open_people(tmp_path, brand=lone, people={}) as world:
        await world.wait(120)
        assert world.north.reads == 0
        assert PEOPLE


@pytest.mark.parametrize("user", [BOB, "W0B0B0B0B"])
async def test_shared_channels_people_are_known_by_their_ids_alone(tmp_path: Path, user: str) -> None:
    """T18: whatever workspace the service says somebody comes from, it is the id that counts."""
    async with open_people(tmp_path) as world:
        world.north.names[user] = "Bob B."
        world.north.groups["leads"] = [user]
        await world.wait(61)
        await posted(world)
        foreign = replace(NORTH, channel="C1")
        assert "is approved" in await world.press(user, "Approve", foreign)
        assert await world.votes() == {f"north:{user}"}
