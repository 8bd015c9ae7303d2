"""Platforms, their accounts, and whoever else a plugin may bring."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from bot.domain.charts import Chart
from bot.domain.counting import Counting
from bot.domain.fitting import MediaRules
from bot.domain.look import Look
from bot.domain.message import Message
from bot.domain.money import Price
from bot.domain.platform import (
    AccountInfo,
    Call,
    Cause,
    Checkpoint,
    Confirmed,
    Facts,
    Feature,
    Finding,
    Gone,
    Limit,
    Metrics,
    Pending,
    PostOption,
    Receipt,
    Ref,
    Staged,
)
from bot.domain.post import Json, Media, Part, Variant
from bot.domain.rates import Meter, Rate
from bot.domain.report_data import ReportData
from bot.domain.revising import DayCount, Revises
from bot.ports.granting import OAuth, Tokens
from bot.ports.world import Clock, Http, Log, MediaLinks, MediaStore

S = TypeVar("S")


@dataclass(frozen=True, kw_only=True)
class Deps:
    """What the core lends a publisher; plugins build no clients of their own.

    ``tokens``: for an account whose owner connected it; None when it has keys in its settings.
    ``meter``: where the publisher says what headers told about its rates. ``links``: signed short-lived
    addresses of media, for a platform that fetches; None without ``[web] public_url``.
    """

    http: Http
    clock: Clock
    media: MediaStore
    log: Log
    tokens: Tokens | None = None
    meter: Meter = field(default_factory=Meter)
    links: MediaLinks | None = None


class Publisher(Protocol):
    """One connected account on one platform. What may be repeated and what may not do not share a method."""

    async def check(self) -> AccountInfo:
        """A real call that proves token, scopes and API version."""

    async def facts(self) -> Facts:
        """What the platform allows this account now."""

    def inspect(self, variant: Variant, facts: Facts) -> Sequence[Finding]:
        """What is wrong, or worth saying, before any upload. Pure."""

    async def stage(self, part: Part, checkpoint: Checkpoint) -> Staged:
        """One reversible step towards ``commit``; called again until it answers `Ready`."""

    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt | Pending:
        """The one irreversible call; nobody repeats it blindly."""

    async def confirm(self, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
        """What became of ``call``; free to repeat, also after a crash."""

    async def measure(self, refs: Sequence[Ref]) -> Mapping[str, Metrics | Gone]:
        """Counts by ``str(ref)``; a ref that is not in the answer is unknown, not zero."""

    async def remove(self, ref: Ref) -> None:
        """Take one part down; already gone is success."""

    async def aclose(self) -> None:
        """Let go of everything; may be called twice."""


@runtime_checkable
class Revising(Protocol):
    """A publisher that can change what is out (`Feature.REVISE`); nothing here creates or removes."""

    async def revise(self, ref: Ref, changes: Mapping[str, str | Media]) -> None:
        """Make it so, and leave the rest as it is; free to repeat, also after a lost answer. ``changes``:
        by `Revises.kinds`, a text or a file. Raises the `PublishError` family."""

    async def shown(self, ref: Ref) -> Mapping[str, str]:
        """What people see now, of what can be read (`Revises.seen`). Raises `Rejected` with the code
        ``gone`` for what is not there any more."""

    async def days(self, ref: Ref, since: date, until: date) -> Mapping[date, DayCount]:
        """What it had on each of these days (both included) that the platform has told of so far."""


class RunningSimulator(Protocol):
    """A platform's simulator, serving on loopback at ``url``."""

    url: str

    async def aclose(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class SimulatedAccount:
    """What a simulated account of a platform is called and set to, without any secret."""

    suffix: str
    title: str
    settings: Mapping[str, Json] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Platform(Generic[S]):
    """A platform's manifest: everything the core knows without any I/O.

    ``settings`` is a frozen dataclass; the loader fills its fields from ``[accounts.X]``
    (fields of type `Secret` from ``{ env = … }``/``{ file = … }``, else from the variable
    that ``secrets`` names for the field). ``commit_timeout``: how long the irreversible
    call may take. ``stage_lead``: how early staging starts. ``settle``: when to look again
    after a lost answer, counted from the loss. ``processing``: how long the platform may go on working on
    what it has taken, before a person is asked (the slowest field clients wait 7–8 minutes).
    ``split`` cuts a long text into a thread.
    ``ref_of`` reads the ref from a link that a person pasted, None when it is no post of this
    platform. ``simulate`` starts a simulator. ``oauth``: how an account's owner connects it.
    ``causes``: the ways the platform says no, for the manual.

    ``rates``: how many publishing calls are taken, per account and per developer app.
    ``price``: what one part costs, None when nothing. ``app_of``: what names the developer app
    in an account's settings, so that accounts of one app share its rates; only a hash is kept.

    ``options``: what a person may choose for a post here. ``media``: what files a variant may carry now,
    so that the core can make them fit; None when nothing is known. ``look``: how the post will look here,
    for preview cards. All three are pure. ``counting``: how it tells how posts do.
    ``revises``: what `Revising` can change, None without `Feature.REVISE`.
    """

    name: str
    title: str
    features: Feature
    limits: tuple[Limit, ...]
    settings: type[S]
    connect: Callable[[S, Deps], Publisher]
    secrets: Mapping[str, str] = field(default_factory=dict)
    commit_timeout: timedelta = timedelta(seconds=30)
    stage_lead: timedelta = timedelta(seconds=60)
    settle: tuple[timedelta, ...] = (timedelta(seconds=10), timedelta(seconds=30), timedelta(seconds=120))
    processing: timedelta = timedelta(minutes=15)
    split: Callable[[str], tuple[str, ...]] | None = None
    ref_of: Callable[[str], Ref | None] | None = None
    simulate: Callable[[Clock], Awaitable[RunningSimulator]] | None = None
    simulated: SimulatedAccount | None = None
    oauth: OAuth | None = None
    causes: tuple[Cause, ...] = ()
    rates: tuple[Rate, ...] = ()
    price: Callable[[Part], Price | None] | None = None
    app_of: Callable[[S], str] | None = None
    options: tuple[PostOption, ...] = ()
    media: Callable[[Variant, Facts], MediaRules] | None = None
    look: Callable[[Variant, Facts], Look] | None = None
    counting: Counting = field(default_factory=Counting)
    revises: Revises | None = None


class Renderer(Protocol):
    """Turns media into what a platform takes. Comes to life with the media service."""

    name: str


@dataclass(frozen=True, kw_only=True)
class GeneratorSpec(Generic[S]):
    """A maker of texts: its name, settings and how to build it."""

    name: str
    settings: type[S]
    connect: Callable[[S, Deps], Any]


@dataclass(frozen=True, kw_only=True)
class ReportSection:
    """One block of the weekly and the monthly report; both functions are pure.

    ``render`` says it: an empty message where there is nothing to say. ``chart``, where it is given, is drawn
    and shown with it, in a message of its own below the report's first one; None where there is nothing
    to show. A section without a chart stands in the first message itself, a few lines of it.
    """

    name: str
    render: Callable[[ReportData], Message]
    chart: Callable[[ReportData], Chart | None] | None = None
