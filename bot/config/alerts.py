"""``[brand.X.alerts]``: what a brand wants to hear of, and from which counts on."""

from __future__ import annotations

import re
from datetime import time
from typing import TYPE_CHECKING

from bot.domain.alarms import AlertRules, Kind
from bot.domain.alerts import LEVELS, NAMES
from bot.domain.words import did_you_mean, listed

if TYPE_CHECKING:
    from bot.config.table import Table

MOST = 20
"""Levels of one metric; more would be a message a day."""


def read_alerts(table: Table) -> AlertRules:
    """The rules as far as they can be understood; a key that is left out has its usual value."""
    usual = AlertRules()
    levels = _levels(table.table("levels"))
    off = table.words("off")
    kinds = [kind.value for kind in Kind]
    for name in off:
        if name not in kinds:
            hint = did_you_mean(name, kinds) or f"; there are {listed(kinds)}"
            table.wrong("off", f"{name!r} is no kind of alert{hint}")
    daily = table.take("daily", int, usual.daily)
    if not 0 <= daily <= 50:
        table.wrong("daily", "is how many alerts a day come one by one, 0 to 50; the rest comes together")
        daily = usual.daily
    text = table.take("digest", str, "09:00")
    if re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text) is None:
        table.wrong("digest", f'{text!r} is not a time of day; write it like "09:00"')
        text = "09:00"
    table.finish()
    return AlertRules(levels=levels, off=frozenset(off), daily=daily, digest=time.fromisoformat(text))


def _levels(table: Table) -> dict[str, tuple[int, ...]]:
    """By metric; a metric that is not named has its usual levels, one with an empty list has none."""
    found = dict(LEVELS)
    for metric in tuple(table.rest()):
        value = table.raw(metric)
        if metric not in NAMES:
            hint = did_you_mean(metric, NAMES) or f"; there are {listed(sorted(NAMES))}"
            table.wrong(metric, f"is no metric{hint}")
        elif (
            not isinstance(value, list)
            or len(value) > MOST
            or any(type(n) is not int or not 0 < n < 2**53 for n in value)
        ):
            table.wrong(metric, f"is a list of at most {MOST} whole numbers above 0, like [1000, 10000]")
        else:
            found[metric] = tuple(sorted(set(value)))
    table.finish()
    return found
