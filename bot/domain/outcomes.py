"""What became of posts, as optimizers are given it, and how sure anybody is. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

PAID, CROSSPOST, EXPLORE, HERO, TEST = "PAID", "CROSSPOST", "EXPLORE", "HERO", "TEST"
"""Flags of a `PostOutcome`: money was spent on it, it was made of another post, it went out at an hour that
was tried on purpose, somebody called it their best, it is an arm of an experiment."""

FLAGS = frozenset({PAID, CROSSPOST, EXPLORE, HERO, TEST})


@dataclass(frozen=True, slots=True)
class PostOutcome:
    """What one post had brought at an instant. Several rows of one post are several readings of it.

    ``engagement`` is the count that matters (likes, comments and shares together, unless a brand chose
    otherwise), ``views`` None where nobody knows. Instants are aware UTC. ``flags``: see `FLAGS`.
    """

    post_id: str
    account_id: str
    platform: str
    content_type: str
    published_at: datetime
    observed_at: datetime
    engagement: float
    views: float | None = None
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Audience:
    """When an audience is there. ``tz``: IANA name. ``hours``: 24 shares of a day, or 168 of a week that
    begins Monday 0:00, on any scale; ``peak_days``: 0 is Monday."""

    tz: str
    hours: tuple[float, ...] | None = None
    peak_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Interval:
    """A relative lift, 0.23 is +23 %, between ``lo`` and ``hi`` with probability ``level``."""

    mean: float
    lo: float
    hi: float
    level: float = 0.80

    @property
    def clear(self) -> bool:
        """Whether it does not contain zero."""
        return self.lo > 0 or self.hi < 0


@dataclass(frozen=True, slots=True)
class SlotAdvice:
    """One time to post at, and what stands behind it.

    ``lift`` is the honest interval against the account's usual, None where nothing was learned of it;
    ``shown`` the shrunken one that a person sees, None when it does not clear zero. ``basis`` is "own",
    "shared" (other accounts of the brand), "chart" (what is usual on the platform) or "audience".
    ``explore``: this hour is tried to learn from it, not because it is thought best.
    """

    starts_at: datetime
    local: str
    lift: Interval | None
    shown: Interval | None
    p_better: float
    basis: str
    n_posts: int
    explore: bool
    because: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SlotScores:
    """The lift over the account's usual for each of the 168 hours of a local week from Monday 0:00."""

    means: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    basis: str
