"""``[brand.X.report]``: when a brand is told what its week and its month came to."""

from __future__ import annotations

import re
from datetime import time
from typing import TYPE_CHECKING

from bot.domain.periods import ReportTimes
from bot.domain.when import DAYS
from bot.domain.words import did_you_mean

if TYPE_CHECKING:
    from bot.config.table import Table

FORM = 'a weekday and a time, like "mon 09:00"'
DEFAULT = "mon 09:00"


def read_report(table: Table) -> ReportTimes:
    """Both are told by default, on Monday at nine; what cannot be read is told, and the default counts."""
    weekday, clock = _at(table, table.take("at", str, DEFAULT))
    weekly, monthly = table.take("weekly", bool, True), table.take("monthly", bool, True)
    table.finish()
    return ReportTimes(weekday=weekday, clock=clock, weekly=weekly, monthly=monthly)


def _at(table: Table, text: str) -> tuple[int, time]:
    day, _, clock = text.strip().casefold().partition(" ")
    if day not in DAYS:
        table.wrong("at", f"{text!r} is not {FORM}{did_you_mean(day, DAYS) if day else ''}")
        return 0, time(9)
    if re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", clock.strip()) is None:
        table.wrong("at", f"{text!r} is not {FORM}")
        return 0, time(9)
    return DAYS.index(day), time.fromisoformat(clock.strip())
