"""``audience = { … }``: when the people are there that posts are for, of a brand or of one account."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from bot.domain.outcomes import Audience
from bot.domain.slots import DAYS
from bot.domain.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.config.table import Table
    from bot.domain.people import Brand
    from bot.domain.post import Json

SPAN = re.compile(r"(\d{1,2})(?:-(\d{1,2}))?")
FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOURS = 'is 24 or 168 shares like [0, 0, 1, …] from midnight (of Monday) on, or hours like ["7-9", "18"]'


def read_audience(table: Table, timezone: str) -> Audience | None:
    """What the table says; None where there is none. ``timezone`` is where the audience is taken to be
    when the table does not say."""
    if not table.rest():
        return None
    zone = table.take("tz", str, timezone)
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        hint = did_you_mean(zone, available_timezones()) or ' (like "Europe/Berlin")'
        table.wrong("tz", f"{zone!r} is not an IANA time zone{hint}")
        zone = timezone
    found = Audience(tz=zone, hours=_hours(table), peak_days=_days(table))
    table.finish()
    return found


def _hours(table: Table) -> tuple[float, ...] | None:
    given = table.raw("hours")
    if given is None:
        return None
    if isinstance(given, list) and given and all(isinstance(one, str) for one in given):
        return _active(table, given)
    if not isinstance(given, list) or len(given) not in (24, 168) or not all(map(_share, given)):
        table.wrong("hours", HOURS)
        return None
    if not any(given):
        table.wrong("hours", "says that nobody is ever there; leave it out if that is not known")
        return None
    return tuple(float(one) for one in given)


def _share(value: Json) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and value >= 0


def _active(table: Table, spans: Sequence[str]) -> tuple[float, ...] | None:
    """Hours of the day at which people are there: ``"18-22"`` is from 18:00 until 22:00."""
    active = [0.0] * 24
    for text in spans:
        match = SPAN.fullmatch(text.strip())
        first = int(match[1]) if match else 24
        last = int(match[2] or first + 1) if match else 25
        if first > 23 or last > 24 or first == last:
            table.wrong("hours", f'{text!r} is no span of hours; write it like "7-9" or "18"')
            return None
        for step in range((last - first) % 24 or 24):
            active[(first + step) % 24] = 1.0
    return tuple(active)


def _days(table: Table) -> tuple[int, ...]:
    """Days by name, or by number with 0 for Monday."""
    given = table.raw("peak_days")
    if given is None:
        return ()
    found: list[int] = []
    for one in given if isinstance(given, list) else [None]:
        day = _day(one)
        if day is None:
            table.wrong("peak_days", 'is a list of days like ["tue", "thu"]; numbers count from 0, Monday')
            return ()
        found.append(day)
    return tuple(dict.fromkeys(found))


def _day(value: Json) -> int | None:
    if type(value) is int and 0 <= value <= 6:
        return int(value)
    if isinstance(value, str):
        word = value.strip().casefold()
        if word in DAYS:
            return DAYS.index(word)
        if word in FULL:
            return FULL.index(word)
    return None


def with_audiences(brands: Sequence[Brand], own: Mapping[tuple[str, str], Audience]) -> tuple[Brand, ...]:
    """The brands, told which accounts have an audience of their own; (brand, account) → audience."""
    return tuple(
        replace(brand, audiences={account: a for (name, account), a in own.items() if name == brand.name})
        for brand in brands
    )
