"""Whether a text is about a day that has passed or is about to: such a post is no news elsewhere. Pure.

It errs on the careful side: what is held back can still be posted by a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from bot.domain.when import DAYS, MONTHS

WORDS = (
    "today",
    "tonight",
    "tomorrow",
    "yesterday",
    "this (?:morning|afternoon|evening|week|weekend|month)",
    "next (?:week|weekend)",
    "right now",
    "live now",
    "breaking",
    "last chance",
    "(?:ends|starts|closes|opens) (?:soon|now|today|tonight)",
    "only \\d+ (?:hours?|days?) left",
    "heute",
    "heute abend",
    "morgen",
    "gestern",
    "diese woche",
    "hoje",
    "amanhã",
    "ontem",
    "hoy",
    "mañana",
    "ayer",
    "aujourd['’]hui",
    "demain",
    "ce soir",
)
"""Words that lean on the day they were written, in English, German, Portuguese, Spanish and French."""

LEANING = re.compile(rf"(?<!\w)(?:{'|'.join(WORDS)})(?!\w)", re.I)
FALSE_FRIENDS = re.compile(r"(?i)\b(?:good morning|guten morgen|today['’]s world|for tomorrow['’]s)\b")
NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAY = re.compile(rf"\b(?:(?:on|this|next|by|until|till) )({'|'.join(NAMES)}|{'|'.join(DAYS)})\b", re.I)
ISO = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")
DOTTED = re.compile(r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})?(?!\d)")
MONTH = "|".join(f"{m}[a-z]*" for m in MONTHS)
DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({MONTH})\b\.?(?:,? (\d{{4}}))?", re.I)
MONTH_DAY = re.compile(rf"\b({MONTH})\.? (\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (\d{{4}}))?", re.I)
FULL_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)


def topical(text: str, *, written: date, until: date) -> str | None:
    """The word or day that makes the text stale when it comes out on ``until``; None where nothing does.

    ``written`` is the local day on which it first came out: a date without a year is the one nearest to it.
    """
    bare = FALSE_FRIENDS.sub(" ", text)
    if (found := LEANING.search(bare)) is not None:
        return f"“{found[0]}”"
    if (named := WEEKDAY.search(bare)) is not None:
        return f"“{named[0]}”"
    gone = [day for day in _days(bare, written) if day <= until]
    return f"the {min(gone).day} {min(gone):%B %Y}" if gone else None


def _days(text: str, written: date) -> Iterator[date]:
    """Every day that the text names, from a week before it was written on: older ones are history."""
    for year, month, day in ISO.findall(text):
        yield from _near(int(day), int(month), int(year), written)
    for day, month, year in DOTTED.findall(text):
        yield from _near(int(day), int(month), int(year) if year else None, written)
    for day, month, year in DAY_MONTH.findall(text):
        yield from _near(int(day), _month(month), int(year) if year else None, written)
    for month, day, year in MONTH_DAY.findall(text):
        yield from _near(int(day), _month(month), int(year) if year else None, written)


def _near(day: int, month: int | None, year: int | None, written: date) -> Iterator[date]:
    if month is None:
        return
    found = []
    for candidate in (year,) if year else (written.year - 1, written.year, written.year + 1):
        try:
            found.append(date(candidate, month, day))
        except ValueError:
            continue
    if found:
        nearest = min(found, key=lambda one: abs(one - written))
        if nearest >= written - timedelta(days=7):
            yield nearest


def _month(word: str) -> int | None:
    """Its number, for ``nov`` and ``november`` but not for a word that only begins so."""
    folded = word.casefold().rstrip(".")
    if folded in ("sept", *MONTHS):
        return MONTHS.index(folded[:3]) + 1
    return FULL_MONTHS.index(folded) + 1 if folded in FULL_MONTHS else None
