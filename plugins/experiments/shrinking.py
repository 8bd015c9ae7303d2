"""What a variant may be expected to bring from now on: winners look better than they are.

Most variants differ little and some a lot, so the prior for a variant's log level among its like is a
mixture of two normals: 80 % with an sd of .16, 20 % of .62 for titles, three quarters of that for pictures
and captions (between titles of one picture the sd was .32 to .34, between pictures of one title .25: Upworthy
Research Archive, CC BY 4.0). Chosen in November 2026 on halves of real tests: what one half claims the other
delivers, both over all tests and over those that one half calls won.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from bot.api import Varied
from plugins.experiments.fitting import Array

SHARES = np.array([0.80, 0.20])
SPREADS = np.array([0.16, 0.62])
SCALE: Mapping[str, float] = MappingProxyType(
    {Varied.TITLE: 1.0, Varied.THUMBNAIL: 0.75, Varied.CAPTION: 0.75}
)


def drawn(log: Array, variances: Array, kind: str) -> tuple[Array, Array]:
    """Posterior means of all variants' log levels, as far apart as ``log`` and less, and their variances.

    ``log`` holds the level of each variant (any common zero), ``variances`` those of each alone.
    """
    prior = (SPREADS * SCALE[kind]) ** 2
    weight = 1 / (variances + SHARES @ prior)
    common = float(weight @ log / weight.sum())
    apart = (log - common)[:, None]
    keep = prior / (prior + variances[:, None])
    likely = SHARES * _normal(apart, prior + variances[:, None])
    share = likely / np.maximum(likely.sum(1, keepdims=True), 1e-300)
    mean = (share * keep * apart).sum(1)
    spread = (share * (keep * variances[:, None] + (keep * apart) ** 2)).sum(1) - mean**2
    return common + mean, np.maximum(spread, 1e-12)


def _normal(apart: Array, variance: Array) -> Array:
    """The density of a normal variable, up to a factor that all have."""
    return np.asarray(np.exp(apart**2 / (-2 * variance)) / np.sqrt(variance))
