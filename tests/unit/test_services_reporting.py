"""Reports: once for each brand and period whatever happens, and honest sentences where little is known."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.charts import Chart, in_words
from bot.domain.delivery import State
from bot.domain.message import Message
from bot.domain.outcomes import Interval
from bot.domain.periods import ReportTimes
from bot.domain.report_data import ReportData, Tried
from bot.errors import FiguresFailed
from bot.ports import ReportSection
from bot.services.reporting import make
from bot.services.reporting.headline import learned_words, tried_words
from bot.services.reporting.learned import lift_of
from bot.testing.clock import FakeClock
from tests.unit.demo_world import BRAND, KEY, LOOK, World, open_world
from tests.unit.report_world import MONDAY, add_post, fill

EARLY = MONDAY - timedelta(minutes=30)
QUIET_BRAND = replace(BRAND, report=ReportTimes(monthly=False))


class Sketches:
    """Figures that need no process: what was asked for, and files that say so."""

    def __init__(self, folder: Path, *, broken: bool = False) -> None:
        self.folder, self.broken = folder, broken
        self.charts: list[Chart] = []

    async def draw(self, charts: Sequence[Chart]) -> Sequence[Path]:
        if self.broken:
            raise FiguresFailed("its process ended with 9")
        self.charts += charts
        paths = [self.folder / f"{len(self.charts)}-{n}.png" for n, _ in enumerate(charts)]
        for path in paths:
            path.write_bytes(b"\x89PNG")
        return paths

    async def table_page(self, columns: Any, kinds: Any, *, file: str, form: str, page: int) -> int:
        raise FiguresFailed("no tables here")

    async def table_done(self, *, file: str, form: str, pages: int) -> int:
        raise FiguresFailed("no tables here")

    async def apart(self, work: Any, *arguments: Any, seconds: float = 60.0) -> Any:
        return work(*arguments)


@asynccontextmanager
async def opened(
    folder: Path,
    *,
    brand: Any = QUIET_BRAND,
    start: datetime = EARLY,
    broken: bool = False,
    clock: Any = None,
) -> AsyncIterator[World]:
    async with open_world(folder, brand=brand, start=start, clock=clock) as world:
        object.__setattr__(world.app.services, "figures", Sketches(folder, broken=broken))
        await world.app.settle()
        yield world


def heads(world: World) -> list[Message]:
    return [m for m in world.room.said if m.title.endswith("· acme")]


async def due(world: World, span: timedelta = timedelta(minutes=31)) -> list[Message]:
    """Let it become nine o'clock on Monday, and some more."""
    await world.wait(span)
    await world.wait(timedelta(minutes=2))
    return heads(world)


async def test_it_comes_at_the_brands_wall_time_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as world:
        await fill(world.app.services, brand="acme", accounts=[KEY, LOOK])
        await world.wait(timedelta(minutes=29))
        assert heads(world) == []
        (head,) = await due(world, timedelta(minutes=2))
        assert head.text.startswith("Week 47, acme. 6 posts live, none unconfirmed. ")
        assert "your usual " in head.text
        assert "its usual at the same age." in head.text
        assert [b.label for b in head.buttons] == ["Why these numbers?"]
        await world.wait(timedelta(days=6))
        assert len(heads(world)) == 1
        assert len(await due(world, timedelta(days=1))) == 2


async def test_a_restart_makes_no_second_one_and_an_outage_one_late_one(tmp_path: Path) -> None:
    clock = FakeClock(EARLY)
    async with opened(tmp_path, clock=clock) as world:
        await fill(world.app.services, brand="acme", accounts=[KEY])
        assert len(await due(world)) == 1
    clock.advance(timedelta(minutes=1))
    async with opened(tmp_path, clock=clock) as world:
        await due(world)
        assert heads(world) == []
    clock.advance(timedelta(days=23))  # two more Mondays and a Wednesday
    async with opened(tmp_path, clock=clock) as world:
        (late,) = await due(world, timedelta(minutes=5))
        assert late.title == "Week 50 · acme"


async def test_what_was_due_before_the_bot_was_there_is_nobodys_report(tmp_path: Path) -> None:
    async with opened(tmp_path, start=MONDAY + timedelta(days=2)) as world:
        await fill(world.app.services, brand="acme", accounts=[KEY])
        assert await due(world, timedelta(days=1)) == []


