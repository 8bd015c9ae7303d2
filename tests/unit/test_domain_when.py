"""Wishes in words and the instants they mean, over every day of a year and its clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.marks import plain
from bot.domain.when import NOW, parse_wish, place, resolve, say
from bot.errors import BadInput

LISBON = "Europe/Lisbon"
SATURDAY = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ZONES = st.sampled_from(
    [
        LISBON,
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "UTC",
    ]
)
INSTANTS = st.timedeltas(timedelta(0), timedelta(days=730)).map(
    lambda t: datetime(2026, 1, 1, tzinfo=UTC) + t
)
CLOCKS = st.times().map(lambda t: t.replace(second=0, microsecond=0))
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def wish(text: str, *, now: datetime = SATURDAY, zone: str = LISBON) -> str:
    return parse_wish(text, now=now, zone=zone)


def refused(error: BadInput, *whys: str) -> None:
    """It was refused for one of these reasons."""
    assert any(why in str(error) for why in whys), str(error)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("now", "now"),
        ("At once", "now"),
        ("next slot", "next slot"),
        ("NEXT", "next slot"),
        ("fri 17:30", "fri 17:30"),
        ("Friday, 5:30pm", "fri 17:30"),
        ("next friday at 17:30", "fri 17:30"),
        ("on friday at 17:30", "fri 17:30"),
        ("17:30", "2026-11-21 17:30"),
        ("at 8:30", "2026-11-22 08:30"),
        ("noon", "2026-11-21 12:00"),
        ("midnight", "2026-11-22 00:00"),
        ("12am", "2026-11-22 00:00"),
        ("12pm", "2026-11-21 12:00"),
        ("tomorrow 9:00", "2026-11-22 09:00"),
        ("today 9:01", "2026-11-21 09:01"),
        ("in 2h", "2026-11-21 11:00"),
        ("in 90 minutes", "2026-11-21 10:30"),
        ("in 3 days", "2026-11-24 09:00"),
        ("27 nov 17:30", "2026-11-27 17:30"),
        ("Nov 27 17:30", "2026-11-27 17:30"),
        ("27. November 17:30", "2026-11-27 17:30"),
        ("3 march 10:00", "2027-03-03 10:00"),
        ("2026-11-27 17:30", "2026-11-27 17:30"),
        ("2026-11-27T17:30", "2026-11-27 17:30"),
        ("2026-11-27T17:30+02:00", "2026-11-27 15:30"),
        ("2026-11-27T17:30:00Z", "2026-11-27 17:30"),
        ("2026-11-27T17:30:05Z", "2026-11-27 17:30:05"),
        ("in 20s", "2026-11-21 09:00:20"),
        ("today at 17:30:05", "2026-11-21 17:30:05"),
    ],
)
def test_what_people_say_has_one_normal_form(said: str, meant: str) -> None:
    assert wish(said) == meant


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("", "These work"),
        ("someday", "These work"),
        ("17", "write the time as 17:30"),
        ("25:00", "is not a time of day"),
        ("13pm", "is not a time of day"),
        ("17:60", "is not a time of day"),
        ("31 feb 10:00", "no such day"),
        ("2026-02-30 10:00", "no such day"),
        ("5 foo 10:00", "could not read the day"),
        ("xyz 10:00", "could not read the day"),
        ("today 8:59", "has passed"),
        ("2026-11-20 10:00", "has passed"),
        ("2030-01-01 10:00", "more than a year away"),
        ("in 400 days", "more than a year away"),
        ("in 999999999 days", "more than a year away"),
        ("2026-13-01T10:00Z", "no such day"),
        ("29 feb 2027 10:00", "no such day"),
        ("29 feb 10:00", "no such day"),
    ],
)
def test_what_cannot_be_is_answered_with_a_way_out(said: str, hint: str) -> None:
    with pytest.raises(BadInput, match=hint):
        wish(said)


@given(st.text(max_size=30))
def test_no_words_break_it(text: str) -> None:
    try:
        found = wish(text)
    except BadInput:
        return
    assert wish(found) == found


WORDS = st.one_of(
    st.builds(lambda day, clock: f"{day} {clock:%H:%M}", st.sampled_from(DAYS), CLOCKS),
    st.builds(lambda day, clock: f"{day} {clock:%H:%M}", st.sampled_from(["today", "tomorrow"]), CLOCKS),
    st.builds(lambda n, unit: f"in {n}{unit}", st.integers(1, 500), st.sampled_from("mh")),
    st.builds(
        lambda day, clock: f"{day} {clock:%H:%M}", st.dates(date(2026, 1, 1), date(2028, 1, 1)), CLOCKS
    ),
    CLOCKS.map(lambda clock: f"{clock:%H:%M}"),
)


@given(WORDS, INSTANTS, ZONES)
def test_a_wish_is_in_the_future_shows_its_wall_time_and_reads_as_itself(
    said: str, now: datetime, zone: str
) -> None:
    try:
        found = parse_wish(said, now=now, zone=zone)
    except BadInput as error:
        refused(error, "passed", "away", "I'd use", "no such day")
        return
    assert parse_wish(found, now=now, zone=zone) == found
    instant = resolve(found, now=now, zone=zone)
    assert instant.tzinfo is UTC
    assert instant > now
    local = instant.astimezone(ZoneInfo(zone))
    day, _, clock = found.rpartition(" ")
    assert f"{local:%H:%M:%S}" == (clock if clock.count(":") == 2 else f"{clock}:00")
    assert day in (f"{local:%Y-%m-%d}", DAYS[local.weekday()])


@given(st.sampled_from(DAYS), CLOCKS, INSTANTS, ZONES)
def test_a_weekday_means_the_first_such_day_that_is_still_to_come(
    day: str, clock: time, now: datetime, zone: str
) -> None:
    try:
        instant = resolve(f"{day} {clock:%H:%M}", now=now, zone=zone)
    except BadInput as error:
        refused(error, "does not exist")
        return
    assert instant - now <= timedelta(days=7, hours=2)
    assert DAYS[instant.astimezone(ZoneInfo(zone)).weekday()] == day


@given(CLOCKS, INSTANTS)
def test_a_time_alone_is_today_or_tomorrow(clock: time, now: datetime) -> None:
    try:
        instant = resolve(wish(f"{clock:%H:%M}", now=now), now=now, zone=LISBON)
    except BadInput as error:
        refused(error, "does not exist")
        return
    assert timedelta(0) < instant - now <= timedelta(hours=25)


# In Lisbon the clocks go from 01:00 to 02:00 on 28 March 2027 and from 02:00 to 01:00 on 31 October 2027.

SPRING = datetime(2027, 3, 28, tzinfo=UTC)
AUTUMN = datetime(2027, 10, 31, tzinfo=UTC)


def test_a_time_that_does_not_exist_is_refused_with_the_next_one_that_does() -> None:
    with pytest.raises(BadInput, match=r"01:30 does not exist in Lisbon on 28 Mar 2027 .* I'd use 02:00"):
        wish("2027-03-28 01:30", now=SPRING - timedelta(days=2))
    berlin = r"02:30 does not exist in Berlin on 28 Mar 2027 .* I'd use 03:00"
    with pytest.raises(BadInput, match=berlin):
        wish("28 mar 2:30", now=SPRING - timedelta(days=2), zone="Europe/Berlin")
    with pytest.raises(BadInput, match=berlin):
        wish("sun 2:30", now=SPRING - timedelta(days=2), zone="Europe/Berlin")


def test_the_proposed_time_is_taken() -> None:
    assert wish("2027-03-28 02:00", now=SPRING - timedelta(days=2)) == "2027-03-28 02:00"


def test_a_gap_that_is_over_does_not_stand_in_the_way() -> None:
    noon = SPRING + timedelta(hours=12)
    assert wish("01:30", now=noon) == "2027-03-29 01:30"
    assert resolve("sun 01:30", now=noon, zone=LISBON) == datetime(2027, 4, 4, 0, 30, tzinfo=UTC)


def test_a_time_that_comes_twice_means_its_first_coming() -> None:
    assert resolve("2027-10-31 01:30", now=SPRING, zone=LISBON) == AUTUMN + timedelta(minutes=30)


def test_between_the_two_comings_the_first_has_passed() -> None:
    between = AUTUMN + timedelta(minutes=75)  # 01:15 for the second time
    with pytest.raises(BadInput, match="has passed"):
        wish("2027-10-31 01:10", now=between)
    assert wish("01:30", now=between) == "2027-11-01 01:30"


def test_a_day_that_does_not_exist_at_all() -> None:
    """Samoa skipped 30 December 2011 when it crossed the date line."""
    before = datetime(2011, 12, 29, 12, tzinfo=UTC)
    with pytest.raises(BadInput, match="does not exist"):
        wish("2011-12-30 12:00", now=before, zone="Pacific/Apia")


def test_now_is_now() -> None:
    assert resolve(NOW, now=SATURDAY, zone=LISBON) == SATURDAY


def test_instants_are_said_in_the_zone() -> None:
    instant = datetime(2026, 11, 27, 17, 30, 5, tzinfo=UTC)
    assert plain(say(instant, LISBON)) == "Fri 27 Nov 17:30 Lisbon"
    assert plain(say(instant, "America/New_York")) == "Fri 27 Nov 12:30 New York"
    assert plain(say(instant, "Asia/Kolkata", seconds=True)) == "Fri 27 Nov 23:00:05 Kolkata"
    assert plain(say(instant, LISBON, now=instant - timedelta(hours=3))) == "17:30"
    assert plain(say(instant, LISBON, now=instant - timedelta(hours=18))) == "Fri 27 Nov 17:30 Lisbon"
    assert plain(say(instant, LISBON, now=instant - timedelta(days=320))) == "Fri 27 Nov 2026 17:30 Lisbon"
    # in Auckland the day of the instant is another one than in UTC
    assert plain(say(instant, "Pacific/Auckland", now=instant)) == "06:30"
    assert plain(say(instant, "Pacific/Auckland")) == "Sat 28 Nov 06:30 Auckland"
    assert place("America/Argentina/Buenos_Aires") == "Buenos Aires"


@given(INSTANTS, ZONES)
def test_today_is_said_without_its_date_and_only_today(instant: datetime, zone: str) -> None:
    near = instant + timedelta(hours=9)
    same_day = instant.astimezone(ZoneInfo(zone)).date() == near.astimezone(ZoneInfo(zone)).date()
    assert (len(plain(say(instant, zone, now=near))) == 5) == same_day
