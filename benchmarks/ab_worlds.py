"""Worlds in which variants differ by a known lift, or not at all: what a test would observe in them.

A post's audience falls by 6 % a day, has good and bad weekdays, luck that lasts (AR(1) .5, sd .25) and now
and then a spike; its click rate swings by 10 % from day to day. Posts have heavy-tailed luck (t with 4
degrees of freedom, sd .9) and accounts that differ. These are assumptions, not measurements.
"""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.random import Generator

from plugins.experiments.api import BlockObs, Design, TestPlan

WEEKDAYS = np.array([0.02, 0.0, -0.02, 0.0, 0.05, 0.14, 0.12])
BROKEN_WEEKS = (201325, 201401)
"""In these weeks the archive's site did not split at random (Matias et al., 2021)."""


def split_days(
    plan: TestPlan, rng: Generator, *, lift: float = 0.0, shown: int = 10_000, rate: float = 0.04
) -> list[BlockObs]:
    """Everybody is drawn to one variant; ``shown`` is how often each is shown in all."""
    names, days = plan.spec.variants, plan.days
    rates = [rate] + [rate * (1 + lift)] * (len(names) - 1)
    return [
        BlockObs(day, name, impressions=float(n), clicks=float(rng.binomial(n, p)))
        for day in range(days)
        for name, p in zip(names, rates, strict=True)
        for n in [shown // days]
    ]


def days_of_a_video(
    plan: TestPlan,
    rng: Generator,
    *,
    lift: float = 0.0,
    start: float = 4_000,
    order: Sequence[int] | None = None,
) -> list[BlockObs]:
    """One variant a day; the first is A."""
    days = plan.days
    places = order if order is not None else [plan.spec.variants.index(b.variant) for b in plan.blocks]
    luck = rng.normal(0, 0.25, days)
    for day in range(1, days):
        luck[day] = 0.5 * luck[day - 1] + np.sqrt(0.75) * luck[day]
    spikes = (rng.random(days) < 0.02) * rng.exponential(0.7, days)
    week = WEEKDAYS[(np.arange(days) + rng.integers(7)) % 7]
    shown = rng.poisson(start * np.exp(luck - 0.06 * np.arange(days) + week + spikes))
    odds = -2.9 + rng.normal(0, 0.03) + rng.normal(0, 0.1, days)
    rate = np.minimum((1 + lift * (np.asarray(places) > 0)) / (1 + np.exp(-odds)), 0.9)
    clicks = rng.binomial(shown, rate)
    return [
        BlockObs(
            day,
            plan.spec.variants[places[day]],
            impressions=float(shown[day]),
            clicks=float(clicks[day]),
            views=float(clicks[day]),
        )
        for day in range(days)
    ]


def posts(plan: TestPlan, rng: Generator, *, lift: float = 0.0, accounts: int = 3) -> list[BlockObs]:
    """Posts of accounts of very different size, a variant each."""
    level = rng.normal(5, 0.8, accounts)
    rows = []
    for block in plan.blocks:
        who = int(rng.integers(accounts))
        luck = 0.9 / np.sqrt(2) * rng.standard_t(4)
        got = np.exp(level[who] + luck) * (1 + lift * (block.variant != plan.spec.variants[0]))
        rows.append(BlockObs(block.index, block.variant, value=float(np.round(got)), account=f"a{who}"))
    return rows


def items(plan: TestPlan, rng: Generator, *, lift: float = 0.0) -> list[BlockObs]:
    """Items that go out on two accounts, with another variant on each."""
    worth = rng.normal(0, 0.9, len(plan.blocks))
    rows = []
    for block in plan.blocks:
        who = block.index % 2
        got = np.exp(5 + who * 0.7 + worth[block.group] + rng.normal(0, 0.42))
        got *= 1 + lift * (block.variant != plan.spec.variants[0])
        rows.append(
            BlockObs(block.index, block.variant, value=float(got), account=f"a{who}", item=str(block.group))
        )
    return rows


@dataclass(frozen=True)
class Headlines:
    """One real test: how often each arm was shown and clicked, and in which week."""

    shown: tuple[int, ...]
    clicks: tuple[int, ...]
    week: int

    @property
    def broken(self) -> bool:
        return BROKEN_WEEKS[0] <= self.week <= BROKEN_WEEKS[1]

    def halves(self, rng: Generator) -> tuple[Headlines, Headlines]:
        """Its readers in two parts, by lot."""
        shown = np.array(self.shown)
        first = rng.binomial(shown, 0.5)
        clicked = rng.hypergeometric(np.array(self.clicks), shown - np.array(self.clicks), first)
        one = replace(self, shown=tuple(map(int, first)), clicks=tuple(map(int, clicked)))
        rest, missed = shown - first, np.array(self.clicks) - clicked
        return one, replace(self, shown=tuple(map(int, rest)), clicks=tuple(map(int, missed)))

    def observed(self, names: Sequence[str]) -> list[BlockObs]:
        """As one block."""
        return [
            BlockObs(0, name, impressions=float(n), clicks=float(k))
            for name, n, k in zip(names, self.shown, self.clicks, strict=True)
        ]


def upworthy(path: Path) -> list[Headlines]:
    """The real tests in a file of the Upworthy Research Archive (CC BY 4.0), those of two arms and more."""
    arms: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    with gzip.open(path, "rt", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            week = int(float(row["test_week"]))
            arms[row["clickability_test_id"]].append((int(row["impressions"]), int(row["clicks"]), week))
    return [
        Headlines(tuple(n for n, _, _ in rows), tuple(k for _, k, _ in rows), rows[0][2])
        for rows in arms.values()
        if len(rows) > 1
    ]


__all__ = ["Design", "Headlines", "days_of_a_video", "items", "posts", "split_days", "upworthy"]
