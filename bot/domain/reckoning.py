"""Counts at an instant, what is usual, and what a post came to against it. Pure.

Only equal ages are compared: a post of yesterday with others as they stood one day after they came out.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

LEAST = 5
"""Posts, or periods, below which nothing is called usual."""

STRETCH = 1.5
"""A count is taken for good up to so many times the age at which it was read last; later it is unknown."""

SETTLED = timedelta(days=21)
"""From this age on a count hardly grows (reference: optimizer, section 1, age), so the last reading stays."""

SHARE = 0.10
"""What is left out at each end of what is usual: an 80 % range."""

SMOOTH = 1.0
"""Added to counts before they are divided: 1 against 0 is no infinite success."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """How one count of a delivery grew: instants (in order) and values, from ``out_at`` on."""

    delivery_id: int
    post_id: int
    account: str
    platform: str
    content_type: str
    out_at: datetime
    at: tuple[datetime, ...]
    counts: tuple[int, ...]
    flags: frozenset[str] = frozenset()
    gone: bool = False

    def value_at(self, when: datetime) -> float | None:
        """The count at an instant: between two readings on the straight line, before the first one on the
        line from 0 at its publication; None where nothing was read near enough."""
        if not self.at or when < self.out_at:
            return None
        place = bisect_right(self.at, when)
        if place == len(self.at):
            age, known = when - self.out_at, self.at[-1] - self.out_at
            if when == self.at[-1] or age <= known * STRETCH or known >= SETTLED or self.gone:
                return float(self.counts[-1])
            return None
        before, was = (self.at[place - 1], self.counts[place - 1]) if place else (self.out_at, 0)
        after, becomes = self.at[place], self.counts[place]
        span = (after - before).total_seconds()
        share = (when - before).total_seconds() / span if span > 0 else 1.0
        return was + (becomes - was) * share

    def last_before(self, when: datetime) -> tuple[datetime, int] | None:
        """The newest reading up to an instant."""
        place = bisect_right(self.at, when)
        return (self.at[place - 1], self.counts[place - 1]) if place else None


@dataclass(frozen=True, kw_only=True)
class Usual:
    """What ``n`` others came to: the middle of them, and the range in which four of five lie."""

    lo: float
    mid: float
    hi: float
    n: int

    @property
    def band(self) -> tuple[float, float, float]:
        return self.lo, self.mid, self.hi


def usual_of(values: Sequence[float]) -> Usual | None:
    """None where there are fewer than `LEAST`."""
    known = sorted(value for value in values if math.isfinite(value))
    if len(known) < LEAST:
        return None
    lo, mid, hi = (quantile(known, share) for share in (SHARE, 0.5, 1 - SHARE))
    return Usual(lo=lo, mid=mid, hi=hi, n=len(known))


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which that share lies, on the line between its neighbours (type 7 of Hyndman and
    Fan, "Sample quantiles in statistical packages", 1996)."""
    place = (len(ordered) - 1) * share
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def compared(
    own: Course,
    others: Sequence[Course],
    *,
    at: datetime,
    within: timedelta,
    left_out: frozenset[str],
) -> tuple[float, Usual | None]:
    """How many times its usual ``own`` has at its last reading up to ``at``, and what is usual then.

    Usual is what other posts of the account had at that very age, those that came out up to ``within``
    before it and bear no flag of ``left_out``; of its own kind where there are enough. NaN where
    nothing was read, or too few compare.
    """
    last = own.last_before(at)
    if last is None:
        return math.nan, None
    age = last[0] - own.out_at
    like = [
        one
        for one in others
        if one.account == own.account
        and one.delivery_id != own.delivery_id
        and not one.flags & left_out
        and own.out_at - within <= one.out_at < own.out_at
    ]
    same = [one for one in like if one.content_type == own.content_type]
    for group in (same, like):
        values = [v for one in group if (v := one.value_at(one.out_at + age)) is not None]
        usual = usual_of(values)
        if usual is not None:
            return (last[1] + SMOOTH) / (usual.mid + SMOOTH), usual
    return math.nan, None


def summed(courses: Sequence[Course], *, at: datetime) -> tuple[float | None, int]:
    """What they have together at an instant, and of how many of them that is known."""
    known = [value for one in courses if (value := one.value_at(at)) is not None]
    return (sum(known) if known else None), len(known)
