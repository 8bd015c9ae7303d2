"""Weeks and months of a zone: which one, from when to when, and when its report is due. Pure.

Weeks are those of ISO 8601: they begin on Monday, and belong to the year of their Thursday. A day is from
midnight to midnight by the zone's clocks, so a week in which they change has 167 or 169 hours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.domain.when import MONTHS, instant_of, wall_at
from bot.errors import BadInput

WEEK, MONTH = "week", "month"


@dataclass(frozen=True, kw_only=True)
class Period:
    """``first`` is its first day, ``after`` the first that is not in it. ``kind``: `WEEK` or `MONTH`."""

    kind: str
    first: date
    after: date

    @property
    def name(self) -> str:
        """ "2026-W47", "2026-11"."""
        if self.kind == MONTH:
            return f"{self.first:%Y-%m}"
        year, week, _ = self.first.isocalendar()
        return f"{year}-W{week:02}"

    @property
    def title(self) -> str:
        """As people say it: "Week 47", "November 2026"."""
        if self.kind == MONTH:
            return f"{self.first:%B %Y}"
        return f"Week {self.first.isocalendar().week}"

    @property
    def short(self) -> str:
        """Below a bar: "W47", "Nov"."""
        if self.kind == MONTH:
            return MONTHS[self.first.month - 1].title()
        return f"W{self.first.isocalendar().week:02}"

    @property
    def days(self) -> int:
        return (self.after - self.first).days

    def bounds(self, zone: str) -> tuple[datetime, datetime]:
        """From when (included) to when (not), aware UTC."""
        return instant_of(_midnight(self.first), zone), instant_of(_midnight(self.after), zone)

    def back(self, steps: int = 1) -> Period:
        """The period so many before it."""
        found = self
        for _ in range(steps):
            found = period_of(found.kind, found.first - timedelta(days=1))
        return found


@dataclass(frozen=True, kw_only=True)
class ReportTimes:
    """When a brand is told what a period came to. ``weekday``: 0 is Monday, for weeks; months are told on
    their 1st. ``clock``: wall time. What is not wanted is told only when somebody asks."""

    weekday: int = 0
    clock: time = time(9)
    weekly: bool = True
    monthly: bool = True


def period_of(kind: str, day: date) -> Period:
    """The week or month that a day lies in."""
    if kind == MONTH:
        first = day.replace(day=1)
        return Period(kind=MONTH, first=first, after=(first + timedelta(days=32)).replace(day=1))
    first = day - timedelta(days=day.weekday())
    return Period(kind=WEEK, first=first, after=first + timedelta(days=7))


def last_over(kind: str, now: datetime, zone: str) -> Period:
    """The last one that has ended."""
    return period_of(kind, wall_at(now, zone).date()).back()


def parse_period(text: str, kind: str, *, now: datetime, zone: str) -> Period:
    """``2026-W46``, ``W46``, ``2026-11``, ``last``, ``this``; raises `BadInput` with the way out."""
    word = text.strip().upper()
    today = wall_at(now, zone).date()
    if word in ("", "LAST"):
        return last_over(kind, now, zone)
    if word == "THIS":
        return period_of(kind, today)
    try:
        if match := re.fullmatch(r"(?:(\d{4})-?)?W(\d{1,2})", word):
            year = int(match[1] or today.isocalendar().year)
            found = period_of(WEEK, date.fromisocalendar(year, int(match[2]), 1))
        elif match := re.fullmatch(r"(\d{4})-(\d{1,2})", word):
            found = period_of(MONTH, date(int(match[1]), int(match[2]), 1))
        else:
            raise BadInput(f"“{text}” is no week or month. Write 2026-W46, W46, 2026-11, last or this.")
    except ValueError:
        raise BadInput(f"“{text}”: there is no such week or month.") from None
    if found.first > today:
        raise BadInput(f"{found.title} has not begun yet.")
    return found


def due_at(period: Period, times: ReportTimes, zone: str) -> datetime:
    """When the report about a period is made: on its weekday in the week after, or on the 1st."""
    day = period.after + timedelta(days=times.weekday if period.kind == WEEK else 0)
    return instant_of(datetime.combine(day, times.clock), zone)


def due_period(kind: str, times: ReportTimes, now: datetime, zone: str) -> Period:
    """The newest period whose report is due by ``now``, however long ago that was."""
    period = last_over(kind, now, zone)
    return period if due_at(period, times, zone) <= now else period.back()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())
