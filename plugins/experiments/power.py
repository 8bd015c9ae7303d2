"""What a planned test could find: the smallest lift that it sees four times in five.

The sd of a day's log click rate beyond counting (.10), of a day's log views (.30), of a post's log result
(.85) and of an item's between accounts (.60) are what was assumed or seen in simulations of November 2026,
until an account's own days say otherwise. A post's audience was taken to fall by 6 % a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from scipy.special import ndtr, stdtrit

from bot.api import Design, Metric, TestSpec

IMPRESSIONS_A_DAY, RATE, DECAY = 4_000.0, 0.05, 0.06
DAY_NOISE: Mapping[str, float] = MappingProxyType(
    {Metric.CTR: 0.10, Metric.VIEWS: 0.30, Metric.ENGAGEMENT: 0.40}
)
POST_NOISE, ITEM_NOISE = 0.85, 0.60
UNFAIR = 1.5
"""By how much a variance counts more where others split: arms that were the same differed so in the
Upworthy archive (z with an sd of 1.3)."""

MOST_DAYS, MOST_POSTS = 90, 2_000


def day_information(spec: TestSpec, days: int) -> np.ndarray:
    """How much each day of a switchback tells, in units of 1 over variance of its log."""
    noise = spec.noise if spec.noise is not None else DAY_NOISE[spec.metric]
    if spec.metric != Metric.CTR:
        return np.full(days, 1 / noise**2)
    shown, rate = spec.impressions_per_day or IMPRESSIONS_A_DAY, spec.rate or RATE
    counting = 1 / np.maximum(shown * rate * np.exp(-DECAY * np.arange(days)), 0.1)
    return np.asarray(1 / (noise**2 + counting))


def spread(spec: TestSpec) -> tuple[float, int] | None:
    """The standard error of one variant's log lift over another's at the end, and degrees of freedom;
    None where nobody knows how many people a split will reach."""
    arms = len(spec.variants)
    match spec.design:
        case Design.SPLIT:
            if not (spec.impressions_per_day and spec.rate):
                return None
            shown = spec.impressions_per_day * spec.days / arms
            variance = 2 * (1 - min(spec.rate, 0.99)) / (shown * spec.rate) * (1.0 if spec.ours else UNFAIR)
            return float(np.sqrt(variance)), 10_000
        case Design.SWITCHBACK:
            if spec.days - arms - 2 < 1:
                return float("inf"), 1
            total = day_information(spec, spec.days).sum()
            return float(np.sqrt(2 * arms / total)), spec.days - arms - 2
        case Design.PAIRS:
            noise = spec.noise if spec.noise is not None else ITEM_NOISE
            return float(noise * np.sqrt(2 / max(spec.per_arm, 1))), max(spec.per_arm - 2, 1)
        case _:
            noise = spec.noise if spec.noise is not None else POST_NOISE
            freedom = arms * (spec.per_arm - 1) - max(len(spec.accounts) - 1, 0)
            return float(noise * np.sqrt(2 / max(spec.per_arm, 1))), max(freedom, 1)


def detectable(spec: TestSpec, bound: float) -> float | None:
    """The lift that is found with ``spec.power`` when |z| must reach ``bound``; None where unknown."""
    found = spread(spec)
    if found is None:
        return None
    error, freedom = found
    if not np.isfinite(error):
        return float("inf")
    needed = stdtrit(freedom, spec.power) - stdtrit(freedom, ndtr(-bound))
    return float(np.expm1(min(needed * error, 50.0)))


def needed(spec: TestSpec, bound: float) -> int | None:
    """How many days, or posts of each variant, would see ``spec.smallest``; None where none would."""
    by_days = spec.design in (Design.SPLIT, Design.SWITCHBACK)
    most = MOST_DAYS if by_days else MOST_POSTS

    def enough(size: int) -> bool:
        asked = replace(spec, days=size) if by_days else replace(spec, per_arm=size)
        lift = detectable(asked, bound)
        return lift is not None and lift <= spec.smallest

    if not enough(most):
        return None
    low, high = 1, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    arms = len(spec.variants) if spec.design == Design.SWITCHBACK else 1
    return -(-low // arms) * arms
