"""Posts whose views grow by chance, some of which suddenly take off or stop: what alerts are measured on.

Its own model, not the detector's: views fade as a power of the age with a pace of each post's own, people
are awake by day, the interest wanders (autocorrelated), and counts scatter more than chance alone would
have it (gamma-Poisson).
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.courses import Reading, Window

START = datetime(2026, 3, 2, tzinfo=UTC)
HOURS = 72
SCATTER, WANDER, KEEPS = 8.0, 0.3, 0.6
"""Shape of the gamma, standard deviation of the wandering in log units and how much of it lasts an hour."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """One post: hourly ``gains``, and the hour at which something happens to it, if it does."""

    since: datetime
    gains: tuple[int, ...]
    happens: int | None = None

    @property
    def window(self) -> Window:
        return self.until(len(self.gains))

    def until(self, hours: int) -> Window:
        """As it was read at every full hour of its age so far."""
        total, readings = 0, []
        for hour, gained in enumerate(self.gains[:hours], 1):
            total += gained
            readings.append(Reading(at=self.since + timedelta(hours=hour), count=total))
        return Window(since=self.since, readings=tuple(readings))


def course(dice: random.Random, *, factor: float = 1.0, lasts: int = 12, level: float = 5.0) -> Course:
    """A post of 72 hours; with ``factor``, from an hour between 20 and 55 on for ``lasts`` hours.

    ``level``: mean of the log of the views of its first day.
    """
    since = START + timedelta(hours=dice.randrange(24 * 28))
    size = math.exp(dice.gauss(level + 1.4, 1.1))
    fades, knee = dice.gauss(1.15, 0.12), dice.uniform(2.0, 5.0)
    day, phase = dice.uniform(0.3, 0.6), dice.gauss(20, 1)
    happens = dice.randrange(20, 55) if factor != 1.0 else None
    curve = [(1 + hour / knee) ** -fades for hour in range(HOURS)]
    scale, wander, gains = size / sum(curve[:24]), 0.0, []
    for hour in range(HOURS):
        wander = KEEPS * wander + math.sqrt(1 - KEEPS**2) * dice.gauss(0, WANDER)
        clock = (since.hour + hour) % 24
        mean = scale * curve[hour] * math.exp(wander + day * math.cos((clock - phase) * math.pi / 12))
        if happens is not None and happens <= hour < happens + lasts:
            mean *= factor
        gains.append(poisson(dice, mean * dice.gammavariate(SCATTER, 1 / SCATTER)))
    return Course(since=since, gains=tuple(gains), happens=happens)


def poisson(dice: random.Random, mean: float) -> int:
    """A count with that mean; the normal distribution stands in where it is large."""
    if mean > 200:
        return max(0, round(dice.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), dice.random(), 0
    while product > limit:
        product *= dice.random()
        count += 1
    return count


def courses(seed: int, many: int, *, factor: float = 1.0, lasts: int = 12) -> list[Course]:
    """That many posts of one account."""
    dice = random.Random(seed)
    return [course(dice, factor=factor, lasts=lasts) for _ in range(many)]
