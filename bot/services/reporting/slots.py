"""The heat map of a week: what each hour is thought to bring, only where something is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.domain.outcomes import SlotScores
from bot.domain.people import Brand
from bot.domain.report_data import SlotGrid
from bot.domain.when import place, wall_at
from bot.services.advising.times import slot_scores, zone_of
from bot.services.context import Services
from bot.services.reporting.reading import Read

WEEK = 168
NEAR = 1
"""Hours beside one in which the account has posted that count as known with it."""

WITHIN = timedelta(days=112)
"""How far back posts at an hour are counted: sixteen weeks."""

LEAST = 10
"""Posts of an account before its map says anything; with fewer nothing is learned of its hours."""

MOST = 3
"""Accounts with a map of their own in one report; those with the most posts."""


async def grids(svc: Services, brand: Brand, numbers: Sequence[Read]) -> tuple[SlotGrid, ...]:
    """One for each account that has posts enough, those with the most first."""
    found = []
    for connected in svc.accounts_of(brand.name):
        own = [one for one in numbers if one.reading.watch.account == connected.name]
        scores = await slot_scores(svc, brand.name, connected.name) if len(own) >= LEAST else None
        if scores is None:
            continue
        zone = zone_of(brand, connected.name)
        hours = known_hours(scores, [hour_of(one, zone) for one in own])
        found.append(
            SlotGrid(
                account=connected.name,
                title=connected.platform.title,
                place=place(zone),
                hours=hours,
                basis=scores.basis,
                posts=len(own),
                clear=clear_hours(scores),
            )
        )
    return tuple(sorted(found, key=lambda grid: (-grid.posts, grid.account))[:MOST])


def hour_of(one: Read, zone: str) -> int:
    """The hour of the local week in which it came out."""
    local = wall_at(one.reading.watch.out_at, zone)
    return local.weekday() * 24 + local.hour


def clear_hours(scores: SlotScores) -> frozenset[int]:
    """Hours that are better or worse than the others with the certainty of the interval."""
    bounds = enumerate(zip(scores.lows, scores.highs, strict=True))
    return frozenset(hour for hour, (low, high) in bounds if low > 0 or high < 0)


def known_hours(scores: SlotScores, posted: Sequence[int]) -> tuple[float | None, ...]:
    """The means of the hours in which something was posted, or right beside; None for every other.

    What a model says of an hour that nobody has tried is a guess from its neighbours and from what is
    usual elsewhere: it may be advice, but it is no finding, so the map does not show it as one.
    """
    near = {(hour + step) % WEEK for hour in posted for step in range(-NEAR, NEAR + 1)}
    return tuple(mean if hour in near else None for hour, mean in enumerate(scores.means))
