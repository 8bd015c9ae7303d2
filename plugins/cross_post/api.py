"""Which posts did far better than usual, and what came of posting such ones elsewhere. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import numpy as np

from bot.api import Absolute, Interval, Performer, PostOutcome, PostStanding, Relative
from plugins.cross_post.readings import NOT_COMPARED, Reading, newest
from plugins.cross_post.usual import standings

__all__ = [
    "Absolute",
    "Performer",
    "PostStanding",
    "Relative",
    "expected",
    "high_performers",
    "shrunk_rates",
    "standings",
]

WORDS: Mapping[str, str] = MappingProxyType({"views": "views", "engagement": "engagements"})

PRIOR_VIEWS = 200.0
"""Views that an account's own share of engagement counts for: one like of five views is not 20 %."""

FLOOR_PERCENTILE = 30.0
PAIRS = 10
"""Before so many pairs of one direction nothing is expected of the next: the first winners that are posted
elsewhere fall back towards the usual, and a few figures cannot tell how far."""


def high_performers(
    posts: Sequence[PostOutcome], *, policy: Absolute | Relative, now: datetime
) -> list[Performer]:
    """The posts that are high by ``policy`` in what was read until ``now``, the best first.

    Several rows of a post are several readings, of which the newest counts. Paid ones, cross-posts and
    tests are never called high. Raises `ValueError` for an instant without a zone.
    """
    readings = newest(posts, now)
    rates = shrunk_rates(readings)
    if isinstance(policy, Absolute):
        found = _absolute(readings, rates, policy)
    else:
        found = _relative(readings, rates, standings(posts, now=now, policy=policy), policy)
    return sorted(found, key=lambda p: (-p.ratio, p.account_id, p.post_id))


def shrunk_rates(readings: Sequence[Reading]) -> Mapping[tuple[str, str], float]:
    """(account, post) → engagement for each view, with a Beta prior at the account's own share that weighs
    `PRIOR_VIEWS`; nothing where views are unknown or an account has none."""
    totals: dict[str, tuple[float, float]] = {}
    for post in (r.post for r in readings):
        if post.views is not None:
            views, engagement = totals.get(post.account_id, (0.0, 0.0))
            totals[post.account_id] = (views + post.views, engagement + min(post.engagement, post.views))
    found = {}
    for post in (r.post for r in readings):
        views, engagement = totals.get(post.account_id, (0.0, 0.0))
        if post.views is None or views <= 0:
            continue
        hits = min(post.engagement, post.views)
        prior = PRIOR_VIEWS * engagement / views
        found[post.account_id, post.post_id] = (hits + prior) / (post.views + PRIOR_VIEWS)
    return found


def expected(ratios: Sequence[float], *, level: float = 0.80) -> Interval | None:
    """The lift over the target's usual that the next cross-post of a direction has with probability
    ``level``, from what the earlier ones had; None before `PAIRS` of them.

    A prediction interval of one value, Student's t on the log of the ratios. What is no positive number
    does not count as a pair.
    """
    from scipy import stats  # only now: it takes longer to import than all else here to run

    logs = np.log([r for r in ratios if math.isfinite(r) and r > 0])
    n = len(logs)
    if n < PAIRS:
        return None
    middle, sd = float(logs.mean()), float(logs.std(ddof=1))
    half = float(stats.t.ppf(0.5 + level / 2.0, n - 1)) * sd * math.sqrt(1.0 + 1.0 / n)
    return Interval(
        math.exp(middle) - 1.0, math.exp(middle - half) - 1.0, math.exp(middle + half) - 1.0, level
    )


def _absolute(
    readings: Sequence[Reading], rates: Mapping[tuple[str, str], float], policy: Absolute
) -> list[Performer]:
    found = []
    for reading in readings:
        post = reading.post
        rate = rates.get((post.account_id, post.post_id))
        if post.views is None or rate is None or post.flags & NOT_COMPARED:
            continue
        if post.views <= policy.views or rate <= policy.rate:
            continue
        found.append(
            Performer(
                post_id=post.post_id,
                account_id=post.account_id,
                policy="absolute",
                ratio=post.views / policy.views if policy.views > 0 else math.inf,
                interval=None,
                z=None,
                rate=rate,
                value=post.views,
                basis="views",
                n=0,
                age_h=reading.age_h,
                age_ok=True,
                reason=f"{post.views:,.0f} views, over the bar of {policy.views:,.0f}, "
                f"and {rate:.1%} engaged, over {policy.rate:.1%}",
            )
        )
    return found


def _relative(
    readings: Sequence[Reading],
    rates: Mapping[tuple[str, str], float],
    measured: Sequence[PostStanding],
    policy: Relative,
) -> list[Performer]:
    flags = {(r.post.account_id, r.post.post_id): r.post.flags for r in readings}
    own = [s for s in measured if not flags[s.account_id, s.post_id] & NOT_COMPARED]
    by_account: dict[str, list[PostStanding]] = {}
    for one in own:
        by_account.setdefault(one.account_id, []).append(one)
    found: list[Performer] = []
    for members in by_account.values():
        best = float(np.quantile([s.z for s in members], 1.0 - policy.share))
        low = {
            basis: max(least, float(np.percentile(values, FLOOR_PERCENTILE)))
            for basis, least in (("views", policy.floor), ("engagement", policy.few))
            if (values := [s.value for s in members if s.basis == basis])
        }
        high = [one for one in members if _high(one, best, low[one.basis], policy)]
        found += [_performer(one, rates.get((one.account_id, one.post_id))) for one in high]
    return found


def _high(one: PostStanding, best: float, low: float, policy: Relative) -> bool:
    """Whether it clears every bar; one that was called high before has lower ones."""
    if one.post_id in policy.known:
        ratio = 1.0 + (policy.ratio - 1.0) * policy.keep
        return one.z > policy.z * policy.keep and one.ratio >= ratio
    if one.value < low:
        return False
    if not one.age_ok and 1.0 + one.interval.lo < policy.ratio:
        return False
    return one.z > policy.z and one.ratio >= policy.ratio and one.z >= best


def _performer(one: PostStanding, rate: float | None) -> Performer:
    span = f"{1 + one.interval.lo:.1f}-{1 + one.interval.hi:.1f}"
    on_track = "" if one.age_ok else "on track for "
    fell = ", though an earlier reading was higher" if one.fell else ""
    return Performer(
        post_id=one.post_id,
        account_id=one.account_id,
        policy="relative",
        ratio=one.ratio,
        interval=one.interval,
        z=one.z,
        rate=rate,
        value=one.value,
        basis=one.basis,
        n=one.n,
        age_h=one.age_h,
        age_ok=one.age_ok,
        reason=f"{one.value:,.0f} {WORDS[one.basis]} after {_age(one.age_h)}, {on_track}{one.ratio:.1f}× "
        f"its usual at the same age (80 %: {span}), from {one.n} posts{fell}",
    )


def _age(hours: float) -> str:
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"
