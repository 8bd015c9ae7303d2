"""A test of a title at a simulated YouTube, from its start to what is said in the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.alarms import Kind
from bot.domain.people import Role
from bot.domain.trial import Phase
from bot.errors import NotFound
from bot.services.experimenting.explain import explain
from bot.services.experimenting.lines import experiment_lines
from bot.testing.clock import START
from bot.testing.simulator import LOST_REPLY
from tests.integration.experiment_world import FIRST, OTHER, Trialled, trialled


async def test_a_better_title_wins_is_proposed_and_shown_when_somebody_says_so(tmp_path: Path) -> None:
    async with trialled(tmp_path, lift=1.0, more="--days 8") as made:
        bot = made.bot
        (asked,) = made.said("wants to test the title")
        assert FIRST in asked.text
        assert OTHER in asked.text
        assert "I can detect about" in asked.text
        assert "You started E1" in await bot.say("alice", "/experiment approve E1")
        assert made.title == FIRST
        yes = next(b for b in asked.buttons if b.label.startswith("Approve"))
        assert "It begins" in await bot.press("bob", yes)
        await made.to_day(1)
        shown = set()
        for _ in range(8):
            assert made.title == await made.planned()
            shown.add(made.title)
            await made.to_day(1)
            if (await made.experiment()).phase is not Phase.RUNNING:
                break
        assert shown == {FIRST, OTHER}
        await made.to_day(4)
        ended = await made.experiment()
        assert (ended.phase, ended.verdict, ended.keep) == (Phase.ENDED, "win", "A")
        assert made.title == FIRST
        (over,) = made.said("wins: measured")
        assert "winners look better than they are" in over.text
        assert "B of E1 is shown from now on" in await bot.press("bob", over.buttons[0])
        assert made.title == OTHER
        video = bot.yt.channel.videos[0]
        assert video.snippet["description"].startswith("What is new")
        assert made.said("B wins")
        await explained(made)


async def begun(made: Trialled, *, wanted: str = "B") -> None:
    """Approve, and let days pass until a day of the other kind has begun and the next is of ``wanted``."""
    await made.bot.say("bob", "/experiment approve E1")
    await made.to_day(1)
    for _ in range(12):
        blocks = (await made.experiment()).plan.blocks
        index = await made.index()
        if blocks[index].variant != wanted and blocks[index + 1].variant == wanted:
            return
        await made.to_day(1)
    raise AssertionError("the order never changes that way")


async def test_an_answer_that_is_lost_is_read_back_and_nothing_is_set_twice(tmp_path: Path) -> None:
    async with trialled(tmp_path) as made:
        await begun(made)
        sim = made.bot.yt
        before = sim.count(sim.publishes)
        sim.fail(sim.publishes, LOST_REPLY)
        await made.to_day(1)
        index = await made.index()
        assert made.title == OTHER
        mine = [b for b in await made.blocks() if b.index == index]
        assert [b.set_at is not None and b.seen_at is None for b in mine] == [True]
        await made.later(11)
        block = next(b for b in await made.blocks() if b.index == index)
        assert (block.shown, block.valid) == ("B", True)
        assert sim.count(sim.publishes) == before + 1
        assert made.said("shows words") == []


async def test_words_that_somebody_put_there_by_hand_stay_until_a_person_decides(tmp_path: Path) -> None:
    async with trialled(tmp_path) as made:
        await begun(made)
        index = await made.index()
        made.bot.yt.channel.videos[0].snippet["title"] = "Mine, by hand"
        await made.to_day(1)
        held = await made.experiment()
        assert (held.phase, held.wake_at) == (Phase.HELD, None)
        assert made.title == "Mine, by hand"
        assert not next(b for b in await made.blocks() if b.index == index).valid
        alerts = await made.bot.app.services.store.read(lambda tx: tx.alerts.recent("acme", 5))
        assert [a.post_id for a in alerts if a.kind is Kind.MISMATCH] == [1]
        (asked,) = made.said("changed the title by hand")
        stop = next(b for b in asked.buttons if b.label == "Stop the test")
        assert "What is there now stays" in await made.bot.press("alice", stop)
        assert (await made.experiment()).phase is Phase.ENDED
        assert made.title == "Mine, by hand"
        assert "changed since that button" in await made.bot.press("alice", asked.buttons[0])


async def test_a_halt_holds_it_and_its_days_do_not_count(tmp_path: Path) -> None:
    async with trialled(tmp_path) as made:
        await begun(made)
        index = await made.index()
        await made.bot.say("alice", "/halt")
        await made.to_day(1)
        assert made.title == FIRST
        assert (await made.experiment()).phase is Phase.HELD
        assert len(made.said("E1 is on hold: the brand is stopped")) == 1
        await made.later(6 * 60)
        await made.bot.say("dana", "/resume")
        await made.later(20)
        block = next(b for b in await made.blocks() if b.index == index + 1)
        assert made.title == OTHER
        assert (block.shown, block.valid, block.why) == ("B", False, "the test was on hold")
        assert "B of E1" not in await made.bot.say("bob", "/experiment apply E1")
        await made.bot.say("bob", "/delete P1")
        await made.to_day(1)
        ended = await made.experiment()
        assert (ended.phase, ended.verdict, ended.why) == (Phase.ENDED, "invalid", "the post was taken down")


async def test_stopping_shows_what_was_there_before(tmp_path: Path) -> None:
    async with trialled(tmp_path) as made:
        await begun(made)
        await made.to_day(1)
        assert made.title == OTHER
        assert "for alice" in await made.bot.say("eve", "/experiment stop E1")
        assert "A is shown again" in await made.bot.say("alice", "/experiment stop E1")
        assert made.title == FIRST
        assert (await made.experiment()).verdict == "stopped"
        assert len(made.said("E1 was stopped")) == 1
        assert "is over already" in await made.bot.say("alice", "/experiment stop E1")
        assert "E1 (title of P1): stopped" in await made.bot.say("alice", "/experiment list")


async def test_what_would_prove_nothing_is_refused_with_the_way_out(tmp_path: Path) -> None:
    async with trialled(tmp_path, start=False) as made:
        say = made.bot.say
        start = "/experiment start P1"
        assert "Test it over posts" in await say("alice", f'{start} --kind caption --variant "x"')
        assert "are the same" in await say("alice", f'{start} --variant "{FIRST}"')
        assert "would not take B" in await say("alice", f'{start} --variant "{"x" * 101}"')
        assert "needs another title" in await say("alice", start)
        weak = await say("alice", f'{start} --variant "{OTHER}" --metric views --days 14 --smallest 10')
        assert "I could only see about" in weak
        assert "no thumbnail" in await say("alice", f"{start} --kind thumbnail --file {made.picture()}")
        assert "people who may make posts" in await say("eve", f'{start} --variant "{OTHER}"')
        assert "waits for approval" in await say("alice", f'{start} --variant "{OTHER}"')
        assert "in a test already" in await say("alice", f'{start} --variant "And another"')
        assert "rejected" in await say("bob", "/experiment reject E1")
        assert "waits for approval" in await say("alice", f'{start} --variant "And another"')
        assert "There is no E9" in await say("alice", "/experiment status E9")
        assert "Write it like E3" in await say("alice", "/experiment status nonsense")


async def test_a_spike_holds_it_and_thumbnails_are_set_and_brought_back(tmp_path: Path) -> None:
    async with trialled(tmp_path, start=False) as made:
        bot = made.bot
        first = await made.with_thumbnail()
        line = f"/experiment start P2 --kind thumbnail --file {made.picture()} --days 8"
        assert "waits for approval" in await bot.say("alice", line)
        await begun(made)
        video = bot.yt.channel.videos[1]
        assert video.cover == first
        await made.to_day(1)
        other = video.cover
        assert other != first
        index = await made.index()
        block = next(b for b in await made.blocks() if b.index == index)
        assert (block.shown, block.valid) == (None, True)
        await made.spike(post_id=2)
        await made.later(200)
        assert (await made.experiment()).phase is Phase.HELD
        block = next(b for b in await made.blocks() if b.index == index)
        assert (block.valid, block.why) == (False, "the post takes off just now")
        await made.to_day(1)
        assert video.cover == other
        await made.calm()
        await bot.say("alice", "/experiment stop E1")
        await made.later(20)
        assert video.cover == first
        assert (await made.experiment()).phase is Phase.ENDED


async def explained(made: Trialled) -> None:
    """The last look is reckoned again from its rows; corrected numbers are told, and change no verdict."""
    services = made.bot.app.services
    brand = services.brands["acme"]
    found = await explain(services, brand, 1)
    assert "comes out the same" in found.text
    assert [f.name for f in found.fields] == ["Variants", "Plan", "Rules", "Days"]
    block = next(b for b in await made.blocks() if b.variant == "B")
    await services.store.write(lambda tx: tx.experiments.keep(replace(block, clicks=1.0)))
    assert "Numbers were corrected since" in (await explain(services, brand, 1)).text
    with pytest.raises(NotFound):
        await explain(services, brand, 7)
    lines = await experiment_lines(services, brand, START, made.bot.clock.now())
    assert len(lines) == 1
    assert lines[0].startswith("E1 (title of P1): B wins")


async def test_what_nobody_stands_for_any_more_is_taken_back(tmp_path: Path) -> None:
    async with trialled(tmp_path) as made:
        await begun(made)
        await made.to_day(1)
        assert made.title == OTHER
        services = made.bot.app.services
        brand = services.brands["acme"]
        services.brands["acme"] = replace(brand, roles={**brand.roles, Role.APPROVE: ("carol",)})
        await made.later(200)
        await made.later(20)
        ended = await made.experiment()
        assert made.title == FIRST
        assert (ended.phase, ended.verdict) == (Phase.ENDED, "stopped")
        assert "approval of its variants no longer holds" in ended.why


async def test_a_day_that_was_changed_too_late_does_not_count(tmp_path: Path) -> None:
    async with trialled(tmp_path) as made:
        await begun(made)
        index = await made.index()
        await made.to_day(1, past=timedelta(hours=5))
        block = next(b for b in await made.blocks() if b.index == index + 1)
        assert made.title == OTHER
        assert (block.shown, block.valid, block.why) == ("B", False, "it was changed 5 hours late")


async def test_a_policy_may_show_the_winner_at_once(tmp_path: Path) -> None:
    async with trialled(tmp_path, lift=1.0, more="--days 8") as made:
        services = made.bot.app.services
        services.brands["acme"] = replace(services.brands["acme"], experiments="auto")
        await made.bot.say("bob", "/experiment approve E1")
        await made.to_day(12)
        assert ((await made.experiment()).verdict, made.title) == ("win", OTHER)
        (over,) = made.said("wins: measured")
        assert [b.label for b in over.buttons] == ["Why?"]
