"""The wish for the best hour: its words, its normal form, and the span of days inside it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.best import FORMS, is_best, next_span, parse_best, span_of
from bot.errors import BadInput

LISBON = "Europe/Lisbon"
TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        ("best", "best"),
        ("BEST time", "best"),
        ("at the best hour", "best"),
        ("best fri", "best fri"),
        ("best on Friday", "best fri"),
        ("best next fri", "best fri"),
        ("best time of the week", "best"),
        ("best tomorrow", "best 2026-11-25"),
        ("best today", "best 2026-11-24"),
        ("best 27 nov", "best 2026-11-27"),
        ("best 2026-11-27", "best 2026-11-27"),
        ("best this week", "best 2026-11-24..2026-11-29"),
        ("best next week", "best 2026-11-30..2026-12-06"),
        ("best 2026-11-27..2026-11-29", "best 2026-11-27..2026-11-29"),
        ("best 27 nov..27 nov", "best 2026-11-27"),
        ("fri 17:30", None),
        ("next slot", None),
        ("every fri 9:00", None),
        ("", None),
        ("bestow", None),
    ],
)
def test_words_become_a_wish_that_cannot_drift(said: str, wish: str | None) -> None:
    assert parse_best(said, now=TUESDAY, zone=LISBON) == wish
    assert wish is None or is_best(wish)


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("best 2026-11-20", "has passed"),
        ("best yesterdayish", "could not read the day"),
        ("best 2026-13-40", "no such day"),
        ("best 2026-11-29..2026-11-27", "ends before it begins"),
        ("best 2026-11-25..2027-11-25", "longer than 31 days"),
        ("every best", "needs a time of day of its own"),
        ("every fri best", "/besttime names good ones"),
        ("daily best 10 times", "needs a time of day of its own"),
    ],
)
def test_what_cannot_be_is_answered_with_a_way_out(said: str, hint: str) -> None:
    with pytest.raises(BadInput, match=hint):
        parse_best(said, now=TUESDAY, zone=LISBON)


def test_every_form_that_is_offered_can_be_read() -> None:
    for words in FORMS.split(", "):
        assert parse_best(words, now=TUESDAY, zone=LISBON) is not None, words


def test_a_day_of_the_week_is_the_next_one_and_today_while_it_lasts() -> None:
    begins, ends = span_of("best tue", now=TUESDAY, zone=LISBON)
    assert (begins, ends) == (TUESDAY, datetime(2026, 11, 25, tzinfo=UTC))
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    begins, ends = next_span("best tue", now=late, zone=LISBON)
    assert (begins, ends) == (datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 2, tzinfo=UTC))


def test_days_have_the_hours_of_their_zone() -> None:
    zone = "America/New_York"
    spring = datetime(2027, 3, 10, tzinfo=UTC)
    begins, ends = span_of("best 2027-03-14", now=spring, zone=zone)
    assert ends - begins == timedelta(hours=23)
    assert begins.astimezone(ZoneInfo(zone)).hour == 0


instants = st.integers(0, 2 * 365 * 24 * 60).map(lambda m: TUESDAY + timedelta(minutes=m))
zones = st.sampled_from([LISBON, "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"])
words = st.sampled_from(["best", "best fri", "best tomorrow", "best this week", "best next week", "best mon"])


@given(words, instants, zones)
def test_a_span_lies_ahead_and_its_wish_is_a_fixed_point(said: str, now: datetime, zone: str) -> None:
    wish = parse_best(said, now=now, zone=zone)
    assert wish is not None
    begins, ends = next_span(wish, now=now, zone=zone)
    assert now <= begins < ends <= now + timedelta(days=15)
    assert parse_best(wish, now=now, zone=zone) == wish
