"""What is expected of an account's week before its posts are looked at: platform, and audience."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from bot.api import Audience
from plugins.best_time.basis import HOURS, SIZE, Floats, nearest, standard
from plugins.best_time.charts import chart as shipped
from plugins.best_time.charts import pattern
from plugins.best_time.zones import moved, zone

CHART_WEIGHT, AUDIENCE_WEIGHT, PEAK_WEIGHT = 0.5, 0.4, 0.5
"""How much of the expected curve comes from the platform's pattern and from the audience's hours, and what a
peak day adds to those hours, in standard deviations; the rest of a curve is the account's own."""

LEAST_SHARE = 0.02
"""Added to shares relative to their average before the logarithm, so that an empty hour is low, not
infinitely low."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Coefficients at a spread of 1: ``common`` of the platform's pattern, ``own`` of what the audience adds
    for this account. ``audience``: whether its hours or days went in; ``known``:
    whether there is a pattern for the platform. ``notes`` say what could not be used."""

    common: Floats
    own: Floats
    audience: bool
    known: bool
    zone: str
    notes: tuple[str, ...] = ()


def expected(
    platform: str,
    where: str,
    audience: Audience | None,
    chart: Sequence[float] | None,
    now: datetime,
) -> Expected:
    """What is expected by the local hours of the zone ``where``.

    ``chart`` is by the audience's hours, like what is shipped. Raises ValueError for a chart that has not
    168 values, for hours that are not 24 or 168, and for a zone that does not exist.
    """
    notes: list[str] = []
    home = where
    if audience is not None:
        zone(audience.tz)
        home = audience.tz
    week = CHART_WEIGHT * _pattern(platform, chart, notes)
    present = _audience(audience, notes) if audience is not None else None
    return Expected(
        common=nearest(moved(week, home, where, now)),
        own=nearest(AUDIENCE_WEIGHT * moved(present, home, where, now))
        if present is not None
        else np.zeros(SIZE),
        audience=present is not None,
        known=chart is not None or pattern(platform) is not None,
        zone=home,
        notes=tuple(notes),
    )


def _pattern(platform: str, chart: Sequence[float] | None, notes: list[str]) -> Floats:
    """168 values with average 0 and standard deviation 1."""
    if chart is None:
        return shipped(platform)
    given = np.asarray(chart, dtype=np.float64)
    if given.shape != (HOURS,):
        raise ValueError(f"a chart has {HOURS} values, one for each hour of the week, not {given.size}")
    if not np.isfinite(given).all():
        notes.append("The chart has values that are not numbers, so the general pattern took its place.")
        return shipped(platform)
    return standard(given)


def _audience(audience: Audience, notes: list[str]) -> Floats | None:
    """168 values with average 0 and standard deviation 1; None where nothing usable was said."""
    week, told = np.zeros(HOURS), False
    if audience.hours is not None:
        shares = np.asarray(audience.hours, dtype=np.float64)
        if shares.shape not in {(24,), (HOURS,)}:
            raise ValueError(f"audience hours are 24 or {HOURS} shares, not {shares.size}")
        if not np.isfinite(shares).all() or (shares < 0).any() or not shares.any():
            notes.append(
                "The audience's hours make no sense (not all are shares of 0 or more), so they were left out."
            )
        else:
            level = standard(np.log(shares / shares.mean() + LEAST_SHARE))
            week, told = np.resize(level, HOURS), bool(level.any())
    days = {day for day in audience.peak_days if day in range(7)}
    if len(days) < len(set(audience.peak_days)):
        notes.append("Peak days are 0 (Monday) to 6 (Sunday); others were left out.")
    if days and len(days) < 7:
        peaks = np.array([float(day in days) for day in range(7)])
        week, told = week + PEAK_WEIGHT * np.repeat(peaks - peaks.mean(), 24), True
    return standard(week) if told else None
