"""Best times against worlds whose truth is known: small versions of the figures of `make bench-learn`.

Seeds are fixed; what so few accounts cannot tell apart is measured there with many more.
"""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.learn_best_time import BARS, FLAT, advise, online, score
from benchmarks.naive_times import chart_peak, hour_and_day, most_frequent, raw_cells
from benchmarks.worlds import NOW, World, worlds
from plugins.best_time.api import fit

ACCOUNTS = 80


def lost(found: list[World], way: object) -> float:
    return float(np.mean([one.regret(way(one)) for one in found]))  # type: ignore[operator]


@pytest.mark.parametrize(("spread", "n"), [(0.1, 80), (0.2, 80), (0.2, 300)])
def test_advice_beats_every_naive_way_and_harms_few(spread: float, n: int) -> None:
    found = worlds(41 + n, ACCOUNTS if n < 300 else 50, n, spread)
    one = score(found)
    regret, harm = BARS[spread, n]
    assert one.regret <= regret
    assert one.harm <= harm + 0.02
    assert one.uplift >= {(0.1, 80): 0.05, (0.2, 80): 0.13, (0.2, 300): 0.18}[spread, n]
    naive = [lost(found, way) for way in (chart_peak, raw_cells, hour_and_day, most_frequent)]
    assert one.regret < min(naive) + 0.005
    assert one.basis == {"own"}
    assert 0.70 <= one.covered <= 0.995
    assert score(found, audience=False).covered >= 0.68


@pytest.mark.parametrize("n", [0, 20])
def test_with_few_posts_it_is_no_worse_than_the_chart_and_says_what_it_stands_on(n: int) -> None:
    for spread in (0.1, 0.2):
        found = worlds(51 + n, ACCOUNTS, n, spread)
        one, blind = score(found), score(found, audience=False)
        assert one.regret <= lost(found, chart_peak) + 0.005
        assert one.basis == {"audience"}
        assert blind.basis == {"chart"}
        if n:
            assert 0.72 <= one.covered <= 0.995
            assert blind.covered >= 0.68
        else:
            said = advise(found[0], audience=True)
            assert (said.lift, said.shown, said.n_posts) == (None, None, 0)
            assert any("not learned from you" in line for line in said.warnings)


def test_where_hours_do_not_matter_hardly_anything_is_claimed() -> None:
    assert score(worlds(61, ACCOUNTS, 80, FLAT)).claims <= 0.05
    assert score(worlds(62, 50, 300, FLAT)).claims <= 0.15


def test_what_is_claimed_is_mostly_true_and_not_more_than_twice_the_truth() -> None:
    one = score(worlds(71, 60, 300, 0.2))
    assert one.claims >= 0.1, "a bot that never claims anything would pass for honest"
    assert one.true >= 0.85
    assert one.ratio <= 1.5


def test_accounts_of_one_platform_help_each_other_and_never_count_twice() -> None:
    found = worlds(81, ACCOUNTS, 20, 0.2)
    one = score(found, together=True)
    assert one.regret <= lost(found, chart_peak) + 0.005
    assert one.basis == {"shared"}
    assert one.covered >= 0.68
    said = advise(found[0], audience=False)
    model = fit(found[0].posts, zones={found[0].account: "UTC"}, now=NOW)
    assert model.pools == {}
    assert said.basis == "chart"


def test_trying_hours_costs_little_and_learns_where_habit_does_not() -> None:
    lost_by = online(0.2, 6, weeks=8)
    assert lost_by["the best"] < lost_by["habit"]
    assert lost_by["the best, 1 in 7 tried"] < lost_by["habit"]