async def test_a_process_that_died_over_it_is_followed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: Any, **__: Any) -> Any:
        raise asyncio.CancelledError

    clock = FakeClock(EARLY)
    async with opened(tmp_path, clock=clock) as world:
        await fill(world.app.services, brand="acme", accounts=[KEY])
        with monkeypatch.context() as patch:
            patch.setattr(make, "pages", dies)
            clock.advance(timedelta(minutes=31))
            await world.app.settle()
        assert heads(world) == []
        assert world.sql("SELECT tries, made_at FROM reports") == [(1, None)]
    async with opened(tmp_path, clock=clock) as world:
        await world.wait(timedelta(minutes=1))
        assert heads(world) == []
        assert len(await due(world, timedelta(minutes=6))) == 1
        assert world.sql("SELECT tries FROM reports") == [(2,)]


async def test_a_month_is_told_on_its_first_and_what_is_not_wanted_is_not(tmp_path: Path) -> None:
    start = datetime(2026, 11, 30, 12, tzinfo=UTC)
    async with opened(tmp_path, brand=replace(BRAND, report=ReportTimes()), start=start) as world:
        await fill(world.app.services, brand="acme", accounts=[KEY], now=start)
        (head,) = await due(world, timedelta(days=1))
        assert head.title == "November 2026 · acme"
    (tmp_path / "off").mkdir()
    off = replace(BRAND, report=ReportTimes(weekly=False, monthly=False))
    async with opened(tmp_path / "off", brand=off) as world:
        await fill(world.app.services, brand="acme", accounts=[KEY])
        assert await due(world, timedelta(days=9)) == []


async def test_its_time_is_wall_time_through_a_change_of_the_clocks(tmp_path: Path) -> None:
    brand = replace(BRAND, report=ReportTimes(weekday=0, clock=time(9), monthly=False))
    start = datetime(2026, 10, 19, 8, 30, tzinfo=UTC)  # Lisbon: 09:30 in summer time
    async with opened(tmp_path, brand=brand, start=start) as world:
        await fill(world.app.services, brand="acme", accounts=[KEY], now=start)
        await world.wait(timedelta(days=7))  # 08:30 in winter time
        assert heads(world) == []
        (head,) = await due(world)
        assert head.title == "Week 43 · acme"


async def test_an_empty_brand_gets_an_honest_sentence(tmp_path: Path) -> None:
    async with opened(tmp_path) as world:
        answer = await world.say("eve", "/report")
        assert answer == "Week 47 of acme, here:"
        (head,) = heads(world)
        assert head.text == "Week 47, acme. Nothing was due."
        assert (head.fields, head.image) == ((), None)


async def test_one_post_all_zeros_and_unknown_counts_are_no_numbers(tmp_path: Path) -> None:
    async with opened(tmp_path, start=MONDAY) as world:
        svc = world.app.services

        def unit(tx: Any) -> None:
            at = MONDAY - timedelta(days=3)
            add_post(tx, brand="acme", account=KEY, out_at=at, views=0, now=MONDAY)
            add_post(tx, brand="acme", account=KEY, out_at=at, views=0, now=MONDAY, known=False)

        await svc.store.write(unit)
        await world.say("eve", "/report")
        (head,) = heads(world)
        assert head.text == (
            "Week 47, acme. 2 posts live, none unconfirmed. 0 views from 1 of 2 posts; what the others have "
            "is unknown, so I compare it with nothing. No post can be compared yet: fewer than 5 others are "
            "known at that age."
        )


async def test_failures_are_told_with_their_causes(tmp_path: Path) -> None:
    async with opened(tmp_path, start=MONDAY) as world:

        def unit(tx: Any) -> None:
            at = MONDAY - timedelta(days=2)
            add_post(tx, brand="acme", account=KEY, out_at=at, views=9, now=MONDAY, late=timedelta(seconds=3))
            for state in (State.REFUSED, State.UNCONFIRMED, State.CANCELLED, State.EXPIRED):
                add_post(
                    tx,
                    brand="acme",
                    account=KEY,
                    out_at=at,
                    views=0,
                    now=MONDAY,
                    state=state,
                    reason="the video is too long",
                )

        await world.app.services.store.write(unit)
        await world.say("eve", "/report week --for last")
        assert heads(world)[0].text.startswith(
            "Week 47, acme. 1 post live, 1 refused (Demo (own key): the video is too long), 1 unconfirmed. "
        )
        (sent,) = [m for m in world.room.said if m.title == "Publishing"]
        assert sent.text.splitlines() == [
            "Demo (own key) 1 of 3 (33 %).",
            "Out 3.0 s after its time on average (1 post).",
            "Demo (own key): the video is too long (2×)",
        ]


