"""How large a difference must be at each look, so that looking often finds no more that is not there.

O'Brien and Fleming (1979): on the scale of information t the bound for |z| is c/√t with one c for all looks,
so the sum of what was observed is held against a constant. c comes from the recursion of Armitage, McPherson
and Rowe (1969), which carries the density of the sums that have not crossed yet from look to look by
Gauss–Legendre quadrature; checked against Jennison and Turnbull (2000, table 2.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm


def crossing(c: float, times: Sequence[float]) -> float:
    """The chance that a Brownian motion without drift is beyond ±``c`` at one of ``times`` (rising, in the
    same unit of information)."""
    steps = np.diff(np.asarray(times, float), prepend=0.0)
    narrowest = float(np.sqrt(steps.min()))
    nodes, weights = np.polynomial.legendre.leggauss(int(np.clip(16 * c / narrowest, 48, 400)))
    x, w = c * nodes, c * weights
    density = norm.pdf(x, scale=np.sqrt(steps[0]))
    for step in steps[1:]:
        density = norm.pdf(x[:, None] - x[None, :], scale=np.sqrt(step)) @ (w * density)
    return float(1.0 - w @ density)


@lru_cache(maxsize=512)
def constant(times: tuple[float, ...], alpha: float) -> float:
    """The c that is crossed with probability ``alpha``; ``times`` are shares of the information, the last
    is 1. Raises ValueError for times that do not rise."""
    if not times or times[0] <= 0 or any(b <= a for a, b in pairwise(times)):
        raise ValueError("looks must come one after the other")
    if len(times) == 1:
        return float(norm.isf(alpha / 2) * np.sqrt(times[0]))
    fixed = float(norm.isf(alpha / 2))
    return float(brentq(lambda c: crossing(c, times) - alpha, fixed, fixed * 1.5, xtol=1e-6))


def bounds(times: Sequence[float], alpha: float = 0.05) -> tuple[float, ...]:
    """The |z| that a difference must reach at each look."""
    shares = tuple(float(t) / float(times[-1]) for t in times)
    c = constant(shares, alpha)
    return tuple(c / float(np.sqrt(share)) for share in shares)
