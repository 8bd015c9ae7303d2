"""Tests of titles, thumbnails and captions: planned before they begin, judged by rules set beforehand. Pure.

A plan is registered before anything is changed: what is compared, by which one metric, for how long, in
which drawn order, and at which looks a verdict may fall. What is observed comes in blocks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from bot.domain.outcomes import Interval
from bot.errors import BadInput

MOST_VARIANTS, MOST_LOOKS = 8, 28


class Design(StrEnum):
    """How variants meet their readers.

    SPLIT: all at the same time, each to its own share. SWITCHBACK: one at a time on one post, a day each,
    in a drawn order. PAIRS: one item on several accounts, with another variant on each. POSTS: each post
    gets one variant, drawn.
    """

    SPLIT = "split"
    SWITCHBACK = "switchback"
    PAIRS = "pairs"
    POSTS = "posts"


class Metric(StrEnum):
    """The one number a test is judged by. CTR: clicks of those to whom it was shown."""

    CTR = "ctr"
    VIEWS = "views"
    ENGAGEMENT = "engagement"


class Varied(StrEnum):
    """What differs between the variants, one thing in a test."""

    TITLE = "title"
    THUMBNAIL = "thumbnail"
    CAPTION = "caption"


class Verdict(StrEnum):
    """WIN: a challenger beats A. LOSE: A beats every challenger. TIE: the end was reached without either.
    RUNNING: the next look may tell. STOPPED: somebody ended it. INVALID: what was seen is no fair test."""

    WIN = "win"
    LOSE = "lose"
    TIE = "tie"
    RUNNING = "running"
    STOPPED = "stopped"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class TestSpec:
    """What somebody wants to find out, before chance has drawn an order.

    ``variants``: the first is what there is now. ``days``: blocks of a switchback, or days of a split.
    ``per_arm``: posts of each variant (POSTS), or items (PAIRS). ``looks``: how often a verdict may fall,
    None for what suits the length. ``impressions_per_day`` of all variants together and ``rate`` (clicks
    for each) are what the account usually has, ``noise`` the sd of the log of a day's metric (SWITCHBACK)
    or of a post's (POSTS, PAIRS); None for what other accounts showed. ``smallest``: the lift that must be
    detectable, 0.2 is 20 %. ``ours``: the split is made by us; another's may be unfair in ways that cannot
    be seen. ``start``: the first day.
    """

    __test__: ClassVar[bool] = False

    design: str = Design.SWITCHBACK
    metric: str = Metric.CTR
    variants: tuple[str, ...] = ("A", "B")
    kind: str = Varied.TITLE
    days: int = 28
    per_arm: int = 80
    looks: int | None = None
    impressions_per_day: float | None = None
    rate: float | None = None
    noise: float | None = None
    smallest: float = 1.0
    alpha: float = 0.05
    power: float = 0.8
    ours: bool = True
    accounts: tuple[str, ...] = ()
    start: date | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One place in a plan: ``group`` is the pair or triple whose order was drawn together, ``day`` when."""

    index: int
    variant: str
    group: int = 0
    day: date | None = None


@dataclass(frozen=True, slots=True)
class TestPlan:
    """What was registered. ``looks``: after how many blocks each look is; ``bounds``: the |z| that a
    difference must reach at it. ``detectable``: the lift that is found with ``spec.power``, None where
    nobody knows how many people will see it; ``seed`` drew the order."""

    __test__: ClassVar[bool] = False

    spec: TestSpec
    blocks: tuple[Block, ...]
    looks: tuple[int, ...]
    bounds: tuple[float, ...]
    detectable: float | None
    seed: int = 0
    warnings: tuple[str, ...] = ()
    method: str = "experiments/1"

    @property
    def days(self) -> int:
        """How many blocks it has."""
        return len(self.blocks)


@dataclass(frozen=True, slots=True)
class BlockObs:
    """What one variant brought in one block; a post is a block of its own.

    None is unknown, which is not zero. ``value``: what a post brought, by the plan's metric. ``item``: what
    was posted on several accounts. ``shown``: the variant that was read back, "" for another than any of
    ours, None where nobody looked. ``valid``: False when the block was disturbed (a spike, a hold, a day
    of 23 hours), ``why`` says by what.
    """

    block: int
    variant: str
    impressions: float | None = None
    clicks: float | None = None
    views: float | None = None
    value: float | None = None
    account: str = ""
    item: str = ""
    shown: str | None = None
    valid: bool = True
    why: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Contrast:
    """One variant against another: ``p`` is two-sided and already multiplied for how many there are."""

    variant: str
    against: str
    effect: Interval
    p: float


@dataclass(frozen=True, slots=True)
class TestResult:
    """What a look said. ``effect`` is as measured, ``shrunk`` what may be expected from now on: winners
    look better than they are. Both are of ``winner``, or of the best challenger, against A. ``srm_p``: how
    likely so uneven a split is when nothing is wrong. ``z`` was held against ``bound``; ``n`` blocks or
    posts were used."""

    __test__: ClassVar[bool] = False

    verdict: Verdict
    effect: Interval | None
    shrunk: Interval | None
    srm_p: float | None
    warnings: tuple[str, ...] = ()
    winner: str = ""
    z: float = 0.0
    bound: float = 0.0
    look: int = 0
    n: int = 0
    contrasts: tuple[Contrast, ...] = ()
    arms: tuple[tuple[str, int], ...] = field(default=())
    """How many usable blocks or posts each variant has."""


class Underpowered(BadInput):
    """The test could not see what it is to see; ``detectable`` is what it could, ``needed`` how many days
    or posts of each variant would do, None where no length would."""

    def __init__(self, message: str, *, detectable: float, needed: int | None = None) -> None:
        super().__init__(message)
        self.detectable = detectable
        self.needed = needed
