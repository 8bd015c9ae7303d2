"""Tests of variants where the truth is known: false wins, power, fair promises; and on real headlines.

``CLARION_RUNS`` sets how many worlds each figure is taken from (4,000 by itself: half a point of error).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import numpy as np
from numpy.random import Generator
from scipy.stats import norm

from benchmarks import ab_worlds
from benchmarks.ab_worlds import Headlines
from benchmarks.learn import at_least, at_most, shared, told
from benchmarks.table import Figure
from plugins.experiments.api import BlockObs, TestPlan, TestSpec, Verdict, analyse, plan_test
from plugins.experiments.bounds import bounds

RUNS, SEED = int(os.environ.get("CLARION_RUNS", "4000")), 1_914
HALVINGS = 3
"""How often each real test is cut in two by lot."""

ARCHIVE = "upworthy_half_dev.csv.gz"
World = Callable[..., Sequence[BlockObs]]

SPLIT = TestSpec(design="split", days=14, looks=14, impressions_per_day=20_000 / 14, rate=0.04)
POSTS = TestSpec(design="posts", metric="engagement", kind="caption", per_arm=80)
PAIRS = TestSpec(design="pairs", metric="engagement", kind="caption", per_arm=30)


def share(
    spec: TestSpec, world: World, runs: int, *, seed: int = SEED, **truth: float
) -> dict[Verdict, float]:
    """How often each verdict falls when every registered look is taken and the first decisive one counts."""
    rng = np.random.default_rng(seed)
    fell = dict.fromkeys(Verdict, 0)
    for _ in range(runs):
        plan = plan_test(spec, rng=rng)
        seen = world(plan, rng, **truth)
        for look in range(1, len(plan.looks) + 1):
            verdict = analyse(plan, seen, look=look).verdict
            if verdict is not Verdict.RUNNING:
                break
        fell[verdict] += 1
    return {verdict: count / runs for verdict, count in fell.items()}


def false_wins(spec: TestSpec, world: World, runs: int) -> float:
    """The share of worlds without any difference in which one is found."""
    found = share(spec, world, runs)
    return found[Verdict.WIN] + found[Verdict.LOSE]


def power(spec: TestSpec, world: World, runs: int, lift: float) -> float:
    """The share of worlds in which B is better and wins."""
    return share(spec, world, runs, lift=lift)[Verdict.WIN]


def peeking(runs: int) -> float:
    """False wins of a test of two shares at every look, without bounds of its own."""
    rng, plan = np.random.default_rng(SEED), plan_test(SPLIT, rng=np.random.default_rng(SEED))
    wrong = 0
    for _ in range(runs):
        wrong += any(abs(_two_shares(plan, rows)) > 1.96 for rows in _growing(plan, rng))
    return wrong / runs


def _growing(plan: TestPlan, rng: Generator) -> list[list[BlockObs]]:
    rows = ab_worlds.split_days(plan, rng)
    return [[o for o in rows if o.block < upto] for upto in range(1, plan.days + 1)]


def _two_shares(plan: TestPlan, rows: Sequence[BlockObs]) -> float:
    """The usual z of two shares of everything that was seen."""
    sums = {
        name: [
            sum((o.clicks or 0, o.impressions or 0)[part] for o in rows if o.variant == name)
            for part in (0, 1)
        ]
        for name in plan.spec.variants
    }
    (ka, na), (kb, nb) = sums.values()
    pooled = (ka + kb) / (na + nb)
    return float((kb / nb - ka / na) / np.sqrt(max(pooled * (1 - pooled), 1e-12) * (1 / na + 1 / nb)))


def naive(order: Callable[[int], Sequence[int]], days: int, runs: int, *, rates: bool) -> float:
    """False wins of a test of two shares, or of two sums of views, on days in some order."""
    rng = np.random.default_rng(SEED)
    plan = plan_test(TestSpec(days=days), rng=rng)
    wrong = 0
    for _ in range(runs):
        rows = ab_worlds.days_of_a_video(plan, rng, order=order(days))
        if rates:
            wrong += abs(_two_shares(plan, rows)) > 1.96
        else:
            a, b = (sum(o.views or 0 for o in rows if o.variant == v) for v in plan.spec.variants)
            wrong += abs(np.log(max(b, 0.5) / max(a, 0.5))) / np.sqrt(1 / max(a, 1) + 1 / max(b, 1)) > 1.96
    return wrong / runs


def before_after(days: int) -> Sequence[int]:
    return [0] * (days // 2) + [1] * (days - days // 2)


def in_turn(days: int) -> Sequence[int]:
    return [day % 2 for day in range(days)]


def simulated(runs: int) -> list[Figure]:
    """False wins and power in the worlds of `benchmarks.ab_worlds`."""
    video, split = ab_worlds.days_of_a_video, ab_worlds.split_days
    note = f"tests: {runs} worlds for each figure, every registered look taken"
    peek = f"z at every look {peeking(runs):.3f}"
    turn = f"before/after {naive(before_after, 28, runs, rates=False):.2f} on views, "
    turn += f"{naive(before_after, 28, runs, rates=True):.2f} on rates; "
    turn += f"in turn {naive(in_turn, 28, runs, rates=False):.2f}"
    weak = TestSpec(days=28, metric="views")
    return [
        at_most(
            "split, no difference, 14 looks", false_wins(SPLIT, split, runs), 0.06, beside=peek, notes=(note,)
        ),
        at_least("split, +20 %, 10,000 shown each", power(SPLIT, split, runs, 0.2), 0.70),
        at_most("switchback 14 d, no difference", false_wins(TestSpec(days=14), video, runs), 0.065),
        at_most("switchback 28 d, no difference", false_wins(TestSpec(), video, runs), 0.065, beside=turn),
        at_least("switchback 14 d, click rate +20 %", power(TestSpec(days=14), video, runs, 0.2), 0.60),
        at_least("switchback 28 d, click rate +20 %", power(TestSpec(), video, runs, 0.2), 0.85),
        at_most("switchback on views alone, no difference", false_wins(weak, video, runs), 0.065),
        told("switchback on views alone, +40 %", f"{power(weak, video, runs, 0.4):.3f}"),
        at_most("posts, 80 each, no difference", false_wins(POSTS, ab_worlds.posts, runs), 0.065),
        at_least("posts, 80 each, +50 %", power(POSTS, ab_worlds.posts, runs, 0.5), 0.80),
        at_most("matched pairs, 30, no difference", false_wins(PAIRS, ab_worlds.items, runs), 0.065),
        told("matched pairs, 30, +50 %", f"{power(PAIRS, ab_worlds.items, runs, 0.5):.3f}"),
    ]


def at_most_eight(tests: Sequence[Headlines]) -> list[Headlines]:
    """Those with as many arms as a test may have."""
    return [t for t in tests if len(t.shown) <= 8]


def names_of(test: Headlines) -> tuple[str, ...]:
    return tuple("ABCDEFGH"[: len(test.shown)])


def uneven(tests: Sequence[Headlines]) -> tuple[float, float]:
    """The share that the guard stops in the weeks that were not drawn, and in all others."""
    flags: dict[bool, list[bool]] = {True: [], False: []}
    for test in at_most_eight(tests):
        spec = TestSpec(design="split", days=1, variants=names_of(test))
        plan = plan_test(spec, rng=np.random.default_rng(1))
        flags[test.broken].append(
            analyse(plan, test.observed(names_of(test)), look=1).verdict is Verdict.INVALID
        )
    return float(np.mean(flags[True])), float(np.mean(flags[False]))


def promises(tests: Sequence[Headlines], *, seed: int = SEED) -> dict[str, tuple[float, float, float]]:
    """What one half of the readers claims for the best challenger and what the other half says: the mean
    claims, raw and shrunken, and the mean of the other half (of logs, as relative lifts); for all tests, for
    pairs of the first two arms, and for those that the first half calls won."""
    rng = np.random.default_rng(seed)
    found: dict[str, list[tuple[float, float, float]]] = {"all": [], "pairs": [], "won": []}
    fair = [test for test in at_most_eight(tests) if not test.broken]
    for test in fair * HALVINGS:
        one, other = test.halves(rng)
        log = np.log((np.array(other.clicks) + 0.5) / (np.array(other.shown) + 1))
        for kind, arms in (("all", len(test.shown)), ("pairs", 2)):
            names = names_of(test)[:arms]
            plan = plan_test(TestSpec(design="split", days=1, variants=names), rng=np.random.default_rng(1))
            result = analyse(plan, one.observed(names_of(test))[:arms], look=1)
            if result.effect is None or result.shrunk is None:
                continue
            rates = [(k + 0.5) / (n + 1) for k, n in zip(one.clicks[:arms], one.shown[:arms], strict=True)]
            best = max(range(1, arms), key=lambda j: rates[j])
            held = float(log[best] - log[0])
            raw, claim = np.log1p(result.effect.mean), np.log1p(result.shrunk.mean)
            if kind == "pairs":
                sign = 1.0 if rates[1] >= rates[0] else -1.0
                found["pairs"].append((sign * raw, sign * claim, sign * held))
                continue
            found["all"].append((raw, claim, held))
            if result.verdict is Verdict.WIN:
                found["won"].append((raw, claim, held))
    means = {kind: np.mean(rows, axis=0) for kind, rows in found.items()}
    return {kind: tuple(map(float, np.expm1(mean))) for kind, mean in means.items()}  # type: ignore[misc]


def real() -> list[Figure]:
    """On headlines that were really tested."""
    path = shared(ARCHIVE)
    if path is None:
        return [told("real headlines", "absent")]
    tests = ab_worlds.upworthy(path)
    drawn, others = uneven(tests)
    note = "Upworthy Research Archive (CC BY 4.0), halves drawn by reader; broken weeks left out of promises"
    figures = [
        at_least("guard: weeks that were not drawn", drawn, 0.60, notes=(note,)),
        at_most("guard: all other weeks", others, 0.01),
    ]
    for kind, (raw, claim, held) in promises(tests).items():
        ratio = claim / held
        figures.append(
            Figure(
                name=f"promise over delivery, {kind}",
                bar="0.8–1.25",
                measured=f"{ratio:.2f} (+{100 * claim:.0f} % said, +{100 * held:.0f} % came)",
                limit=f"unshrunken {raw / held:.2f}",
                met=0.8 <= ratio <= 1.25,
            )
        )
    return figures


def looks() -> list[Figure]:
    """The bounds against the table of Jennison and Turnbull (2000)."""
    table = {2: 1.977, 3: 2.004, 4: 2.024, 5: 2.040, 10: 2.087, 20: 2.126}
    off = max(abs(bounds(range(1, k + 1))[-1] - known) for k, known in table.items())
    return [at_most("bounds off the printed table", off, 0.001, beside=f"one look {norm.isf(0.025):.3f}")]


async def measure() -> list[Figure]:
    """All of it."""
    return [*looks(), *simulated(RUNS), *real()]
