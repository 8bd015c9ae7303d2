"""A series as one line of text. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

STEPS = "▁▂▃▄▅▆▇█"
GAP = "·"
"""What stands where nothing is known."""


def sparkline(values: Sequence[float | None]) -> str:
    """One sign for each value, from 0 to the largest; a gap where it is unknown. Empty for nothing known."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    if not known:
        return ""
    top = max(*known, 0.0)
    return "".join(_sign(value, top) for value in values)


def _sign(value: float | None, top: float) -> str:
    if value is None or not math.isfinite(value):
        return GAP
    if top <= 0:
        return STEPS[0]
    return STEPS[min(len(STEPS) - 1, math.floor(max(0.0, value) / top * (len(STEPS) - 1) + 0.5))]
