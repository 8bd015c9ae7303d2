"""Two bots on one PostgreSQL, both in the same team chats: a click has one effect, news is said once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.message import Inbound, Invocation, Message, Press, Target
from bot.domain.records import Notice
from bot.ports import Tx
from bot.services.hearing import DEAD
from bot.services.lanes import NEWS, Lane, serve_lane
from bot.services.tell import tell_brand
from bot.testing.clock import FakeClock
from tests.contract.conftest import Postgres
from tests.unit.team_world import HALL, HERE, THERE, YARD, Hall, Killed, Team, open_team, user_in

pytestmark = pytest.mark.postgres

POST = '"Hello" --at "in 9h"'


@dataclass
class Both:
    """Two whole bots with one pair of chats and one time."""

    one: Team
    other: Team
    clock: FakeClock

    async def settle(self) -> None:
        for _ in range(3):
            await asyncio.gather(*(team.app.settle() for team in (self.one, self.other)))

    async def give(self, said: Inbound) -> list[bool]:
        """The service hands it to both, as it does when it is not sure of one."""
        return list(await asyncio.gather(*(team.give(said) for team in (self.one, self.other))))


@pytest.fixture
async def both(postgres: Postgres, template: str, tmp_path: Path) -> AsyncIterator[Both]:
    _, url = postgres.database(template)
    clock = FakeClock()
    hall, yard = Hall(HALL, clock), Hall(YARD, clock)
    async with AsyncExitStack() as stack:
        folders = [tmp_path / name for name in ("one", "other")]
        one, other = [
            await stack.enter_async_context(
                open_team(folder, clock=clock, hall=hall, yard=yard, store_url=url)
            )
            for folder in folders
        ]
        for chat in (hall, yard):
            chat.clock = one.svc.clock  # the time that all go by here is the server's
        yield Both(one=one, other=other, clock=clock)


def posting(where: Target, key: str) -> Invocation:
    return Invocation(command="post", raw=POST, user=user_in(where.chat, "alice"), target=where, key=key)


async def votes(team: Team) -> set[str]:
    return {v.member for v in await team.svc.store.read(lambda tx: tx.votes.of_post(1))}


async def test_an_event_that_reaches_both_is_done_once(both: Both) -> None:
    hall = both.one.hall
    assert sorted(await both.give(posting(HERE, "E1"))) == [False, True]
    await both.settle()
    assert {k: n for k, n in hall.tally().items() if k.startswith("card:")} == {"card:1": 1}
    button, ref = both.one.button("Approve", HERE)
    press = both.one.pressing("bob", button.action, HERE, "E2", ref)
    for _ in range(3):
        await both.give(press)
    await both.settle()
    assert await votes(both.other) == {"bob"}
    assert len(hall.told("H-bob")) == 1
    assert set(hall.tally().values()) == {1}


async def test_T17_a_hundred_clicks_on_two_bots_have_one_winner(both: Both) -> None:
    await both.one.give(posting(HERE, "E1"))
    await both.settle()
    chance = random.Random(4)
    presses: list[tuple[Team, Press]] = []
    for number in range(100):
        where, who = chance.choice([HERE, THERE]), chance.choice(["bob", "carol", "dana"])
        button, ref = both.one.button("Approve", where)
        press = both.one.pressing(who, button.action, where, f"P{number}", ref)
        presses.append((chance.choice([both.one, both.other]), press))
    await asyncio.gather(*(team.give(press) for team, press in presses))
    await both.settle()
    assert len(await votes(both.one)) == 1
    answers = [
        m.text for chat in (both.one.hall, both.one.yard) for u, _, m in chat.whispers if "alice" not in u
    ]
    assert len(answers) == 100
    assert len([t for t in answers if "already" not in t]) == 1
    for where in (HERE, THERE):
        assert "SCHEDULED" in both.one.card(where).message.status


async def test_news_is_said_once_by_two_couriers_in_one_channel(both: Both) -> None:
    def unit(tx: Tx) -> None:
        for number in range(30):
            tell_brand(both.one.svc, tx, "acme", f"news:{number}", Message(text=f"News {number}."))

    await both.one.svc.store.write(unit)
    await both.settle()
    for chat in (both.one.hall, both.one.yard):
        assert sorted(chat.texts()) == sorted(f"News {n}." for n in range(30))
        assert chat.calls["resend"] == 0


@pytest.mark.parametrize("arrived", [True, False], ids=["it arrived", "it did not"])
async def test_what_a_courier_died_over_is_said_by_the_other(both: Both, *, arrived: bool) -> None:
    notice = Notice(id=0, key="n", target=HERE, message=Message(text="News."), brand="acme")
    await both.one.svc.store.write(lambda tx: tx.notices.put(notice))

    def die(what: str, to: Target) -> None:
        raise Killed

    hall = both.one.hall
    hall.lost, hall.trouble = (die, hall.trouble) if arrived else (hall.lost, die)
    with pytest.raises(Killed):
        await serve_lane(both.one.svc, Lane(chat=hall, where=HERE), NEWS)
    hall.lost = hall.trouble = lambda what, to: None
    await both.other.app.settle()
    assert hall.texts() == (["News."] if arrived else [])  # the first one may still be at it
    both.clock.advance(100)
    await both.other.app.settle()
    assert hall.texts() == ["News."]
    assert hall.calls["resend"] == 1


async def test_what_a_bot_had_accepted_and_died_over_is_done_by_the_other(both: Both) -> None:
    await both.one.give(posting(HERE, "E1"))
    await both.settle()
    button, ref = both.one.button("Approve", HERE)
    press = both.one.pressing("bob", button.action, HERE, "E2", ref)
    call: Any = replace(posting(THERE, "E3"), raw='"What I had typed"')
    for said in (press, call):
        assert await both.one.app.dispatch.accept(said)
    await both.other.app.take_up()
    assert await votes(both.one) == set()  # it is not dead yet
    both.clock.advance(DEAD + timedelta(seconds=1))
    await asyncio.gather(both.other.app.take_up(), both.one.app.take_up(), both.other.app.take_up())
    await both.settle()
    assert await votes(both.one) == {"bob"}
    (told,) = [t for t in both.one.yard.told("Y-alice") if "restarted" in t]
    assert "What I had typed" in told
    assert len(both.one.hall.told("H-bob")) == 1
