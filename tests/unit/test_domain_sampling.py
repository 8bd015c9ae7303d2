"""When numbers are read: dense while young, on a grid, at the end of every local day, never in a circle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.sampling import (
    BANDS,
    BEFORE_CLOSING,
    BEFORE_VANISHING,
    DAILY_UNTIL,
    FIRST,
    RETRIES,
    day_end,
    next_look,
    on_grid,
    retry,
)

OUT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONES = st.sampled_from(
    ["UTC", "Europe/Lisbon", "America/New_York", "Asia/Kathmandu", "Africa/Cairo", "Pacific/Apia"]
)
WHENS = st.timedeltas(timedelta(days=-1000), timedelta(days=500)).map(lambda span: OUT + span)
AGES = st.timedeltas(timedelta(0), timedelta(days=399))


def looks(out: datetime, until: timedelta, zone: str = "UTC", **how: object) -> list[timedelta]:
    """Ages at which a post is read that is always read in time."""
    found, now = list[timedelta](), out
    while (then := next_look(out, now, zone, **how)) is not None and then - out <= until:  # type: ignore[arg-type]
        found.append(then - out)
        now = then
    return found


def test_a_young_post_is_read_often_and_an_old_one_seldom() -> None:
    ages = looks(OUT, 400 * DAY)
    spans = ((timedelta(0), HOUR), (HOUR, 6 * HOUR), (6 * HOUR, 3 * DAY), (3 * DAY, 14 * DAY))
    counts = [sum(1 for age in ages if low < age <= high) for low, high in spans]
    assert counts == [4, 10, 66, 55]  # every hour, which midnight is; every six hours and at midnight
    assert len(ages) < 340  # what storage is sized by
    assert next_look(OUT, OUT + BANDS[-1][0], "UTC") is None


@given(WHENS, AGES, ZONES, st.booleans())
def test_the_next_look_is_always_ahead_and_never_far(
    out: datetime, age: timedelta, zone: str, sparse: bool
) -> None:
    now = out + age
    then = next_look(out, now, zone, sparse=sparse)
    assert then is not None
    assert now < then <= now + 7 * DAY
    if age < DAILY_UNTIL:
        assert then <= day_end(now, zone)


@given(WHENS, AGES, AGES, ZONES)
def test_a_look_that_is_late_changes_nothing_about_the_next(
    out: datetime, age: timedelta, late: timedelta, zone: str
) -> None:
    due = next_look(out, out + age, zone)
    assert due is not None
    after = max(due, out + late)
    assert next_look(out, after, zone) == next_look(out, after, zone)
    between = next_look(out, due - timedelta(microseconds=1), zone)
    assert between is not None
    assert between <= due


@given(AGES)
def test_the_grid_is_monotone(age: timedelta) -> None:
    then = on_grid(age)
    assert then > age
    assert on_grid(then) > then
    assert on_grid(then - timedelta(microseconds=1)) == then


@given(WHENS, ZONES)
def test_the_end_of_a_day_is_a_local_midnight_or_the_end_of_a_gap_there(now: datetime, zone: str) -> None:
    end, where = day_end(now, zone), ZoneInfo(zone)
    here, before = end.astimezone(where), (end - timedelta(microseconds=1)).astimezone(where)
    assert timedelta(0) < end - now <= timedelta(hours=26)
    assert here.date() > before.date()
    assert here.date() > now.astimezone(where).date()
    assert here.hour == 0 or here.utcoffset() != before.utcoffset()


@pytest.mark.parametrize(
    ("zone", "now", "end"),
    [
        ("Europe/Lisbon", "2027-03-28T00:30:00+00:00", "2027-03-28T23:00:00+00:00"),  # 23 hours
        ("Europe/Lisbon", "2026-10-24T23:30:00+00:00", "2026-10-26T00:00:00+00:00"),  # 25 hours
        ("Africa/Cairo", "2026-04-23T12:00:00+00:00", "2026-04-23T22:00:00+00:00"),  # no midnight on the 24th
        ("Pacific/Apia", "2026-11-21T10:00:00+00:00", "2026-11-21T11:00:00+00:00"),
    ],
)
def test_days_with_changes_of_the_clock(zone: str, now: str, end: str) -> None:
    assert day_end(datetime.fromisoformat(now), zone) == datetime.fromisoformat(end)


def test_before_numbers_close_there_is_a_last_look() -> None:
    closes = 30 * DAY
    plain, told = looks(OUT, 40 * DAY), looks(OUT, 40 * DAY, full_until=closes)
    assert closes - BEFORE_CLOSING in told
    assert set(plain) <= set(told)
    assert looks(OUT, 40 * DAY, full_until=closes, sparse=True)[0] == FIRST


def test_what_vanishes_is_read_shortly_before_and_not_after() -> None:
    ages = looks(OUT, 10 * DAY, lasts=DAY)
    assert ages[-1] == DAY - BEFORE_VANISHING
    assert next_look(OUT, OUT + DAY, "UTC", lasts=DAY) is None


def test_little_money_leaves_the_first_look_and_the_days() -> None:
    ages = looks(OUT, 3 * DAY, sparse=True)
    assert ages == [FIRST, 15 * HOUR, 39 * HOUR, 63 * HOUR]


def test_waits_after_failures_grow_and_stay() -> None:
    assert [retry(n) for n in (0, 1, 2, 5, 50)] == [
        RETRIES[0],
        RETRIES[0],
        RETRIES[1],
        RETRIES[4],
        RETRIES[4],
    ]
