"""Rules in words: one normal form, an end, and the wall times they name, checked day by day."""

from __future__ import annotations

import calendar
import time as stopwatch
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.recurrence import Rule, is_rule, parse_rule, rule_of, sounds_like_rule
from bot.domain.when import instant_of, wall_at
from bot.errors import BadInput

LISBON = "Europe/Lisbon"
SATURDAY = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def said(text: str, *, now: datetime = SATURDAY, zone: str = LISBON) -> str:
    return parse_rule(text, now=now, zone=zone)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("every fri 17:30 until 2027-03-01", "every fri 17:30 from 2026-11-27 until 2027-03-01"),
        ("Every Friday at 5:30pm until 1 March", "every fri 17:30 from 2026-11-27 until 2027-03-01"),
        ("every weekday 09:00 10 times", "every weekday 09:00 from 2026-11-23 10 times"),
        ("every mon-fri 9am for 10 times", "every weekday 09:00 from 2026-11-23 10 times"),
        ("every weekend noon 3 times", "every sat,sun 12:00 from 2026-11-21 3 times"),
        ("every wed and mon 10:00 3 times", "every mon,wed 10:00 from 2026-11-23 3 times"),
        (
            "every 2 weeks on mon,thu 09:00 review 2027-02-01",
            "every 2 weeks on mon,thu 09:00 from 2026-11-23 review 2027-02-01",
        ),
        ("every other week on fri 9:00 3 times", "every 2 weeks on fri 09:00 from 2026-11-27 3 times"),
        ("daily 9:00 until 2027-01-01", "every day 09:00 from 2026-11-22 until 2027-01-01"),
        ("every 3 days 10:00 4 times", "every 3 days 10:00 from 2026-11-21 4 times"),
        ("every month on the 1st 10:00 5 times", "every month on the 1st 10:00 from 2026-12-01 5 times"),
        ("every 15th of the month 10:00 5 times", "every month on the 15th 10:00 from 2026-12-15 5 times"),
        (
            "every month on the 15th and 1st 10:00 5 times",
            "every month on the 1st,15th 10:00 from 2026-12-01 5 times",
        ),
        (
            "every month on the last day 10:00 2 times",
            "every month on the last day 10:00 from 2026-11-30 2 times",
        ),
        ("every last fri 17:00 review 2027-06-01", "every last fri 17:00 from 2026-11-27 review 2027-06-01"),
        ("every 2nd tue of the month 8:00 2 times", "every second tue 08:00 from 2026-12-08 2 times"),
        ("every year on 1 mar 10:00 2 times", "every year on 1 mar 10:00 from 2027-03-01 2 times"),
        (
            "RRULE:FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=9;BYMINUTE=15;COUNT=4",
            "RRULE:FREQ=MONTHLY;BYDAY=-1FR 09:15 from 2026-11-27 4 times",
        ),
        (
            "rrule:freq=weekly;byday=tu;until=20270301T000000Z 10:00",
            "RRULE:FREQ=WEEKLY;BYDAY=TU 10:00 from 2026-11-24 until 2027-03-01",
        ),
        (
            "every fri 17:30 from 2027-01-01 until 2027-03-01",
            "every fri 17:30 from 2027-01-01 until 2027-03-01",
        ),
    ],
)
def test_what_people_say_has_one_normal_form_that_reads_as_itself(words: str, meant: str) -> None:
    assert said(words) == meant
    assert said(meant) == meant
    assert rule_of(meant).text == meant
    assert is_rule(meant)
    assert sounds_like_rule(words)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("every fri 17:30", "would never end. Say until when: `every fri 17:30 until 2027-05-20`"),
        ("RRULE:FREQ=DAILY;BYHOUR=9", "would never end"),
        ("every fri 17:30 10 times until 2027-01-01", "two ends"),
        ("every fri until 2027-01-01", "at what time"),
        ("every week 9:00 3 times", "on which day"),
        ("every blue moon 9:00 3 times", "could not read “blue moon”"),
        ("every 32nd 9:00 3 times", "no day of a month"),
        ("every year on 31 feb 9:00 3 times", "no day of a year"),
        ("every fri 25:00 3 times", "not a time of day"),
        ("every fri 17:30 0 times", "Between 1 and 1,000"),
        ("every fri 17:30 5000 times", "Between 1 and 1,000"),
        ("every 0 days 17:30 5 times", "Between 1 and 365"),
        ("every fri 17:30 until 2026-11-22", "no such time before its end"),
        ("every fri 17:30 from 2020-01-01 10 times", "no such time before its end"),
        ("every fri 17:30 until 2050-01-01", "more than five years away"),
        ("every fri 17:30 until 2027-02-30", "no such day"),
        ("RRULE:FREQ=HOURLY;COUNT=3 9:00", "nothing goes out more often"),
        ("RRULE:FREQ=DAILY;BYSECOND=3;COUNT=3 9:00", "I do not know BYSECOND"),
        ("RRULE:FREQ=WEEKLY;BYDAY=XX;COUNT=3 9:00", "not a rule as calendars write them"),
        ("RRULE:FREQ=WEEKLY;INTERVAL=0;COUNT=3 9:00", "INTERVAL is at least 1"),
        ("RRULE:9:00", "is no part of a rule"),
        ("RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6;COUNT=3 9:00", "never happens"),
    ],
)
def test_what_cannot_be_is_answered_with_a_way_out(words: str, hint: str) -> None:
    with pytest.raises(BadInput) as caught:
        said(words)
    assert hint in str(caught.value)


