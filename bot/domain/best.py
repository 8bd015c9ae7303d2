"""The wish for the best hour, in words and as a span of days. Pure.

The normal form is ``best`` (within a week), ``best fri`` (the next Friday), ``best 2026-11-27`` or
``best 2026-11-23..2026-11-29``. People sign these words; the hour that they come to may change
inside them.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.recurrence import sounds_like_rule
from bot.domain.when import DAYS, day_of, instant_of
from bot.errors import BadInput

BEST = "best"
AHEAD = timedelta(days=7)
"""How far ahead the best hour is looked for where nobody names a day: each hour of the week once."""

LONGEST = timedelta(days=31)
"""The most days that can be named at once."""

SPOKEN = re.compile(r"(?:at )?(?:the )?best(?: (?:time|hour|slot|moment))?(?: (?:on |in |of )?(.+))?")
FORMS = "best, best fri, best tomorrow, best this week, best 2026-11-27, best 2026-11-27..2026-11-30"


def is_best(wish: str) -> bool:
    """Whether a wish (in normal form) leaves the hour to us."""
    return wish == BEST or wish.startswith(f"{BEST} ")


def parse_best(text: str, *, now: datetime, zone: str) -> str | None:
    """The normal form of words that ask for the best hour; None for words that ask for something else.

    Raises `BadInput` for days it cannot read, days that have passed, and for what repeats.
    """
    words = " ".join(text.casefold().replace(",", " ").split())
    if sounds_like_rule(words):
        if re.search(rf"\b{BEST}\b", words):
            raise BadInput(
                "What repeats needs a time of day of its own: every fri 17:30. /besttime names good ones."
            )
        return None
    match = SPOKEN.fullmatch(words)
    if match is None:
        return None
    days = (match[1] or "").removeprefix("the ").strip()
    if not days or days in ("week", "next 7 days"):
        return BEST
    today = now.astimezone(ZoneInfo(zone)).date()
    wish = f"{BEST} {_days(days, today, text)}"
    _, ends = span_of(wish, now=now, zone=zone)
    if ends <= now:
        raise BadInput(f"“{text}” has passed. These work: {FORMS}.")
    return wish


def span_of(wish: str, *, now: datetime, zone: str) -> tuple[datetime, datetime]:
    """From when until when (aware UTC, the end excluded) the hour may lie; it may be over already."""
    days = wish.removeprefix(BEST).strip()
    if not days:
        return now, now + AHEAD
    if days in DAYS:
        today = now.astimezone(ZoneInfo(zone)).date()
        first = today + timedelta(days=(DAYS.index(days) - today.weekday()) % 7)
        return max(now, _begins(first, zone)), _begins(first + timedelta(days=1), zone)
    begins, _, ends = days.partition("..")
    first, last = date.fromisoformat(begins), date.fromisoformat(ends or begins)
    return max(now, _begins(first, zone)), _begins(last + timedelta(days=1), zone)


def next_span(wish: str, *, now: datetime, zone: str) -> tuple[datetime, datetime]:
    """`span_of`, a week later where the wish is a day of the week and today has no hour left."""
    begins, ends = span_of(wish, now=now, zone=zone)
    if wish.removeprefix(BEST).strip() in DAYS and ends - begins < timedelta(hours=1):
        later = now + timedelta(days=1)
        return span_of(wish, now=later, zone=zone)
    return begins, ends


def _begins(day: date, zone: str) -> datetime:
    return instant_of(datetime.combine(day, time()), zone)


def _days(words: str, today: date, text: str) -> str:
    """The days in their normal form."""
    if words in ("this week", "next week"):
        monday = today - timedelta(days=today.weekday()) + timedelta(days=7 * (words == "next week"))
        return _span(max(monday, today), monday + timedelta(days=6))
    for prefix in ("next ", "this ", "on "):
        words = words.removeprefix(prefix)
    if re.fullmatch(r"[a-z]{3,}", words) and words[:3] in DAYS and _is_day(words):
        return words[:3]
    first_words, dots, last_words = words.partition("..")
    first = day_of(first_words.strip(), today, text)
    if not dots:
        return f"{first}"
    last = day_of(last_words.strip(), today, text)
    if last < first:
        raise BadInput(f"“{text}” ends before it begins.")
    if last - first > LONGEST:
        raise BadInput(f"“{text}” is longer than {LONGEST.days} days. Name fewer.")
    return _span(first, last)


def _span(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first}..{last}"


def _is_day(word: str) -> bool:
    full = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return any(name.startswith(word) for name in full)
