"""How others find a best time: what advice has to beat."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from benchmarks.worlds import Floats, World

Naive = Callable[[World], int]
Whole = NDArray[np.int64]


def _posts(world: World) -> tuple[Whole, Floats]:
    hours = np.array([p.published_at.weekday() * 24 + p.published_at.hour for p in world.posts], np.int64)
    return hours, np.array([post.engagement for post in world.posts])


def raw_cells(world: World) -> int:
    """The hour of the week with the best average."""
    hours, counts = _posts(world)
    if not hours.size:
        return 36
    total, many = np.bincount(hours, counts, 168), np.bincount(hours, minlength=168)
    return int(np.argmax(np.where(many > 0, total / np.maximum(many, 1), -1)))


def hour_and_day(world: World) -> int:
    """The best hour of the day on the best day of the week."""
    hours, counts = _posts(world)
    if not hours.size:
        return 36
    best = []
    for keys, size in ((hours % 24, 24), (hours // 24, 7)):
        total, many = np.bincount(keys, counts, size), np.bincount(keys, minlength=size)
        best.append(int(np.argmax(np.where(many > 0, total / np.maximum(many, 1), -1))))
    return best[1] * 24 + best[0]


def most_frequent(world: World) -> int:
    """The hour at which it posts most."""
    hours, _ = _posts(world)
    return int(np.argmax(np.bincount(hours, minlength=168))) if hours.size else 36


def chart_peak(world: World) -> int:
    """The best hour of the platform's chart."""
    return int(np.argmax(world.chart))


WAYS: Mapping[str, Naive] = {
    "chart": chart_peak,
    "raw cells": raw_cells,
    "hour+day": hour_and_day,
    "most frequent": most_frequent,
}


def beside(worlds: list[World]) -> str:
    """The regret of every naive way, in one line."""
    return ", ".join(
        f"{name} {np.mean([world.regret(way(world)) for world in worlds]):.3f}" for name, way in WAYS.items()
    )
