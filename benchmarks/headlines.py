"""Headline tests of the Upworthy archive: pairs shown with the same picture to readers chosen by chance.

Weeks 201325 to 201401 are left out: there readers were not (Matias et al. 2021, and the archive's notes).
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

UNRANDOM = ("201325", "201401")
CLEAR = 1.96


@dataclass(frozen=True, slots=True)
class Arm:
    """One headline of a test and how often it was shown and clicked."""

    text: str
    clicks: int
    shown: int

    @property
    def rate(self) -> float:
        return self.clicks / self.shown


@dataclass(frozen=True, slots=True)
class Group:
    """Headlines of one test beside the same picture; ``half`` 0 or 1, by the test's name."""

    test: str
    half: int
    arms: tuple[Arm, ...]

    def pairs(self) -> Iterator[tuple[Arm, Arm, bool]]:
        """Every two, and whether one of them clearly won (two-sided 5 %)."""
        for one, other in combinations(self.arms, 2):
            rate = (one.clicks + other.clicks) / (one.shown + other.shown)
            error = math.sqrt(rate * (1 - rate) * (1 / one.shown + 1 / other.shown))
            yield one, other, error > 0 and abs(one.rate - other.rate) > CLEAR * error


def groups(path: Path) -> list[Group]:
    """Everything that can be compared, in the order of the tests' names."""
    shown: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(dict)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            count = int(row["impressions"] or 0)
            if count and not UNRANDOM[0] <= row["test_week"] <= UNRANDOM[1]:
                arm = shown[row["clickability_test_id"], row["eyecatcher_id"]].setdefault(
                    row["headline"], [0, 0]
                )
                arm[0] += int(row["clicks"] or 0)
                arm[1] += count
    return [
        Group(test=test, half=_half(test), arms=tuple(Arm(text, c, n) for text, (c, n) in arms.items()))
        for (test, _), arms in sorted(shown.items())
        if len(arms) > 1
    ]


def _half(test: str) -> int:
    return hashlib.sha256(test.encode()).digest()[-1] % 2


def rows(found: Sequence[Group]) -> Iterator[tuple[Group, Arm, float, float]]:
    """Each arm with its log click rate and how much that weighs (clicks, bounded)."""
    for group in found:
        for arm in group.arms:
            rate = math.log((arm.clicks + 0.5) / (arm.shown + 1))
            yield group, arm, rate, float(min(arm.clicks + 1, 200))
