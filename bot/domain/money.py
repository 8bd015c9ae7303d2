"""What publishing costs and what may be spent on it. Pure; amounts are whole micro-dollars."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bot.errors import BadInput

DOLLAR = 1_000_000
"""Micro-dollars."""

WARN_PERCENT = 80
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
AMOUNT = re.compile(r"\$ ?(\d{1,9}(?:\.\d{1,6})?)|(\d{1,9}(?:\.\d{1,6})?) ?(?:USD|usd|\$)")
PERIODS = ("day", "week", "month")


@dataclass(frozen=True, kw_only=True)
class Price:
    """What one part costs: ``micros`` millionths of a US dollar, a dated fact with its source."""

    micros: int
    as_of: date
    source: str


@dataclass(frozen=True, kw_only=True)
class Budget:
    """At most ``limit`` micro-dollars per ``"day"``, ``"week"`` (from Monday) or ``"month"``, in UTC."""

    limit: int
    per: str = "month"


@dataclass(frozen=True, kw_only=True)
class Period:
    """A span of days: from ``first`` up to, without, ``after``; ``label`` is read after "for"."""

    first: datetime
    after: datetime
    label: str


def parse_dollars(text: str) -> int:
    """Micro-dollars in ``"20 USD"``, ``"$20"`` or ``"0.5 USD"``; raises `BadInput`."""
    match = AMOUNT.fullmatch(text.strip())
    if match is None:
        raise BadInput(f'{text!r} is not an amount; write it like "20 USD" (prices are in US dollars)')
    whole, _, rest = (match[1] or match[2]).partition(".")
    return int(whole) * DOLLAR + int(rest.ljust(6, "0") or 0)


def dollars(micros: int) -> str:
    """ "$1.20"; a third digit and more only where it says something."""
    sign, micros = ("-", -micros) if micros < 0 else ("", micros)
    cents = f"{micros % DOLLAR:06}".rstrip("0").ljust(2, "0")
    return f"{sign}${micros // DOLLAR:,}.{cents}"


def period_of(per: str, now: datetime) -> Period:
    """The period that ``now`` lies in."""
    today = day_of(now)
    match per:
        case "day":
            return Period(first=today, after=today + timedelta(days=1), label="today")
        case "week":
            monday = today - timedelta(days=today.weekday())
            return Period(first=monday, after=monday + timedelta(days=7), label="this week")
        case _:
            first = today.replace(day=1)
            label = MONTHS[first.month - 1]
            return Period(first=first, after=(first + timedelta(days=32)).replace(day=1), label=label)


def day_of(now: datetime) -> datetime:
    """Midnight UTC of the day."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def warns(before: int, after: int, limit: int) -> bool:
    """Whether this step crossed the line at which people are warned."""
    line = limit * WARN_PERCENT
    return before * 100 < line <= after * 100
