"""How much of its final count a post has at an age, by platform, so that young posts can be compared.

share(age) = 1 − exp(−(age / τ)^0.7). The τ shipped are starting values, in hours (reference: optimizer,
section 3); where a platform's posts were read several times, τ is learned from how those counts rose.
"""

from __future__ import annotations

import numpy as np

from plugins.best_time.basis import Floats

POWER = 0.7
USUAL_TAU = 24.0
OLD_ENOUGH = 0.25
"""Posts that can have reached less than this share of their final count say too little."""

STEPS = np.exp2(np.linspace(-3, 3, 61))
STRENGTH = 0.5
"""How far from its starting value a τ is expected to be: sd of its logarithm."""
READING_NOISE = 0.35
"""sd of the logarithm of one post's growth around the common curve; an assumption that only says how many
posts it takes (about ten) until the readings outweigh the starting value."""


def starting_tau(platform: str) -> float:
    """Hours until 63 % of the final count are there."""
    match platform.casefold():
        case "x" | "twitter" | "bluesky" | "threads":
            return 8.0
        case "linkedin":
            return 30.0
        case "tiktok":
            return 60.0
        case "youtube":
            return 120.0
    return USUAL_TAU


def share(age_hours: Floats, tau: float | Floats) -> Floats:
    """The share of its final count that a post has at an age, 0 to 1."""
    grown: Floats = -np.expm1(-((np.maximum(age_hours, 0.05) / tau) ** POWER))
    return grown


def learned_tau(platform: str, early: Floats, late: Floats, rise: Floats) -> float:
    """τ from posts that were read twice: at ages ``early`` and ``late`` (hours), ``rise`` being the log of
    how many times the first count the second was. Few readings leave it near the starting value."""
    start = starting_tau(platform)
    if not rise.size:
        return start
    taus = start * STEPS
    expected = np.log(share(late[:, None], taus)) - np.log(share(early[:, None], taus))
    misses = np.minimum(np.abs(rise[:, None] - expected) / READING_NOISE, 4.0).sum(axis=0)
    misses += 0.5 * (np.log(STEPS) / STRENGTH) ** 2
    return float(taus[int(np.argmin(misses))])