async def test_pictures_carry_their_numbers_as_words(tmp_path: Path) -> None:
    async with opened(tmp_path) as world:
        await fill(world.app.services, brand="acme", accounts=[KEY, LOOK])
        await due(world)
        sketches = world.app.services.figures
        assert isinstance(sketches, Sketches)
        shown = [m for m in world.room.said if m.image is not None]
        assert [m.image_alt for m in shown] == [in_words(chart) for chart in sketches.charts]
        assert heads(world)[0].fields[0].value.startswith(shown[0].image_alt)


async def test_without_pictures_the_numbers_still_come_and_it_is_said(tmp_path: Path) -> None:
    async with opened(tmp_path, broken=True) as world:
        await fill(world.app.services, brand="acme", accounts=[KEY])
        (head,) = await due(world)
        assert head.image is None
        assert (
            head.footer == "The charts could not be drawn (the log says why); their numbers are here as text."
        )
        assert head.fields[0].value.startswith("Views of each period's posts")


async def test_sections_of_plugins_stand_beside_ours_and_one_that_breaks_breaks_nothing(
    tmp_path: Path,
) -> None:
    def fine(data: ReportData) -> Message:
        return Message(title="Moon", text=f"{len(data.posts)} posts under a full moon.")

    def breaks(data: ReportData) -> Message:
        raise RuntimeError("no moon")

    def wrong(data: ReportData) -> Message:
        return "words"  # type: ignore[return-value]  # what a plugin may do

    async with opened(tmp_path) as world:
        sections = world.app.services.registry.report_sections
        for name, render in (("moon", fine), ("dark", breaks), ("wrong", wrong)):
            sections[name] = ReportSection(name=name, render=render)
        await fill(world.app.services, brand="acme", accounts=[KEY])
        (head,) = await due(world)
        told = {f.name: f.value for f in head.fields}
        assert told["Moon"] == "6 posts under a full moon."
        assert told["Dark"] == told["Wrong"].replace("wrong", "dark")
        assert told["Dark"] == "The plugin dark could not make this section; the log says why."


async def test_why_reckons_again_and_sees_what_has_changed(tmp_path: Path) -> None:
    async with opened(tmp_path) as world:
        await fill(world.app.services, brand="acme", accounts=[KEY])
        (head,) = await due(world)
        (why,) = head.buttons
        await world.press("eve", why)
        answer = world.room.said[-1]
        again = {f.name: f.value for f in answer.fields}["Again"]
        assert again == "Reckoned again from the same rows: all 8 numbers come out the same."
        world.sql("UPDATE snapshots SET views = views * 2 WHERE id = (SELECT max(id) FROM snapshots)")
        await world.press("eve", why)
        again = {f.name: f.value for f in world.room.said[-1].fields}["Again"]
        assert again.startswith("1 of 8 numbers come out otherwise now: views was ")


async def test_a_report_is_announced_to_plugins_after_it_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as world:
        told: list[tuple[str, Any]] = []
        emit = world.app.services.registry.emit

        async def listen(hook: str, /, **facts: Any) -> None:
            made = world.sql("SELECT count(*) FROM reports WHERE made_at IS NOT NULL")
            told.append((hook, (facts, made)))
            await emit(hook, **facts)

        monkeypatch.setattr(world.app.services.registry, "emit", listen)
        await fill(world.app.services, brand="acme", accounts=[KEY])
        await due(world)
        ((facts, made),) = [facts for hook, facts in told if hook == "report_ready"]
        assert facts["report"].period == "2026-W47"
        assert made == [(1,)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "/report week --for soon",
            "“soon” is no week or month. Write 2026-W46, W46, 2026-11, last or this.",
        ),
        ("/report week --for 2027-W03", "Week 3 has not begun yet."),
        ("/stats P99", "There is no P99 in acme."),
        ("/stats nothing-like-it", "is neither a post nor an account of acme"),
        ("/stats --days 0", "0 days is not possible; give 1 to 365."),
        ("/why R1", "There is no R1 in acme."),
        ("/why Z9", "“Z9” is nothing I know."),
    ],
)
async def test_what_cannot_be_answered_is_told_with_a_way_out(tmp_path: Path, line: str, words: str) -> None:
    async with opened(tmp_path) as world:
        assert words in await world.say("eve", line)


