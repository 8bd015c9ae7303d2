"""The week as a smooth circle: eighteen waves, slow ones expected to be larger than quick ones.

Four harmonics of the day, three of the week, and two of the day that only tell the weekend from the rest.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HOURS = 168
SIZE = 18
WEEKEND = 2 / 7


def waves(hours: Floats) -> Floats:
    """The eighteen waves at local hours of the week (0 is Monday 0:00, fractions allowed): (…, 18)."""
    hours = np.asarray(hours, dtype=np.float64)
    day = np.exp(2j * np.pi * hours / 24)
    week = np.exp(2j * np.pi * hours / HOURS)
    weekend = (hours // 24 % 7 >= 5) - WEEKEND
    circles = [day, day**2, day**3, day**4, week, week**2, week**3, weekend * day, weekend * day**2]
    both = np.stack(circles, axis=-1)
    return np.stack([both.real, both.imag], axis=-1).reshape(*hours.shape, SIZE)


def _ready(array: NDArray[np.floating]) -> Floats:
    fixed = array.astype(np.float64)
    fixed.setflags(write=False)
    return fixed


WEEK: Floats = _ready(waves(np.arange(HOURS, dtype=np.float64) + 0.5))
"""The waves at the middle of each hour of the week: (168, 18)."""

_SIZES = np.repeat([12.0, 6.0, 3.0, 1.5, 4.0, 2.0, 1.0, 2.0, 1.0], 2)
SHAPE: Floats = _ready(_SIZES / float(_SIZES @ (WEEK**2).mean(axis=0)))
"""How the variance of a curve is spread over its waves, scaled so that such a curve has a standard
deviation of 1 over the week. The order (a day's first harmonic most, then the week's) is an assumption
of smoothness; how large a curve is in all is learned (`curve.py`)."""

_TO_WAVES: Floats = _ready(np.linalg.pinv(WEEK))


def nearest(week: Floats) -> Floats:
    """The coefficients of the smooth curve nearest to 168 hourly values; its average is left out."""
    coefficients: Floats = _TO_WAVES @ (week - week.mean())
    return coefficients


def standard(values: Floats) -> Floats:
    """The values with average 0 and standard deviation 1; all 0 where they do not differ."""
    centred: Floats = values - values.mean()
    size = float(centred.std())
    return centred / size if size > 1e-9 * max(1.0, float(np.abs(values).max(initial=0.0))) else 0 * centred


def chance_above_zero(mean: float, sd: float) -> float:
    """P(x > 0) for a normal x."""
    if sd <= 0:
        return float(mean > 0) if mean else 0.5
    return 0.5 * (1 + math.erf(mean / sd / math.sqrt(2)))
