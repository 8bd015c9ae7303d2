"""How much of its final count a post has at an age, and how unsure that is."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from types import MappingProxyType

SHAPE = 0.7
"""Of the growth curve ``1 - exp(-(age / tau) ** SHAPE)``: fast first, then a long tail."""

TAU_H: Mapping[str, float] = MappingProxyType(
    {
        "x": 8.0,
        "twitter": 8.0,
        "bluesky": 8.0,
        "facebook": 8.0,
        "instagram": 24.0,
        "linkedin": 30.0,
        "tiktok": 60.0,
        "youtube": 120.0,
    }
)
"""Hours. Starting values from published half-lives: X under an hour to minutes, Facebook 50-80 minutes,
Instagram 19-20 h, LinkedIn 24 h, YouTube 6-9 days (Graffius, 2018 and 2022), rounded up, because old posts
are compared with old ones anyway and a young one must not look better than it is."""

DEFAULT_TAU_H = 24.0
YOUNGEST = 0.25
"""Share of the final count below which a post says nothing about the usual."""

SPREAD: tuple[tuple[float, float], ...] = ((0.05, 0.77), (0.2, 0.36), (0.6, 0.18), (2.4, 0.06))
"""Age in taus → standard deviation of the log of what is still to come. The first three were measured on
daily snapshots of trending videos, from the first hours, the first and the third day to the sixth; the last
continues them."""


def tau_of(platform: str) -> float:
    """Hours; what is usual where the platform is not known."""
    return TAU_H.get(platform.casefold(), DEFAULT_TAU_H)


def share(age_h: float, tau_h: float) -> float:
    """The share of its final count that a post of this age has on average, 0 to 1."""
    return 1.0 - math.exp(-((max(age_h, 0.05) / tau_h) ** SHAPE))


def half_life(tau_h: float) -> float:
    """Hours until half of the final count is there."""
    return tau_h * math.pow(math.log(2.0), 1.0 / SHAPE)


def spread(age_h: float, tau_h: float) -> float:
    """Standard deviation of the log of the final count, seen from this age."""
    at = math.log(max(age_h, 0.05) / tau_h)
    points = [(math.log(x), y) for x, y in SPREAD]
    if at <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        if at <= x1:
            return y0 + (y1 - y0) * (at - x0) / (x1 - x0)
    return points[-1][1]
