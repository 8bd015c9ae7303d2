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
SPRING = datetime(2027, 3, 28, tzinfo=UTC)
AUTUMN = datetime(2027, 10, 31, tzinfo=UTC)
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
SLOTS = st.lists(st.builds(Slot, st.integers(0, 6), CLOCKS), min_size=1, max_size=6, unique=True).map(
    lambda found: tuple(sorted(found))
)
QUIET = st.one_of(
    st.just(""),
    st.tuples(CLOCKS, CLOCKS)
    .filter(lambda two: two[0] != two[1])
    .map(lambda t: f"{t[0]:%H:%M}-{t[1]:%H:%M}"),
)


def slot(
    now: datetime,
    slots: tuple[Slot, ...],
    *,
    zone: str = LISBON,
    quiet: str = "",
    taken: Iterable[datetime] = (),
) -> datetime:
    """The next free slot of an otherwise plain calendar."""
    calendar = Calendar(zone=zone, slots=slots, quiet=parse_quiet(quiet) if quiet else None)
    return calendar.next_slot(now, sorted(taken)).due


@given(SLOTS, QUIET, INSTANTS, ZONES)
def test_slots_are_taken_one_after_the_other_outside_quiet_hours(
    slots: tuple[Slot, ...], quiet: str, now: datetime, zone: str
) -> None:
    taken: list[datetime] = []
    for _ in range(4):
        try:
            found = slot(now, slots, zone=zone, quiet=quiet, taken=taken)
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
    spring = slot(SPRING - timedelta(hours=1), slots)
    assert spring == SPRING + timedelta(hours=1)  # 02:00 summer time
    autumn = slot(AUTUMN - timedelta(hours=2), slots)
    assert autumn == AUTUMN + timedelta(minutes=30)
    after = slot(autumn, slots)
    assert after == datetime(2027, 11, 7, 1, 30, tzinfo=UTC)


def test_a_slot_that_the_gap_pushes_into_quiet_hours_is_passed_over() -> None:
    found = slot(SPRING - timedelta(hours=1), parse_slots(["sun 01:30"]), quiet="02:00-07:00")
    assert found == datetime(2027, 4, 4, 0, 30, tzinfo=UTC)


def test_a_slot_keeps_its_wall_time_over_both_changes() -> None:
    slots, now = parse_slots(["thu 17:30"]), datetime(2026, 11, 21, tzinfo=UTC)
    walls = set()
    for _ in range(52):
        now = slot(now, slots)
        walls.add((now.astimezone(ZoneInfo(LISBON)).weekday(), f"{now.astimezone(ZoneInfo(LISBON)):%H:%M}"))
    assert walls == {(3, "17:30")}


def test_a_slot_within_five_minutes_of_another_post_is_taken() -> None:
    slots = parse_slots(["daily 10:00"])
    first = slot(SATURDAY, slots)
    near = slot(SATURDAY, slots, taken=[first + timedelta(minutes=4)])
    free = slot(SATURDAY, slots, taken=[first + timedelta(minutes=5)])
    assert (near - first, free - first) == (timedelta(days=1), timedelta(0))


def test_without_slots_or_with_all_of_them_taken_there_is_a_sentence() -> None:
    with pytest.raises(BadInput, match="has no slots"):
        slot(SATURDAY, ())
    busy = [SATURDAY + timedelta(days=n, hours=1) for n in range(70)]
    with pytest.raises(BadInput, match="next 60 days is taken"):
        slot(SATURDAY, parse_slots(["daily 10:00"]), zone="UTC", taken=busy)


def lisbon(text: str) -> datetime:
    return instant_of(datetime.fromisoformat(text), LISBON)


WORKWEEK = Calendar(
    zone=LISBON,
    slots=parse_slots(["mon-fri 09:00", "mon-fri 17:30"]),
    quiet=parse_quiet("22:00-07:00"),
    days_off=(parse_days_off("2026-12-24..2026-12-26"), parse_days_off("2027-01-01")),
    spacing=timedelta(minutes=15),
    burst=3,
)


def test_an_occurrence_on_a_day_off_is_skipped_and_one_in_quiet_hours_waits_for_their_end() -> None:
    assert WORKWEEK.occurrence(datetime(2026, 12, 25, 17, 30), []) is None  # noqa: DTZ001 - wall time
    assert WORKWEEK.occurrence(datetime(2026, 12, 22, 23, 0), []) == lisbon("2026-12-23 07:00")  # noqa: DTZ001
    assert WORKWEEK.occurrence(datetime(2026, 12, 22, 3, 0), []) == lisbon("2026-12-22 07:00")  # noqa: DTZ001
    eve = datetime(2026, 12, 23, 23, 0)  # noqa: DTZ001
    assert WORKWEEK.occurrence(eve, []) is None, "the quiet hours end on a day off"


