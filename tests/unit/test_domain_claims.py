"""What came of claims: like compared with like, slopes that noise cannot throw about, doubt that widens."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.claims import (
    ENOUGH,
    HIGHEST,
    LOWEST,
    USUAL,
    Record,
    came_to,
    corrected,
    record_of,
    sound,
)
from bot.domain.forecast import Forecast, Origin, Stage, propensity_of
from bot.domain.outcomes import CROSSPOST, EXPLORE, PAID, Interval, PostOutcome, SlotAdvice

START = datetime(2026, 9, 1, 17, 0, tzinfo=UTC)
ADVICE = SlotAdvice(
    starts_at=START,
    local="Tue 18:00",
    lift=Interval(0.23, 0.08, 0.41),
    shown=Interval(0.17, 0.06, 0.3),
    p_better=0.95,
    basis="own",
    n_posts=64,
    explore=False,
    because=(),
    warnings=(),
)


def outcome(
    number: int, engagement: float, *, days: float = 5, ago: float = 10, **more: object
) -> PostOutcome:
    out = START - timedelta(days=ago)
    whole = PostOutcome(
        post_id=str(number),
        account_id="acme-x",
        platform="x",
        content_type="text",
        published_at=out,
        observed_at=out + timedelta(days=days),
        engagement=engagement,
    )
    return replace(whole, **more)  # type: ignore[arg-type]  # fields of PostOutcome


OTHERS = [outcome(n, 100 + n) for n in range(1, 8)]


def test_a_post_is_compared_with_the_median_of_the_others() -> None:
    found = came_to(outcome(99, 209), [*OTHERS, outcome(50, 10**6)], slot=START)
    assert found is not None
    assert found.lift == pytest.approx(210 / math.sqrt(105 * 106) - 1, abs=1e-3)
    assert found.compared == 8


def test_only_like_is_compared_with_like() -> None:
    own = outcome(99, 200)
    unlike = [
        outcome(20, 9999, account_id="other"),
        outcome(21, 9999, flags=frozenset({PAID})),
        outcome(22, 9999, flags=frozenset({CROSSPOST})),
        outcome(23, 9999, days=1),
        outcome(24, 9999, ago=200),
        outcome(25, 9999, days=13),
        outcome(99, 9999),
    ]
    assert came_to(own, [*OTHERS, *unlike], slot=START) == came_to(own, OTHERS, slot=START)
    tried = [outcome(30 + n, 100, flags=frozenset({EXPLORE})) for n in range(3)]
    found = came_to(own, [*OTHERS, *tried], slot=START)
    assert found is not None
    assert found.compared == 10


def test_the_same_kind_of_post_is_preferred_where_there_are_enough() -> None:
    videos = [outcome(40 + n, 10, content_type="video") for n in range(5)]
    own = outcome(99, 10, content_type="video")
    found = came_to(own, [*OTHERS, *videos], slot=START)
    assert found is not None
    assert (found.lift, found.compared) == (0.0, 5)
    few = came_to(own, [*OTHERS, *videos[:4]], slot=START)
    assert few is not None
    assert few.compared == 11


def test_too_young_and_too_few_are_not_compared() -> None:
    assert came_to(outcome(99, 200, days=2), OTHERS, slot=START) is None
    assert came_to(outcome(99, 200), OTHERS[:4], slot=START) is None
    assert came_to(outcome(99, float("nan")), OTHERS, slot=START) is None
    zeros = [outcome(n, 0) for n in range(1, 8)]
    found = came_to(outcome(99, 0), zeros, slot=START)
    assert found is not None
    assert found.lift == 0.0


def row(number: int, claimed: float, came: float | None) -> Forecast:
    lift = Interval(claimed, claimed - 0.1, claimed + 0.1)
    return Forecast(
        id=number,
        delivery_id=number,
        post_id=number,
        brand="acme",
        account="acme-x",
        platform="x",
        content_type="text",
        slot=START + timedelta(days=number),
        made_at=START,
        origin=Origin.BEST,
        advice=replace(ADVICE, lift=lift),
        method="best_time/1",
        seed=1,
        propensity=1.0,
        stage=Stage.OPEN if came is None else Stage.REALISED,
        realised=came,
        compared=9,
    )


def ledger(count: int, slope: float, noise: float, seed: int = 1, bias: float = 0.0) -> list[Forecast]:
    rng = Random(seed)
    claims = [rng.uniform(0.05, 0.6) for _ in range(count)]
    return [
        row(n, c, math.expm1(slope * math.log1p(c) + bias + rng.gauss(0, noise)))
        for n, c in enumerate(claims)
    ]


def test_below_enough_pairs_the_usual_share_is_taken() -> None:
    assert record_of([]) == Record()
    few = record_of(ledger(ENOUGH - 1, 0.4, 0.1))
    assert (few.pairs, few.slope, few.learned) == (ENOUGH - 1, USUAL, False)
    assert record_of(ledger(ENOUGH, 0.4, 0.1)).learned


def test_open_rows_and_rows_without_a_claim_do_not_count() -> None:
    rows = [
        *ledger(10, 1, 0.1),
        row(50, 0.2, None),
        replace(row(51, 0.2, 0.1), advice=replace(ADVICE, lift=None)),
    ]
    assert record_of(rows).pairs == 10


@pytest.mark.parametrize("slope", [0.4, 0.75, 1.1])
def test_many_pairs_tell_the_slope(slope: float) -> None:
    found = record_of(ledger(400, slope, 0.3))
    assert found.slope == pytest.approx(slope, abs=0.12)
    assert not found.failing


@pytest.mark.parametrize("truth", [0.5, 0.75, 1.0])
def test_few_noisy_pairs_move_it_little(truth: float) -> None:
    """Posts differ by far more than hours do: least squares alone would be thrown about."""
    runs = [record_of(ledger(40, truth, 0.9, seed)).slope for seed in range(60)]
    plain = []
    for seed in range(60):
        rows = [
            (math.log1p(r.advice.lift.mean), math.log1p(r.realised))
            for r in ledger(40, truth, 0.9, seed)
            if r.advice.lift and r.realised is not None
        ]
        least = sum(p * r for p, r in rows) / sum(p * p for p, _ in rows)
        plain.append(min(HIGHEST, max(LOWEST, least)))
    assert fmean((s - truth) ** 2 for s in runs) < fmean((s - truth) ** 2 for s in plain)


def test_claims_that_keep_failing_widen_and_then_fall_silent() -> None:
    missed = record_of(ledger(80, 0.75, 0.3, bias=-0.4))
    assert missed.failing
    assert missed.widen >= 1.5
    assert corrected(ADVICE, missed).shown is None


def test_false_alarms_are_rare() -> None:
    alarms = sum(record_of(ledger(100, 0.75, 0.9, seed)).failing for seed in range(200))
    assert alarms <= 20


def test_a_slope_scales_what_is_shown_and_doubt_widens_it() -> None:
    half = corrected(ADVICE, Record(pairs=50, slope=0.4, learned=True))
    assert half.shown is not None
    assert half.shown.mean == pytest.approx(0.17 * 0.4 / 0.75)
    assert half.lift == ADVICE.lift or half.lift is not None
    wide = corrected(ADVICE, Record(pairs=50, learned=True, widen=3.0))
    assert wide.lift is not None
    assert wide.lift.lo < 0 < wide.lift.hi
    assert wide.shown is None
    assert corrected(replace(ADVICE, lift=None, shown=None), Record(widen=2.0)).shown is None


def test_chances_of_a_choice_add_up_to_one() -> None:
    tried = replace(ADVICE, explore=True)
    hours = 70
    third = hours // 3
    whole = propensity_of(ADVICE, hours, explores=True) + third * propensity_of(tried, hours, explores=True)
    assert whole == pytest.approx(1)
    assert propensity_of(ADVICE, hours, explores=False) == 1


NUMBERS = st.floats(allow_nan=True, allow_infinity=True)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_nonsense_is_known_as_nonsense(mean: float, lo: float, hi: float) -> None:
    said = sound([replace(ADVICE, lift=Interval(mean, lo, hi))])
    sane = all(map(math.isfinite, (mean, lo, hi))) and -1 < lo <= hi and mean > -1
    assert said == sane
    assert not sound([replace(ADVICE, starts_at=datetime(2026, 1, 1))])  # noqa: DTZ001  # the fault itself
