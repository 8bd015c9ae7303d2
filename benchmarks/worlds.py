"""Worlds in which it is known what every hour brings, to hold advice against the truth.

An account's truth is a platform's week, shifted by some hours, and bumps of its own at random hours, which
no sum of slow waves follows exactly. It posts mostly at a few favourite hours, its best ideas at the
favourite of those, kinds of posts differ, its size drifts, some posts are still young, and single posts
scatter widely. The figures are assumptions of ours: no claim about the real world rests on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from bot.api import Audience, PostOutcome

Floats = NDArray[np.float64]

PLATFORMS = ("x", "linkedin", "instagram", "tiktok", "youtube")
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
WEEKS = 26
NOW = BEGIN + timedelta(weeks=WEEKS)

HOUR, DAY = np.arange(168) % 24, np.arange(168) // 24
WAKING = np.flatnonzero((HOUR >= 7) & (HOUR <= 22))

PEAKS = {
    "x": ((9.5, 2.5, 0.9), (17.5, 3.0, 0.7)),
    "linkedin": ((9.0, 2.0, 1.0), (13.5, 2.5, 0.6)),
    "instagram": ((12.0, 2.5, 0.7), (19.0, 2.5, 1.0)),
    "tiktok": ((13.0, 3.0, 0.4), (20.0, 3.0, 1.1)),
    "youtube": ((11.0, 3.0, 0.3), (17.0, 3.0, 1.0)),
}
WEEKENDS = {"x": -0.15, "linkedin": -0.7, "instagram": 0.1, "tiktok": 0.25, "youtube": 0.3}
HALF = {"x": 8.0, "linkedin": 30.0, "instagram": 24.0, "tiktok": 60.0, "youtube": 120.0}

HERO_SHARE, HERO_LIFT, HABIT_SHARE = 0.12, 0.6, 0.75
NOISE, CHART_PART = 0.9, 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One account: its posts, and the log of what each local hour of the week brings. ``usual`` is the
    average of exp(truth) over all hours at which it ever posted."""

    account: str
    platform: str
    zone: str
    posts: tuple[PostOutcome, ...]
    truth: Floats
    usual: float
    chart: Floats
    audience: Audience

    def regret(self, hour: int) -> float:
        """Which part of the best hour's engagement is lost by posting at this one."""
        return float(1 - np.exp(self.truth[hour] - np.max(self.truth)))

    def lift(self, hour: int) -> float:
        """What this hour really brings over the usual, relative."""
        return float(np.exp(self.truth[hour]) / self.usual - 1)


def unit(week: Floats) -> Floats:
    """Average 0, standard deviation 1."""
    centred = week - week.mean()
    size = float(centred.std())
    scaled: Floats = centred / size if size else centred
    return scaled


def chart(platform: str) -> Floats:
    """The platform's week as everybody knows it."""
    week = np.zeros(168)
    for at, width, height in (*PEAKS[platform], (3.5, 3.5, -1.0)):
        away = np.minimum(np.abs(HOUR - at), 24 - np.abs(HOUR - at))
        week += height * np.exp(-0.5 * (away / width) ** 2)
    return unit(week + WEEKENDS[platform] * (DAY >= 5))


def bumps(rng: Generator) -> Floats:
    """A week of an account's own: some hours that are better or worse every day, some once a week."""
    week = np.zeros(168)
    for daily in (True, True, True, False, False, False):
        round_ = 24 if daily else 168
        away = np.abs((HOUR if daily else np.arange(168)) - rng.uniform(0, round_))
        away = np.minimum(away, round_ - away)
        width = rng.uniform(2, 4) if daily else rng.uniform(6, 18)
        week += rng.normal() * np.exp(-0.5 * (away / width) ** 2)
    return unit(week)


def world(
    rng: Generator,
    account: str,
    platform: str,
    n: int,
    spread: float,
    *,
    zone: str = "UTC",
    readings: int = 1,
) -> World:
    """An account with ``n`` posts whose hours differ by ``spread`` (sd of the log over the week)."""
    base = np.roll(chart(platform), round(rng.normal(0, 2)))
    truth = spread * unit(CHART_PART * base + np.sqrt(1 - CHART_PART**2) * bumps(rng))
    truth = truth - np.log(np.exp(truth).mean())
    many = max(n, 12)
    favourites = rng.choice(WAKING, size=rng.integers(3, 7), replace=False)
    liking = rng.dirichlet(np.full(favourites.size, 1.5))
    habit = rng.random(many) < HABIT_SHARE
    hours = np.where(habit, rng.choice(favourites, many, p=liking), rng.choice(WAKING, many))
    hero = rng.random(many) < HERO_SHARE
    hours = np.where(hero, favourites[int(np.argmax(liking))], hours)
    exact = (hours + rng.uniform(0, 1, many)) % 168
    week = np.sort(rng.integers(0, WEEKS, many))
    kinds = rng.integers(0, 3, many)
    level = rng.normal(6, 1.2) + rng.normal(0, 0.4) * (week / WEEKS - 0.5) * 2 + rng.normal(0, 0.4, 3)[kinds]
    noise = rng.standard_t(4, many) * NOISE / np.sqrt(2) + HERO_LIFT * hero
    expected = np.exp(level + truth[exact.astype(int)] + noise) * rng.gamma(6, 1 / 6, many)
    where = ZoneInfo(zone)
    posts: list[PostOutcome] = []
    for i in range(many - n, many):
        wall = (BEGIN + timedelta(weeks=int(week[i]), hours=float(exact[i]))).replace(tzinfo=None)
        out = wall.replace(tzinfo=where).astimezone(UTC)
        oldest = max((NOW - out) / timedelta(hours=1), 2.0)
        final = rng.poisson(min(expected[i] * (1 - np.exp(-((oldest / HALF[platform]) ** 0.7))), 1e9))
        for reading in range(readings):
            age = oldest / 2 ** (readings - 1 - reading)
            part = np.expm1(-((age / HALF[platform]) ** 0.7)) / np.expm1(-((oldest / HALF[platform]) ** 0.7))
            count = final * part // 1
            seen = min(out + timedelta(hours=age), max(NOW, out))
            posts.append(
                PostOutcome(f"{account}:{i}", account, platform, f"k{kinds[i]}", out, seen, float(count))
            )
    active = np.exp(0.35 * (0.8 * base + 0.6 * bumps(rng))).reshape(7, 24)
    days = tuple(int(day) for day in np.argsort(-active.mean(axis=1))[:2])
    return World(
        account=account,
        platform=platform,
        zone=zone,
        posts=tuple(posts),
        truth=truth,
        usual=float(np.exp(truth[exact.astype(int)]).mean()),
        chart=chart(platform),
        audience=Audience(zone, tuple(float(share) for share in active.mean(axis=0)), days),
    )


def worlds(seed: int, count: int, n: int, spread: float) -> list[World]:
    """That many accounts, over all platforms in turn."""
    rng = np.random.default_rng(seed)
    return [world(rng, f"a{i}", PLATFORMS[i % len(PLATFORMS)], n, spread) for i in range(count)]
