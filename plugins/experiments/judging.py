"""From effects to a verdict: bounds, many comparisons, uneven splits, and what may be expected afterwards.

Several variants are compared by Holm's procedure (1979), each step with its own O'Brien–Fleming bounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri, stdtr, stdtrit

from bot.api import BlockObs, Contrast, Design, Interval, TestPlan, TestResult, Verdict
from plugins.experiments.bounds import bounds
from plugins.experiments.cleaning import Clean
from plugins.experiments.fitting import Effects
from plugins.experiments.planning import times
from plugins.experiments.power import UNFAIR
from plugins.experiments.shrinking import drawn

LEVEL = 0.80
UNEVEN = 0.001
STRANGE_SHARE = 0.25


def judged(plan: TestPlan, effects: Effects, seen: Clean, *, look: int, srm_p: float | None) -> TestResult:
    """What this look says."""
    names = plan.spec.variants
    pairs = list(combinations(range(len(names)), 2))
    z = {(i, j): _z(effects, j, i) for i, j in pairs}
    beaten = _holm(plan, z, look)
    better = {j for (i, j) in beaten if i == 0 and z[i, j] > 0}
    best = max(better or range(1, len(names)), key=lambda v: float(effects.log[v - 1]))
    worse_all = all((0, j) in beaten and z[0, j] < 0 for j in range(1, len(names)))
    last = look == len(plan.looks)
    verdict = (
        Verdict.WIN if better else Verdict.LOSE if worse_all else Verdict.TIE if last else Verdict.RUNNING
    )
    warnings = list(seen.warnings)
    if better:
        unsure = [
            names[v] for v in range(1, len(names)) if v != best and (min(v, best), max(v, best)) not in beaten
        ]
        if unsure:
            warnings.append(f"{names[best]} beats {names[0]}; against {', '.join(unsure)} it is not decided.")
    log, error = effects.against(best, 0)
    result = TestResult(
        verdict,
        interval(log, error, effects.freedom),
        shrunken(plan, effects, best),
        srm_p,
        tuple(warnings),
        winner=names[best] if better else names[0] if verdict is Verdict.LOSE else "",
        z=z[0, best],
        bound=plan.bounds[look - 1],
        look=look,
        n=len(seen.kept),
        contrasts=_contrasts(effects, names, z),
        arms=counted(plan, seen.kept),
    )
    return result


def interval(log: float, error: float, freedom: float) -> Interval:
    """The lift with its 80 % interval."""
    width = -float(stdtrit(freedom, (1 - LEVEL) / 2)) * error
    mean, lo, hi = (float(np.expm1(np.clip(x, -20, 20))) for x in (log, log - width, log + width))
    return Interval(mean, lo, hi, LEVEL)


def shrunken(plan: TestPlan, effects: Effects, best: int) -> Interval:
    """What the variant may be expected to bring over A.

    The wider margin for splits of others is not taken here: halves of one test share what was unfair.
    """
    own = effects.variances
    if plan.spec.design == Design.SPLIT and not plan.spec.ours:
        own = own / UNFAIR
    level, variance = drawn(np.r_[0.0, effects.log], own, plan.spec.kind)
    return interval(
        float(level[best] - level[0]), float(np.sqrt(variance[best] + variance[0])), effects.freedom
    )


def uneven(plan: TestPlan, kept: Sequence[BlockObs], everything: Sequence[BlockObs]) -> float | None:
    """The chance of so uneven a split when each variant was to get the same; None when nothing was split."""
    names = plan.spec.variants
    if plan.spec.design == Design.SPLIT:
        got = np.array([sum(r.impressions or 0 for r in kept if r.variant == v) for v in names], float)
    else:
        got = np.array([sum(r.variant == v for r in everything) for v in names], float)
    if got.sum() <= 0:
        return None
    due = got.sum() / len(names)
    return float(chdtrc(len(names) - 1, ((got - due) ** 2 / due).sum()))


def counted(plan: TestPlan, kept: Sequence[BlockObs]) -> tuple[tuple[str, int], ...]:
    """How many usable blocks each variant has."""
    return tuple((v, sum(r.variant == v for r in kept)) for v in plan.spec.variants)


def invalid(result: TestResult, why: str) -> TestResult:
    """The same, but it is no fair test."""
    return replace(result, verdict=Verdict.INVALID, winner="", warnings=(why, *result.warnings))


def _z(effects: Effects, one: int, other: int) -> float:
    """How far apart two variants are, on the scale of a normal variable."""
    if effects.raw_z is not None:
        return float(effects.raw_z[one, other])
    log, error = effects.against(one, other)
    p = float(stdtr(effects.freedom, -abs(log) / error))
    return float(np.sign(log) * -ndtri(max(p, 1e-300)))


def _holm(plan: TestPlan, z: Mapping[tuple[int, int], float], look: int) -> frozenset[tuple[int, int]]:
    """The pairs that differ at this look."""
    shares = times(plan.spec, plan.looks)
    found: list[tuple[int, int]] = []
    for pair in sorted(z, key=lambda pair: -abs(z[pair])):
        if abs(z[pair]) < bounds(shares, plan.spec.alpha / (len(z) - len(found)))[look - 1]:
            break
        found.append(pair)
    return frozenset(found)


def _contrasts(
    effects: Effects, names: Sequence[str], z: Mapping[tuple[int, int], float]
) -> tuple[Contrast, ...]:
    order = sorted(z, key=lambda pair: -abs(z[pair]))
    held, said = 0.0, {}
    for place, pair in enumerate(order):
        held = max(held, min(1.0, (len(order) - place) * 2 * float(ndtr(-abs(z[pair])))))
        said[pair] = held
    return tuple(
        Contrast(names[j], names[i], interval(*effects.against(j, i), effects.freedom), said[i, j])
        for i, j in z
    )
