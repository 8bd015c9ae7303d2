"""The hours of a week as lines of signs, for places that show words only. Pure."""

from __future__ import annotations

import math
from collections.abc import Collection

from bot.domain.outcomes import SlotScores
from bot.domain.slots import DAYS

HATCH = "╱"
LEVELS = "▁▂▃▄▅▆▇█"
RULER = "0     6     12    18    "
"""Hours above the columns; one sign is one hour."""

WEEK = 168


def heat_lines(scores: SlotScores, tried: Collection[int]) -> tuple[tuple[str, str], ...]:
    """The day and its 24 signs, Monday first; an hour that was never tried is hatched, whatever a model
    thinks of it. ``tried`` are hours of the week, Monday 0:00 is 0."""
    logs = {hour: math.log1p(max(scores.means[hour], -0.99)) for hour in tried if 0 <= hour < WEEK}
    low, high = min(logs.values(), default=0.0), max(logs.values(), default=0.0)
    lines = []
    for day, name in enumerate(DAYS):
        hours = range(day * 24, day * 24 + 24)
        lines.append((name.title(), "".join(_sign(logs.get(hour), low, high) for hour in hours)))
    return tuple(lines)


def _sign(value: float | None, low: float, high: float) -> str:
    if value is None:
        return HATCH
    if high <= low:
        return LEVELS[len(LEVELS) // 2]
    return LEVELS[min(len(LEVELS) - 1, int((value - low) / (high - low) * len(LEVELS)))]


def legend(tried: Collection[int], count: int, scores: SlotScores) -> str:
    """What the signs mean, and how much of the week anything is known about."""
    if not tried:
        return f"{HATCH} you have never posted at that hour, so nothing is known of it."
    ends = [scores.means[hour] for hour in tried if 0 <= hour < WEEK]
    return (
        f"{LEVELS[0]} {round(min(ends) * 100):+d} % to {LEVELS[-1]} {round(max(ends) * 100):+d} % "
        f"against your usual hour, as a model that draws noise together puts it; "
        f"{HATCH} never tried ({WEEK - len(set(tried))} of {WEEK} hours). {count} posts."
    )
