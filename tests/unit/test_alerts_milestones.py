"""Levels are told once, whatever the platform says again, and never as news when they are old."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alarms import AlertRules
from bot.domain.alerts import Milestone, crossings, peak
from bot.domain.platform import Metrics
from bot.hookspecs import hookimpl
from bot.services.alerting.look import look
from tests.unit.alert_world import CALM, HOUR, newsroom
from tests.unit.demo_world import KEY

LEVELS = {"views": (1_000, 5_000, 10_000), "likes": (100,)}
counts = st.builds(
    Metrics,
    views=st.none() | st.integers(0, 20_000),
    likes=st.none() | st.integers(0, 300),
)


def test_only_the_highest_level_of_a_metric_is_reached() -> None:
    before, now = Metrics(views=900, likes=5), Metrics(views=12_000, likes=150)
    assert crossings(before, now, LEVELS) == [
        Milestone(metric="views", level=10_000, count=12_000),
        Milestone(metric="likes", level=100, count=150),
    ]
    assert crossings(None, Metrics(views=1_000), LEVELS) == [
        Milestone(metric="views", level=1_000, count=1_000)
    ]


def test_unknown_and_falling_counts_reach_nothing() -> None:
    assert crossings(Metrics(views=900), Metrics(), LEVELS) == []
    assert crossings(Metrics(views=12_000), Metrics(views=9_000), LEVELS) == []
    assert crossings(None, Metrics(views=0), LEVELS) == []
    assert crossings(None, Metrics(views=10**9), {"views": ()}) == []


def test_plain_mappings_and_one_list_for_all_metrics_do_too() -> None:
    assert crossings({"views": 9}, {"views": 20, "likes": 10}, [10]) == [
        Milestone(metric="views", level=10, count=20),
        Milestone(metric="likes", level=10, count=10),
    ]


@given(st.lists(counts, min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_l1_each_level_is_reached_once_in_any_stream(stream: list[Metrics], dice: Any) -> None:
    """Repeated, out of order, falling, partly unknown: what was told is never told again."""
    noisy = stream + [dice.choice(stream) for _ in stream]
    dice.shuffle(noisy)
    told, most = list[tuple[str, int]](), None
    for reading in noisy:
        found = crossings(most, reading, LEVELS)
        assert len({m.metric for m in found}) == len(found)
        told += [(m.metric, m.level) for m in found]
        most = peak(most, reading)
    assert len(told) == len(set(told))
    for metric, levels in LEVELS.items():
        top = max((getattr(r, metric) or 0 for r in stream), default=0)
        reached = [level for level in levels if level <= top]
        assert not reached or (metric, max(reached)) in told, "the highest there was is always told"


async def test_a_level_is_said_once_in_the_thread_of_its_post(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        post = await room.live()
        await room.read(post, 400)
        assert await room.look(after=HOUR) == []
        await room.read(post, 1_250, likes=20)
        (said,) = await room.look(after=HOUR)
        assert said.startswith("P1 on Demo (own key): 1,000 views. It stood at 1,250 at ")
        notices = room.world.sql("SELECT thread, post_id, delivery_id FROM notices WHERE key LIKE 'alert:%'")
        assert notices == [(1, 1, 1)]
        for views in (1_250, 900, 1_300, 800, 4_999):
            await room.read(post, views)
            assert await room.look(after=HOUR) == []
        await room.read(post, 10_400)
        (said,) = await room.look(after=HOUR)
        assert "10,000 views" in said
        assert "5,000" not in said, "of what was passed at once only the highest is told"


async def test_several_metrics_at_once_are_one_message(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        post = await room.live()
        await room.read(post, 1_500, likes=1_100)
        (said,) = await room.look(after=HOUR)
        assert "1,000 views and 1,000 likes. It stood at 1,500 views and 1,100 likes" in said


async def test_what_is_first_read_a_day_late_is_no_news(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        post = await room.live(ago=timedelta(days=3))
        await room.read(post, 7_000)
        assert await room.look() == []
        await room.read(post, 9_000)
        assert await room.look(after=HOUR) == []
        await room.read(post, 11_000)
        (said,) = await room.look(after=HOUR)
        assert "10,000 views" in said, "what it reaches from then on is"


async def test_a_count_first_known_late_is_no_news_either(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        post = await room.live()
        await room.read(post, None, likes=3)
        assert await room.look(after=HOUR) == []
        await room.read(post, 50_000, likes=4, at=room.now + timedelta(days=4))
        assert await room.look(after=timedelta(days=4)) == []


async def test_a_gap_in_the_readings_is_told(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        post = await room.live()
        await room.read(post, 10)
        await room.look(after=HOUR)
        await room.read(post, 2_000, at=room.now + timedelta(days=3))
        (said,) = await room.look(after=timedelta(days=3))
        assert "I had not read it for 3 days, so it may have got there earlier." in said


async def test_the_fastest_of_enough_posts_is_called_that(tmp_path: Path) -> None:
    async with newsroom(tmp_path, brand=replace(CALM, alerts=AlertRules(levels={"views": (100,)}))) as room:
        for hours in (9, 8, 7, 6, 5):
            post = await room.live(ago=hours * HOUR)
            await room.read(post, 1, at=room.now - timedelta(minutes=30))
            await room.look()
            await room.read(post, 150)
            (said,) = await room.look(after=timedelta(seconds=30))
            assert "fastest" not in said
        post = await room.live(ago=HOUR)
        await room.read(post, 150)
        (said,) = await room.look()
        assert said.endswith("The fastest of the 6 posts that got there: 1 h after it came out.")


async def test_plugins_hear_of_it_after_the_commit(tmp_path: Path) -> None:
    heard: list[tuple[int, int, str, int]] = []

    class Listener:
        @hookimpl
        def milestone_reached(self, post: Any, delivery: Any, milestone: Milestone) -> None:
            heard.append((post.id, delivery.id, milestone.metric, milestone.level))

    async with newsroom(tmp_path) as room:
        room.svc.registry._manager.register(Listener())
        post = await room.live()
        await room.read(post, 5_100)
        await room.look(after=HOUR)
        assert heard == [(1, 1, "views", 5_000)]
        await room.look()
        old = await room.live(ago=timedelta(days=9))
        await room.read(old, 5_100)
        await room.look()
        assert len(heard) == 1, "what is only noted is not told to plugins either"


async def test_quiet_hours_hold_it_and_it_is_said_afterwards(tmp_path: Path) -> None:
    async with newsroom(tmp_path, brand=replace(CALM, quiet="00:00-23:00")) as room:
        post = await room.live()
        await room.read(post, 1_100)
        assert await room.look(after=HOUR) == []
        (said,) = await room.later(timedelta(hours=24))
        assert "1,000 views" in said
        assert await room.later(timedelta(hours=24)) == []


async def test_what_is_switched_off_is_noted_and_not_said(tmp_path: Path) -> None:
    rules = AlertRules(off=frozenset({"milestone"}))
    async with newsroom(tmp_path, brand=replace(CALM, alerts=rules)) as room:
        post = await room.live()
        await room.read(post, 1_100)
        assert await room.look(after=HOUR) == []
        assert room.world.sql("SELECT metric, level FROM milestones") == [("views", 1_000)]


async def test_l1_through_the_rows_each_level_is_told_once(tmp_path: Path) -> None:
    """The same on the tables: readings come twice, late, out of order and lower than before."""
    dice = random.Random(20261121)
    async with newsroom(tmp_path) as room:
        tops: dict[int, int] = {}
        for _ in range(25):
            post = await room.live()
            stream = [dice.randrange(12_000) for _ in range(dice.randint(1, 5))]
            tops[post] = max(stream)
            for views in stream:
                room.world.clock.advance(HOUR)
                back = dice.choice([0, 0, 90, 150])
                await room.read(post, views, at=room.now - timedelta(minutes=back, seconds=post))
                for _ in range(dice.choice([0, 1, 2])):
                    await look(room.svc, KEY)
        room.world.clock.advance(HOUR)
        for post in tops:
            await room.read(post, 0)
        await look(room.svc, KEY)
        keys = room.world.sql("SELECT key FROM alerts WHERE kind = 'milestone'")
        assert len(keys) == len(set(keys))
        rows = room.world.sql("SELECT delivery_id, level FROM milestones WHERE metric = 'views'")
        for post, top in tops.items():
            levels = [n for n in (1_000, 5_000, 10_000) if n <= top]
            assert not levels or (post, levels[-1]) in rows
        assert len(rows) > 25


async def test_what_was_read_long_ago_and_never_looked_at_is_no_news(tmp_path: Path) -> None:
    """As when numbers are imported, or were read by a version that told nobody."""
    async with newsroom(tmp_path) as room:
        post = await room.live(ago=timedelta(days=30))
        out = room.now - timedelta(days=30)
        for hours, views in ((1, 300), (20, 8_000), (300, 9_000)):
            await room.read(post, views, at=out + hours * HOUR)
        assert await room.look() == []
        await room.read(post, 10_050)
        (said,) = await room.look(after=HOUR)
        assert "10,000 views" in said
