"""What this account's own posts show: few things, and only those that stand out from chance.

One regression within account and type of content, on the logarithm of engagement, with ages made alike
first. Effects are shrunken towards nothing (a ridge, which is a normal prior around zero); then those count
that Benjamini and Hochberg (1995) let pass at 10 %, judged by the shrunken effect: judged by the plain one,
one account in ten would be told something where there is nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from scipy.special import stdtr, stdtrit

from bot.api import AccountProfile, Interval, PastPost, comparable
from plugins.content_tips.ageing import share_of
from plugins.content_tips.features import FEATURES, MEASURES, Feature, measured, see

PER_SIDE = 10
"""Posts with it, and posts without it, from which on a feature is looked at."""

FALSE_SHARE = 0.10
"""What Benjamini and Hochberg are asked for: of what is shown, at most this share is chance."""

RIPE = 0.25
"""A post that has not had this share of its engagement yet is too young to be compared."""

PRIOR = 0.25
"""The prior's standard deviation, in log units: one feature of a text rarely does more than a quarter.

Tried from 0.2 to 0.35 on simulated accounts (``benchmarks/learn_tips.py``): wider shows more that is chance.
"""

WINSOR = 2.5
"""Scaled median deviations to which outliers are drawn in: one viral post is no pattern."""

LEVEL = 0.80
MOST = 500
"""Posts looked at, the newest."""

SPREAD = 1.4826
"""From the median absolute deviation to the standard deviation of a normal distribution."""

Array = Any


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """``feature`` goes with a ``lift`` of engagement, in ``n_with`` of ``n`` posts, the ``rows``."""

    feature: Feature
    lift: Interval
    n_with: int
    n: int
    rows: tuple[str, ...]


def patterns(profile: AccountProfile, *, now: datetime) -> list[Pattern]:
    """What stands out in an account's posts, the largest effect first; mostly nothing."""
    posts = _ripe(profile, now)
    if len(posts) < 2 * PER_SIDE:
        return []
    y, lost = _adjusted(posts)
    if y is None:
        return []
    found = _features(posts)
    names, columns = [f for f, _ in found], [c for _, c in found]
    if not names:
        return []
    kept = _independent(columns)
    names, x = [names[i] for i in kept], np.column_stack([columns[i] for i in kept]).astype(float)
    counts = x.sum(axis=0)
    return sorted(
        (
            Pattern(
                feature=names[i],
                lift=lift,
                n_with=int(counts[i]),
                n=len(posts),
                rows=tuple(p.outcome.post_id for p in posts),
            )
            for i, lift in _shrunken(x, y, lost)
        ),
        key=lambda p: -abs(np.log1p(p.lift.mean)),
    )


def _ripe(profile: AccountProfile, now: datetime) -> list[PastPost]:
    """What can be compared and is old enough for it, the oldest first."""
    return [p for p in comparable(profile, now) if _share(p) >= RIPE][-MOST:]


def _share(one: PastPost) -> float:
    told = one.outcome
    return share_of(told.platform, (told.observed_at - told.published_at).total_seconds() / 3600)


def _adjusted(posts: Sequence[PastPost]) -> tuple[Array | None, int]:
    """Log engagement as if all were of one age and type and the account did not grow; and how many degrees
    of freedom that took. None where nothing varies."""
    y = np.array([np.log1p(p.outcome.engagement) - np.log(_share(p)) for p in posts])
    kinds: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(posts):
        kinds[one.outcome.content_type].append(place)
    middle = float(np.median(y))
    for places in kinds.values():
        y[places] -= middle + (np.median(y[places]) - middle) * len(places) / (len(places) + 5)
    days = np.array([p.outcome.published_at.timestamp() for p in posts]) / 86400
    days = days - days.mean()
    spread = float(days @ days)
    for _ in range(2):
        width = SPREAD * float(np.median(np.abs(y - np.median(y))))
        if width < 1e-9:
            return None, 0
        y = np.clip(y, np.median(y) - WINSOR * width, np.median(y) + WINSOR * width)
        if spread > 1e-9:
            y = y - days * float(days @ (y - y.mean())) / spread
    return y - y.mean(), len(kinds) + 1


def _features(posts: Sequence[PastPost]) -> list[tuple[Feature, Array]]:
    """Those that enough posts have, and enough have not."""
    texts = [p.text for p in posts]
    asked = list(FEATURES)
    for code, (_, size, _, _) in MEASURES.items():
        asked.append(measured(code, float(np.median([size(t) for t in texts]))))
    seen = [see(t) for t in texts]
    columns = [(f, np.array([f.has(one) for one in seen])) for f in asked]
    return [(f, c) for f, c in columns if PER_SIDE <= c.sum() <= len(posts) - PER_SIDE]


def _independent(columns: Sequence[Array]) -> list[int]:
    """Which of them say something of their own: of two that (nearly) always come together, the first."""
    kept: list[int] = []
    for i, column in enumerate(columns):
        if all(abs(float(np.corrcoef(column, columns[j])[0, 1])) < 0.9 for j in kept):
            kept.append(i)
    return kept


def _shrunken(x: Array, y: Array, lost: int) -> list[tuple[int, Interval]]:
    """The effects that pass, by column, each with its interval."""
    n, p = x.shape
    freedom = n - p - lost
    if freedom < PER_SIDE:
        return []
    x = x - x.mean(axis=0)
    gram, cross = x.T @ x, x.T @ y
    plain = np.linalg.solve(gram, cross)
    noise = float(np.sum((y - x @ plain) ** 2)) / freedom
    if noise < 1e-12:
        return []
    spread = np.linalg.inv(gram / noise + np.eye(p) / PRIOR**2)
    middle, sd = spread @ cross / noise, np.sqrt(np.diag(spread))
    chance = 2 * stdtr(freedom, -np.abs(middle) / sd)
    reach = float(stdtrit(freedom, 0.5 + LEVEL / 2)) * sd
    passed = []
    for i in _discovered(chance):
        lo, mean, hi = (float(np.expm1(v)) for v in (middle[i] - reach[i], middle[i], middle[i] + reach[i]))
        if lo > 0 or hi < 0:
            passed.append((i, Interval(mean, lo, hi, LEVEL)))
    return passed


def _discovered(chance: Array) -> list[int]:
    """Benjamini and Hochberg (1995): which of the p-values count at `FALSE_SHARE`."""
    order = np.argsort(chance)
    below = np.flatnonzero(chance[order] <= FALSE_SHARE * np.arange(1, len(chance) + 1) / len(chance))
    return [] if not len(below) else [int(i) for i in order[: below[-1] + 1]]
