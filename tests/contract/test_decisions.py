"""A hundred people at once, on both databases and through everything that a click goes through."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.chain import cut_off, follow
from bot.domain.delivery import State
from bot.domain.message import Button, Invocation, Press
from bot.domain.people import ApprovalLevel, Policy
from tests.unit.demo_world import BRAND, LOOK, MAIN, World, open_world

LATE = re.compile(r"(bob|carol) already approved v1 at \d\d:\d\d\. Nothing changed\.")
LEVELS = Policy(
    mode="levels",
    levels=(ApprovalLevel(name="legal", who=("bob", "carol")), ApprovalLevel(name="board", who=("dana",))),
)


async def at_once(world: World, button: Button, people: tuple[str, ...], times: int = 100) -> list[str]:
    """So many clicks in the same moment; what was answered to each."""
    spoken, whispered = len(world.room.said), len(world.room.whispered)
    clicks = [
        Press(action=button.action, user=people[i % len(people)], ref="m0", target=MAIN) for i in range(times)
    ]
    await asyncio.gather(*(world.app.dispatch.handle(click) for click in clicks))
    public = [m.text for m in world.room.said[spoken:] if not m.title]
    return public + [text for _, text in world.room.whispered[whispered:]]


async def test_of_a_hundred_clicks_at_once_one_decides(tmp_path: Path, url: str) -> None:
    """T17: exactly one approval, and the ninety-nine others hear who was first."""
    async with open_world(tmp_path, store_url=url) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
        answers = await at_once(world, await world.button("Approve"), ("bob", "carol"))
        won = [text for text in answers if text.startswith("P1 v1 is approved and goes out ")]
        lost = [text for text in answers if LATE.fullmatch(text)]
        assert (len(won), len(lost), len(answers)) == (1, 99, 100), Counter(answers)
        (vote,) = await world.votes()
        assert {text.split(" ")[0] for text in lost} == {vote.member}
        assert (await world.row()).state is State.SCHEDULED
        trail = await world.app.services.store.read(lambda tx: tx.audit.of_post(1))
        assert [(e.who, e.what) for e in trail if e.what == "yes"] == [(vote.member, "yes")]


async def test_yes_and_no_at_once_end_in_one_of_them(tmp_path: Path, url: str) -> None:
    async with open_world(tmp_path, store_url=url) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
        handle = world.app.dispatch.handle
        yes = Press(action=(await world.button("Approve")).action, user="bob", ref="m0", target=MAIN)
        no = Invocation(command="reject", raw='P1 "not today"', user="carol", target=MAIN)
        await asyncio.gather(*(handle(yes if i % 2 else no) for i in range(40)))
        row = await world.row()
        assert (row.state, row.reason) == (State.CANCELLED, "rejected by carol: not today")


async def test_levels_at_once_count_everybody_once(tmp_path: Path, url: str) -> None:
    async with open_world(tmp_path, store_url=url, brand=replace(BRAND, policy=LEVELS)) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 3h"')
        answers = await at_once(world, await world.button("Approve"), ("bob", "carol", "dana"), 60)
        assert sum("is approved and goes out" in text for text in answers) == 1
        assert (await world.row()).state is State.SCHEDULED
        assert len(await world.votes()) == len({v.member for v in await world.votes()}) <= 3


@pytest.mark.parametrize("people", [("bob", "carol")])
async def test_the_trail_of_many_at_once_is_one_chain(
    tmp_path: Path, url: str, people: tuple[str, ...]
) -> None:
    async with open_world(tmp_path, store_url=url, brand=replace(BRAND, policy=Policy(needed=2))) as world:
        for number in range(1, 9):
            await world.say("alice", f'/post "Hello {number}" --to {LOOK} --at "in 3h"')
        handle = world.app.dispatch.handle
        await asyncio.gather(
            *(
                handle(Invocation(command="approve", raw=f"P{number}", user=who, target=MAIN))
                for number in range(1, 9)
                for who in people
            )
        )
        rows, heads = await world.app.services.store.read(
            lambda tx: (tx.audit.chain("acme", after=0, limit=1000), tx.audit.heads())
        )
        faults, last = follow(rows)
        assert (faults, cut_off(last, heads["acme"])) == ((), None)
        assert Counter(row.entry.what for row in rows) == {"drafted": 8, "yes": 16}