def test_what_has_no_room_moves_to_where_it_has() -> None:
    ten = lisbon("2026-11-24 10:00")
    minutes = [ten + timedelta(minutes=m) for m in (0, 15, 30)]
    assert WORKWEEK.spread(ten, [ten - timedelta(minutes=14)]) == ten + timedelta(minutes=1)
    assert WORKWEEK.spread(ten, minutes[:2]) == minutes[2]
    assert WORKWEEK.spread(ten, minutes) == ten + timedelta(hours=1), "a fourth within the hour is too many"
    late = lisbon("2026-12-23 21:50")
    assert WORKWEEK.spread(late, [late]) == lisbon("2026-12-27 07:00"), "quiet hours, then three days off"


def test_a_slot_that_would_make_a_burst_or_is_on_a_day_off_is_passed_over() -> None:
    monday = lisbon("2026-11-23 09:00")
    crowd = [monday - timedelta(minutes=m) for m in (50, 35, 20)]
    assert WORKWEEK.next_slot(SATURDAY, sorted(crowd)).due == lisbon("2026-11-23 17:30")
    after = lisbon("2026-12-23 18:00")
    assert WORKWEEK.next_slot(after, []).due == lisbon("2026-12-28 09:00")


def test_a_time_somebody_names_is_only_warned_about() -> None:
    due = lisbon("2026-12-25 23:00")
    near = due - timedelta(minutes=10)
    assert WORKWEEK.warnings(due, [near]) == (
        "2026-12-25 is a day off",
        "23:00 is in the quiet hours (22:00-07:00)",
        "another post is at 22:50, within 15 minutes",
    )
    crowd = [due + timedelta(minutes=m) for m in (15, 30, 45)]
    assert WORKWEEK.warnings(due, crowd)[-1] == "that makes more than 3 posts within an hour"
    assert WORKWEEK.warnings(lisbon("2026-12-22 12:00"), [due]) == ()


SPACINGS = st.sampled_from([0, 5, 15, 45, 90])


@given(SLOTS, QUIET, INSTANTS, ZONES, SPACINGS, st.integers(0, 4), st.integers(0, 20), st.data())
def test_whatever_is_placed_breaks_no_rule_and_is_as_early_as_can_be(
    slots: tuple[Slot, ...],
    quiet: str,
    start: datetime,
    zone: str,
    spacing: int,
    burst: int,
    off: int,
    data: st.DataObject,
) -> None:
    first = wall_at(start, zone).date() + timedelta(days=off)
    calendar = Calendar(
        zone=zone,
        slots=slots,
        quiet=parse_quiet(quiet) if quiet else None,
        days_off=(DaysOff(first, first + timedelta(days=1)),),
        spacing=timedelta(minutes=spacing),
        burst=burst,
    )
    start = start.replace(second=0, microsecond=0)
    taken: list[datetime] = []
    for _ in range(8):
        begin = start + timedelta(minutes=data.draw(st.integers(0, 600)))
        due = calendar.spread(begin, taken)
        assert due >= begin
        assert allowed(calendar, due, taken)
        for minutes in range(0, min(240, int((due - begin).total_seconds() // 60))):
            assert not allowed(calendar, begin + timedelta(minutes=minutes), taken)
        insort(taken, due)


def allowed(calendar: Calendar, due: datetime, taken: list[datetime]) -> bool:
    """The rules once more, the slow way."""
    wall = due.astimezone(ZoneInfo(calendar.zone))
    if any(d.first <= wall.date() <= d.last for d in calendar.days_off):
        return False
    if calendar.quiet is not None and in_quiet(wall.time(), calendar.quiet):
        return False
    if any(abs(due - other) < calendar.spacing for other in taken):
        return False
    every = [*taken, due]
    hours = [sum(at <= other < at + timedelta(hours=1) for other in every) for at in every]
    own = [
        at
        for at, count in zip(every, hours, strict=True)
        if count > calendar.burst and at <= due < at + timedelta(hours=1)
    ]
    return not (calendar.burst and own)


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "2026-12-24-2026-12-26", "2026-12-26..2026-12-24", "2026-02-30"]
)
def test_days_off_that_are_none(text: str) -> None:
    with pytest.raises(BadInput, match=r"is no day|ends before it begins"):
        parse_days_off(text)


@pytest.mark.parametrize("text", ["", "15", "0m", "25h", "-5m", "soon"])
def test_a_spacing_that_is_none(text: str) -> None:
    with pytest.raises(BadInput, match="write it like `15m`"):
        parse_spacing(text)


def test_days_off_and_spacing_as_people_write_them() -> None:
    assert parse_days_off(" 2026-12-24 .. 2026-12-26 ") == DaysOff(date(2026, 12, 24), date(2026, 12, 26))
    assert parse_days_off("2027-01-01") == DaysOff(date(2027, 1, 1), date(2027, 1, 1))
    assert (parse_spacing("15m"), parse_spacing("2h")) == (900, 7200)
    assert WORKWEEK.slots[0] == Slot(0, time(9))
