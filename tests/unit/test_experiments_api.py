"""Planning and judging tests: what is refused, what is told beforehand, what bad numbers do."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given as any_of
from hypothesis import settings
from hypothesis import strategies as st

from bot.errors import BadInput
from plugins.experiments.api import (
    Block,
    BlockObs,
    Interval,
    TestPlan,
    TestSpec,
    Underpowered,
    Verdict,
    analyse,
    bounds,
    plan_test,
)
from plugins.experiments.planning import suspicious

SPLIT = TestSpec(design="split", days=4, impressions_per_day=5_000, rate=0.05)


def plan_of(spec: TestSpec = SPLIT, seed: int = 1) -> TestPlan:
    return plan_test(spec, rng=np.random.default_rng(seed))


def counts(plan: TestPlan, *clicks: int, shown: int = 2_500) -> list[BlockObs]:
    """Every day the same."""
    return [
        BlockObs(day, name, impressions=float(shown), clicks=float(n))
        for day in range(plan.days)
        for name, n in zip(plan.spec.variants, clicks, strict=True)
    ]


def days_of(plan: TestPlan, lift: float = 0.0, *, seed: int = 3) -> list[BlockObs]:
    rng = np.random.default_rng(seed)
    return [
        BlockObs(
            b.index,
            b.variant,
            impressions=4_000.0,
            clicks=float(
                rng.binomial(4_000, 0.05 * (1 + lift * (b.variant != "A")) * math.exp(-0.03 * b.index))
            ),
        )
        for b in plan.blocks
    ]


@pytest.mark.parametrize(
    ("looks", "known"), [(1, 1.960), (2, 1.977), (3, 2.004), (4, 2.024), (5, 2.040), (10, 2.087), (20, 2.126)]
)
def test_the_bounds_are_those_of_the_printed_tables(looks: int, known: float) -> None:
    found = bounds(range(1, looks + 1))
    assert found[-1] == pytest.approx(known, abs=0.001)
    assert list(found) == sorted(found, reverse=True)
    assert found[0] == pytest.approx(found[-1] * math.sqrt(looks))


def test_bounds_for_many_looks() -> None:
    assert bounds(range(1, 29))[-1] == pytest.approx(2.141, abs=0.002)
    with pytest.raises(ValueError, match="one after the other"):
        bounds((2, 1))


@any_of(st.lists(st.floats(0.01, 1.0), min_size=2, max_size=6))
@settings(max_examples=5, deadline=None)
def test_bounds_keep_their_promise_for_looks_at_any_time(gaps: list[float]) -> None:
    from plugins.experiments.bounds import crossing

    times = tuple(map(float, np.cumsum(gaps) / sum(gaps)))
    limits = bounds(times)
    assert crossing(limits[-1], times) == pytest.approx(0.05, abs=1e-4)


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        (TestSpec(design="before_after"), "fall with age"),
        (TestSpec(design="before/after"), "fall with age"),
        (TestSpec(design="ABAB"), "Turn by turn"),
        (TestSpec(metric="ctr,views"), "one metric"),
        (replace(SPLIT, metric=("ctr", "views")), "one metric"),  # type: ignore[arg-type]
        (TestSpec(design="guess"), "cannot be planned"),
        (TestSpec(variants=("A",)), "2 to 8"),
        (TestSpec(variants=("A", "A")), "2 to 8"),
        (TestSpec(smallest=float("nan")), "positive numbers"),
        (TestSpec(noise=-1.0), "positive numbers"),
        (TestSpec(looks=29), "1 to 28"),
        (TestSpec(design="pairs", variants=("A", "B", "C")), "two variants"),
    ],
)
def test_what_would_prove_nothing_is_refused_with_the_reason(spec: TestSpec, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        plan_of(spec)


@pytest.mark.parametrize(
    "spec",
    [
        TestSpec(days=4),
        TestSpec(metric="views", days=14, smallest=0.2),
        TestSpec(design="posts", per_arm=10),
        TestSpec(design="posts", per_arm=40, smallest=0.5),
        TestSpec(design="split", days=7, impressions_per_day=20, rate=0.02),
    ],
)
def test_a_weak_test_is_refused_with_what_it_could_see_and_what_it_would_need(spec: TestSpec) -> None:
    with pytest.raises(Underpowered) as caught:
        plan_of(spec)
    assert caught.value.detectable > spec.smallest or spec.days == 4
    if caught.value.needed is not None:
        longer = {"days": caught.value.needed} if spec.design in ("split", "switchback") else {}
        longer = longer or {"per_arm": caught.value.needed}
        seen = plan_of(replace(spec, **longer)).detectable  # type: ignore[arg-type]
        assert seen is not None
        assert seen <= spec.smallest


def test_what_it_can_detect_is_told_before_it_starts() -> None:
    ctr, views = plan_of(TestSpec()), plan_of(TestSpec(metric="views"))
    assert ctr.detectable == pytest.approx(0.17, abs=0.03)
    assert views.detectable == pytest.approx(0.40, abs=0.05)
    assert any("small differences" in w for w in views.warnings)
    assert plan_of(replace(SPLIT, rate=None)).detectable is None


@any_of(st.integers(0, 10_000), st.integers(2, 3))
@settings(max_examples=40, deadline=None)
def test_the_order_is_drawn_balanced_and_comes_out_again_from_its_seed(seed: int, arms: int) -> None:
    spec = TestSpec(days=28, variants=tuple("ABC"[:arms]))
    plan = plan_of(spec, seed)
    order = [b.variant for b in plan.blocks]
    assert len(order) == 28 - 28 % arms
    assert all(sorted(order[i : i + arms]) == list(spec.variants) for i in range(0, len(order), arms))
    assert not suspicious(order)
    assert plan.blocks == plan_of(spec, seed).blocks
    assert plan.looks[-1] == len(order)
    assert len(plan.looks) == len(plan.bounds) <= 5


def test_orders_that_time_explains_are_no_fair_test_even_if_somebody_wrote_them_down() -> None:
    plan = plan_of(TestSpec(days=14))
    for order in ("A" * 7 + "B" * 7, "AB" * 7):
        forged = replace(plan, blocks=tuple(Block(i, v, i // 2) for i, v in enumerate(order)))
        result = analyse(forged, days_of(forged, 1.0), look=len(plan.looks))
        assert result.verdict is Verdict.INVALID
        assert "not drawn" in result.warnings[0]


def test_a_clear_difference_wins_early_and_is_promised_smaller_than_it_was_measured() -> None:
    plan = plan_of()
    won = analyse(plan, counts(plan, 100, 160), look=2)
    assert (won.verdict, won.winner) == (Verdict.WIN, "B")
    assert won.effect is not None
    assert won.shrunk is not None
    assert won.effect.mean == pytest.approx(0.6, abs=0.01)
    assert 0 < won.shrunk.mean < won.effect.mean
    assert won.effect.clear
    lost = analyse(plan, counts(plan, 160, 100), look=2)
    assert (lost.verdict, lost.winner) == (Verdict.LOSE, "A")
    assert analyse(plan, counts(plan, 125, 126), look=3).verdict is Verdict.RUNNING
    assert analyse(plan, counts(plan, 125, 126), look=4).verdict is Verdict.TIE
    assert analyse(plan, counts(plan, 100, 160), look=2, stopped=True).verdict is Verdict.STOPPED


def test_only_registered_looks_are_taken_and_nothing_after_them_is_seen() -> None:
    plan = plan_of()
    for look in (0, 5):
        with pytest.raises(BadInput, match="4 looks"):
            analyse(plan, counts(plan, 100, 160), look=look)
    rows = [replace(o, clicks=100.0) if o.block < 1 else o for o in counts(plan, 100, 900)]
    assert analyse(plan, rows, look=1).verdict is Verdict.RUNNING


def test_three_variants_are_compared_by_holm_and_the_undecided_is_named() -> None:
    spec = replace(SPLIT, variants=("A", "B", "C"))
    plan = plan_of(spec)
    result = analyse(plan, counts(plan, 100, 160, 150), look=4)
    assert (result.verdict, result.winner) == (Verdict.WIN, "B")
    assert len(result.contrasts) == 3
    assert any("C" in w and "not decided" in w for w in result.warnings)
    assert min(c.p for c in result.contrasts) < 0.001
    assert analyse(plan, counts(plan, 170, 100, 100), look=4).verdict is Verdict.LOSE


def test_an_uneven_split_is_no_fair_test_whatever_it_shows() -> None:
    plan = plan_of()
    rows = [replace(o, impressions=2_000.0) if o.variant == "B" else o for o in counts(plan, 100, 160)]
    result = analyse(plan, rows, look=4)
    assert result.verdict is Verdict.INVALID
    assert result.srm_p is not None
    assert result.srm_p < 1e-3
    assert "not as planned" in result.warnings[0]


def test_days_on_which_something_else_was_shown_are_left_out_and_many_of_them_end_it() -> None:
    plan = plan_of(TestSpec(days=28))
    rows = days_of(plan, 0.8)
    one = [
        replace(o, shown="", clicks=4_000.0) if o.block == 5 else replace(o, shown=o.variant) for o in rows
    ]
    result = analyse(plan, one, look=len(plan.looks))
    assert (result.verdict, result.n) == (Verdict.WIN, 27)
    assert any("block 6" in w and "not the variant" in w for w in result.warnings)
    many = [replace(o, shown="") if o.block % 3 == 0 else o for o in rows]
    assert analyse(plan, many, look=len(plan.looks)).verdict is Verdict.INVALID


BAD = [
    ("nothing at all", lambda rows: []),
    ("nan", lambda rows: [replace(o, clicks=math.nan) for o in rows]),
    ("infinite", lambda rows: [replace(o, impressions=math.inf) for o in rows]),
    ("negative", lambda rows: [replace(o, clicks=-1.0) for o in rows]),
    ("unknown", lambda rows: [replace(o, clicks=None) for o in rows]),
    ("nobody saw it", lambda rows: [replace(o, impressions=0.0, clicks=0.0) for o in rows]),
    ("more clicks than views", lambda rows: [replace(o, clicks=9e9) for o in rows]),
    ("all disturbed", lambda rows: [replace(o, valid=False, why="a spike") for o in rows]),
    ("one variant only", lambda rows: [o for o in rows if o.variant == "A"]),
]


@pytest.mark.parametrize("spec", [SPLIT, TestSpec(days=14)], ids=["split", "switchback"])
@pytest.mark.parametrize(("name", "spoil"), BAD, ids=[name for name, _ in BAD])
def test_numbers_that_are_none_give_no_verdict_and_a_sentence(spec, name, spoil) -> None:  # type: ignore[no-untyped-def]
    plan = plan_of(spec)
    rows = counts(plan, 100, 160) if spec.design == "split" else days_of(plan, 0.5)
    early, late = (analyse(plan, spoil(rows), look=look) for look in (1, len(plan.looks)))
    assert early.verdict in (Verdict.RUNNING, Verdict.INVALID)
    assert late.verdict is Verdict.INVALID
    assert late.effect is None
    assert late.warnings


def test_zeros_are_numbers() -> None:
    plan = plan_of(TestSpec(days=14, metric="views"))
    rows = [BlockObs(b.index, b.variant, views=0.0) for b in plan.blocks]
    result = analyse(plan, rows, look=len(plan.looks))
    assert result.verdict is Verdict.TIE
    assert result.effect is not None
    assert result.effect.mean == pytest.approx(0.0, abs=1e-9)
    silent = analyse(plan_of(), counts(plan_of(), 0, 0), look=4)
    assert silent.verdict is Verdict.INVALID


def test_rows_given_twice_count_once_and_the_last_reading_counts() -> None:
    plan = plan_of()
    rows = counts(plan, 100, 160)
    twice = analyse(plan, [*rows, *rows], look=4)
    assert twice.effect == analyse(plan, rows, look=4).effect
    assert "given twice" in twice.warnings[0]
    with pytest.raises(BadInput, match="no variant 'Z'"):
        analyse(plan, [replace(rows[0], variant="Z")], look=1)


@any_of(
    st.lists(
        st.tuples(
            st.integers(-3, 40),
            st.sampled_from("AB"),
            st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True)),
            st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True)),
        ),
        max_size=40,
    ),
    st.sampled_from(["split", "switchback", "posts", "pairs"]),
)
@settings(max_examples=60, deadline=None)
def test_whatever_is_observed_every_answer_is_a_number_or_none(rows: list, design: str) -> None:  # type: ignore[type-arg]
    plan = plan_of(TestSpec(design=design, days=14, per_arm=20, smallest=50.0))
    seen = [BlockObs(b, v, impressions=n, clicks=k, views=n, value=k) for b, v, n, k in rows]
    for look in range(1, len(plan.looks) + 1):
        result = analyse(plan, seen, look=look)
        for found in (result.effect, result.shrunk):
            assert found is None or (
                isinstance(found, Interval)
                and all(map(math.isfinite, (found.mean, found.lo, found.hi)))
                and found.lo <= found.mean <= found.hi
            )
