"""The words in which people say how often, and the recurrence rules of RFC 5545 they stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from types import MappingProxyType

from dateutil.rrule import rrulestr

from bot.domain.when import DAYS, MONTHS
from bot.errors import BadInput

CODES: Mapping[str, str] = MappingProxyType({day: day[:2].upper() for day in DAYS})
ORDINALS: Mapping[str, int] = MappingProxyType(
    {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1}
    | {f"{n}{end}": n for n, end in ((1, "st"), (2, "nd"), (3, "rd"), (4, "th"), (5, "th"))}
)
SPOKEN: Mapping[int, str] = MappingProxyType(
    {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}
)
WORKDAYS = DAYS[:5]
NUMBER = r"(?:(\d{1,3}) |(other|second) )?"
KEYS = frozenset(
    {"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "BYYEARDAY", "BYWEEKNO", "WKST"}
)
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
HINT = "Write it like `every fri`, `every 2 weeks on mon,thu`, `every month on the 1st` or `every last fri`."


@dataclass(frozen=True, kw_only=True)
class Raw:
    """A rule given as RFC 5545 writes it, taken apart."""

    pattern: str
    rrule: str
    clock: time | None = None
    until: date | None = None
    times: int | None = None


def read_pattern(words: str, whole: str) -> tuple[str, str]:
    """The pattern in its normal form, and as an RRULE; raises `BadInput`."""
    words = {"daily": "every day"}.get(words, words)
    match = re.fullmatch(r"every (.+)", words)
    if match is None:
        raise BadInput(f"I could not read how often in “{whole}”. {HINT}")
    rest = match[1].removesuffix(" of the month").removesuffix(" of every month").strip()
    if found := re.fullmatch(rf"{NUMBER}days?", rest):
        count = _count(found[1], found[2], whole)
        return _every(count, "day"), _rule("DAILY", count)
    if rest in ("weekday", "weekdays", "workday", "working day"):
        return "every weekday", _rule("WEEKLY", 1, f"BYDAY={','.join(CODES[d] for d in WORKDAYS)}")
    if found := re.fullmatch(rf"{NUMBER}weeks? on (.+)", rest):
        count, days = _count(found[1], found[2], whole), _days(found[3], whole)
        listed = ",".join(days)
        pattern = f"every {count} weeks on {listed}" if count > 1 else _weekly(days)
        return pattern, _rule("WEEKLY", count, f"BYDAY={','.join(CODES[d] for d in days)}")
    if re.fullmatch(rf"{NUMBER}(weeks?|months?|years?)", rest):
        raise BadInput(f"“{whole}”: on which day? {HINT}")
    if found := re.fullmatch(rf"{NUMBER}months? on (?:the )?(.+)", rest):
        return _monthly(_count(found[1], found[2], whole), found[3], whole)
    if found := re.fullmatch(rf"{NUMBER}years? on (\d{{1,2}}\.? [a-z]+|[a-z]+ \d{{1,2}})", rest):
        return _yearly(_count(found[1], found[2], whole), found[3], whole)
    if re.fullmatch(r"(first|second|third|fourth|fifth|last|\d{1,2}[a-z]{2})( [a-z]+)?", rest):
        return _monthly(1, rest, whole)
    days = _days(rest, whole)
    return _weekly(days), _rule("WEEKLY", 1, f"BYDAY={','.join(CODES[d] for d in days)}")


def read_raw(text: str, whole: str) -> Raw:
    """``FREQ=…;…`` with its time of day and its end taken out; raises `BadInput`."""
    parts: dict[str, str] = {}
    for item in text.upper().strip(";").split(";"):
        key, sign, value = item.partition("=")
        if not sign or not value or key in parts:
            raise BadInput(
                f"“{whole}”: {item or 'nothing'} is no part of a rule; they look like FREQ=WEEKLY."
            )
        parts[key] = value
    hour, minute = parts.pop("BYHOUR", None), parts.pop("BYMINUTE", "0")
    count, until = parts.pop("COUNT", None), parts.pop("UNTIL", None)
    if parts.get("FREQ") not in FREQUENCIES:
        raise BadInput(f"“{whole}”: FREQ is DAILY, WEEKLY, MONTHLY or YEARLY; nothing goes out more often.")
    if unknown := sorted(parts.keys() - KEYS):
        raise BadInput(f"“{whole}”: I do not know {unknown[0]}. A time of day is BYHOUR and BYMINUTE.")
    rule = ";".join(f"{key}={value}" for key, value in parts.items())
    try:
        rrulestr(rule, dtstart=datetime(2026, 1, 1))  # noqa: DTZ001 - rules live in wall time
        clock = time(int(hour), int(minute)) if hour is not None else None
        last = date.fromisoformat(until[:8]) if until is not None else None
        times = int(count) if count is not None else None
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        raise BadInput(f"“{whole}” is not a rule as calendars write them (RFC 5545).") from None
    if int(parts.get("INTERVAL", "1")) < 1:
        raise BadInput(f"“{whole}”: INTERVAL is at least 1.")
    return Raw(pattern=f"RRULE:{rule}", rrule=rule, clock=clock, until=last, times=times)


def _rule(freq: str, interval: int, *more: str) -> str:
    return ";".join([f"FREQ={freq}", *([f"INTERVAL={interval}"] if interval > 1 else []), *more])


def _every(count: int, unit: str) -> str:
    return f"every {count} {unit}s" if count > 1 else f"every {unit}"


def _weekly(days: tuple[str, ...]) -> str:
    if days == WORKDAYS:
        return "every weekday"
    return f"every {','.join(days)}"


def _count(number: str | None, word: str | None, whole: str) -> int:
    count = 2 if word else int(number or 1)
    if not 1 <= count <= 365:
        raise BadInput(f"“{whole}”: every {count}? Between 1 and 365.")
    return count


def _days(text: str, whole: str) -> tuple[str, ...]:
    """Days of the week in order, without repeats."""
    found: set[str] = set()
    for item in re.split(r"\s*(?:,|\band\b|&)\s*|\s+", text.strip()):
        first, dash, last = item.partition("-")
        if item in ("weekend", "weekends"):
            first, dash, last = "sat", "-", "sun"
        if not _is_day(first) or (dash and not _is_day(last)):
            raise BadInput(f"I could not read “{text}” in “{whole}”. {HINT}")
        start = DAYS.index(first[:3])
        end = DAYS.index(last[:3]) if dash else start
        found.update(DAYS[(start + i) % 7] for i in range((end - start) % 7 + 1))
    return tuple(day for day in DAYS if day in found)


def _is_day(word: str) -> bool:
    full = ("mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays", "sundays")
    return len(word) >= 3 and any(name.startswith(word) for name in full)


def _monthly(count: int, text: str, whole: str) -> tuple[str, str]:
    """``1st``, ``1st and 15th``, ``last day``, ``last fri``, ``2nd tue``."""
    head = _every(count, "month")
    if found := re.fullmatch(r"([a-z0-9]+) ([a-z]+)", text):
        nth = ORDINALS.get(found[1])
        if nth == -1 and found[2] == "day":
            return f"{head} on the last day", _rule("MONTHLY", count, "BYMONTHDAY=-1")
        if nth is not None and _is_day(found[2]):
            day = found[2][:3]
            name = f"{SPOKEN[nth]} {day}"
            spoken = f"every {name}" if count == 1 else f"{head} on the {name}"
            return spoken, _rule("MONTHLY", count, f"BYDAY={nth}{CODES[day]}")
    numbers = [
        re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?", n) for n in re.split(r"\s*(?:,|\band\b)\s*(?:the )?", text)
    ]
    days = sorted({int(n[1]) for n in numbers if n})
    if not all(numbers) or not days or not 1 <= days[0] <= days[-1] <= 31:
        raise BadInput(f"“{whole}”: “{text}” is no day of a month. {HINT}")
    spoken = ",".join(map(_ordinal, days))
    return f"{head} on the {spoken}", _rule("MONTHLY", count, f"BYMONTHDAY={','.join(map(str, days))}")


def _ordinal(number: int) -> str:
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if 11 <= number <= 13 else ends.get(number % 10, 'th')}"


def _yearly(count: int, text: str, whole: str) -> tuple[str, str]:
    words = text.replace(".", "").split()
    number, name = words if words[0].isdigit() else reversed(words)
    month = MONTHS.index(name[:3]) + 1 if name[:3] in MONTHS and len(name) >= 3 else 0
    try:
        day = date(2024, month, int(number))
    except ValueError:
        raise BadInput(f"“{whole}”: “{text}” is no day of a year. {HINT}") from None
    rule = _rule("YEARLY", count, f"BYMONTH={month}", f"BYMONTHDAY={day.day}")
    return f"{_every(count, 'year')} on {day.day} {MONTHS[month - 1]}", rule
