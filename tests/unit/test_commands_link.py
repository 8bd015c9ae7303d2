"""/link, /unlink, /whoami: two users that are one person, and one vote."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from bot.domain.approval import Choice, Via
from bot.domain.message import Target
from bot.domain.people import Policy, Role
from bot.ports import Tx
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

BOTH = replace(
    BRAND,
    roles={Role.CREATE: (WRITERS,), Role.APPROVE: (LEADS, "@south:7001"), Role.ADMIN: ("dana",)},
    policy=Policy(needed=2),
)
"""Two must sign, and bob is in a group in each chat."""


async def code_of(world: People, user: str, where: Target = NORTH) -> str:
    said = await world.say(user, "/link", where)
    found = re.search(r"[0-9A-Z]{5}(?:-[0-9A-Z]{5}){2}", said)
    assert found is not None, said
    return found[0]


async def linked(world: People, host: str, guest: str) -> str:
    return await world.say(guest, f"/link {await code_of(world, host)}", SOUTH)


def two_groups(clock: FakeClock) -> tuple[object, object]:
    clubs = north(clock), south(clock)
    clubs[1].groups["7001"] = [OTHER[BOB], OTHER[ALICE]]
    return clubs


async def open_post(world: People) -> None:
    assert (await world.say(ALICE, '/post "Hello" --at "in 2h"')).startswith("P1 waits")


async def test_a_code_makes_two_users_one_person(tmp_path: Path) -> None:
    async with open_people(tmp_path) as world:
        said = await linked(world, BOB, OTHER[BOB])
        assert (
            said == "You are Bob B. on North here from now on: one person, one vote. /unlink takes it back."
        )
        who = await world.say(OTHER[BOB], "/whoami", SOUTH)
        assert "Role: approve" in who
        assert "Known as: south:\u2060100002 · north:\u2060U0B0B" in who
        assert "Why: approve: in @leads" in who
        assert "Zone: Berlin, the brand's is Lisbon" in who
        assert any("is Bob B. on North too: one person, one vote." in t for t in world.north.texts())
        (entry,) = await world.audited("linked")
        assert entry.facts == {"user": "south:100002", "member": f"north:{BOB}", "with": f"north:{BOB}"}
        await open_post(world)
        assert "is approved" in await world.press(OTHER[BOB], "Approve", SOUTH)
        assert await world.votes() == {f"north:{BOB}"}


async def test_two_users_of_one_person_have_one_vote(tmp_path: Path) -> None:
    clock = FakeClock()
    async with open_people(tmp_path, brand=BOTH, clock=clock, clubs=two_groups(clock)) as world:  # type: ignore[arg-type]
        await open_post(world)
        await linked(world, BOB, OTHER[BOB])
        assert "1 of 2" in await world.press(BOB, "Approve")
        again = await world.press(OTHER[BOB], "Approve", SOUTH)
        assert again == "Your ✅ on v1 already counts; it waits for others."
        assert await world.states() == {"in_review"}


async def test_votes_cast_before_the_link_become_one(tmp_path: Path) -> None:
    clock = FakeClock()
    async with open_people(tmp_path, brand=BOTH, clock=clock, clubs=two_groups(clock)) as world:  # type: ignore[arg-type]
        await open_post(world)
        await world.press(BOB, "Approve")
        await world.press(OTHER[BOB], "Approve", SOUTH)
        assert await world.states() == {"scheduled"}  # nobody could know
        await linked(world, BOB, OTHER[BOB])
        assert await world.votes() == {f"north:{BOB}"}
        await world.wait(2 * 3600 + 1)
        assert await world.states() == {"held"}
        assert (await world.rows())[0].reason.startswith("its approval no longer holds: 2 have to sign now")


async def test_an_author_does_not_approve_by_another_user(tmp_path: Path) -> None:
    clock = FakeClock()
    brand = replace(BOTH, policy=Policy(needed=1))
    async with open_people(tmp_path, brand=brand, clock=clock, clubs=two_groups(clock)) as world:  # type: ignore[arg-type]
        await open_post(world)
        code = await code_of(world, OTHER[ALICE], SOUTH)
        assert "You are Alice A. on South here" in await world.say(ALICE, f"/link {code}")
        said = await world.press(OTHER[ALICE], "Approve", SOUTH)
        assert said.startswith("You wrote P1, so someone else has to approve it: ")


async def test_a_code_works_once_for_ten_minutes_and_only_as_a_hash(tmp_path: Path) -> None:
    async with open_people(tmp_path) as world:
        code = await code_of(world, BOB)
        assert len(code.replace("-", "")) * 5 >= 60
        assert code.replace("-", "").encode() not in (tmp_path / "people.db").read_bytes()
        assert code not in world.log.getvalue()
        newer = await code_of(world, BOB)
        gone = await world.say(OTHER[BOB], f"/link {code}", SOUTH)
        assert gone.startswith("That code is not one of mine, or its ten minutes are over.")
        spoken = newer.lower().replace("-", "").replace("0", "o").replace("1", "l")
        assert "one person" in await world.say(OTHER[BOB], f"/link {spoken}", SOUTH)
        assert "not one of mine" in await world.say(OTHER[EVE], f"/link {newer}", SOUTH)
        late = await code_of(world, CAROL)
        world.clock.advance(601)
        assert "not one of mine" in await world.say(OTHER[CAROL], f"/link {late}", SOUTH)


async def test_codes_and_guesses_are_rationed(tmp_path: Path) -> None:
    async with open_people(tmp_path) as world:
        for _ in range(5):
            await code_of(world, BOB)
        assert (await world.say(BOB, "/link")).startswith("You have asked for many codes.")
        good = await code_of(world, CAROL)
        for _ in range(5):
            assert "not one of mine" in await world.say(OTHER[CAROL], "/link 00000-00000-00000", SOUTH)
        assert "Too many codes" in await world.say(OTHER[CAROL], f"/link {good}", SOUTH)
        world.clock.advance(601)
        assert "one person" in await linked(world, CAROL, OTHER[CAROL])


async def test_nobody_rises_by_talking_somebody_into_a_code(tmp_path: Path) -> None:
    """Whoever types becomes the one who asked, and never brings more rights along than that one has."""
    async with open_people(tmp_path) as world:
        code = await code_of(world, OTHER[EVE], SOUTH)
        said = await world.say(BOB, f"/link {code}")
        assert said.startswith("That code is of Eve E. on South, who may do less than you.")
        assert (await world.say(OTHER[EVE], "/whoami", SOUTH)).count("Role: none in acme") == 1
        assert "not one of mine" in await world.say(OTHER[BOB], f"/link {code}", SOUTH)  # it is used up


async def test_two_who_are_somebody_already_stay_apart(tmp_path: Path) -> None:
    async with open_people(
        tmp_path, people={**PEOPLE, f"north:{BOB}": "bob", f"south:{OTHER[CAROL]}": "carol"}
    ) as world:
        said = await linked(world, BOB, OTHER[CAROL])
        assert said == (
            "You are carol here, and that code is bob's. "
            "An admin can put it right: /link --member and --user."
        )
        own = await code_of(world, BOB)
        assert (await world.say(BOB, f"/link {own}")).startswith("That is your own code.")
        assert "one person" in await linked(world, BOB, OTHER[BOB])
        assert (await linked(world, BOB, OTHER[BOB])) == "Nothing to do: you are bob here already."
        assert (await linked(world, CAROL, OTHER[BOB])).startswith(
            "You are bob here, and that code is Carol C."
        )


async def test_an_admin_says_who_somebody_is(tmp_path: Path) -> None:
    people = {**PEOPLE, f"north:{BOB}": "bob"}
    async with open_people(tmp_path, people=people) as world:
        user = f"south:\u2060{OTHER[BOB]}"  # as /whoami shows it
        refused = await world.say(BOB, f"/link --member bob --user {user}")
        assert refused == "That is for dana. /link alone is for everybody."
        said = await world.say(DANA, f"/link --member bob --user {user}")
        assert said == "Bob B. on South is bob from now on."
        assert (await world.say(DANA, f"/link --member bob --user {user}")).endswith("is bob already.")
        await open_post(world)
        assert "is approved" in await world.press(OTHER[BOB], "Approve", SOUTH)
        assert await world.votes() == {"bob"}
        declared = await world.say(DANA, f"/link --member dana --user north:{BOB}")
        assert declared.startswith("The configuration says under [people] that U0B0B on North is bob;")
        assert "changed there" in await world.say(DANA, f"/unlink north:{BOB}")
        mention = await world.say(OTHER[DANA], f'/link --member bob --user "<@{OTHER[BOB]}|bob>"', SOUTH)
        assert mention.endswith("is bob already.")
        typo = await world.say(DANA, f"/link --member bbo --user {user}")
        assert typo == "Nobody in acme is called “bbo”, did you mean 'bob'?"
        assert "did you mean 'south'?" in await world.say(DANA, "/link --member bob --user suoth:100002")
        assert (await world.say(DANA, "/link --member bob")).startswith("Write it like: /link --member")


async def test_an_admin_of_one_brand_gives_nobody_a_role_in_another(tmp_path: Path) -> None:
    other = replace(
        BRAND, name="globex", channels=("north:C2",), roles={Role.APPROVE: ("zoe",), Role.ADMIN: ("max",)}
    )
    async with open_people(tmp_path, more=(other,), people={**PEOPLE, "north:U0ZOE00": "zoe"}) as world:
        said = await world.say(DANA, f"/link --member zoe --user north:{EVE}")
        assert said.startswith("zoe is a member of globex too, where you are no admin;")
        assert "Role: none" in await world.say(EVE, "/whoami")


async def test_who_unlinked_signs_nothing_before_an_admin_says_who_that_is(tmp_path: Path) -> None:
    clock = FakeClock()
    async with open_people(tmp_path, brand=BOTH, clock=clock, clubs=two_groups(clock)) as world:  # type: ignore[arg-type]
        await open_post(world)
        await linked(world, BOB, OTHER[BOB])
        await world.press(BOB, "Approve")
        said = await world.say(OTHER[BOB], "/unlink", SOUTH)
        assert said == (
            "Bob B. on South is no longer Bob B. on North, "
            "and can approve nothing before an admin says who that is."
        )
        refused = await world.press(OTHER[BOB], "Approve", SOUTH)
        assert refused.startswith("Approving is for")
        assert await world.votes() == {f"north:{BOB}"}
        assert "you were" in await world.say(OTHER[BOB], "/whoami", SOUTH)
        assert (await linked(world, CAROL, OTHER[BOB])).startswith("You were Bob B. on North here")
        back = await linked(world, BOB, OTHER[BOB])
        assert "one person" in back
        # an admin may say that it is a person of its own; what was signed by nobody knows whom is void
        await world.say(DANA, f"/link --member south:{OTHER[BOB]} --user south:{OTHER[BOB]}")
        await world.say(DANA, f"/unlink south:{OTHER[BOB]}")
        assert await world.votes() == set()
        await world.say(DANA, f"/link --member south:{OTHER[BOB]} --user south:{OTHER[BOB]}")
        assert "1 of 2" in await world.press(OTHER[BOB], "Approve", SOUTH)


async def test_an_admin_makes_a_linked_user_a_person_of_their_own(tmp_path: Path) -> None:
    """What both had signed as one is void: nobody knows whose hand it was."""
    clock = FakeClock()
    async with open_people(tmp_path, brand=BOTH, clock=clock, clubs=two_groups(clock)) as world:  # type: ignore[arg-type]
        await open_post(world)
        await linked(world, BOB, OTHER[BOB])
        await world.press(BOB, "Approve")
        own = f"south:{OTHER[BOB]}"
        said = await world.say(DANA, f"/link --member {own} --user {own}")
        assert said == "Bob B. on South is a person of their own from now on."
        assert await world.votes() == set()
        assert "1 of 2" in await world.press(OTHER[BOB], "Approve", SOUTH)
        assert (await world.say(DANA, f"/link --member {own} --user {own}")).endswith("already.")


async def test_unlinking_the_one_that_others_are_known_by_frees_them_all(tmp_path: Path) -> None:
    async with open_people(tmp_path) as world:
        await linked(world, BOB, OTHER[BOB])
        said = await world.say(BOB, "/unlink")
        assert said.startswith("Bob B. on South is no longer Bob B. on North")
        assert "is linked to nobody" in await world.say(BOB, "/unlink")
        assert "Role: approve" in await world.say(BOB, "/whoami")
        assert "Role: none" in await world.say(OTHER[BOB], "/whoami", SOUTH)


async def test_a_binding_that_the_file_declares_later_takes_over_what_was_written(tmp_path: Path) -> None:
    clock = FakeClock()
    clubs = north(clock), south(clock)
    clubs[0].groups["leads"] = [ALICE, CAROL]
    async with open_people(tmp_path, clock=clock, clubs=clubs) as world:
        await open_post(world)
        await world.press(CAROL, "Request changes", groups=None)
        await world.say(CAROL, '/changes P1 "shorter"')
    people = {**PEOPLE, f"north:{ALICE}": "ann", f"south:{OTHER[ALICE]}": "ann", f"north:{CAROL}": "carol"}
    brand = replace(BRAND, roles={**BRAND.roles, Role.APPROVE: (LEADS, f"south:{OTHER[ALICE]}")})
    async with open_people(tmp_path, brand=brand, people=people, clock=clock, clubs=clubs) as world:
        post = await world.svc.store.read(lambda tx: tx.posts.get(1))
        assert post.author == "ann"
        assert await world.votes() == {"carol"}
        await world.say(ALICE, '/edit P1 "Shorter"')
        refused = await world.press(OTHER[ALICE], "Approve", SOUTH)
        assert refused.startswith("You wrote P1, so someone else has to approve it")


async def test_nobody_is_a_member_by_the_name_they_gave_themselves(tmp_path: Path) -> None:
    async with open_people(tmp_path) as world:
        world.north.names[EVE] = "dana"
        assert "Role: none" in await world.say(EVE, "/whoami")
        assert f"You are: dana (north:{EVE})" in await world.say(EVE, "/whoami")
        assert (await world.say(EVE, "/halt")).startswith(
            "You are not a member of acme yet; dana can add you."
        )
        liar = await world.say("dana", "/whoami")  # an id that looks like a name
        assert "Role: none" in liar


async def test_a_vote_that_slipped_in_under_the_old_name_does_not_count_twice(tmp_path: Path) -> None:
    """Another process had looked up who it is before the link was written, and voted after it."""
    clock = FakeClock()
    async with open_people(tmp_path, brand=BOTH, clock=clock, clubs=two_groups(clock)) as world:  # type: ignore[arg-type]
        await open_post(world)
        await world.press(BOB, "Approve")
        await linked(world, BOB, OTHER[BOB])

        def late(tx: Tx) -> None:
            (old, *_rest) = tx.votes.of_post(1)
            for delivery in tx.deliveries.of_post(1):
                late_vote = replace(
                    old,
                    delivery_id=delivery.id,
                    member=f"south:{OTHER[BOB]}",
                    choice=Choice.YES,
                    via=Via.BUTTON,
                )
                tx.votes.put(late_vote)

        await world.svc.store.write(late)
        assert "already counts" in await world.press(BOB, "Approve")
        assert await world.states() == {"in_review"}
