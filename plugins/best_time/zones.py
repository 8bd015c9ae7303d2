"""Wall time: the hour of the week of an instant, and the instants of the hours of a window."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from plugins.best_time.basis import Floats

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
LONGEST = timedelta(days=62)
"""A window longer than this is cut: habits of an hour of the week do not reach further."""

Quiet = tuple[int, int] | tuple[time, time] | str


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """The zone of an IANA name. ValueError where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError):
        raise ValueError(f"{name!r} is not a time zone; write it like 'Europe/Berlin'") from None


def week_hour(instant: datetime, where: ZoneInfo) -> float:
    """The local hour of the week, 0 to 168, from Monday 0:00."""
    local = instant.astimezone(where)
    return local.weekday() * 24 + local.hour + local.minute / 60 + local.second / 3600


def week_hours(instants: Iterable[datetime], where: ZoneInfo) -> Floats:
    """`week_hour` of many."""
    return np.fromiter((week_hour(instant, where) for instant in instants), dtype=np.float64)


def moved(week: Floats, source: str, target: str, now: datetime) -> Floats:
    """168 values by the hours of one zone, by the hours of another, as their clocks differ at ``now``."""
    if source == target:
        return week
    ahead = now.astimezone(zone(target)).utcoffset() or timedelta()
    behind = now.astimezone(zone(source)).utcoffset() or timedelta()
    return np.roll(week, round((ahead - behind) / HOUR))


@dataclass(frozen=True, slots=True)
class Start:
    """An hour that could be advised: its first usable minute in UTC and as wall time (without a zone), and
    how many minutes of it may be used."""

    at: datetime
    wall: datetime
    minutes: int


def starts(
    window: tuple[datetime, datetime], now: datetime, where: ZoneInfo, quiet: Sequence[Quiet]
) -> list[Start]:
    """Every wall-clock hour of the window that is still to come and not quiet. An hour that the clocks skip
    is not there, one that they repeat is there once. ``at`` is the first usable minute of it."""
    first = max(window[0].astimezone(UTC), now.astimezone(UTC) + MINUTE)
    first += timedelta(microseconds=-(first.microsecond + first.second * 1_000_000) % 60_000_000)
    last = min(window[1].astimezone(UTC), first + LONGEST)
    silent = silences(quiet)
    found: list[Start] = []
    day = first.astimezone(where).replace(hour=0, minute=0, tzinfo=None, fold=0)
    end = last.astimezone(where).replace(tzinfo=None)
    while day <= end:
        shift = day.replace(tzinfo=where).utcoffset()
        steady = shift == (day + DAY).replace(tzinfo=where).utcoffset() and shift is not None
        for hour in range(24):
            wall = day + hour * HOUR
            if steady and shift is not None:
                whole = (wall - shift).replace(tzinfo=UTC)
            else:
                whole = wall.replace(tzinfo=where).astimezone(UTC)
                if whole.astimezone(where).replace(tzinfo=None, fold=0) != wall:
                    continue
            minutes = _usable(whole, wall.hour * 60, first, last, silent)
            if minutes:
                found.append(
                    Start(whole + minutes.start * MINUTE, wall + minutes.start * MINUTE, len(minutes))
                )
        day += DAY
    return found


def _usable(
    whole: datetime, base: int, first: datetime, last: datetime, silent: Sequence[tuple[int, int]]
) -> range:
    """The usable minutes of the hour from ``whole`` on that come first, as one piece; ``base`` is its
    minute of the day."""
    begin = 0 if whole >= first else int((first - whole) / MINUTE)
    stop = 60 if last - whole >= HOUR else int((last - whole) / MINUTE)
    while begin < stop and _inside(base + begin, silent):
        begin += 1
    if not silent:
        return range(begin, stop)
    return range(begin, next((m for m in range(begin, stop) if _inside(base + m, silent)), stop))


def _inside(minute: int, silent: Sequence[tuple[int, int]]) -> bool:
    """Whether a minute of the day lies in one of the spans."""
    return any(a <= minute < b if a < b else minute >= a or minute < b for a, b in silent)


def silences(quiet: Sequence[Quiet]) -> tuple[tuple[int, int], ...]:
    """Spans of a day in minutes. A span may be minutes (1320, 420), hours (22, 7), wall times or
    "22:00-07:00"; numbers up to 24 are hours. ValueError where it is none of these."""
    if isinstance(quiet, str):
        quiet = (quiet,)
    return tuple(span for span in map(_span, quiet) if span[0] != span[1])


def _span(one: Quiet) -> tuple[int, int]:
    """One span in minutes of the day."""
    wrong = ValueError(f"quiet hours are like (1320, 420) or '22:00-07:00', not {one!r}")
    try:
        pair = [time.fromisoformat(end.strip()) for end in one.split("-")] if isinstance(one, str) else [*one]
        a, b = (end.hour * 60 + end.minute if isinstance(end, time) else int(end) for end in pair)
    except (TypeError, ValueError):
        raise wrong from None
    if isinstance(pair[0], int) and max(a, b) <= 24:
        a, b = a * 60, b * 60
    if not (0 <= a <= 1440 and 0 <= b <= 1440):
        raise wrong
    return a % 1440, b if b == 1440 else b % 1440


def hour_index(starting: Iterable[Start], tz: str, scored: str) -> list[int]:
    """Which of the 168 hours of the zone that is ``scored`` each start lies in; its walls are of ``tz``."""
    if tz == scored:
        return [one.wall.weekday() * 24 + one.wall.hour for one in starting]
    where = zone(scored)
    return [int(week_hour(one.at, where)) for one in starting]
