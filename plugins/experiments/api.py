"""Tests with rules set beforehand: `plan_test` registers one, `analyse` says what a look at it shows.

Pure and typed; chance comes from the generator that is passed in, and nothing reads a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from bot.api import (
    BadInput,
    Block,
    BlockObs,
    Contrast,
    Design,
    Interval,
    Metric,
    TestPlan,
    TestResult,
    TestSpec,
    Underpowered,
    Varied,
    Verdict,
)
from plugins.experiments.bounds import bounds
from plugins.experiments.cleaning import clean
from plugins.experiments.fitting import Effects, of_days, of_pairs, of_posts, of_split
from plugins.experiments.judging import STRANGE_SHARE, UNEVEN, counted, invalid, judged, uneven
from plugins.experiments.planning import plan_test, suspicious

__all__ = [
    "Block",
    "BlockObs",
    "Contrast",
    "Design",
    "Interval",
    "Metric",
    "TestPlan",
    "TestResult",
    "TestSpec",
    "Underpowered",
    "Varied",
    "Verdict",
    "analyse",
    "bounds",
    "plan_test",
]

FITS: Mapping[str, Callable[[TestPlan, Sequence[BlockObs]], Effects | None]] = MappingProxyType(
    {
        Design.SPLIT: of_split,
        Design.SWITCHBACK: of_days,
        Design.PAIRS: of_pairs,
        Design.POSTS: of_posts,
    }
)


def analyse(
    plan: TestPlan, observations: Sequence[BlockObs], *, look: int, stopped: bool = False
) -> TestResult:
    """What the ``look``-th registered look (from 1) says; blocks after it are not looked at.

    ``stopped``: somebody ended the test, so no verdict falls whatever the numbers are. Raises `BadInput`
    for a look that was not registered and for observations of a variant that is none of the plan's.
    """
    if not 1 <= look <= len(plan.looks):
        raise BadInput(f"This plan has {len(plan.looks)} looks; {look} is none of them.")
    seen = clean(plan, observations, look=look)
    upto = [o for o in observations if 0 <= o.block < plan.looks[look - 1]]
    srm_p = uneven(plan, seen.kept, seen.kept if plan.spec.design == Design.SPLIT else upto)
    effects = FITS[plan.spec.design](plan, seen.kept) if seen.kept else None
    last = look == len(plan.looks)
    if effects is None:
        verdict = Verdict.STOPPED if stopped else Verdict.INVALID if last else Verdict.RUNNING
        why = "Too little can be used to tell anything." if last else "Nothing can be told yet."
        return TestResult(
            verdict,
            None,
            None,
            srm_p,
            (*seen.warnings, why),
            bound=plan.bounds[look - 1],
            look=look,
            n=len(seen.kept),
            arms=counted(plan, seen.kept),
        )
    result = judged(plan, effects, seen, look=look, srm_p=srm_p)
    if plan.spec.design == Design.SWITCHBACK and suspicious([b.variant for b in plan.blocks]):
        return invalid(result, "The order was not drawn: time alone could explain any difference.")
    if srm_p is not None and srm_p < UNEVEN:
        return invalid(result, f"The split was not as planned (chance of that: {srm_p:.1g}).")
    if seen.strange > STRANGE_SHARE * max(len(upto), 1):
        return invalid(result, "Too often something else was shown than was planned.")
    if stopped:
        return replace(result, verdict=Verdict.STOPPED, winner="")
    return result
