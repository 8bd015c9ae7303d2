"""What was tried, and what came of it: from the ledger of what was said about times."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from statistics import fmean, stdev

from bot.domain.outcomes import EXPLORE, Interval
from bot.domain.people import Brand
from bot.domain.report_data import Tried
from bot.domain.when import wall_at
from bot.services.advising.times import zone_of
from bot.services.context import Services
from bot.services.reporting.facts import DAYS
from bot.services.reporting.reading import Read

LEAST = 5
"""Tries of an hour below which nothing is said about it."""

LEVEL = 0.80
WIDE = {4: 1.53, 5: 1.48, 6: 1.44, 7: 1.41, 8: 1.40, 9: 1.38}.get
"""How sure intervals are, and Student's t for that by degrees of freedom (two-sided)."""

NORMAL = 1.282
LEDGER = 500


async def tried_of(
    svc: Services, brand: Brand, numbers: Sequence[Read], span: tuple[datetime, datetime]
) -> tuple[tuple[Tried, ...], int]:
    """Hours that were tried, the best known first, and how many posts of the span went out at such."""
    rows = await svc.store.read(lambda tx: tx.forecasts.realised(brand.name, limit=LEDGER))
    found: dict[str, list[float]] = {}
    for row in rows:
        if row.advice.explore and row.realised is not None and row.realised > -1:
            local = wall_at(row.slot, zone_of(brand, row.account))
            name = f"{DAYS[local.weekday()]} {local.hour:02}:00"
            found.setdefault(name, []).append(math.log1p(row.realised))
    tried = [Tried(name=name, tries=len(logs), lift=lift_of(logs)) for name, logs in found.items()]
    trying = sum(
        EXPLORE in one.reading.flags for one in numbers if span[0] <= one.reading.watch.out_at < span[1]
    )
    return tuple(sorted(tried, key=lambda one: (-one.tries, one.name))), trying


def lift_of(logs: Sequence[float]) -> Interval | None:
    """The mean lift of some tries with its 80 % interval; None for fewer than `LEAST`."""
    if len(logs) < LEAST:
        return None
    mean, error = fmean(logs), stdev(logs) / math.sqrt(len(logs))
    reach = WIDE(len(logs) - 1, NORMAL if len(logs) > 30 else 1.33) * error
    return Interval(
        mean=math.expm1(mean), lo=math.expm1(mean - reach), hi=math.expm1(mean + reach), level=LEVEL
    )
