"""Optimizers: pure advice from what became of posts. Each kind is told apart by what it can be asked.

They get records and an instant, never a database or a clock; where chance is needed they get a ``seed``,
so that whatever they said can be computed again. They are asked in a thread of their own, so they may
take their time but must not touch anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from bot.domain.experiment import BlockObs, TestPlan, TestResult, TestSpec
from bot.domain.outcomes import Audience, Interval, PostOutcome, SlotAdvice, SlotScores
from bot.domain.tips import AccountProfile, Draft, Suggestion
from bot.domain.winners import Absolute, Performer, PostStanding, Relative


@runtime_checkable
class Optimizer(Protocol):
    """What every adviser has: the name it is known by, and what people call it."""

    name: str
    title: str


@runtime_checkable
class BestTimes(Optimizer, Protocol):
    """Advises when to post."""

    def fit(self, posts: Sequence[PostOutcome], *, zones: Mapping[str, str], now: datetime) -> Any:
        """A model of all accounts in ``posts``; ``zones`` is account → IANA name. Can be pickled."""

    def recommend(
        self,
        model: Any,
        *,
        account_id: str,
        platform: str,
        content_type: str,
        tz: str,
        window: tuple[datetime, datetime],
        now: datetime,
        seed: int,
        audience: Audience | None = None,
        chart: Sequence[float] | None = None,
        quiet: Sequence[tuple[int, int]] = (),
        busy: Sequence[datetime] = (),
        k: int = 3,
        min_gap: timedelta = timedelta(hours=3),
        explore: bool = True,
    ) -> list[SlotAdvice]:
        """At most ``k`` times in ``window``, the best first. ``quiet``: local minutes of the day, from and
        to (over midnight when to < from), at which nothing goes out; ``busy``: instants that are taken."""

    def score_slots(
        self,
        model: Any,
        *,
        account_id: str,
        platform: str,
        content_type: str,
        audience: Audience | None = None,
        chart: Sequence[float] | None = None,
    ) -> SlotScores:
        """What each hour of the week is thought to bring."""


@runtime_checkable
class Tips(Optimizer, Protocol):
    """Looks at a text before it goes out."""

    def suggest(self, draft: Draft, profile: AccountProfile, *, now: datetime) -> list[Suggestion]:
        """What to consider, the strongest first: facts, then what the account's own posts show, then what
        was seen elsewhere. Empty where there is nothing to say."""


@runtime_checkable
class Winners(Optimizer, Protocol):
    """Tells which posts did far better than usual, and what came of posting such ones elsewhere."""

    def high_performers(
        self, posts: Sequence[PostOutcome], *, policy: Absolute | Relative, now: datetime
    ) -> list[Performer]:
        """Those that are high by ``policy``, the best first."""

    def standings(self, posts: Sequence[PostOutcome], *, now: datetime) -> list[PostStanding]:
        """Every post that can be compared with its account's usual at the same age."""

    def expected(self, ratios: Sequence[float]) -> Interval | None:
        """What the next cross-post of a direction lifts over the target's usual, from the ``ratios`` that
        earlier ones had to it; None while there are too few."""


@runtime_checkable
class Experimenting(Optimizer, Protocol):
    """Plans tests and judges them by the rules that were set beforehand."""

    def plan_test(self, spec: TestSpec, *, seed: int) -> TestPlan:
        """The plan with its drawn order. Raises `BadInput` for a test that would prove nothing, and its kind
        `Underpowered` for one that could not see what it is to see."""

    def analyse(
        self, plan: TestPlan, observations: Sequence[BlockObs], *, look: int, stopped: bool = False
    ) -> TestResult:
        """What the ``look``-th registered look says; ``stopped``: somebody ended the test before."""
