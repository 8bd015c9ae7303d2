"""Counts as they grew, what is usual of them, and stretches that were not. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Turn(StrEnum):
    """Which way it went: a post's pace up or down, an account's hours up, or nearly nothing any more."""

    UP = "up"
    DOWN = "down"
    SURGE = "surge"
    SILENCE = "silence"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A count so far, as it was read at an instant (aware UTC)."""

    at: datetime
    count: int


@dataclass(frozen=True, kw_only=True)
class Window:
    """A count from its beginning until it was read last, oldest first.

    ``since``: when it was 0 (a post's publication; where the counting of an account began). ``zone``:
    IANA name, whose hours of the day are meant. ``open``: what is said to be going on already; it ends
    only when the deviation has shrunk to half of what began it.
    """

    since: datetime
    readings: tuple[Reading, ...]
    zone: str = "UTC"
    open: Turn | None = None


@dataclass(frozen=True, kw_only=True)
class SeriesStats:
    """How the counts of posts usually grow with their age (`bot.domain.velocity.learn`).

    ``shape``: log of the share of a post's growth that falls into each hour of its age; ``hours``: log of
    the factor of each of the 24 hours of the day in ``zone``. ``bias`` and ``spread``, by the age in hours
    at which a window ends: median and robust standard deviation of log(seen / expected). ``posts``: how
    many it was learned from.
    """

    shape: tuple[float, ...]
    hours: tuple[float, ...]
    bias: tuple[float, ...]
    spread: tuple[float, ...]
    posts: int
    zone: str = "UTC"


@dataclass(frozen=True, kw_only=True)
class RhythmStats:
    """What an account's hours usually bring (`bot.domain.rhythm.rhythm`).

    ``mean`` and ``sd`` of the hourly counts of the last 14 days, from ``n`` hours; ``season``: what each
    of 48 kinds of hours usually brings (24 of a working day, 24 of a weekend), None where too few are known.
    """

    mean: float
    sd: float
    n: int
    season: tuple[float | None, ...]
    zone: str = "UTC"


@dataclass(frozen=True, kw_only=True)
class Anomaly:
    """A stretch that did not go as usual. ``usual`` is the range of seen / expected in which 80 % lie;
    ``strength`` the deviation in standard deviations, ``n`` the posts, or hours, it is compared with."""

    turn: Turn
    since: datetime
    until: datetime
    seen: float
    expected: float
    usual: tuple[float, float]
    strength: float
    n: int

    @property
    def ratio(self) -> float:
        """How many times the expected; what was not expected at all counts as one."""
        return self.seen / max(self.expected, 1.0)
