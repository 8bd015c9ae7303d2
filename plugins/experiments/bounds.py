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
from scipy.special import ndtri

Array = np.ndarray


def crossing(c: float, times: Sequence[float]) -> float:
    """The chance that a Brownian motion without drift is beyond ±``c`` at one of ``times`` (rising, in the
    same unit of information)."""
    steps = np.diff(np.asarray(times, float), prepend=0.0)
    narrowest = float(np.sqrt(steps.min()))
    nodes, weights = _nodes(int(np.clip(8 * c / narrowest, 40, 320)))
    x, w = c * nodes, c * weights
    apart = np.square(x[:, None] - x[None, :])
    density = _normal(x**2, steps[0])
    known: tuple[float, Array] = (0.0, apart)
    for step in steps[1:]:
        if abs(step - known[0]) > 1e-12:
            known = step, _normal(apart, step)
        density = known[1] @ (w * density)
    return float(1.0 - w @ density)


@lru_cache(maxsize=64)
def _nodes(count: int) -> tuple[Array, Array]:
    found = np.polynomial.legendre.leggauss(count)
    return found[0], found[1]


def _normal(squares: Array, variance: float) -> Array:
    """The density of a normal variable at points whose squares are given."""
    return np.asarray(np.exp(squares / (-2 * variance)) / np.sqrt(2 * np.pi * variance))


@lru_cache(maxsize=512)
def constant(times: tuple[float, ...], alpha: float) -> float:
    """The c that is crossed with probability ``alpha``; ``times`` are shares of the information, the last
    is 1. Raises ValueError for times that do not rise."""
    if not times or times[0] <= 0 or any(b <= a for a, b in pairwise(times)):
        raise ValueError("looks must come one after the other")
    if len(times) == 1:
        return float(-ndtri(alpha / 2) * np.sqrt(times[0]))
    fixed = float(-ndtri(alpha / 2))
    return float(brentq(lambda c: crossing(c, times) - alpha, fixed, fixed * 1.5, xtol=1e-6))


def bounds(times: Sequence[float], alpha: float = 0.05) -> tuple[float, ...]:
    """The |z| that a difference must reach at each look."""
    shares = tuple(float(t) / float(times[-1]) for t in times)
    c = constant(shares, alpha)
    return tuple(c / float(np.sqrt(share)) for share in shares)
