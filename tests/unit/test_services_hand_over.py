"""What a person has to finish in a platform's own app: told once, looked for, never sent again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.delivery import AttemptState, State
from bot.domain.platform import (
    Absent,
    Call,
    Checkpoint,
    Confirmed,
    Feature,
    HandedOver,
    Live,
    Pending,
    Proof,
    Refused,
    Unclear,
)
from bot.domain.post import Part
from bot.errors import Transient, Uncertain
from bot.ports import Platform
from bot.testing.clock import START
from bot.testing.platforms.demo import DemoPublisher
from tests.unit.demo_world import KEY, World, open_world


@dataclass
class App:
    """The platform's own app, where drafts wait: what it answers when it is asked."""

    until: datetime | None = None
    answer: Confirmed | Exception | None = None
    commit: Exception | None = None
    asked: int = 0
    sent: int = 0


def with_app(platform: Platform[Any], app: App) -> Platform[Any]:
    """A demo platform that gives everything to its app."""

    class Publisher(DemoPublisher):
        async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Pending:  # type: ignore[override]  # the core takes both
            app.sent += 1
            if app.commit is not None:
                raise app.commit
            return Pending(check_at=self._deps.clock.now() + timedelta(seconds=5), ref="draft-1")

        async def confirm(self, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
            app.asked += 1
            if isinstance(app.answer, Exception):
                raise app.answer
            return app.answer or HandedOver(
                task="Open the app, add a sound and post it",
                paste=part.text,
                until=app.until,
                look_at="https://demo.example/inbox",
                ref="draft-1",
            )

    return replace(platform, connect=Publisher, features=platform.features | Feature.HAND_OVER)


@dataclass(kw_only=True)
class Handed(World):
    """The bot and the app."""

    there: App


@asynccontextmanager
async def handing(folder: Path) -> AsyncIterator[Handed]:
    there = App()
    async with open_world(folder, dress=lambda p: with_app(p, there)) as world:
        there.until = world.clock.now() + timedelta(hours=24)
        yield Handed(**vars(world), there=there)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Handed]:
    async with handing(tmp_path) as world:
        yield world


async def hand(world: Handed) -> None:
    await world.say("alice", f'/post "Dance with us" --at now --to {KEY}')
    await world.say("bob", "/approve P1")
    await world.wait(timedelta(seconds=10))


async def test_people_are_told_once_what_to_do(world: Handed) -> None:
    await hand(world)
    row = await world.row()
    assert row.state is State.HANDED_OVER
    card = await world.card()
    assert card.status == "HANDED OVER"
    assert "Open the app, add a sound and post it" in card.fields[0].value
    assert "Until" in card.fields[0].value
    assert [b.label for b in card.buttons][:2] == ["It's live", "It will not be"]
    await world.wait(timedelta(hours=3))
    told = [t for t in world.room.texts() if "yours to finish" in t]
    assert len(told) == 1
    assert "https://demo.example/inbox" in told[0]
    pasted = [m for m in world.room.said if m.text == "Dance with us" and not m.title]
    assert len(pasted) == 1
    assert world.there.sent == 1


async def test_it_is_looked_for_less_and_less_often(world: Handed) -> None:
    await hand(world)
    asked = []
    for span in (timedelta(minutes=9), timedelta(minutes=50), timedelta(hours=5), timedelta(hours=6)):
        before = world.there.asked
        await world.wait(span)
        asked.append(world.there.asked - before)
    assert asked == pytest.approx([9, 10, 20, 12], abs=2)


async def test_it_is_live_once_the_platform_says_so(world: Handed) -> None:
    await hand(world)
    world.there.answer = Live(ref="d1", url="https://demo.example/d1", proof=Proof.READ_BACK)
    await world.wait(timedelta(minutes=2))
    row = await world.row()
    assert (row.state, row.parts[0].ref, row.parts[0].proof) == (State.LIVE, "d1", Proof.READ_BACK)
    assert world.there.sent == 1


async def test_a_person_says_that_it_is_live(world: Handed) -> None:
    await hand(world)
    await world.press("alice", await world.button("It's live"), "https://demo.example/d7")
    row = await world.row()
    assert (row.state, row.parts[0].ref, row.parts[0].proof) == (State.LIVE, "d7", Proof.HUMAN)
    assert [a.state for a in await world.attempts()] == [AttemptState.OK]


async def test_a_person_says_that_it_will_not_be(world: Handed) -> None:
    await hand(world)
    await world.press("alice", await world.button("It will not be"))
    row = await world.row()
    assert (row.state, row.reason) == (State.CANCELLED, "not finished in Demo (own key), says alice")
    await world.wait(timedelta(hours=30))
    assert (world.there.sent, (await world.row()).state) == (1, State.CANCELLED)


