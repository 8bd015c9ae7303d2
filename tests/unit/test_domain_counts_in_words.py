"""Numbers as people read them: never a 0 for what nobody knows."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.counts_in_words import UNKNOWN, age, change, count, lift, old, percent, span, times
from bot.domain.outcomes import Interval


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (None, "—"),
        (math.nan, "—"),
        (math.inf, "—"),
        (0, "0"),
        (847, "847"),
        (999, "999"),
        (1000, "1 k"),
        (1049, "1 k"),
        (1900, "1.9 k"),
        (12_400, "12.4 k"),
        (99_949, "99.9 k"),
        (124_000, "124 k"),
        (999_499, "999 k"),
        (999_999, "1 M"),
        (1_900_000, "1.9 M"),
        (2_500_000_000, "2.5 G"),
        (-1900, "−1.9 k"),
        (-0.2, "0"),
    ],
)
def test_a_count_has_at_most_three_digits_that_matter(n: float | None, words: str) -> None:
    assert count(n) == words


@given(st.integers(min_value=0, max_value=10**12))
def test_a_count_is_never_far_from_what_it_says(n: int) -> None:
    number, _, unit = count(n).partition(" ")
    size = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9}[unit]
    assert abs(float(number) * size - n) <= max(0.051 * size, 0.006 * n)


@pytest.mark.parametrize(
    ("lo", "hi", "words"),
    [
        (3000, 6000, "3–6 k"),
        (850, 1200, "850–1.2 k"),
        (10, 10, "10"),
        (12_010, 12_020, "12 k"),
        (None, 3, "—"),
        (0, 12, "0–12"),
    ],
)
def test_a_span_says_its_unit_once(lo: float | None, hi: float, words: str) -> None:
    assert span(lo, hi) == words


def test_shares_changes_and_lifts() -> None:
    assert (percent(0.482), percent(0.0313), percent(None), percent(0)) == ("48 %", "3.1 %", "—", "0 %")
    assert (change(0.23), change(-0.07), change(0.001), change(-0.001)) == ("+23 %", "−7 %", "±0 %", "±0 %")
    assert lift(Interval(0.23, 0.08, 0.41)) == "+23 % [8, 41]"
    assert lift(Interval(-0.2, -0.31, -0.001)) == "−20 % [−31, 0]"
    assert lift(Interval(math.nan, 0, 1)) == lift(None) == UNKNOWN
    assert (times(3.14), times(12.4), times(9.96), times(None)) == ("3.1×", "12×", "10×", "—")


@pytest.mark.parametrize(
    ("delta", "words"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(minutes=12, seconds=50), "12 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=47), "47 h"),
        (timedelta(hours=48), "2 days"),
        (timedelta(days=400), "400 days"),
    ],
)
def test_an_age_is_its_largest_unit(delta: timedelta, words: str) -> None:
    assert age(delta) == words
    assert old(delta) == (words if words == "just now" else f"{words} old")
