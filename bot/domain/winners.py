"""Posts far above their account's usual: what is asked for, and what is answered. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.outcomes import Interval


@dataclass(frozen=True, kw_only=True)
class Absolute:
    """More than ``views`` and a larger share of engagement than ``rate``, whoever posts. It measures how
    large an account is as much as how good a post is."""

    views: float = 10_000
    rate: float = 0.05


@dataclass(frozen=True, kw_only=True)
class Relative:
    """Far above what the account's own posts of that type had at the same age.

    ``window`` earlier posts are compared with, ``least`` of them are needed. A post is high when it is
    ``ratio`` times the usual or more, ``z`` robust standard deviations above it, among the best ``share``
    of its account, and has ``floor`` views and at least the 30th percentile of the account's (``few`` where
    engagement is what is compared). While its numbers still grow fast, the lower end of its 80 % interval
    has to reach ``ratio``. ``known``: posts that were called high before; they stay so down to
    ``keep`` of the bars.
    """

    window: int = 40
    least: int = 10
    ratio: float = 1.5
    z: float = 1.645
    share: float = 0.12
    floor: float = 100.0
    few: float = 10.0
    known: frozenset[str] = frozenset()
    keep: float = 0.7


@dataclass(frozen=True, kw_only=True)
class PostStanding:
    """One post against its account's usual at the same age.

    ``ratio`` times the usual, ``interval`` the same as a lift (2.1 is +210 %); ``z`` robust standard
    deviations; ``n`` posts make the usual, ``usual`` what they have in the end in ``basis`` ("views" or
    "engagement"), ``value`` what this one had when it was read, ``age_h`` hours after it went out.
    ``age_ok``: its numbers have stopped growing fast. ``fell``: an earlier reading was higher.
    """

    post_id: str
    account_id: str
    ratio: float
    interval: Interval
    z: float
    n: int
    usual: float
    value: float
    basis: str
    age_h: float
    age_ok: bool
    fell: bool = False


@dataclass(frozen=True, kw_only=True)
class Performer:
    """A post that is high. ``rate``: engagement for each view, drawn towards the account's own; None
    where views are unknown. ``policy``: "relative" or "absolute", which has no usual: there ``ratio`` is
    to the bar, and ``interval`` and ``z`` are None. ``reason``: one sentence with its figures."""

    post_id: str
    account_id: str
    policy: str
    ratio: float
    interval: Interval | None
    z: float | None
    rate: float | None
    value: float
    basis: str
    n: int
    age_h: float
    age_ok: bool
    reason: str
