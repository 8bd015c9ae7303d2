"""The optimizer that plans tests and judges them; what is heavy is imported when it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.api import BlockObs, TestPlan, TestResult, TestSpec


class Desk:
    """Implements `bot.api.Experimenting`."""

    name = "experiments"
    title = "Tests"

    def plan_test(self, spec: TestSpec, *, seed: int) -> TestPlan:
        import numpy as np

        from plugins.experiments import api

        return api.plan_test(spec, rng=np.random.default_rng(seed))

    def analyse(
        self, plan: TestPlan, observations: Sequence[BlockObs], *, look: int, stopped: bool = False
    ) -> TestResult:
        from plugins.experiments import api

        return api.analyse(plan, observations, look=look, stopped=stopped)
