"""Everything that the sections of a report are made of. Frozen; plugins read it, nobody changes it.

Instants are aware UTC, times of day are in ``zone``. A None is unknown, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.charts import Tally
from bot.domain.outcomes import Interval
from bot.domain.reckoning import Usual
from bot.domain.report import Report


@dataclass(frozen=True, kw_only=True)
class Total:
    """What the posts of this period have brought so far, and those before it at the same point.

    ``unit``: "views" or another word in the plural. ``known`` of ``posts`` are in ``value``. ``history``:
    names and values of the periods before, oldest first. ``usual`` is already for a period as long as
    this one: they are compared by what they brought in a day.
    """

    unit: str
    value: float | None
    known: int
    posts: int
    history: tuple[tuple[str, float | None], ...] = ()
    usual: Usual | None = None


@dataclass(frozen=True, kw_only=True)
class PostFigure:
    """One post of the period: ``count`` of ``unit``, read ``read_at``, and how many times what was usual
    at the same age (``ratio``, None where too little compares). ``why``: facts from its rows."""

    delivery_id: int
    post_id: int
    account: str
    title: str
    text: str
    out_at: datetime
    unit: str
    count: int | None
    read_at: datetime | None
    ratio: float | None
    usual: Usual | None
    why: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """ "P42 on X"."""
        return f"P{self.post_id} on {self.title}"


@dataclass(frozen=True, kw_only=True)
class Publishing:
    """How sending went: by platform, how late on the average, and what became of the rest.

    ``late``: the mean time between when a post was due and when it was out, of ``timed`` of them.
    ``causes``: what kept posts from going out, and how many each. ``waiting``: due, and on their way.
    """

    tallies: tuple[Tally, ...] = ()
    live: int = 0
    refused: int = 0
    unconfirmed: int = 0
    unsent: int = 0
    waiting: int = 0
    late: timedelta | None = None
    timed: int = 0
    causes: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class SlotGrid:
    """The lift of each hour of the local week for one account; None where too little is known of it.
    ``clear``: hours whose interval does not contain zero."""

    account: str
    title: str
    place: str
    hours: tuple[float | None, ...]
    basis: str
    posts: int
    clear: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What came of hours that were tried in order to learn: a name like "Thu 12:00", over ``tries`` posts."""

    name: str
    tries: int
    lift: Interval | None


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A proposal for next week; ``number`` is that of its row."""

    number: int
    text: str


@dataclass(frozen=True, kw_only=True)
class ReportData:
    """One report. ``title`` names the period ("Week 47"), ``made_at`` is when everything here was true.

    ``tests`` and ``alerts`` are sentences from their own rooms. ``rows``: the deliveries whose numbers
    went in.
    """

    report: Report
    title: str
    zone: str
    made_at: datetime
    simulated: bool = False
    totals: tuple[Total, ...] = ()
    posts: tuple[PostFigure, ...] = ()
    publishing: Publishing = Publishing()
    slots: tuple[SlotGrid, ...] = ()
    tried: tuple[Tried, ...] = ()
    trying: int = 0
    tests: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    rows: tuple[int, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def idle(self) -> bool:
        """Whether nothing happened, and nothing has for as long as anybody looks back."""
        past = any(value is not None for total in self.totals for _, value in total.history)
        sent = self.publishing
        return not (past or self.posts or sent.tallies or sent.waiting or self.tests or self.alerts)

    @property
    def ranked(self) -> tuple[PostFigure, ...]:
        """Posts that can be compared, the best first."""
        known = [post for post in self.posts if post.ratio is not None]
        return tuple(sorted(known, key=lambda post: (-(post.ratio or 0.0), post.delivery_id)))
