"""People join and leave groups, become one person and stop being one, vote and publish, in any order.

What is asked of the bot is only what stands in its database and what went out; who somebody is, and
who is in which group, is kept by the test itself.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.domain.approval import Choice
from bot.domain.message import Target
from bot.domain.people import Policy, Role
from bot.services.groups import refresh
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
USERS = [("north", user) for user in PERSONS] + [("south", OTHER[user]) for user in PERSONS]
user = st.sampled_from(USERS)
LEADING = [("north", BOB), ("north", CAROL), ("south", OTHER[BOB]), ("south", OTHER[CAROL])]
voter = st.sampled_from([*LEADING * 3, ("north", ALICE), ("south", OTHER[ALICE])])
"""Mostly those who may: what a stranger tries is tested elsewhere."""

User = tuple[str, str]


@dataclass
class Post:
    """One post: whose it is, and who said yes to it, both as persons; ``out`` was checked."""

    author: int
    yes: set[int] = field(default_factory=set)
    out: bool = False


class PeopleWorld(RuleBasedStateMachine):
    """Rules are what people do; the invariant is what must be true of everything that is out."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="clarion-people-")))
        self.person = {one: number for number, one in enumerate(USERS)}
        """User → the person it was ever proved to be; two of one person have one number."""
        self.posts: dict[int, Post] = {}
        self.published = 0

    def run(self, coroutine: Any) -> Any:
        return self.runner.run(coroutine)

    @initialize()
    def begin(self) -> None:
        self.clock = FakeClock()
        clubs = north(self.clock), south(self.clock)
        clubs[1].groups["7001"] = [OTHER[BOB], OTHER[CAROL]]
        opened = open_people(self.folder, brand=TEAM, clock=self.clock, clubs=clubs)
        self.world: People = self.run(self.stack.enter_async_context(opened))
        self.write("in 2h")
        self.write("now")

    def _say(self, one: User, line: str) -> str:
        self.clock.advance(1)
        answer: str = self.run(self.world.say(one[1], line, _place(one)))
        return answer

    def _moved(self, old: int, new: int) -> None:
        """Two persons turned out to be one."""
        self.person = {one: new if number == old else number for one, number in self.person.items()}
        for post in self.posts.values():
            post.author = new if post.author == old else post.author
            post.yes = {new if number == old else number for number in post.yes}

    def _holds_role(self, number: int) -> bool:
        mine = [one for one, held in self.person.items() if held == number]
        groups = {"north": self.world.north.groups["leads"], "south": self.world.south.groups["7001"]}
        return any(id_ in groups[chat] for chat, id_ in mine)

    @rule(wish=st.sampled_from(["now", "in 2h"]))
    def write(self, wish: str) -> None:
        """Alice may, as long as nobody has made her somebody else."""
        said = self._say(("north", ALICE), f'/post "Hello {len(self.posts)}" --at "{wish}"')
        if found := re.match(r"P(\d+) waits", said):
            self.posts[int(found[1])] = Post(author=self.person["north", ALICE])

    @rule(one=voter, inside=st.booleans())
    def join_or_leave(self, one: User, inside: bool) -> None:
        chat, id_ = one
        members = self.world.north.groups["leads"] if chat == "north" else self.world.south.groups["7001"]
        if inside != (id_ in members):
            (members.append if inside else members.remove)(id_)
        self.clock.advance(16)

    @rule(host=user, guest=user)
    def link(self, host: User, guest: User) -> None:
        self._link(host, guest)

    def _link(self, host: User, guest: User) -> None:
        code = re.search(r"/link ([0-9A-Z-]{10,})\n", self._say(host, "/link"))
        if code is not None and "here from now on" in self._say(guest, f"/link {code[1]}"):
            self._moved(self.person[guest], self.person[host])
            assert self.run(self._member(host)) == self.run(self._member(guest))

    async def _member(self, one: User) -> str:
        return await member_of(self.world.svc, TEAM, *one)

    @rule(person=st.sampled_from([BOB, BOB, CAROL, ALICE]), south_first=st.booleans())
    def link_oneself(self, person: str, south_first: bool) -> None:
        mine = [("south", OTHER[person]), ("north", person)]
        host, guest = mine if south_first else mine[::-1]
        self._link(host, guest)

    @rule(one=st.sampled_from(LEADING))
    def unlink(self, one: User) -> None:
        self._say(one, "/unlink")  # who was proved to be one stays one, as far as votes go

    @rule(one=st.sampled_from(LEADING))
    def a_person_of_their_own(self, one: User) -> None:
        """An admin says so; what was signed by nobody knows whose hand is void."""
        name = f"{one[0]}:{one[1]}"
        was = self.run(self._member(one))
        said = self._say(("north", DANA), f"/link --member {name} --user {name}")
        if "a person of their own" in said:
            old, fresh = self.person[one], max(self.person.values()) + 1
            for post in self.posts.values():
                if was != name:
                    post.yes.discard(old)
            self.person[one] = fresh

    @rule(
        voters=st.lists(voter, min_size=1, max_size=4, unique=True),
        number=st.integers(0, 1),
        how=st.sampled_from(["press", "react", "type"]),
    )
    def approve(self, voters: list[User], number: int, how: str) -> None:
        self._approve_all(voters, number, how)

    @rule(voters=st.permutations(LEADING))
    def all_who_lead_approve(self, voters: list[User]) -> None:
        self._approve_all(voters, 0, "press")

    def _approve_all(self, voters: list[User], number: int, how: str) -> None:
        for one in voters:
            waiting = [n for n in self.posts if {"in_review"} & self.run(self.world.states(n))]
            if waiting:
                self._approve(one, waiting[number % len(waiting)], how)
                self.what_is_out_had_its_quorum()

    def _approve(self, one: User, post: int, how: str) -> None:
        self.clock.advance(16)
        if how == "press":
            self.run(self.world.press(one[1], "Approve", _place(one), post))
        elif how == "react":
            self.run(self.world.react(one[1], "✅", _place(one), post))
        else:
            self.run(self.world.say(one[1], f"/approve P{post}", _place(one)))
        now = self.clock.now()
        votes = self.run(self.world.svc.store.read(lambda tx: tx.votes.of_post(post)))
        if any(v.at == now and v.choice is Choice.YES for v in votes):
            assert self._holds_role(self.person[one]), "the role at the decision"
            assert self.person[one] != self.posts[post].author, "nobody approves their own"
            self.posts[post].yes.add(self.person[one])

    @rule(one=voter, number=st.integers(0, 5))
    def withdraw(self, one: User, number: int) -> None:
        waiting = [n for n, post in self.posts.items() if not post.out]
        if waiting:
            post = waiting[number % len(waiting)]
            if "is withdrawn" in self._say(one, f"/withdraw P{post}"):
                self.posts[post].yes.discard(self.person[one])

    @rule(minutes=st.sampled_from([1, 30, 125]))
    def wait(self, minutes: int) -> None:
        self.run(self.world.wait(60 * minutes))

    @rule(one=voter)
    def an_outage(self, one: User) -> None:
        """Two hours in which nobody can be seen: what is signed goes out, and nothing is decided."""
        self.clock.advance(61)
        self.run(refresh(self.world.svc))
        self.world.take_away()
        self.clock.advance(16)
        for number in [n for n in self.posts if {"in_review"} & self.run(self.world.states(n))][:1]:
            before = self.run(self.world.votes(number))
            self.run(self.world.press(one[1], "Approve", _place(one), number))
            assert self.run(self.world.votes(number)) == before
        self.run(self.world.wait(60 * 125))
        self.world.bring_back()
        self.clock.advance(61)
        self.run(refresh(self.world.svc))

    @invariant()
    def what_is_out_had_its_quorum(self) -> None:
        for number, post in self.posts.items():
            if post.out or "live" not in self.run(self.world.states(number)):
                continue
            post.out, self.published = True, self.published + 1
            valid = {n for n in post.yes if self._holds_role(n) and n != post.author}
            assert len(valid) >= NEEDED, (number, post, self.person)

    def teardown(self) -> None:
        try:
            self.run(self.stack.aclose())
        finally:
            self.runner.close()


def _place(one: User) -> Target:
    return NORTH if one[0] == "north" else SOUTH


TestPeopleWorld = PeopleWorld.TestCase
TestPeopleWorld.settings = settings(
    max_examples=10,
    stateful_step_count=25,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
