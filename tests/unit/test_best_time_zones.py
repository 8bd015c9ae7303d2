"""Hours are wall time where the audience lives: the same habits in another zone are the same advice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.worlds import NOW, World, world
from plugins.best_time.api import Audience, SlotAdvice, fit, recommend, score_slots

STEADY = [
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "America/Phoenix",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
]
CLOCKS = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca"]


def advised(
    one: World, zone: str, shift: timedelta, seed: int, window: tuple[datetime, datetime] | None = None
) -> list[SlotAdvice]:
    posts = [
        replace(p, published_at=p.published_at - shift, observed_at=p.observed_at - shift) for p in one.posts
    ]
    now = NOW - shift
    return recommend(
        fit(posts, zones={one.account: zone}, now=now),
        account_id=one.account,
        platform=one.platform,
        content_type="k0",
        tz=zone,
        window=window or (now, now + timedelta(days=7)),
        now=now,
        rng=np.random.default_rng(seed),
        audience=replace(one.audience, tz=zone),
        quiet=[(23 * 60, 6 * 60)],
    )


@settings(max_examples=25, deadline=None)
@given(zone=st.sampled_from(STEADY), seed=st.integers(0, 30))
def test_shifting_everything_by_a_zone_gives_the_same_local_advice(zone: str, seed: int) -> None:
    one = world(np.random.default_rng(seed % 5), "a", "instagram", 60, 0.2)
    shift = NOW.astimezone(ZoneInfo(zone)).utcoffset()
    assert shift is not None
    here, there = advised(one, "UTC", timedelta(), seed), advised(one, zone, shift, seed)
    assert [a.local for a in here] == [a.local for a in there]
    for x, y in zip(here, there, strict=True):
        assert x.starts_at - y.starts_at == shift
        assert x.explore == y.explore
        assert x.lift is not None
        assert y.lift is not None
        assert (x.lift.mean, x.lift.lo, x.lift.hi) == pytest.approx((y.lift.mean, y.lift.lo, y.lift.hi))


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(CLOCKS),
    day=st.integers(0, 365),
    hours=st.integers(20, 200),
    seed=st.integers(0, 5),
)
def test_weeks_in_which_clocks_change_give_valid_and_unique_local_times(
    zone: str, day: int, hours: int, seed: int
) -> None:
    start = datetime(2026, 1, 1, 5, 17, tzinfo=UTC) + timedelta(days=day)
    said = recommend(
        fit([], zones={}, now=start),
        account_id="a",
        platform="x",
        content_type="text",
        tz=zone,
        window=(start, start + timedelta(hours=hours)),
        now=start,
        rng=np.random.default_rng(seed),
        k=300,
        min_gap=timedelta(),
    )
    where = ZoneInfo(zone)
    walls = [a.starts_at.astimezone(where) for a in said]
    assert len({wall.replace(tzinfo=None) for wall in walls}) == len(walls) == len({a.local for a in said})
    assert all(wall.fold == 0 for wall in walls), "an hour that comes twice is advised once, the first time"
    assert all(a.local == wall.strftime("%a %d %b %H:%M") for a, wall in zip(said, walls, strict=True))
    assert len(said) >= hours - 3, "no hour is lost but those that clocks skip or repeat"
    for a, wall in zip(said, walls, strict=True):
        again = wall.replace(tzinfo=None).replace(tzinfo=where).astimezone(UTC)
        assert again == a.starts_at


def test_the_hour_that_clocks_skip_is_not_advised_and_the_one_they_repeat_once() -> None:
    def hours(day: datetime) -> list[str]:
        said = recommend(
            fit([], zones={}, now=day),
            account_id="a",
            platform="x",
            content_type="text",
            tz="Europe/Berlin",
            window=(day, day + timedelta(hours=8)),
            now=day - timedelta(days=1),
            rng=np.random.default_rng(0),
            k=24,
            min_gap=timedelta(),
        )
        return sorted(a.local[-5:-3] for a in said)

    spring = hours(datetime(2026, 3, 28, 23, tzinfo=UTC))
    autumn = hours(datetime(2026, 10, 24, 22, tzinfo=UTC))
    assert spring == ["00", "01", "03", "04", "05", "06", "07", "08"]
    assert autumn == ["00", "01", "02", "03", "04", "05", "06"]


def test_an_audience_in_another_zone_moves_its_hours_not_the_account() -> None:
    hours = tuple(10.0 if hour == 19 else 1.0 for hour in range(24))
    model = fit([], zones={}, now=NOW)

    def best(audience_zone: str) -> int:
        said = recommend(
            model,
            account_id="a",
            platform="postcards",
            content_type="text",
            tz="Europe/Berlin",
            window=(NOW, NOW + timedelta(days=7)),
            now=NOW,
            rng=np.random.default_rng(0),
            audience=Audience(audience_zone, hours),
            explore=False,
            k=1,
        )[0]
        return said.starts_at.astimezone(ZoneInfo(audience_zone)).hour

    assert abs(best("Europe/Berlin") - 19) <= 1
    assert abs(best("Asia/Tokyo") - 19) <= 1
    assert abs(best("America/New_York") - 19) <= 1


def test_scores_are_by_the_hours_of_the_account_whatever_its_audience_counts_in() -> None:
    one = world(np.random.default_rng(1), "a", "x", 0, 0.2)
    hours = tuple(float(hour == 12) * 9 + 1 for hour in range(24))
    model = fit(
        world(np.random.default_rng(3), "a", "x", 12, 0.2).posts, zones={"a": "Europe/Berlin"}, now=NOW
    )
    berlin = score_slots(
        model, account_id="a", platform="q", content_type="", audience=Audience("Europe/Berlin", hours)
    )
    tokyo = score_slots(
        model, account_id="a", platform="q", content_type="", audience=Audience("Asia/Tokyo", hours)
    )
    assert one.posts == ()
    assert abs(int(np.argmax(berlin.means)) % 24 - 12) <= 1
    assert abs(int(np.argmax(tokyo.means)) % 24 - 5) <= 1, (
        "noon in Tokyo is five in the morning in Berlin in July"
    )
