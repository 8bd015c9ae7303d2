"""What an account's posts gained on each of a brand's days, from their series. Pure.

A gain of a day is what was there at its end less what was there at its beginning; between two readings
the straight line counts. Days that lie behind the last reading are not told. Counters may fall, so a gain may
be negative.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.reckoning import Course
from bot.domain.sampling import day_end


def gains(courses: Iterable[Course], zone: str) -> Mapping[date, float]:
    """Gains by local day, of all these posts together."""
    found: defaultdict[date, float] = defaultdict(float)
    where = ZoneInfo(zone)
    for course in courses:
        if not course.at:
            continue
        last, at, before = course.at[-1], course.out_at.astimezone(UTC), 0.0
        while at < last:
            end = min(day_end(at, zone), last)
            now = course.value_at(end)
            if now is not None:
                found[_day(at, where)] += now - before
                before = now
            at = end
    return dict(sorted(found.items()))


def _day(at: datetime, where: ZoneInfo) -> date:
    """The local day that an instant lies in; at its very beginning the one that begins."""
    return (at + timedelta(microseconds=1)).astimezone(where).date()
