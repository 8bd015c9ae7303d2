"""Levels that a count reaches, and stretches in which it does not go as usual. Pure.

Nothing here reads a clock or draws a number: what comes out depends only on what was read, so that a
claim can be made again from the rows it was made of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType

from bot.domain.courses import Anomaly, Reading, RhythmStats, SeriesStats, Turn, Window
from bot.domain.platform import Metrics
from bot.domain.rhythm import account_turn
from bot.domain.velocity import pace_turn

COUNTED = ("views", "likes", "comments", "shares")
"""What has levels of its own unless a brand says otherwise."""

__all__ = [
    "COUNTED",
    "LEVELS",
    "STEPS",
    "Anomaly",
    "Milestone",
    "Reading",
    "RhythmStats",
    "SeriesStats",
    "Turn",
    "Window",
    "anomalies",
    "crossings",
    "peak",
]

STEPS = (1_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000, 5_000_000, 10_000_000, 100_000_000)
LEVELS: Mapping[str, tuple[int, ...]] = MappingProxyType(dict.fromkeys(COUNTED, STEPS))
NAMES = frozenset(f.name for f in fields(Metrics))

Counts = Metrics | Mapping[str, int | None] | int
"""Counts by metric; a number alone is views."""

Levels = Mapping[str, Sequence[int]] | Sequence[int]


@dataclass(frozen=True, kw_only=True)
class Milestone:
    """A count reached a level for the first time. ``metric``: "views", "likes", …"""

    metric: str
    level: int
    count: int


def count_of(counts: Counts | None, metric: str) -> int | None:
    """One count; None is unknown."""
    if counts is None or isinstance(counts, Metrics):
        return getattr(counts, metric, None)
    if isinstance(counts, int):
        return counts if metric == "views" else None
    return counts.get(metric)


def crossings(previous: Counts | None, current: Counts, levels: Levels = LEVELS) -> list[Milestone]:
    """The levels that ``current`` has reached and ``previous`` had not: of each metric the highest only.

    ``previous`` is the *most* that was ever read (`peak`), so that a count which falls and comes back
    reaches nothing twice; None where nothing was read before, which counts as 0. Whether a first reading
    is news or only late knowledge depends on the age of the post, so the caller decides that.
    ``levels`` are per metric, or one list for every metric in `COUNTED`. Unknown counts reach nothing.
    """
    wanted = levels if isinstance(levels, Mapping) else dict.fromkeys(COUNTED, levels)
    found: list[Milestone] = []
    for metric, steps in wanted.items():
        count, before = count_of(current, metric), count_of(previous, metric) or 0
        if count is None:
            continue
        reached = [step for step in steps if before < step <= count]
        if reached:
            found.append(Milestone(metric=metric, level=max(reached), count=count))
    return found


def peak(previous: Counts | None, current: Counts) -> Metrics:
    """The most that was ever read of every count; what is unknown now stays what it was."""
    most: dict[str, int | None] = {}
    for metric in NAMES:
        known = [n for n in (count_of(previous, metric), count_of(current, metric)) if n is not None]
        most[metric] = max(known, default=None)
    return Metrics(**most)


def anomalies(history: SeriesStats | RhythmStats, window: Window) -> Anomaly | None:
    """Whether the end of ``window`` is unlike ``history``; None too where that cannot be said.

    A post's window against `SeriesStats` is judged by its pace over the last six hours, an account's
    against `RhythmStats` by its last hour (surge) and its last six (silence). Missing readings, counts
    that fell within the window and ages nobody has been at are no anomaly: nothing is known there.
    """
    if isinstance(history, RhythmStats):
        return account_turn(history, window)
    return pace_turn(history, window)
