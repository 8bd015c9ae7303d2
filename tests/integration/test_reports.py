"""A report with the real adviser and the real charts: what people see, press and ask, in every chat."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.chat.discord.render import render as for_discord
from bot.chat.slack.render import render as for_slack
from bot.domain.message import Button, Message
from bot.domain.periods import ReportTimes
from bot.domain.proposal import Proposal, Standing
from bot.ports import Tx
from bot.testing.chats.discord.limits import violations as discord_violations
from bot.testing.chats.slack.limits import violations as slack_violations
from plugins.best_time import register_optimizers
from tests.unit.demo_world import BRAND, KEY, LOOK, World, open_world
from tests.unit.report_world import MONDAY, add_post, fill

REPORTED = replace(BRAND, report=ReportTimes())


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A brand that has posted for nine weeks, on the Monday morning after the last."""
    async with open_world(tmp_path, brand=REPORTED, start=MONDAY - timedelta(minutes=30)) as made:
        svc = made.app.services
        svc.registry.optimizers.update({one.name: one for one in register_optimizers()})
        await made.app.settle()
        await fill(svc, brand="acme", accounts=[KEY, LOOK], per_week=8)

        def launch(tx: Tx) -> int:
            return add_post(
                tx,
                brand="acme",
                account=KEY,
                out_at=MONDAY - timedelta(days=4),
                views=14_000,
                now=MONDAY,
                text="Launch day 🚀 新製品 إطلاق $5$",
            )

        await svc.store.write(launch)
        yield made


def report(world: World) -> list[Message]:
    """The report's messages, in the order in which they were said."""
    first = next(n for n, m in enumerate(world.room.said) if m.title == "Week 47 · acme")
    names = ("Week 47 · acme", "Best and weakest", "Hours", "Publishing")
    return [m for m in world.room.said[first:] if m.title in names]


def pressable(messages: list[Message], label: str) -> Button:
    return next(b for m in messages for b in m.buttons if b.label.startswith(label))


async def test_the_whole_report_from_rows_to_pressed_buttons(world: World) -> None:
    await world.wait(timedelta(minutes=31))
    messages = report(world)
    assert [m.title for m in messages] == [
        "Week 47 · acme",
        "Best and weakest",
        "Hours",
        "Hours",
        "Publishing",
    ]
    head, posts, hours, _, sent = messages
    assert head.text.startswith("Week 47, acme. 9 posts live, none unconfirmed. ")
    assert "Best: P73 on Demo (own key), " in head.text
    assert "for next time below (R1" in head.text
    assert "Launch day 🚀" in posts.image_alt
    assert "(Lisbon)" in hours.text
    assert sent.text.splitlines()[0].startswith("Demo (lookup) 4 of 4 (100 %)")
    for message in messages:
        assert message.image is not None
        content = message.image.read_bytes()
        assert content.startswith(b"\x89PNG")
        assert len(content) <= 150_000
        assert slack_violations(for_slack(message).payload) == []
        assert discord_violations(for_discord(message).payload) == []
    taken = await world.press("bob", pressable(messages, "Use this time (R1)"))
    assert "is a slot from now on" in taken
    (first,) = [p for p in await proposals(world) if p.id == 1]
    assert first.standing is Standing.TAKEN
    again = await world.press("carol", pressable(messages, "Use this time (R1)"))
    assert "bob" in again


async def proposals(world: World) -> tuple[Proposal, ...]:
    return await world.app.services.store.read(lambda tx: tx.proposals.of_brand("acme"))


def undrawn(world: World) -> None:
    """Nothing is drawn, which takes most of the time."""
    object.__setattr__(world.app.services, "figures", None)


@pytest.mark.parametrize("label", ["Why? (R1)", "Why these numbers?"])
async def test_every_why_reckons_again_and_comes_out_the_same(world: World, label: str) -> None:
    undrawn(world)
    await world.wait(timedelta(minutes=31))
    await world.press("eve", pressable(report(world), label))
    again = next(f.value for f in world.room.said[-1].fields if f.name == "Again")
    assert "the same" in again
    assert "not come out" not in again


async def test_an_hour_and_a_post_answer_with_what_they_stand_on(world: World) -> None:
    await world.say("eve", '/why "thu 17:30" acme-key')
    (field,) = world.room.said[-1].fields
    assert world.room.said[-1].title == "Why Thu 17:00"
    assert "against the account's usual hour on Demo (own key), clocks of Lisbon" in field.value
    assert " posts of the last 112 days came out in it" in field.value
    await world.say("eve", "/why P73")
    told = [f.value for f in world.room.said[-1].fields if f.name == "Numbers"]
    assert "× its usual. " in told[0]
    assert " posts of acme-key in the 90 days before it had " in told[0]


async def test_the_same_proposal_is_not_made_twice(world: World) -> None:
    undrawn(world)
    await world.wait(timedelta(minutes=31))
    before = await proposals(world)
    await world.say("eve", "/report")
    await world.say("eve", "/report week --for 2026-W46")
    assert await proposals(world) == before


async def test_a_team_chat_gets_the_pictures_below_the_first_message(world: World) -> None:
    undrawn(world)
    await world.wait(timedelta(minutes=31))
    rows = world.sql("SELECT key, below FROM notices WHERE key LIKE 'report:%' ORDER BY id")
    head = "report:acme:2026-W47@room:main"
    assert rows[0] == (head, None)
    assert {below for _, below in rows[1:]} == {head}
    assert len(rows) == 5
