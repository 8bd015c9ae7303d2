"""How many calls a platform takes in a span of time, and how many of them are left. Pure.

A rate over a span is kept by GCRA (the generic cell rate algorithm, ITU-T I.371, in its
virtual scheduling form): about half of the limit may go out in a burst, the rest comes back evenly. So no
window of that length, wherever it begins, holds more than the limit; a bucket that refilled the
whole limit evenly would let almost twice as many through. A rate per UTC day is a plain count.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Literal

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
UTC_DAY: Literal["UTC day"] = "UTC day"


class Scope(StrEnum):
    """Who shares a rate: every account of one developer app, or nobody."""

    APP = "app"
    ACCOUNT = "account"


@dataclass(frozen=True, kw_only=True)
class Rate:
    """One dated fact: so many publishing calls in so long a time.

    ``name`` is read after "its": "daily app limit". ``per`` is a span, or ``"UTC day"`` for
    what starts anew at midnight. ``source`` says where it was read, ``as_of`` when.
    """

    name: str
    scope: Scope
    limit: int
    per: timedelta | Literal["UTC day"]
    as_of: date
    source: str

    @property
    def burst(self) -> int:
        """How many may go out at once."""
        return self.limit if self.per == UTC_DAY else (self.limit + 1) // 2

    @property
    def interval(self) -> timedelta:
        """How long one call takes to come back; a whole day for a rate per UTC day."""
        if not isinstance(self.per, timedelta):
            return DAY
        share = self.limit - self.burst + 1
        return -(-(self.per // MICROSECOND) // share) * MICROSECOND


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """How far a rate is used up.

    ``tat`` is the theoretical arrival time: when everything taken so far would have come back
    evenly; for a rate per UTC day the midnight at which the day of ``used`` began. ``told_left``
    is what the platform's headers last said was left, at ``told_at``, less what was taken since;
    until its reset at ``until`` no more than that is taken.
    """

    tat: datetime = LONG_AGO
    used: int = 0
    until: datetime = LONG_AGO
    told_left: int | None = None
    told_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """What a platform's headers said about one rate: calls left, and when they are all back."""

    left: int | None = None
    until: datetime | None = None


@dataclass
class Meter:
    """Lent to a publisher: it says here what it read about its rates, the core moves the buckets."""

    _seen: dict[str, Sighting] = field(default_factory=dict, repr=False)

    def seen(self, rate: str, *, left: int | None = None, until: datetime | None = None) -> None:
        """The platform's headers about the rate of this name; unknown names are ignored."""
        self._seen[rate] = Sighting(left=left, until=until)

    def take(self) -> dict[str, Sighting]:
        """Everything seen since it was last asked."""
        seen, self._seen = self._seen, {}
        return seen


def left(rate: Rate, bucket: Bucket, now: datetime) -> int:
    """How many calls fit at this instant."""
    if rate.per == UTC_DAY:
        own = max(0, rate.limit - _today(bucket, now).used)
    else:
        room = now + rate.interval * rate.burst - _sane(rate, bucket, now)
        own = min(rate.burst, max(0, room // rate.interval))
    word = _word(bucket, now)
    return own if word is None else min(own, word)


def opens_at(rate: Rate, bucket: Bucket, now: datetime) -> datetime:
    """The first instant from ``now`` on at which one call fits."""
    if rate.per == UTC_DAY:
        today = _today(bucket, now)
        free = now if today.used < rate.limit else today.tat + DAY
    else:
        free = _sane(rate, bucket, now) - rate.interval * (rate.burst - 1)
    return max(now, free, bucket.until if _word(bucket, now) == 0 else now)


def take(rate: Rate, bucket: Bucket, now: datetime, many: int = 1) -> Bucket:
    """The bucket after ``many`` calls, which must fit."""
    word = _word(bucket, now)
    if word is not None:
        bucket = replace(bucket, told_left=max(0, word - many))
    if rate.per == UTC_DAY:
        today = _today(bucket, now)
        return replace(today, used=today.used + many)
    return replace(bucket, tat=max(_sane(rate, bucket, now), now) + rate.interval * many)


def told(rate: Rate, bucket: Bucket, now: datetime, seen: Sighting) -> Bucket:
    """The bucket after the platform's word. It moves towards less only, never back.

    A word with a reset holds until then and is forgotten after it. One without moves ``tat``.
    """
    word, said = _word(bucket, now), seen.left or 0
    moved = replace(bucket, told_left=said if word is None else min(word, said), told_at=now)
    reset = seen.until if seen.until is not None and seen.until > now else None
    if reset is not None or not said:
        moved = replace(moved, until=max(bucket.until, reset or now + _pause(rate)))
    elif rate.per != UTC_DAY:
        least = now + rate.interval * (rate.burst - min(said, rate.burst))
        moved = replace(moved, tat=max(_sane(rate, bucket, now), least))
    if rate.per == UTC_DAY and seen.left is not None:
        today = _today(bucket, now)
        moved = replace(moved, tat=today.tat, used=max(today.used, rate.limit - said))
    return moved


def _word(bucket: Bucket, now: datetime) -> int | None:
    """How many calls the platform gives until its reset; None when it has no say now."""
    return None if bucket.until <= now else bucket.told_left or 0


def _pause(rate: Rate) -> timedelta:
    """How long to wait when nothing is left and no time was named."""
    return min(rate.interval, timedelta(minutes=15))


def _sane(rate: Rate, bucket: Bucket, now: datetime) -> datetime:
    """``tat``, but no later than a full bucket's: further ahead it is only after the clock went back."""
    return min(bucket.tat, now + rate.interval * rate.burst)


def _today(bucket: Bucket, now: datetime) -> Bucket:
    """The count of the running day; a clock that went back does not start a day again."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return bucket if bucket.tat >= midnight else replace(bucket, tat=midnight, used=0)
