"""T5: two attempts of one part are never closer than the gap that was scheduled between them.

Whatever the platform answers, in whatever order, and however often somebody wakes the pump, checks
the accounts or stops and resumes meanwhile. The services, the store and the pump are the real ones;
what the platform says is drawn.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot.domain.delivery import BACKOFF, State
from bot.domain.platform import Absent, Call, Checkpoint, Confirmed, Pending, Receipt, Unclear
from bot.domain.post import Part
from bot.errors import RateLimited, Transient, Uncertain
from bot.ports import Clock, Publisher
from tests.unit.demo_world import KEY, World, open_world

SLACK = timedelta(milliseconds=1)


@dataclass
class Scripted:
    """A real publisher whose outcomes are drawn; it notes when it was asked and what must follow."""

    inner: Publisher
    clock: Clock
    answers: list[tuple[str, int]]
    looks: list[str]
    asked: list[tuple[str, datetime]] = field(default_factory=list)
    earliest: dict[str, datetime] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt | Pending:
        now = self.clock.now()
        if now < self.earliest.get(part.text, now):
            self.broken.append(f"{part.text} at {now}, not before {self.earliest[part.text]}")
        self.asked.append((part.text, now))
        answer, seconds = self.answers.pop(0) if self.answers else ("fine", 0)
        match answer:
            case "transient":
                self._again(part.text, now)
                raise Transient("nothing was created")
            case "limited":
                # it holds for the whole account
                for text in {part.text, *self.earliest}:
                    self._not_before(text, now + timedelta(seconds=seconds))
                raise RateLimited(now + timedelta(seconds=seconds))
            case "lost":
                raise Uncertain("no answer")
            case "pending":
                return Pending(check_at=now + timedelta(seconds=1 + seconds % 60), ref="p1")
            case _:
                return Receipt(ref=f"r{len(self.asked)}")

    async def confirm(self, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
        now = self.clock.now()
        match self.looks.pop(0) if self.looks else "absent":
            case "unclear":
                return Unclear(why="cannot see it")
            case "transient":
                raise Transient("away")
            case _:
                self._again(part.text, now)
                return Absent()

    def _again(self, text: str, now: datetime) -> None:
        """The nth failure of a part asks for the nth gap, whatever kind it was."""
        self.failures[text] += 1
        gap = BACKOFF[min(self.failures[text], len(BACKOFF)) - 1]
        self._not_before(text, now + gap)

    def _not_before(self, text: str, at: datetime) -> None:
        self.earliest[text] = max(at, self.earliest.get(text, at))


answers = st.lists(
    st.tuples(
        st.sampled_from(["transient", "limited", "lost", "pending", "fine"]),
        st.sampled_from([1, 40, 600, 1800]),
    ),
    max_size=10,
)
looks = st.lists(st.sampled_from(["absent", "unclear", "transient"]), max_size=6)
nudges = st.lists(st.sampled_from(["check", "halt", "pump", "3 s", "29 s", "299 s"]), min_size=4, max_size=14)


async def nudge(world: World, what: str) -> None:
    if what == "check":
        await world.say("dana", "/accounts --check")
    elif what == "halt":
        await world.say("dana", "/halt")
        await world.say("dana", "/resume")
    elif what == "pump":
        await world.app.settle()
    else:
        await world.wait(timedelta(seconds=int(what.split()[0])))


async def play(said: Sequence[tuple[str, int]], seen: Sequence[str], doing: Sequence[str]) -> Scripted:
    with tempfile.TemporaryDirectory() as folder:
        async with open_world(Path(folder)) as world:
            account = world.app.services.accounts[KEY]
            script = Scripted(inner=account.publisher, clock=world.clock, answers=[*said], looks=[*seen])
            account.publisher = script
            for text in ("First", "Second / and on"):
                await world.say("alice", f'/post "{text}" --to {KEY} --at "in 1m" --thread')
                await world.say("bob", "/approve latest")
            for what in doing:
                await nudge(world, what)
            await world.wait(timedelta(hours=3))
            final: Mapping[int, State] = {n: (await world.row(n)).state for n in (1, 2)}
            assert State.PUBLISHING not in final.values()
            assert State.SCHEDULED not in final.values(), "nothing is left waiting for ever"
            return script


@given(answers, looks, nudges)
@settings(max_examples=8, deadline=None, phases=[Phase.explicit, Phase.generate])
def test_no_two_attempts_are_closer_than_their_gap(
    said: list[tuple[str, int]], seen: list[str], doing: list[str]
) -> None:
    script = asyncio.run(play(said, seen, doing))
    assert script.broken == []
    assert script.asked


def test_a_check_of_the_accounts_does_not_cut_a_gap_short() -> None:
    """What a person asks of the account is no reason to ask the platform again sooner."""
    script = asyncio.run(
        play([("transient", 0)] * 3, [], ["3 s", "29 s", "29 s", "check", "3 s", "check", "3 s"])
    )
    assert script.broken == []
    assert len(script.asked) > 3
