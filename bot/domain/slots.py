"""Weekly slots, quiet hours and days off, as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time

from bot.errors import BadInput

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, order=True)
class Slot:
    """A weekly wall-clock time; ``weekday`` 0 is Monday."""

    weekday: int
    time: time


@dataclass(frozen=True, order=True)
class DaysOff:
    """Days on which nothing goes out by itself; both ends belong to it."""

    first: date
    last: date


def parse_slots(texts: Iterable[str]) -> tuple[Slot, ...]:
    """Read ``"mon-fri 09:00"``, ``"sat,sun 11:00"``, ``"daily 18:30"``; sorted, without repeats.

    Raises `BadInput` naming the text that could not be read.
    """
    found: set[Slot] = set()
    for text in texts:
        match = re.fullmatch(r"\s*([a-z,\- ]+?)\s+(\d{1,2}:\d\d)\s*", text.casefold())
        if match is None:
            raise BadInput(f"“{text}” is not a slot; write it like `mon-fri 09:00` or `daily 18:30`.")
        clock = _clock(match[2], text)
        found.update(Slot(day, clock) for day in _days(match[1], text))
    return tuple(sorted(found))


def parse_quiet(text: str) -> tuple[time, time]:
    """Read ``"22:00-07:00"`` into start and end; raises `BadInput` for anything else."""
    match = re.fullmatch(r"\s*(\d{1,2}:\d\d)\s*[-–]\s*(\d{1,2}:\d\d)\s*", text)
    if match is None or match[1] == match[2]:
        raise BadInput(f"“{text}” is not a span of hours; write it like `22:00-07:00`.")
    return _clock(match[1], text), _clock(match[2], text)


def in_quiet(clock: time, quiet: tuple[time, time]) -> bool:
    """Whether a wall time lies in the span, start included, end not; spans may cross midnight."""
    start, end = quiet
    return start <= clock < end if start < end else clock >= start or clock < end


def parse_days_off(text: str) -> DaysOff:
    """Read ``"2027-01-01"`` or ``"2026-12-24..2026-12-26"``; raises `BadInput` for anything else."""
    first, dots, last = text.strip().partition("..")
    try:
        days = [date.fromisoformat(day.strip()) for day in (first, last if dots else first)]
        span = DaysOff(*days)
    except ValueError:
        raise BadInput(f"“{text}” is no day; write `2027-01-01` or `2026-12-24..2026-12-26`.") from None
    if span.last < span.first:
        raise BadInput(f"“{text}” ends before it begins.")
    return span


def parse_spacing(text: str) -> int:
    """Seconds in ``"15m"`` or ``"2h"``, at most a day; raises `BadInput` for anything else."""
    match = re.fullmatch(r"\s*([1-9]\d{0,3})\s*([mh])\s*", text.casefold())
    seconds = int(match[1]) * (60 if match[2] == "m" else 3600) if match else 0
    if not 0 < seconds <= 86_400:
        raise BadInput(f"“{text}” is no distance between posts; write it like `15m` or `2h`, at most 24h.")
    return seconds


def _clock(text: str, whole: str) -> time:
    hour, minute = (int(x) for x in text.split(":"))
    if hour > 23 or minute > 59:
        raise BadInput(f"“{whole}”: {text} is not a time of day.")
    return time(hour, minute)


def _days(text: str, whole: str) -> set[int]:
    if text == "daily":
        return set(range(7))
    days: set[int] = set()
    for part in text.replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        if first[:3] not in DAYS or (dash and last[:3] not in DAYS) or not first:
            raise BadInput(f"“{whole}”: days are mon, tue, wed, thu, fri, sat, sun, mon-fri or daily.")
        start = DAYS.index(first[:3])
        end = DAYS.index(last[:3]) if dash else start
        days.update((start + i) % 7 for i in range((end - start) % 7 + 1))
    return days
