"""What posts of an account had at the same age: the band that "3.1× its usual" is said against. Pure.

Two posts are compared at equal age only, because numbers grow for days. What a post had at an age is
read off its own series: between two readings it is the straight line between them (missing snapshots are
interpolated, never zero), outside of them it is unknown. The band is the middle half of the posts, with
quantiles that lie between neighbours; under five posts there is none.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.platform import Metrics
from bot.domain.snapshot import Snapshot

LEAST = 5
"""Posts that a band needs."""

Curve = tuple[datetime, Sequence[Snapshot]]
"""When a post came out, and everything that was read of it."""


@dataclass(frozen=True, kw_only=True)
class Band:
    """The middle half of what ``n`` posts had, and the middle one."""

    lo: float
    mid: float
    hi: float
    n: int

    def times(self, value: float) -> float | None:
        """How many times the usual this is; None where the usual is nothing."""
        return value / self.mid if self.mid > 0 else None


def usual(curves: Iterable[Curve], age: timedelta, value: Callable[[Metrics], float | None]) -> Band | None:
    """What these posts had at ``age``; None while fewer than five of them tell."""
    found = sorted(at for curve in curves if (at := value_at(curve, age, value)) is not None)
    if len(found) < LEAST:
        return None
    return Band(lo=_quantile(found, 0.25), mid=_quantile(found, 0.5), hi=_quantile(found, 0.75), n=len(found))


def value_at(curve: Curve, age: timedelta, value: Callable[[Metrics], float | None]) -> float | None:
    """What one post had at an age; None where no reading is old enough, or none was young enough.

    At the age 0 it had nothing, as nobody had seen it: that much is known without a reading.
    """
    out_at, snapshots = curve
    known = [
        (s.at - out_at, worth)
        for s in snapshots
        if not s.gone and s.at >= out_at and (worth := value(s.metrics)) is not None
    ]
    known.sort()
    known.insert(0, (timedelta(0), 0.0))
    place = bisect_left(known, age, key=lambda pair: pair[0])
    if place == len(known):
        return None
    after, high = known[place]
    if after == age:
        return high
    before, low = known[place - 1]
    return low + (high - low) * ((age - before) / (after - before))


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Between neighbours, as numpy's default has it."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
