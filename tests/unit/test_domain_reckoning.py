"""Counts at an age, what is usual, and how many times that: on every kind of bad input."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.reckoning import Course, compared, quantile, summed, usual_of
from bot.domain.spark import sparkline
from bot.testing.clock import START

HOUR, WEEK = timedelta(hours=1), timedelta(days=90)
NOTHING = frozenset[str]()


def course(
    *readings: tuple[float, int],
    id_: int = 1,
    out: float = 0.0,
    flags: frozenset[str] = NOTHING,
    kind: str = "text",
) -> Course:
    """A post that came out ``out`` hours after the start, read at so many hours of age."""
    out_at = START + out * HOUR
    return Course(
        delivery_id=id_,
        post_id=id_,
        account="a",
        platform="p",
        content_type=kind,
        out_at=out_at,
        at=tuple(out_at + age * HOUR for age, _ in readings),
        counts=tuple(count for _, count in readings),
        flags=flags,
    )


@pytest.mark.parametrize(
    ("age", "value"),
    [(-1, None), (0, 0.0), (5, 50.0), (10, 100.0), (15, 150.0), (20, 200.0), (29, 200.0), (31, None)],
)
def test_a_count_between_readings_lies_on_the_line_and_is_unknown_long_after(
    age: float, value: float | None
) -> None:
    assert course((10, 100), (20, 200)).value_at(START + age * HOUR) == value


def test_an_old_count_stays_and_nothing_read_is_unknown() -> None:
    old = course((24 * 22, 900))
    assert old.value_at(START + 24 * 300 * HOUR) == 900
    assert course().value_at(START + HOUR) is None
    assert course().last_before(START + HOUR) is None


def test_a_missed_reading_is_bridged_and_never_a_zero() -> None:
    dense = course((10, 100), (20, 200), (30, 300))
    gap = course((10, 100), (30, 300))
    assert gap.value_at(START + 20 * HOUR) == dense.value_at(START + 20 * HOUR) == 200


def test_a_count_that_fell_is_taken_as_it_is() -> None:
    fell = course((10, 100), (20, 60))
    assert fell.value_at(START + 15 * HOUR) == 80
    assert fell.last_before(START + 20 * HOUR) == (START + 20 * HOUR, 60)


def others(n: int, *, at_ten: int = 100, flags: frozenset[str] = NOTHING, kind: str = "text") -> list[Course]:
    """Earlier posts, a day apart, each of which had ``at_ten`` after ten hours and ten times that later."""
    return [
        course((10, at_ten), (200, at_ten * 10), id_=100 + i, out=-24.0 * (i + 1), flags=flags, kind=kind)
        for i in range(n)
    ]


def test_only_equal_ages_are_compared() -> None:
    young = course((10, 300))
    ratio, usual = compared(young, others(6), at=START + 10 * HOUR, within=WEEK, left_out=NOTHING)
    assert usual is not None
    assert (usual.mid, usual.n) == (100, 6)
    assert ratio == pytest.approx(301 / 101)


@pytest.mark.parametrize("n", [0, 1, 4])
def test_with_fewer_than_five_nothing_is_usual(n: int) -> None:
    ratio, usual = compared(course((10, 300)), others(n), at=START + 10 * HOUR, within=WEEK, left_out=NOTHING)
    assert usual is None
    assert math.isnan(ratio)


def test_paid_and_copied_posts_are_not_what_others_are_compared_with() -> None:
    paid = frozenset({"PAID"})
    bought = others(6, at_ten=10_000, flags=paid)
    ratio, usual = compared(
        course((10, 300)), [*others(6), *bought], at=START + 10 * HOUR, within=WEEK, left_out=paid
    )
    assert usual is not None
    assert usual.hi == 100
    assert ratio > 2


def test_its_own_kind_counts_first_and_later_posts_never() -> None:
    own = course((10, 300), kind="video")
    text, video = others(9), others(5, at_ten=600, kind="video")
    later = [course((10, 9_999), id_=300 + n, out=24.0 * (n + 1)) for n in range(9)]
    _, usual = compared(own, [*text, *video, *later], at=START + 10 * HOUR, within=WEEK, left_out=NOTHING)
    assert usual is not None
    assert (usual.mid, usual.n) == (600, 5)
    _, mixed = compared(own, [*text, *video[:4], *later], at=START + 10 * HOUR, within=WEEK, left_out=NOTHING)
    assert mixed is not None
    assert (mixed.mid, mixed.n) == (100, 13)


def test_all_zeros_are_as_usual_and_no_infinite_success() -> None:
    zeros = others(6, at_ten=0)
    for count, ratio in ((0, 1.0), (9, 10.0)):
        got, _ = compared(course((10, count)), zeros, at=START + 10 * HOUR, within=WEEK, left_out=NOTHING)
        assert got == ratio


def test_a_sum_tells_of_how_many_it_knows() -> None:
    assert summed([course((10, 5)), course()], at=START + 10 * HOUR) == (5, 1)
    assert summed([course()], at=START) == (None, 0)
    assert summed([], at=START) == (None, 0)


@given(st.lists(st.floats(0, 1e9), min_size=5, max_size=40), st.floats(0.01, 100))
def test_usual_lies_in_order_and_follows_the_scale(values: list[float], scale: float) -> None:
    usual = usual_of(values)
    assert usual is not None
    assert min(values) <= usual.lo <= usual.mid <= usual.hi <= max(values)
    scaled = usual_of([value * scale for value in values])
    assert scaled is not None
    assert scaled.mid == pytest.approx(usual.mid * scale)
    assert usual_of([*values, math.nan, math.inf]) == usual


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(0, 1))
def test_a_quantile_lies_among_its_values(values: list[float], share: float) -> None:
    ordered = sorted(values)
    assert ordered[0] <= quantile(ordered, share) <= ordered[-1] or math.isclose(
        quantile(ordered, share), ordered[0]
    )


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ([], ""),
        ([None, None], ""),
        ([0, 0], "▁▁"),
        ([0, None, 4, 8], "▁·▅█"),
        ([math.nan, 1.0], "·█"),
        ([-3.0, 3.0], "▁█"),
    ],
)
def test_a_line_of_signs_shows_gaps_as_gaps(values: list[float | None], line: str) -> None:
    assert sparkline(values) == line
