"""How often tests of variants are wrong, and how often they find what is there; small, on fixed seeds.

The whole of it is ``make bench-learn``. Bars stand beside what some hundred worlds may be off by.
"""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import ab_worlds
from benchmarks.learn import shared
from benchmarks.learn_tests import (
    ARCHIVE,
    POSTS,
    SPLIT,
    before_after,
    false_wins,
    naive,
    power,
    promises,
    uneven,
)
from plugins.experiments.api import TestSpec

RUNS = 250
OFF = 3 * float(np.sqrt(0.05 * 0.95 / RUNS))
"""Three standard errors of a share of 5 %."""


def test_looking_often_at_a_split_finds_no_more_than_it_may() -> None:
    assert false_wins(SPLIT, ab_worlds.split_days, RUNS) <= 0.05 + OFF


@pytest.mark.parametrize("days", [14, 28])
def test_a_post_that_fades_is_not_taken_for_a_worse_variant(days: int) -> None:
    assert false_wins(TestSpec(days=days), ab_worlds.days_of_a_video, RUNS) <= 0.05 + OFF
    assert naive(before_after, days, 60, rates=False) > 0.5


def test_a_title_that_is_a_fifth_better_is_found() -> None:
    assert power(TestSpec(), ab_worlds.days_of_a_video, 120, 0.2) >= 0.85
    assert power(TestSpec(days=14), ab_worlds.days_of_a_video, 120, 0.2) >= 0.55


def test_posts_of_very_different_accounts_are_compared_fairly() -> None:
    assert false_wins(POSTS, ab_worlds.posts, 120) <= 0.05 + OFF
    assert power(POSTS, ab_worlds.posts, 80, 0.5) >= 0.75


@pytest.fixture(scope="module")
def headlines() -> list[ab_worlds.Headlines]:
    path = shared(ARCHIVE)
    if path is None:
        pytest.skip("the real headlines are not here (CLARION_SHARED names their folder)")
    return ab_worlds.upworthy(path)


def test_the_guard_finds_the_weeks_that_were_not_drawn(headlines: list[ab_worlds.Headlines]) -> None:
    drawn, others = uneven(headlines)
    assert drawn >= 0.60
    assert others <= 0.01


def test_what_half_of_the_readers_promise_the_other_half_delivers(
    headlines: list[ab_worlds.Headlines],
) -> None:
    found = promises(headlines)
    for raw, claim, held in found.values():
        assert 0.8 <= claim / held <= 1.25
        assert raw / held > 1.3
