"""People join and leave groups, become one person and stop being one, vote and publish, in any order.

What is asked of the bot is only what stands in its database and what went out; who somebody is, and
who is in which group, is kept by the test itself.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.domain.approval import Choice
from bot.domain.people import Policy, Role
from bot.services.people import member_of
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
    SOUTH,
    WRITERS,
    People,
    north,
    open_people,
    south,
)

NEEDED = 2
TEAM = replace(
    BRAND,
    roles={Role.CREATE: (WRITERS,), Role.APPROVE: (LEADS, "@south:7001"), Role.ADMIN: ("dana",)},
    policy=Policy(needed=NEEDED),
)
PERSONS = (ALICE, BOB, CAROL, EVE)
User = tuple[str, str]
USERS: list[User] = [("north", u) for u in PERSONS] + [("south", OTHER[u]) for u in PERSONS]
LEADING: list[User] = [u for u in USERS if u[1] in (BOB, CAROL, OTHER[BOB], OTHER[CAROL])]

anybody = st.sampled_from(USERS)
leading = st.sampled_from(LEADING)
VOTING: list[User] = [*LEADING * 3, ("north", ALICE), ("south", OTHER[ALICE])]
voting = st.sampled_from(VOTING)
CHANGES = st.one_of(
    st.tuples(st.just("link"), leading, st.just("")).map(lambda e: ("link", e[1], _twin(e[1]))),
    st.tuples(st.just("link"), anybody, anybody),
    st.tuples(st.just("unlink"), leading, st.just(None)),
    st.tuples(st.just("part"), leading, st.booleans()),
    st.tuples(st.just("own"), leading, st.just(None)),
    st.tuples(st.just("group"), voting, st.booleans()),
    st.tuples(st.just("withdraw"), voting, st.just(None)),
)


def _votes(voters: list[User]) -> st.SearchStrategy[list[Any]]:
    one = st.tuples(st.just("vote"), st.sampled_from(voters), st.sampled_from(["press", "react", "type"]))
    return st.lists(one, min_size=3, max_size=6)


EVENTS = st.tuples(
    st.sampled_from([VOTING, LEADING[::2], LEADING[1::2]]).flatmap(_votes), st.lists(CHANGES, max_size=3)
).flatmap(lambda both: st.permutations([*both[0], *both[1]]))
"""What happens between writing and publishing: votes, now and then all of one human, and what changes whose
they are, in any order."""

LEAVES = st.tuples(st.just("group"), leading, st.just(False))


def _twin(one: User) -> User:
    """The same human in the other chat."""
    chat, id_ = one
    both = {**OTHER, **{there: here for here, there in OTHER.items()}}
    return ("south" if chat == "north" else "north"), both[id_]


@dataclass(frozen=True, kw_only=True)
class Story:
    """One post, from its writing to two hours later; ``away``: nobody can be seen while it goes out."""

    events: list[Any]
    late: list[Any]
    away: bool


STORIES = st.builds(
    Story,
    events=EVENTS,
    late=st.lists(LEAVES, max_size=1),
    away=st.sampled_from([False, False, False, True]),
)


@dataclass
class Post:
    """Whose it is, and who said yes to it, both as persons."""

    author: int
    yes: set[int] = field(default_factory=set)


class Teller:
    """Tells stories to a bot and keeps, by itself, who is who and who voted."""

    def __init__(self, world: People) -> None:
        self.world = world
        self.person = {one: number for number, one in enumerate(USERS)}
        """User → the person it was ever proved to be; two of one person have one number."""
        self.post = Post(author=-1)
        self.number = 0
        self.published = 0

    async def tell(self, story: Story) -> None:
        said = await self.world.say(ALICE, '/post "Hello" --at "in 2h"')
        if not (found := re.match(r"P(\d+) waits", said)):
            return  # somebody has made her a person who may not write
        self.number, self.post = int(found[1]), Post(author=self.person["north", ALICE])
        for event in (*story.events, *story.late):
            self.world.clock.advance(16)
            await getattr(self, event[0])(*event[1:])
        await self.world.wait(61)
        if story.away:
            self.world.take_away()
        await self.world.wait(125 * 60)
        if "live" in await self.world.states(self.number):
            self.published += 1
            valid = {n for n in self.post.yes if self.holds_role(n) and n != self.post.author}
            assert len(valid) >= NEEDED, (self.post, self.person)
        self.world.bring_back()
        await self.world.wait(61)

    def holds_role(self, number: int) -> bool:
        mine = [one for one, held in self.person.items() if held == number]
        return any(id_ in self._members(chat) for chat, id_ in mine)

    def _members(self, chat: str) -> list[str]:
        return self.world.north.groups["leads"] if chat == "north" else self.world.south.groups["7001"]

    async def _say(self, one: User, line: str) -> str:
        return await self.world.say(one[1], line, NORTH if one[0] == "north" else SOUTH)

    async def _member(self, one: User) -> str:
        return await member_of(self.world.svc, TEAM, *one)

    async def group(self, one: User, inside: bool) -> None:
        members = self._members(one[0])
        if inside != (one[1] in members):
            (members.append if inside else members.remove)(one[1])

    async def link(self, host: User, guest: User) -> None:
        code = re.search(r"[0-9A-Z]{5}(?:-[0-9A-Z]{5}){2}", await self._say(host, "/link"))
        if code is None or "here from now on" not in await self._say(guest, f"/link {code[0]}"):
            return
        assert await self._member(host) == await self._member(guest)
        old, new = self.person[guest], self.person[host]
        self.person = {one: new if number == old else number for one, number in self.person.items()}
        self.post.author = new if self.post.author == old else self.post.author
        self.post.yes = {new if number == old else number for number in self.post.yes}

    async def unlink(self, one: User, _: None) -> None:
        """Who was proved to be one stays one, as far as votes go."""
        await self._say(one, "/unlink")

    async def part(self, one: User, by_admin: bool) -> None:
        """One person in both chats votes, and is two again."""
        await self.link(one, _twin(one))
        await self.vote(one, "press")
        self.world.clock.advance(16)
        await (self.own if by_admin else self.unlink)(_twin(one), None)

    async def own(self, one: User, _: None) -> None:
        """An admin says that it is a person of its own; what both had signed as one is void."""
        name, was = f"{one[0]}:{one[1]}", await self._member(one)
        said = await self._say(("north", DANA), f"/link --member {name} --user {name}")
        if "a person of their own" in said:
            if was != name:
                self.post.yes.discard(self.person[one])
            self.person[one] = max(self.person.values()) + 1

    async def withdraw(self, one: User, _: None) -> None:
        if "is withdrawn" in await self._say(one, f"/withdraw P{self.number}"):
            self.post.yes.discard(self.person[one])

    async def vote(self, one: User, how: str) -> None:
        place = NORTH if one[0] == "north" else SOUTH
        if "in_review" not in await self.world.states(self.number):
            return
        if how == "press":
            await self.world.press(one[1], "Approve", place, self.number)
        elif how == "react":
            await self.world.react(one[1], "✅", place, self.number)
        else:
            await self._say(one, f"/approve P{self.number}")
        cast = await self.world.svc.store.read(lambda tx: tx.votes.of_post(self.number))
        if any(v.at == self.world.clock.now() and v.choice is Choice.YES for v in cast):
            assert self.holds_role(self.person[one]), "the role at the decision"
            assert self.person[one] != self.post.author, "nobody approves their own"
            self.post.yes.add(self.person[one])


BOBS: list[User] = LEADING[::2]


def _by_bob(*events: Any) -> Story:
    """What one human could try to be counted twice."""
    return Story(events=list(events), late=[], away=False)


async def told(stories: list[Story]) -> int:
    """How many posts went out; raises when one of them should not have."""
    clock = FakeClock()
    clubs = north(clock), south(clock)
    clubs[1].groups["7001"] = [OTHER[BOB], OTHER[CAROL]]
    with tempfile.TemporaryDirectory(prefix="clarion-people-") as folder:
        async with open_people(Path(folder), brand=TEAM, clock=clock, clubs=clubs) as world:
            teller = Teller(world)
            for story in stories:
                await teller.tell(story)
            return teller.published


@settings(
    max_examples=15, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@example(stories=[_by_bob(("part", BOBS[0], False), ("vote", BOBS[1], "press"))])
@example(stories=[_by_bob(("part", BOBS[0], True), ("vote", BOBS[1], "press"))])
@given(stories=st.lists(STORIES, min_size=1, max_size=3))
def test_nothing_goes_out_without_its_quorum_of_people(stories: list[Story]) -> None:
    asyncio.run(told(stories))


def test_the_stories_reach_publishing() -> None:
    """Two people, four users: the one story that must end well, and the same by one person, that must not."""
    bob, carol, double = ("north", BOB), ("north", CAROL), ("south", OTHER[BOB])
    well = Story(events=[("vote", bob, "press"), ("vote", carol, "react")], late=[], away=True)
    ill = Story(
        events=[("vote", bob, "press"), ("vote", double, "react"), ("link", bob, double)], late=[], away=False
    )
    assert asyncio.run(told([well])) == 1
    assert asyncio.run(told([ill])) == 0
