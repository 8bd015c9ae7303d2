"""/besttime: sentences with their sample, buttons that act, a map that hatches what nobody tried."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.commands.time_presses import slot_brand
from bot.domain.forecast import Origin
from bot.domain.message import Action, Button, Message
from bot.domain.outcomes import Interval
from bot.errors import NotFound
from bot.services.advising.explain import explain
from bot.services.advising.ledger import track_record
from bot.services.advising.times import slot_scores
from tests.unit.advice_world import HourByHour, advise, past
from tests.unit.demo_world import BLIND, KEY, LOOK, World, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as made:
        advise(made, HourByHour())
        yield made


async def told(world: World, line: str, user: str = "alice") -> Message:
    await world.say(user, line)
    return [m for m in world.room.said if m.title][-1]


def button(message: Message, label: str) -> Button:
    (found,) = [b for b in message.buttons if b.label.startswith(label)]
    return found


async def test_the_hour_its_range_and_its_sample_come_in_one_sentence(world: World) -> None:
    await past(world, 64)
    answer = await told(world, f"/besttime {LOOK}")
    assert answer.title == f"Best times for {LOOK}"
    assert answer.text == (
        "Sat 21 Nov 18:00 Lisbon: +17 % [6, 30] against your usual hour, from 64 posts.\n"
        "Then Sun 22 Nov 18:00 Lisbon +17 % [6, 30]; Mon 23 Nov 18:00 Lisbon +17 % [6, 30]."
    )
    assert [b.label for b in answer.buttons] == ["Why?", "Other times"]
    assert answer.footer == ("SIMULATED — no account is connected" if world.app.services.simulated else "")


async def test_where_nothing_is_clear_it_says_what_it_starts_from_and_how_to_stop_it(world: World) -> None:
    advise(world, HourByHour(lift=Interval(0.05, -0.1, 0.2), shown=None))
    await past(world, 64)
    answer = await told(world, f"/besttime {LOOK}")
    assert answer.text.startswith("No hour is clearly better yet (64 posts). Starting from the ")
    assert f"/besttime {LOOK} --explore off stops that." in answer.text
    assert "%" not in answer.text
    assert await world.say("bob", f"/besttime {LOOK} --explore off") == (
        f"{LOOK} goes out at the hours that look best; I try no others. `--explore on` begins again."
    )
    assert "Every 7th" not in (await told(world, f"/besttime {LOOK}")).text


async def test_an_account_without_posts_hears_that_nothing_was_learned_from_it(world: World) -> None:
    answer = await told(world, f"/besttime {KEY}")
    assert answer.text.startswith("No data yet: Sat 21 Nov 18:00 Lisbon is the ")
    assert "not learned from you" in answer.text
    assert "%" not in answer.text


async def test_only_people_who_may_approve_switch_the_trying(world: World) -> None:
    said = await world.say("alice", f"/besttime {LOOK} --explore off")
    assert said == "That is for bob, carol or dana."
    await world.say("bob", f"/besttime {LOOK} --explore off")
    assert await world.say("bob", f"/besttime {LOOK} --explore off") == (
        f"Trying other hours is off for {LOOK} already."
    )
    assert "Every 7th post" in await world.say("bob", f"/besttime {LOOK} --explore on")


async def test_without_an_account_every_one_has_its_line(world: World) -> None:
    answer = await told(world, "/besttime")
    assert sorted(f.name for f in answer.fields) == [BLIND, KEY, LOOK]
    assert "“nope”" in await world.say("alice", "/besttime nope")


async def test_the_map_hatches_hours_that_nobody_tried(world: World) -> None:
    await past(world, 14, hour=10)
    answer = await told(world, f"/besttime {LOOK} --week")
    days = {f.name: f.value for f in answer.fields}
    assert list(days) == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    for signs in days.values():
        assert len(signs) == 24
        assert signs[10] != "╱"
        assert set(signs[:10] + signs[11:]) == {"╱"}
    assert "never tried (161 of 168 hours). 14 posts." in answer.text
    scores = await slot_scores(world.app.services, "acme", LOOK)
    assert scores is not None


async def test_a_button_puts_a_post_at_the_hour_and_the_claim_into_the_ledger(world: World) -> None:
    await past(world, 64)
    await world.say("alice", f'/post "Hi" --to {LOOK} --at "mon 11:30"')
    answer = await told(world, f"/besttime {LOOK}")
    take = button(answer, "Schedule P1 there")
    assert await world.press("eve", take) == "That is for alice, bob, carol or dana."
    said = await world.press("alice", take)
    assert said == "P1 is now v2. P1 goes out 18:00."
    row = await world.row()
    assert row.due == datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
    (made,) = await world.app.services.store.read(lambda tx: tx.forecasts.of_post(1))
    assert (made.origin, made.slot) == (Origin.TAKEN, row.due)
    await world.say("bob", "/approve latest")
    await world.wait(timedelta(hours=10))
    assert world.created(LOOK) == 1
    assert "has passed" in await world.press("alice", take)


async def test_why_and_other_times_answer_to_their_buttons(world: World) -> None:
    await past(world, 64)
    answer = await told(world, f"/besttime {LOOK}")
    why = button(answer, "Why?")
    await world.press("alice", why)
    assert len(why.action.encode()) <= 100
    assert world.room.whispered, "the answer is for the person alone"
    await world.press("alice", button(answer, "Other times"))
    more = [m for m in world.room.said if m.title == f"Best times for {LOOK}"][-1]
    assert more.text.count("Lisbon") == 8
    strange = Button(label="?", action=Action(verb="why", kind="hours", id=1, version=0))
    assert await world.press("alice", strange) == "That account is not in the configuration any more."
    unknown = Button(label="?", action=Action(verb="fly", kind="hours", id=why.action.id, version=99))
    assert await world.press("alice", unknown) == "I do not know that button."
    assert await slot_brand(world.app.services, 77) is None


async def test_the_ledger_tells_what_claims_came_to(world: World) -> None:
    await past(world, 64)
    answer = await told(world, "/besttime --ledger")
    assert "No claim about a time has been compared" in answer.text
    assert answer.fields == ()
    await world.say("alice", f'/post "Hi" --to {LOOK} --at best')
    answer = await told(world, "/besttime --ledger")
    (line,) = answer.fields
    assert (line.name, line.value) == (f"P1 {LOOK}", "18:00: +23 % [8, 41] → — (still to come)")
    assert (await track_record(world.app.services, "acme")).pairs == 0


async def test_why_computes_the_claim_again_from_what_was_known_then(world: World) -> None:
    svc = world.app.services
    await past(world, 64)
    await world.say("alice", f'/post "Hi" --to {LOOK} --at best')
    world.clock.advance(timedelta(minutes=30))
    await past(world, 5, first=5000)
    whole = await explain(svc, svc.brands["acme"], 1)
    said = {f.name: f.value for f in whole.fields}
    assert said["Again"] == "it comes out the same: +23 % [8, 41] before anything is taken off for selection"
    assert "from 64 posts of acme-look" in said["From"]
    advise(world, HourByHour(lift=Interval(0.5, 0.1, 0.9)))
    said = {f.name: f.value for f in (await explain(svc, svc.brands["acme"], 1)).fields}
    assert said["Again"] == "it does not come out the same: +23 % [8, 41] then, +50 % [10, 90] now"
    svc.registry.optimizers.clear()
    said = {f.name: f.value for f in (await explain(svc, svc.brands["acme"], 1)).fields}
    assert said["Again"].startswith("— it cannot be computed again")
    with pytest.raises(NotFound, match="Nobody left the time of P7 to me"):
        await explain(svc, svc.brands["acme"], 7)


async def test_why_of_a_post_names_the_wish_the_hour_and_what_it_rests_on(world: World) -> None:
    await past(world, 64)
    await world.say("alice", f'/post "Hi" --to {LOOK} --at best')
    why = await told(world, "/why latest")
    times = [f.value for f in why.fields if f.name.endswith("Time")]
    assert times[0].startswith("“best” → 18:00: +17 % [6, 30] against your usual hour, 64 posts")
    assert "64 posts" in times[1:]
