"""Wishes about time in words, and the instants they resolve to.

A wish is wall time in the brand's zone; an instant is aware UTC. A wish is kept in a
normal form: ``now``, ``next slot``, ``fri 17:30``, ``2026-11-27 17:30``. Words that lean on
today (``tomorrow 9:00``, ``in 2h``) become a date at once, so that they cannot drift.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.marks import mark_time
from bot.errors import BadInput

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NOW, NEXT_SLOT = "now", "next slot"
HORIZON = timedelta(days=366)
FORMS = "now, next slot, best, 17:30, fri 17:30, tomorrow 9:00, in 2h, 27 nov 17:30, 2026-11-27 17:30"
CLOCK = r"\d{1,2}(?::\d\d(?::\d\d)?)? ?(?:am|pm)?|noon|midnight"


def parse_wish(text: str, *, now: datetime, zone: str) -> str:
    """The wish in its normal form.

    Raises `BadInput` for words it cannot read, a time that has passed, and a time that
    does not exist in the zone; the sentence names what would work.
    """
    words = " ".join(text.casefold().replace(",", " ").split())
    if words in (NOW, "at once", "immediately"):
        return NOW
    if words in (NEXT_SLOT, "next", "slot", "next free slot"):
        return NEXT_SLOT
    local = now.astimezone(ZoneInfo(zone))
    if match := re.fullmatch(r"in (\d+) ?(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)", words):
        unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[match[2][0]]
        span = timedelta(**{unit: min(int(match[1]), 32_000_000 if unit == "seconds" else 600_000)})
        if span > HORIZON:
            raise BadInput(f"“{text}” is more than a year away.")
        target = (now + span).astimezone(ZoneInfo(zone))
        return _checked(f"{target:%Y-%m-%d} {_plain(target.time())}", text, now, zone)
    if match := re.fullmatch(r"(\d{4}-\d\d-\d\dt\d\d:\d\d(?::\d\d)?)(z|[+-]\d\d:\d\d)", words):
        try:
            stamp = datetime.fromisoformat(words.replace("z", "+00:00")).astimezone(ZoneInfo(zone))
        except (ValueError, OverflowError):
            raise BadInput(f"“{text}”: there is no such day.") from None
        return _checked(f"{stamp:%Y-%m-%d} {_plain(stamp.time())}", text, now, zone)
    match = re.fullmatch(rf"(?:(.+?)[ t])?(?:at )?({CLOCK})", words)
    if match is None:
        raise BadInput(f"I could not read the time “{text}”. These work: {FORMS}.")
    day_words, clock = (match[1] or "").strip(), clock_of(match[2], text)
    day_words = day_words.removesuffix(" at").removeprefix("on ").strip()
    if day_words in ("", "at"):
        day = local.date()
        if instant_of(datetime.combine(day, clock), zone) <= now:
            day += timedelta(days=1)
        return _checked(f"{day} {_plain(clock)}", text, now, zone)
    for prefix in ("next ", "this "):
        day_words = day_words.removeprefix(prefix)
    if day_words[:3] in DAYS and re.fullmatch(r"[a-z]+", day_words) and _is_day(day_words):
        return _checked(f"{day_words[:3]} {_plain(clock)}", text, now, zone)
    return _checked(f"{day_of(day_words, local.date(), text)} {_plain(clock)}", text, now, zone)


def resolve(wish: str, *, now: datetime, zone: str) -> datetime:
    """The instant (aware UTC) that a normal-form wish for one time means at ``now``.

    The next slot and rules lean on more than the clock: `bot.domain.calendar`. Raises
    `BadInput` for a fixed time that has passed.
    """
    if wish == NOW:
        return now
    head, _, clock_text = wish.rpartition(" ")
    clock = time.fromisoformat(clock_text)
    if head in DAYS:
        today = now.astimezone(ZoneInfo(zone)).date()
        ahead = (DAYS.index(head) - today.weekday()) % 7
        day = today + timedelta(days=ahead)
        if instant_of(datetime.combine(day, clock), zone) <= now:
            day += timedelta(days=7)
        return _instant(day, clock, zone)
    instant = _instant(date.fromisoformat(head), clock, zone)
    if instant <= now:
        raise BadInput(f"{say(instant, zone)} has passed. Name a later time.")
    return instant


def say(instant: datetime, zone: str, *, seconds: bool = False, now: datetime | None = None) -> str:
    """An instant in the zone's wall time: "Fri 27 Nov 17:30 Lisbon"; the time alone for today.

    It is marked (`bot.domain.marks`), so that a chat can show it in the reader's zone; `plain`
    takes the mark out where no chat does.
    """
    local = instant.astimezone(ZoneInfo(zone))
    clock = f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
    if now is not None and now.astimezone(ZoneInfo(zone)).date() == local.date():
        return mark_time(instant, clock, place=place(zone))
    year = f" {local.year}" if now is not None and abs(local - now) > timedelta(days=300) else ""
    day = f"{DAYS[local.weekday()].title()} {local.day} {MONTHS[local.month - 1].title()}{year}"
    return mark_time(instant, f"{day} {clock} {place(zone)}", place=place(zone))


def place(zone: str) -> str:
    """What people call a zone: "Lisbon" for Europe/Lisbon."""
    return zone.rpartition("/")[2].replace("_", " ")


def _plain(clock: time) -> str:
    """Seconds only where there are some."""
    return f"{clock:%H:%M:%S}" if clock.second else f"{clock:%H:%M}"


def _is_day(word: str) -> bool:
    full = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return any(name.startswith(word) for name in full)


def clock_of(words: str, text: str) -> time:
    """``17:30``, ``5pm``, ``noon``; raises `BadInput` that quotes ``text``."""
    if words in ("noon", "midnight"):
        return time(12 if words == "noon" else 0)
    match = re.fullmatch(r"(\d{1,2})(?::(\d\d)(?::(\d\d))?)? ?(am|pm)?", words)
    assert match is not None
    hour, minute, second, half = int(match[1]), int(match[2] or 0), int(match[3] or 0), match[4]
    if half is None and match[2] is None:
        raise BadInput(f"“{text}”: write the time as 17:30 or 5pm.")
    if half and not 1 <= hour <= 12:
        raise BadInput(f"“{text}”: {hour}{half} is not a time of day.")
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59 or second > 59:
        raise BadInput(f"“{text}”: {words} is not a time of day.")
    return time(hour, minute, second)


def day_of(words: str, today: date, text: str) -> date:
    """``tomorrow``, ``27 nov``, ``2026-11-27``; raises `BadInput` that quotes ``text``."""
    if words in ("today", "tomorrow"):
        return today + timedelta(days=words == "tomorrow")
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", words):
            return date.fromisoformat(words)
        match = re.fullmatch(r"(\d{1,2})\.? ([a-z]{3})[a-z]*\.?(?: (\d{4}))?", words) or None
        if match is None and (other := re.fullmatch(r"([a-z]{3})[a-z]*\.? (\d{1,2})(?: (\d{4}))?", words)):
            number, month, year = other[2], other[1], other[3]
        elif match is not None:
            number, month, year = match[1], match[2], match[3]
        else:
            raise BadInput(f"I could not read the day in “{text}”. These work: {FORMS}.")
        if month not in MONTHS:
            raise BadInput(f"I could not read the day in “{text}”. These work: {FORMS}.")
        found = date(int(year or today.year), MONTHS.index(month) + 1, int(number))
    except ValueError:
        raise BadInput(f"“{text}”: there is no such day.") from None
    return found if year or found >= today else found.replace(year=today.year + 1)


def _checked(wish: str, text: str, now: datetime, zone: str) -> str:
    instant = resolve(wish, now=now, zone=zone)
    if instant - now > HORIZON:
        raise BadInput(f"“{text}” is more than a year away.")
    return wish


def _instant(day: date, clock: time, zone: str) -> datetime:
    """The instant of a wall time; its first occurrence where it happens twice."""
    tz = ZoneInfo(zone)
    wall = datetime.combine(day, clock, tz)
    instant = wall.astimezone(UTC)
    if instant.astimezone(tz).replace(tzinfo=None) != wall.replace(tzinfo=None):
        real = _after_gap(wall, tz)
        date_words = f"{day.day} {MONTHS[day.month - 1].title()} {day.year}"
        raise BadInput(
            f"{clock:%H:%M} does not exist in {place(zone)} on {date_words} "
            f"(clocks go forward). I'd use {real:%H:%M}.",
            instead=real.astimezone(UTC),
        )
    return instant


def instant_of(wall: datetime, zone: str) -> datetime:
    """The instant of a naive wall time: the first where it happens twice, the first valid minute
    after the gap where it does not exist."""
    tz = ZoneInfo(zone)
    there = wall.replace(tzinfo=tz)
    instant = there.astimezone(UTC)
    if instant.astimezone(tz).replace(tzinfo=None) == wall:
        return instant
    return _after_gap(there, tz).astimezone(UTC)


def wall_at(instant: datetime, zone: str) -> datetime:
    """What the clocks of the zone show at an instant, naive."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _after_gap(wall: datetime, tz: ZoneInfo) -> datetime:
    probe = wall.replace(tzinfo=None, second=0)
    for _ in range(24 * 60):
        probe += timedelta(minutes=1)
        candidate = probe.replace(tzinfo=tz)
        if candidate.astimezone(UTC).astimezone(tz).replace(tzinfo=None) == probe:
            return candidate
    return wall


def zone_digest(zone: str, year: int) -> str:
    """What the zone's clocks show on each day of three years, as a short hash: when it differs,
    the rules of the zone have changed."""
    tz, day = ZoneInfo(zone), datetime(year, 1, 1, tzinfo=UTC)
    offsets = [str((day + timedelta(days=n)).astimezone(tz).utcoffset()) for n in range(3 * 365)]
    return hashlib.sha256("".join(offsets).encode()).hexdigest()[:16]
