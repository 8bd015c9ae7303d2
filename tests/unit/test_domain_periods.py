"""Weeks and months as people and ISO 8601 count them, with the days on which clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.periods import (
    MONTH,
    WEEK,
    Period,
    ReportTimes,
    due_at,
    due_period,
    last_over,
    parse_period,
    period_of,
)
from bot.domain.when import wall_at
from bot.errors import BadInput

LISBON = "Europe/Lisbon"
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def hours(period: Period, zone: str) -> float:
    since, until = period.bounds(zone)
    return (until - since) / timedelta(hours=1)


@pytest.mark.parametrize(
    ("day", "length"), [(date(2026, 3, 25), 167), (date(2026, 10, 20), 169), (date(2026, 11, 18), 168)]
)
def test_a_week_in_which_the_clocks_change_has_another_length(day: date, length: int) -> None:
    assert hours(period_of(WEEK, day), LISBON) == length
    assert period_of(WEEK, day).days == 7


def test_the_report_is_due_at_wall_time_whatever_the_clocks_do() -> None:
    before, after = period_of(WEEK, date(2026, 3, 18)), period_of(WEEK, date(2026, 3, 25))
    dues = [due_at(week, ReportTimes(), LISBON) for week in (before, after)]
    assert [wall_at(due, LISBON).time() for due in dues] == [time(9), time(9)]
    assert dues[1] - dues[0] == timedelta(hours=167)


def test_a_due_time_that_does_not_exist_is_the_first_minute_after() -> None:
    times = ReportTimes(weekday=6, clock=time(1, 30))  # Lisbon has no 01:30 on 29 March 2026
    due = due_at(period_of(WEEK, date(2026, 3, 18)), times, LISBON)
    assert wall_at(due, LISBON) == datetime.fromisoformat("2026-03-29T02:00")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "2026-W47"),
        ("last", "2026-W47"),
        ("this", "2026-W48"),
        ("w46", "2026-W46"),
        ("2026-W01", "2026-W01"),
        ("2026-10", "2026-10"),
    ],
)
def test_what_people_call_it(text: str, name: str) -> None:
    assert parse_period(text, WEEK, now=NOW, zone=LISBON).name == name


@pytest.mark.parametrize(
    "text", ["soon", "2026-W54", "2026-13", "2026-0", "2026-W99", "0000-W01", "2026-W50", "2026-12", "46"]
)
def test_what_is_no_period_is_told_with_a_way_out(text: str) -> None:
    with pytest.raises(BadInput) as told:
        parse_period(text, WEEK, now=NOW, zone=LISBON)
    assert str(told.value)[-1] == "."


def test_weeks_belong_to_the_year_of_their_thursday() -> None:
    assert period_of(WEEK, date(2027, 1, 1)).name == "2026-W53"
    assert period_of(WEEK, date(2027, 1, 1)).bounds(LISBON)[0] == datetime(2026, 12, 28, tzinfo=UTC)


@given(
    st.dates(date(2000, 1, 1), date(2060, 1, 1)),
    st.sampled_from([WEEK, MONTH]),
    st.sampled_from(["UTC", LISBON, "Pacific/Apia", "America/Havana", "Australia/Lord_Howe"]),
)
def test_periods_follow_each_other_without_a_gap(day: date, kind: str, zone: str) -> None:
    period = period_of(kind, day)
    assert period.first <= day < period.after
    assert period.back().after == period.first
    assert period.back().bounds(zone)[1] == period.bounds(zone)[0]
    assert parse_period(period.name, WEEK, now=datetime(2061, 1, 1, tzinfo=UTC), zone=zone) == period


@given(
    st.integers(0, 2 * 365 * 24 * 60),
    st.integers(0, 6),
    st.sampled_from([WEEK, MONTH]),
)
def test_the_newest_that_is_due_is_over_and_the_next_is_not_due(
    minutes: int, weekday: int, kind: str
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    times = ReportTimes(weekday=weekday)
    period = due_period(kind, times, now, LISBON)
    after = period_of(kind, period.after)
    assert due_at(period, times, LISBON) <= now < due_at(after, times, LISBON)
    assert period.bounds(LISBON)[1] <= now
    assert period in (last_over(kind, now, LISBON), last_over(kind, now, LISBON).back())
