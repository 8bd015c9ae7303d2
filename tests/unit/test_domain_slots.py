"""Weekly slots and quiet hours as people write them."""

from __future__ import annotations

from contextlib import suppress
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.slots import DAYS, Slot, in_quiet, parse_quiet, parse_slots
from bot.errors import BadInput

CLOCKS = st.times().map(lambda t: t.replace(second=0, microsecond=0))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri 09:00", "01234"),
        ("sat,sun 9:00", "56"),
        ("daily 09:00", "0123456"),
        ("Monday 09:00", "0"),
        ("fri-mon 09:00", "4560"),
        ("mon, wed-thu 09:00", "023"),
    ],
)
def test_days_are_read(text: str, days: str) -> None:
    assert parse_slots([text]) == tuple(Slot(int(d), time(9)) for d in sorted(days))


def test_slots_are_sorted_and_not_repeated() -> None:
    found = parse_slots(["daily 18:30", "mon 18:30", "mon 09:00"])
    assert found[:2] == (Slot(0, time(9)), Slot(0, time(18, 30)))
    assert len(found) == 8


@pytest.mark.parametrize(
    "text", ["", "mon", "09:00", "someday 09:00", "mon 25:00", "mon 09:60", "mon- 09:00", "- 9:00"]
)
def test_other_words_are_refused_by_name(text: str) -> None:
    with pytest.raises(BadInput, match="“"):
        parse_slots([text])


@given(st.text(max_size=20))
def test_no_text_breaks_the_reading(text: str) -> None:
    for read in (lambda: parse_slots([text]), lambda: parse_quiet(text)):
        with suppress(BadInput):
            read()


@given(st.integers(0, 6), CLOCKS)
def test_a_slot_reads_as_it_is_written(day: int, clock: time) -> None:
    assert parse_slots([f"{DAYS[day]} {clock:%H:%M}"]) == (Slot(day, clock),)


@pytest.mark.parametrize("text", ["22:00", "22:00-22:00", "24:00-07:00", "ten-eleven", ""])
def test_a_span_needs_two_different_times(text: str) -> None:
    with pytest.raises(BadInput, match="“"):
        parse_quiet(text)


@given(CLOCKS, CLOCKS, CLOCKS)
def test_quiet_and_loud_share_the_day(start: time, end: time, clock: time) -> None:
    if start == end:
        return
    assert in_quiet(start, (start, end))
    assert not in_quiet(end, (start, end))
    assert in_quiet(clock, (start, end)) != in_quiet(clock, (end, start))


def test_a_night_crosses_midnight() -> None:
    night = parse_quiet("22:00-07:00")
    assert [h for h in range(24) if in_quiet(time(h), night)] == [0, 1, 2, 3, 4, 5, 6, 22, 23]