def test_a_rule_that_never_matches_is_refused_quickly() -> None:
    began = stopwatch.perf_counter()
    with pytest.raises(BadInput, match="never happens"):
        said("RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3 9:00")
    assert stopwatch.perf_counter() - began < 3.0


@given(
    st.one_of(st.text(max_size=40), st.text(alphabet="rule:FREQ=DAILYBYMO;,-0123456789 every", max_size=60))
)
def test_no_words_break_it(text: str) -> None:
    for words in (f"every {text}", f"RRULE:{text}", text):
        try:
            found = said(words)
        except BadInput:
            continue
        assert said(found) == found


def test_every_second_week_counts_from_its_own_start() -> None:
    rule = rule_of("every 2 weeks on mon,thu 09:00 from 2026-11-26 until 2026-12-31")
    assert [f"{w:%d.%m.}" for w in rule.walls()] == ["26.11.", "07.12.", "10.12.", "21.12.", "24.12."]


def test_the_day_of_review_is_the_first_on_which_nothing_is_made() -> None:
    last = [*rule_of("every day 09:00 from 2026-11-26 review 2026-12-01").walls()][-1]
    assert last.date() == date(2026, 11, 30)


Matches = Callable[[date], bool]
WEEKDAYS = st.sets(st.sampled_from(range(7)), min_size=1)
PATTERNS: st.SearchStrategy[tuple[str, Matches]] = st.one_of(
    WEEKDAYS.map(lambda d: (f"every {','.join(DAYS[i] for i in sorted(d))}", lambda day: day.weekday() in d)),
    st.integers(1, 31).map(lambda n: (f"every month on the {n}th", lambda day: day.day == n)),
    st.integers(0, 6).map(
        lambda n: (
            f"every last {DAYS[n]}",
            lambda day: day.weekday() == n and day.day + 7 > calendar.monthrange(day.year, day.month)[1],
        )
    ),
    st.integers(0, 6).map(
        lambda n: (f"every second {DAYS[n]}", lambda day: day.weekday() == n and 8 <= day.day <= 14)
    ),
    st.just(
        (
            "every month on the last day",
            lambda day: day.day == calendar.monthrange(day.year, day.month)[1],
        )
    ),
)


@given(
    PATTERNS,
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    st.integers(0, 400),
    st.integers(60, 500),
    st.integers(0, 500),
)
def test_a_rule_names_every_day_that_it_says_and_no_other(
    pattern: tuple[str, Matches], clock: time, start: int, length: int, later: int
) -> None:
    words, matches = pattern
    first = date(2026, 11, 21) + timedelta(days=start)
    last = first + timedelta(days=length)
    try:
        rule = rule_of(said(f"{words} {clock:%H:%M} from {first} until {last}"))
    except BadInput:
        assert not any(matches(first + timedelta(days=n)) for n in range(length + 1))
        return
    expected = [first + timedelta(days=n) for n in range(length + 1)]
    walls = [datetime.combine(day, clock) for day in expected if matches(day)]
    assert list(rule.walls()) == walls
    after = datetime.combine(first + timedelta(days=later), clock)
    assert list(rule.walls(after)) == [wall for wall in walls if wall > after]


@given(st.integers(2, 5), st.integers(0, 300), st.booleans())
def test_a_later_look_names_the_same_times(interval: int, later: int, weekly: bool) -> None:
    unit = f"{interval} weeks on tue,sat" if weekly else f"{interval} days"
    rule = rule_of(f"every {unit} 08:00 from 2026-11-24 until 2028-01-01")
    after = datetime(2026, 11, 24) + timedelta(days=later)  # noqa: DTZ001 - wall time
    assert list(rule.walls(after)) == [wall for wall in rule.walls() if wall > after]


@pytest.mark.parametrize("zone", [LISBON, "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_a_year_of_days_has_no_hole_and_nothing_twice_over_both_changes(zone: str) -> None:
    rule: Rule = rule_of("every day 02:30 from 2027-01-01 until 2027-12-31")
    dues = [instant_of(wall, zone) for wall in rule.walls()]
    assert len(set(dues)) == 365
    assert [wall_at(due, zone).date() for due in dues] == [wall.date() for wall in rule.walls()]
    odd = [wall_at(due, zone).time() for due in dues if wall_at(due, zone).time() != time(2, 30)]
    assert len(odd) <= 1, "in the night in which 02:30 is missing, the first minute after the gap"