async def test_the_buttons_below_the_task_hold_while_it_is_looked_for(world: Handed) -> None:
    await hand(world)
    (task,) = [m for m in world.room.said if "yours to finish" in m.text]
    await world.wait(timedelta(hours=1))
    said = await world.press("alice", task.buttons[0], "https://demo.example/d7")
    assert "counts as live" in said
    assert (await world.row()).state is State.LIVE
    assert "changed since" in await world.press("alice", task.buttons[1])


async def test_the_command_says_the_same(world: Handed) -> None:
    await hand(world)
    assert "is not published" in await world.say("bob", "/confirm P1 not")
    assert (await world.row()).state is State.CANCELLED


async def test_leaving_it_keeps_looking(world: Handed) -> None:
    await hand(world)
    assert "still waits" in await world.say("alice", "/confirm P1 leave")
    world.there.answer = Live(ref="d1", url=None, proof=Proof.READ_BACK)
    await world.wait(timedelta(minutes=20))
    assert (await world.row()).state is State.LIVE


async def test_people_are_reminded_once_before_it_is_thrown_away(world: Handed) -> None:
    await hand(world)
    await world.wait(timedelta(hours=21, minutes=55))
    assert not [t for t in world.room.texts() if "still waits in" in t]
    await world.wait(timedelta(hours=1, minutes=50))
    (reminder,) = [t for t in world.room.texts() if "still waits in" in t]
    assert "is thrown away there" in reminder


async def test_a_person_is_asked_when_its_time_is_over(world: Handed) -> None:
    await hand(world)
    await world.wait(timedelta(hours=25))
    row = await world.row()
    assert row.state is State.HANDED_OVER
    assert row.wake_at is None
    assert "its time in Demo (own key) is over" in row.reason
    assert len([t for t in world.room.texts() if "could not find out whether somebody finished it" in t]) == 1
    asked = world.there.asked
    await world.wait(timedelta(hours=10))
    assert world.there.asked == asked
    await world.press("alice", await world.button("It's live"))
    assert (await world.row()).state is State.LIVE


@pytest.mark.parametrize(
    "answer",
    [Unclear(why="not to be seen"), Pending(check_at=START + timedelta(days=9)), Transient()],
)
async def test_an_answer_that_says_nothing_changes_nothing(world: Handed, answer: Any) -> None:
    await hand(world)
    world.there.answer = answer
    await world.wait(timedelta(hours=2))
    assert ((await world.row()).state, world.there.sent) == (State.HANDED_OVER, 1)
    await world.wait(timedelta(hours=23))
    row = await world.row()
    assert (row.state, row.wake_at, world.there.sent) == (State.HANDED_OVER, None, 1)


async def test_what_is_no_longer_there_is_not_sent_again(world: Handed) -> None:
    await hand(world)
    world.there.answer = Absent()
    await world.wait(timedelta(hours=2))
    row = await world.row()
    assert (row.state, world.there.sent) == (State.CANCELLED, 1)
    assert "no longer in Demo (own key)" in row.reason


async def test_the_platform_may_refuse_it_still(world: Handed) -> None:
    await hand(world)
    world.there.answer = Refused(reason="The sound is not free.")
    await world.wait(timedelta(minutes=5))
    assert ((await world.row()).state, world.there.sent) == (State.REFUSED, 1)


async def test_a_lost_answer_may_turn_out_to_be_handed_over(world: Handed) -> None:
    world.there.commit = Uncertain("The answer got lost.")
    await hand(world)
    await world.wait(timedelta(minutes=1))
    assert ((await world.row()).state, world.there.sent) == (State.HANDED_OVER, 1)


async def test_it_can_neither_be_edited_nor_cancelled_meanwhile(world: Handed) -> None:
    await hand(world)
    assert "can no longer be edited" in await world.say("alice", '/edit P1 "Other"')
    assert "can be cancelled any more" in await world.say("alice", "/cancel P1")
    assert (
        "gone" in await world.say("carol", "/reject P1 no") or (await world.row()).state is State.HANDED_OVER
    )


async def test_a_restart_goes_on_looking(tmp_path: Path) -> None:
    async with handing(tmp_path) as world:
        await hand(world)
        sims, clock = world.sims, world.clock
        there = world.there
    async with open_world(tmp_path, sims=sims, clock=clock, dress=lambda p: with_app(p, there)) as again:
        await again.app.settle()
        there.answer = Live(ref="d1", url=None, proof=Proof.READ_BACK)
        await again.wait(timedelta(minutes=5))
        assert ((await again.row()).state, there.sent) == (State.LIVE, 1)
