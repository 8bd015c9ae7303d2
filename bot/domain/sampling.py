"""When the numbers of a post are read: often while it is young, seldom later. Pure.

Grids are laid from the moment it came out, so a look that is late, double or left out changes nothing
about the next. An hour apart up to the third day is what detecting a burst within a day needs
(`bot.domain.alerts`); after a quarter of a year a week is enough to see that something old is found again.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

BANDS: tuple[tuple[timedelta, timedelta], ...] = (
    (HOUR, timedelta(minutes=15)),
    (6 * HOUR, timedelta(minutes=30)),
    (3 * DAY, HOUR),
    (14 * DAY, 6 * HOUR),
    (90 * DAY, DAY),
    (400 * DAY, 7 * DAY),
)
"""Up to which age, how far apart."""

FIRST = BANDS[0][1]
"""The age at the first look, which also says whether the post is to be seen."""

DAILY_UNTIL = 90 * DAY
"""Up to this age there is a look at the end of each of the brand's days, from which totals per day come."""

BEFORE_CLOSING = DAY
"""How long before some numbers cannot be read any more the last look at all of them is due."""

BEFORE_VANISHING = timedelta(minutes=20)
"""How long before a post vanishes by itself it is read for the last time."""

AGAIN = timedelta(minutes=5)
"""A post that is said to be gone is asked about once more so much later, before anybody is told."""

RETRIES: tuple[timedelta, ...] = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180))
"""Waits after a platform could not be asked; the last one stays."""


def next_look(
    out_at: datetime,
    now: datetime,
    zone: str,
    *,
    full_until: timedelta | None = None,
    lasts: timedelta | None = None,
    sparse: bool = False,
) -> datetime | None:
    """The first instant after ``now`` at which a post that came out at ``out_at`` is to be read.

    None when it is too old. ``full_until``, ``lasts``: see `bot.domain.counting.Counting`. ``sparse``: money
    is short, so only the first look, the end of each day and the last look at everything remain.
    """
    age = now - out_at
    if age >= BANDS[-1][0] or (lasts is not None and age >= lasts):
        return None
    found = [] if sparse else [out_at + on_grid(age)]
    if age < FIRST:
        found.append(out_at + FIRST)
    if age < DAILY_UNTIL or sparse:
        found.append(day_end(now, zone))
    if full_until is not None and now < (last := out_at + full_until - BEFORE_CLOSING):
        found.append(last)
    if lasts is not None:
        last = out_at + lasts - BEFORE_VANISHING
        return min([*found, last]) if now < last else None
    return min(found)


def on_grid(age: timedelta) -> timedelta:
    """The first age later than ``age`` at which a look lies on the grid."""
    begins = timedelta(0)
    for until, every in BANDS:
        if age < until:
            steps = max(0, (age - begins) // every + 1)
            return min(begins + steps * every, until)
        begins = until
    return age + BANDS[-1][1]


def day_end(now: datetime, zone: str) -> datetime:
    """The next local midnight after ``now`` (aware, in the zone of ``now``).

    Where clocks go forward at midnight it is the moment at which they do; where they go back it is the first
    of the two.
    """
    where = ZoneInfo(zone)
    here = now.astimezone(where).date()
    for days in (1, 2):
        midnight = datetime.combine(here + timedelta(days=days), time(), where).astimezone(now.tzinfo)
        if midnight > now:
            return midnight
    raise AssertionError("no midnight follows")


def retry(tries: int) -> timedelta:
    """The wait after the ``tries``-th failure in a row to ask a platform."""
    return RETRIES[min(max(tries, 1), len(RETRIES)) - 1]
