"""Two bots on one PostgreSQL that read the same cards at the same time: what stands there is what counts."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.approval import Choice, Via
from bot.domain.delivery import State
from bot.domain.message import Reaction, Target
from bot.domain.people import Policy
from bot.services.readings import read_again
from bot.testing.clock import FakeClock
from tests.contract.conftest import Postgres
from tests.unit.team_world import BRAND, HALL, HERE, YARD, Hall, Team, open_team, user_in

pytestmark = pytest.mark.postgres


class Slow(Hall):
    """A chat whose answers are some turns old when they arrive, each a different number."""

    chance = random.Random(11)

    async def reactions(self, to: Target, ref: str) -> Sequence[tuple[str, str]] | None:
        for _ in range(self.chance.randrange(5)):
            await asyncio.sleep(0)
        found = list(self.marks.get(ref, ()))
        for _ in range(self.chance.randrange(5)):
            await asyncio.sleep(0)
        return found


@pytest.mark.parametrize("seed", range(3))
async def test_events_that_reach_both_at_once_end_as_the_card_stands(
    postgres: Postgres, template: str, tmp_path: Path, seed: int
) -> None:
    _, url = postgres.database(template)
    chance, clock = random.Random(seed), FakeClock()
    hall, yard = Slow(HALL, clock), Slow(YARD, clock)
    brand = replace(BRAND, policy=Policy(needed=3))
    async with AsyncExitStack() as stack:
        teams: list[Team] = [
            await stack.enter_async_context(
                open_team(tmp_path / name, brand=brand, clock=clock, hall=hall, yard=yard, store_url=url)
            )
            for name in ("one", "other")
        ]
        for chat in (hall, yard):
            chat.clock = teams[0].svc.clock  # the time that all go by here is the server's
        await teams[0].say("alice", '/post "Hello" --to acme-lookup --at "in 9h"')
        ref = teams[0].card(HERE).ref
        marks = hall.marks.setdefault(ref, [])
        waiting: list[asyncio.Task[None]] = []
        async with asyncio.TaskGroup() as group:
            for _ in range(24):
                who, emoji = chance.choice(["bob", "carol", "alice"]), chance.choice(["✅", "✅", "⏸"])
                pair = (emoji, user_in(HALL, who))
                added = pair not in marks
                (marks.append if added else marks.remove)(pair)
                event = Reaction(emoji=emoji, user=pair[1], ref=ref, target=HERE, added=added)
                if chance.random() < 0.7:
                    waiting += [group.create_task(team.app.dispatch(event)) for team in teams]
                await asyncio.sleep(0)
        assert all(task.done() for task in waiting)
        await asyncio.gather(*(read_again(team.svc, HALL) for team in teams))
        votes = await teams[1].svc.store.read(lambda tx: tx.votes.of_post(1))
        stands = {who for who in ("bob", "carol") if ("✅", user_in(HALL, who)) in marks}
        assert {(v.member, v.choice, v.via) for v in votes} == {
            (who, Choice.YES, Via.REACTION) for who in stands
        }
        (row,) = await teams[1].svc.store.read(lambda tx: tx.deliveries.of_post(1))
        held = any(emoji == "⏸" for emoji, _ in marks)
        assert row.state is (State.HELD if held else State.IN_REVIEW)
        for team in teams:
            await team.app.settle()
