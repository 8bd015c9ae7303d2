"""What came of claims about times, and how that corrects the next ones. Pure.

All in logarithms of engagement: a lift of +23 % is log(1.23). A post is compared with what its account
usually gets at about the same age, by the median, so that one post that went through the roof does
not decide. The slope of what came over what was claimed is drawn towards `USUAL`, as hard as the noise
of single posts demands; below `ENOUGH` pairs it is not used at all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import fmean, median

from bot.domain.forecast import Forecast
from bot.domain.outcomes import CROSSPOST, PAID, TEST, Interval, PostOutcome, SlotAdvice

USUAL = 0.75
"""What of a computed lift is said before a brand's own ledger tells (reference: optimizer, section 3)."""

ENOUGH = 30
LOWEST, HIGHEST = 0.4, 1.2
TRUST = 0.25
"""How far the true slope may be from `USUAL` before anything is known, as a standard deviation."""

RIPE = timedelta(days=3)
"""How old a post is before it is compared."""

NEIGHBOURS, MOST_AGE_RATIO = 5, 2.0
"""Posts to compare with at the least, and how many times older or younger than the post they may have
been when they were read. Readings older than `SETTLED` count as of one age."""

SETTLED = timedelta(days=14)
PATIENCE = timedelta(days=45)
"""When a forecast that cannot be compared is given up."""

SLACK, ALARM = 0.5, 5.0
"""A cumulative sum of disappointments, in standard deviations: what is forgiven each time and where it
is too much (Page 1954)."""

LEFT_OUT = frozenset({PAID, CROSSPOST, TEST})
"""Posts that say nothing about an hour."""


@dataclass(frozen=True, kw_only=True)
class Came:
    """What a post brought over what is usual, as a relative lift, and how many it was compared with."""

    lift: float
    compared: int


@dataclass(frozen=True, kw_only=True)
class Record:
    """What claims came to. ``slope``: how much of a claimed lift comes true; ``bias``: by how much (in
    logarithms) posts came out above their claim on average, ``bias_se`` its standard error;
    ``widen``: by what intervals are widened because of it, at least 1; ``failing``: claims have been
    missed so often lately that none is made."""

    pairs: int = 0
    slope: float = USUAL
    learned: bool = False
    bias: float = 0.0
    bias_se: float = 0.0
    widen: float = 1.0
    failing: bool = False
    since: datetime | None = None


def came_to(own: PostOutcome, others: Sequence[PostOutcome], *, slot: datetime) -> Came | None:
    """What ``own`` brought against the account's usual; None while it is too young or nothing compares.

    ``others`` may hold anything; those of the same account count that came out within 90 days of
    ``slot``, were read at about the same age and were not paid for, copied or tested.
    """
    age = own.observed_at - own.published_at
    if age < RIPE:
        return None
    like = [
        o
        for o in others
        if o.account_id == own.account_id
        and o.post_id != own.post_id
        and not o.flags & LEFT_OUT
        and abs(o.published_at - slot) <= timedelta(days=90)
        and _same_age(age, o.observed_at - o.published_at)
    ]
    same_kind = [o for o in like if o.content_type == own.content_type]
    like = same_kind if len(same_kind) >= NEIGHBOURS else like
    if len(like) < NEIGHBOURS or not math.isfinite(own.engagement):
        return None
    usual = median(math.log1p(max(0.0, o.engagement)) for o in like)
    return Came(lift=math.expm1(math.log1p(max(0.0, own.engagement)) - usual), compared=len(like))


def _same_age(one: timedelta, other: timedelta) -> bool:
    """Whether numbers read at these ages can be compared."""
    if other < RIPE:
        return False
    ages = sorted((min(one, SETTLED), min(other, SETTLED)))
    return ages[1] / ages[0] <= MOST_AGE_RATIO


def record_of(ledger: Sequence[Forecast]) -> Record:
    """What the compared rows of a ledger (oldest first) say about claims."""
    pairs = [
        (math.log1p(one.advice.lift.mean), math.log1p(one.realised), one)
        for one in ledger
        if one.realised is not None
        and one.realised > -1
        and one.advice.lift is not None
        and one.advice.lift.mean > -1
    ]
    if not pairs:
        return Record()
    since = pairs[0][2].slot
    if len(pairs) < ENOUGH:
        return Record(pairs=len(pairs), since=since)
    said, came = [p for p, _, _ in pairs], [r for _, r, _ in pairs]
    misses = [r - p * USUAL for p, r in zip(said, came, strict=True)]
    noise = max(_spread(misses), 0.05)
    own, prior = sum(p * p for p in said) / noise**2, 1 / TRUST**2
    slope = (sum(p * r for p, r in zip(said, came, strict=True)) / noise**2 + USUAL * prior) / (own + prior)
    slope = min(HIGHEST, max(LOWEST, slope))
    errors = [_winsor(r - slope * p, noise) for p, r in zip(said, came, strict=True)]
    bias, se = fmean(errors), noise / math.sqrt(len(errors))
    failing = _disappointed(errors, noise)
    wide = math.sqrt(1 + (bias / se / 2) ** 2) if abs(bias) > 2 * se else 1.0
    return Record(
        pairs=len(pairs),
        slope=slope,
        learned=True,
        bias=bias,
        bias_se=se,
        widen=min(3.0, max(wide, 1.5 if failing else 1.0)),
        failing=failing,
        since=since,
    )


def _spread(values: Sequence[float]) -> float:
    """A standard deviation that one strange post does not move."""
    middle = median(values)
    return 1.4826 * median(abs(v - middle) for v in values)


def _winsor(value: float, noise: float) -> float:
    return min(3 * noise, max(-3 * noise, value))


def _disappointed(errors: Sequence[float], noise: float) -> bool:
    """Whether claims have been missed from below, again and again, up to now."""
    total = 0.0
    for error in errors:
        total = max(0.0, total - error / noise - SLACK)
    return total > ALARM


def corrected(advice: SlotAdvice, record: Record) -> SlotAdvice:
    """The advice as this ledger lets it be said: intervals widened, the shown lift scaled.

    The plugin has shrunk ``shown`` by `USUAL` already. A lift that no longer clears zero is not shown.
    """
    if advice.lift is None:
        return advice
    lift = _widened(advice.lift, record.widen)
    shown = advice.shown
    if record.failing or not lift.clear:
        shown = None
    elif shown is not None:
        share = record.slope / USUAL
        wide = _widened(shown, record.widen)
        shown = replace(wide, mean=wide.mean * share, lo=wide.lo * share, hi=wide.hi * share)
    return replace(advice, lift=lift, shown=shown)


def _widened(span: Interval, by: float) -> Interval:
    """The same middle, with wider ends, in logarithms."""
    middle = math.log1p(span.mean)
    low, high = (math.log1p(max(end, -0.99)) - middle for end in (span.lo, span.hi))
    return replace(span, lo=math.expm1(middle + by * low), hi=math.expm1(middle + by * high))


def sound_span(span: Interval | None) -> bool:
    """Whether an interval can be one: numbers, in order, above -100 %."""
    if span is None:
        return True
    ends = (span.mean, span.lo, span.hi)
    return all(map(math.isfinite, ends)) and -1 < span.lo <= span.hi and span.mean > -1


def sound(advice: Sequence[SlotAdvice]) -> bool:
    """Whether every one of them makes sense: aware instants, numbers that are numbers."""
    return all(
        one.starts_at.tzinfo is not None
        and sound_span(one.lift)
        and sound_span(one.shown)
        and math.isfinite(one.p_better)
        and one.n_posts >= 0
        for one in advice
    )
