"""A brand's calendar: slots, quiet hours, days off, spacing and bursts, over both nights of the clocks."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar import Calendar
from bot.domain.slots import DaysOff, Slot, in_quiet, parse_days_off, parse_quiet, parse_slots, parse_spacing
from bot.domain.when import instant_of, wall_at
from bot.errors import BadInput

LISBON = "Europe/Lisbon"
SATURDAY = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SPRING = datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
AUTUMN = datetime(2027, 10, 31, 1, 0, tzinfo=UTC)
ZONES = st.sampled_from(
    [LISBON, "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]
)
INSTANTS = st.timedeltas(timedelta(0), timedelta(days=730)).map(
    lambda t: datetime(2026, 1, 1, tzinfo=UTC) + t
)
SLOTS = st.lists(st.builds(Slot, st.integers(0, 6), CLOCKS), min_size=1, max_size=6, unique=True).map(
    lambda found: tuple(sorted(found))
)
QUIET = st.one_of(
    st.just(""),
    st.tuples(CLOCKS, CLOCKS)
    .filter(lambda two: two[0] != two[1])
    .map(lambda t: f"{t[0]:%H:%M}-{t[1]:%H:%M}"),
)


@given(SLOTS, QUIET, INSTANTS, ZONES)
def test_slots_are_taken_one_after_the_other_outside_quiet_hours(
    slots: tuple[Slot, ...], quiet: str, now: datetime, zone: str
) -> None:
    taken: list[datetime] = []
    for _ in range(4):
        try:
            found = resolve(NEXT_SLOT, now=now, zone=zone, slots=slots, quiet=quiet, taken=taken)
        except BadInput:
            quiet_span = parse_quiet(quiet)
            assert all(in_quiet(s.time, quiet_span) for s in slots)
            return
        local = found.astimezone(ZoneInfo(zone))
        assert found > max([now, *taken])
        assert found.tzinfo is UTC
        assert not (quiet and in_quiet(local.time(), parse_quiet(quiet)))
        wall = Slot(local.weekday(), local.time())
        naive = local.replace(tzinfo=None)
        gap = any(
            (naive - timedelta(minutes=m)).time() == s.time and s.weekday == local.weekday()
            for s in slots
            for m in range(1, 121)
        )
        assert wall in slots or gap
        taken.append(found)


def test_a_slot_in_the_gap_moves_behind_it_and_one_that_comes_twice_comes_once() -> None:
    slots = parse_slots(["sun 01:30"])
    spring = resolve(NEXT_SLOT, now=SPRING - timedelta(hours=1), zone=LISBON, slots=slots)
    assert spring == SPRING + timedelta(hours=1)  # 02:00 summer time
    autumn = resolve(NEXT_SLOT, now=AUTUMN - timedelta(hours=2), zone=LISBON, slots=slots)
    assert autumn == AUTUMN + timedelta(minutes=30)
    after = resolve(NEXT_SLOT, now=autumn, zone=LISBON, slots=slots)
    assert after == datetime(2027, 11, 7, 1, 30, tzinfo=UTC)


def test_a_slot_that_the_gap_pushes_into_quiet_hours_is_passed_over() -> None:
    found = resolve(
        NEXT_SLOT,
        now=SPRING - timedelta(hours=1),
        zone=LISBON,
        slots=parse_slots(["sun 01:30"]),
        quiet="02:00-07:00",
    )
    assert found == datetime(2027, 4, 4, 0, 30, tzinfo=UTC)


def test_a_slot_keeps_its_wall_time_over_both_changes() -> None:
    slots, now = parse_slots(["thu 17:30"]), datetime(2026, 11, 21, tzinfo=UTC)
    walls = set()
    for _ in range(52):
        now = resolve(NEXT_SLOT, now=now, zone=LISBON, slots=slots)
        walls.add((now.astimezone(ZoneInfo(LISBON)).weekday(), f"{now.astimezone(ZoneInfo(LISBON)):%H:%M}"))
    assert walls == {(3, "17:30")}


def test_a_slot_within_five_minutes_of_another_post_is_taken() -> None:
    slots = parse_slots(["daily 10:00"])
    first = resolve(NEXT_SLOT, now=SATURDAY, zone=LISBON, slots=slots)
    near = resolve(NEXT_SLOT, now=SATURDAY, zone=LISBON, slots=slots, taken=[first + timedelta(minutes=4)])
    free = resolve(NEXT_SLOT, now=SATURDAY, zone=LISBON, slots=slots, taken=[first + timedelta(minutes=5)])
    assert (near - first, free - first) == (timedelta(days=1), timedelta(0))


def test_without_slots_or_with_all_of_them_taken_there_is_a_sentence() -> None:
    with pytest.raises(BadInput, match="has no slots"):
        resolve(NEXT_SLOT, now=SATURDAY, zone=LISBON)
    busy = [SATURDAY + timedelta(days=n, hours=1) for n in range(70)]
    with pytest.raises(BadInput, match="next 60 days is taken"):
        resolve(NEXT_SLOT, now=SATURDAY, zone="UTC", slots=parse_slots(["daily 10:00"]), taken=busy)


