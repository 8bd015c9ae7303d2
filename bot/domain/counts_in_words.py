"""Counts, shares, lifts and ages as a person reads them. Pure, the same in every locale.

Unknown is `UNKNOWN`, never 0; a number that is not one (NaN, infinite) is unknown too. Thin no-break
spaces are not used: a console and a search box shall find "12.4 k" as it is typed.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.outcomes import Interval

UNKNOWN = "—"
MINUS = "−"
"""U+2212, which no chat breaks a line after and nobody takes for a dash."""

UNITS = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


def count(n: float | None) -> str:
    """ "847", "1.9 k", "12.4 k", "124 k", "1.9 M"; `UNKNOWN` for None. From 1,000 on three digits at most."""
    if n is None or not math.isfinite(n):
        return UNKNOWN
    whole, sign = abs(round(n)), MINUS if round(n) < 0 else ""
    for size, unit in UNITS:
        if whole >= size * 0.9995:
            scaled = whole / size
            digits = f"{scaled:.0f}" if scaled >= 99.95 else f"{scaled:.1f}".removesuffix(".0")
            return f"{sign}{digits} {unit}" if whole >= 1000 else f"{sign}{whole}"
    return f"{sign}{whole}"


def span(lo: float | None, hi: float | None) -> str:
    """ "3–6 k", "850–1.2 k", one where both read the same, `UNKNOWN` where one is unknown."""
    low, high = count(lo), count(hi)
    if UNKNOWN in (low, high):
        return UNKNOWN
    if low == high:
        return low
    unit = high.partition(" ")[2]
    if unit and low.partition(" ")[2] == unit:
        return f"{low.partition(' ')[0]}–{high}"
    return f"{low}–{high}"


def percent(x: float | None) -> str:
    """A share: 0.482 is "48 %", 0.0313 is "3.1 %"; below a tenth one place, `UNKNOWN` for None."""
    if x is None or not math.isfinite(x):
        return UNKNOWN
    return f"{_whole(x * 100, places=1 if abs(x) < 0.0995 else 0)} %"


def change(x: float | None) -> str:
    """A relative change with its sign: 0.23 is "+23 %", −0.07 is "−7 %", nothing is "±0 %"."""
    if x is None or not math.isfinite(x):
        return UNKNOWN
    words = _whole(x * 100)
    return f"±{words} %" if words == "0" else f"{'' if words.startswith(MINUS) else '+'}{words} %"


def lift(interval: Interval | None) -> str:
    """ "+23 % [8, 41]": the middle and the bounds, all in percent; `UNKNOWN` for None."""
    if interval is None or not all(map(math.isfinite, (interval.mean, interval.lo, interval.hi))):
        return UNKNOWN
    return f"{change(interval.mean)} [{_whole(interval.lo * 100)}, {_whole(interval.hi * 100)}]"


def times(ratio: float | None) -> str:
    """ "3.1×", "12×"; `UNKNOWN` for None."""
    if ratio is None or not math.isfinite(ratio):
        return UNKNOWN
    return f"{_whole(ratio, places=1 if abs(ratio) < 9.95 else 0)}×"


def age(delta: timedelta) -> str:
    """ "just now", "12 min", "3 h", "2 days"; the largest unit that still says something, rounded down."""
    seconds = delta.total_seconds()
    if seconds < 60:
        return "just now"
    for size, unit in ((86400, "day"), (3600, "h"), (60, "min")):
        if seconds >= size * (2 if size == 86400 else 1):
            whole = int(seconds // size)
            return f"{whole} {unit}{'s' if unit == 'day' else ''}"
    return "just now"


def old(delta: timedelta) -> str:
    """How old something is, behind its instant: "just now", "12 min old"."""
    words = age(delta)
    return words if words == "just now" else f"{words} old"


def _whole(x: float, *, places: int = 0) -> str:
    """Digits with a real minus, and never a minus before nothing."""
    words = f"{abs(x):.{places}f}"
    words = words.removesuffix(".0")
    return f"{MINUS}{words}" if x < 0 and float(words) else words