async def test_stats_tell_age_source_and_what_is_usual(tmp_path: Path) -> None:
    async with opened(tmp_path, start=MONDAY) as world:
        ids = await fill(world.app.services, brand="acme", accounts=[KEY])
        await world.say("eve", f"/stats P{len(ids)}")
        (field,) = world.room.said[-1].fields
        counts, age, against = field.value.splitlines()
        assert counts.endswith(" shares")
        assert " views, " in counts
        assert age.startswith("as of ")
        assert " old, from the platform's API; read " in age
        assert "× its usual (usual at the same age " in against
        await world.say("eve", f"/stats {KEY} --days 14")
        (field,) = world.room.said[-1].fields
        assert " views from 12 posts, " in field.value
        assert re.search(r"views gained a day, [\d.]+ ?k? on the best \(\w{3} \d+ Nov\)", field.value)
        assert "too few posts to compare" not in field.value
        await world.say("eve", "/stats")
        assert "nothing has been read about posts of the last 28 days" in world.room.said[-1].fields[1].value


async def test_what_is_on_its_way_is_neither_out_nor_failed(tmp_path: Path) -> None:
    async with opened(tmp_path, start=MONDAY) as world:

        def unit(tx: Any) -> None:
            at = MONDAY - timedelta(days=2)
            add_post(tx, brand="acme", account=KEY, out_at=at, views=0, now=MONDAY, state=State.PUBLISHING)

        await world.app.services.store.write(unit)
        await world.say("eve", "/report")
        assert heads(world)[0].text == "Week 47, acme. Nothing is out yet, 1 still on the way."


@pytest.mark.parametrize(
    ("logs", "words"),
    [
        (
            [0.3, 0.28, 0.32, 0.3, 0.29],
            "Thu 12:00 does better than your usual hour (+35 % [33, 36], 5 tries).",
        ),
        (
            [-0.3, -0.28, -0.32, -0.3, -0.29],
            "Thu 12:00 does worse than your usual hour (−26 % [−27, −25], 5 tries).",
        ),
        (
            [0.0, 0.02, -0.02, 0.01, 0.01],
            "Thu 12:00 is not worse than your usual hour (±0 % [−1, 1], 5 tries).",
        ),
        (
            [0.9, -0.9, 0.5, -0.6, 0.1],
            "Thu 12:00 may be better or worse than your usual hour (±0 % [−40, 67], 5 tries).",
        ),
        ([0.1] * 4, "Thu 12:00 was tried 4 times, too few to say."),
    ],
)
def test_tries_say_no_more_than_their_interval(logs: list[float], words: str) -> None:
    assert tried_words(Tried(name="Thu 12:00", tries=len(logs), lift=lift_of(logs))) == words


def test_only_what_was_learned_is_in_the_first_lines() -> None:
    unsure = Tried(name="Mon 08:00", tries=9, lift=Interval(0.02, -0.3, 0.4))
    learned = Tried(name="Thu 12:00", tries=6, lift=Interval(0.1, -0.02, 0.2))
    assert learned_words((unsure, learned)).startswith("Learned: Thu 12:00 is not worse")
    assert learned_words((unsure,)) == ""


async def test_what_fails_again_and_again_is_given_up_and_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a fault of ours")

    async with opened(tmp_path) as world:
        await fill(world.app.services, brand="acme", accounts=[KEY])
        with monkeypatch.context() as patch:
            patch.setattr(make, "pages", breaks)
            world.clock.advance(timedelta(minutes=31))
            for _ in range(40):
                await world.app.settle()
                world.clock.advance(timedelta(minutes=1))
        assert heads(world) == []
        assert world.sql("SELECT tries, made_at FROM reports") == [(5, None)]
        told = [m.text for m in world.room.said if "could not make the report" in m.text]
        assert told == [
            "I could not make the report of Week 47 (5 tries, the log has each). /report tries again."
        ]
        await world.say("eve", "/report")
        assert len(heads(world)) == 1


async def test_an_idle_brand_is_not_told_every_week_that_nothing_was(tmp_path: Path) -> None:
    async with opened(tmp_path) as world:
        assert await due(world) == []
        assert await due(world, timedelta(days=7)) == []
        assert len(world.sql("SELECT 1 FROM reports WHERE made_at IS NOT NULL")) == 2
