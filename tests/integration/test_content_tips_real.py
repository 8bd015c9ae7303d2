"""Tips on real posts and real headline tests; skipped where the files are not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.headlines import groups
from benchmarks.learn import shared
from benchmarks.learn_tips import chosen, fitted, tweets
from benchmarks.texts import shuffled
from plugins.content_tips.general import PRIORS
from plugins.content_tips.own import patterns

NOW = datetime(2018, 1, 1, tzinfo=UTC)


def data(name: str) -> Path:
    found = shared(name)
    if found is None:
        pytest.skip(f"{name} is not here")
    return found


def test_c1_real_tweets_with_shuffled_outcomes_hardly_ever_give_a_tip() -> None:
    pieces = tweets(data("tweets_obama_trump_538.csv"), 150)
    told = sum(bool(patterns(shuffled(one, seed), now=NOW)) for seed, one in enumerate(pieces))
    assert len(pieces) >= 40
    assert told <= 0.10 * len(pieces)
    assert sum(bool(patterns(one, now=NOW)) for one in pieces) >= 0.5 * len(pieces)


def test_c2_the_clear_winner_of_two_headlines_is_named_a_little_more_often_than_not() -> None:
    """Bar .56, on tests that had no part in the fit; far from what anybody would call a score."""
    found = groups(data("upworthy_half_dev.csv.gz"))
    weights = fitted([g for g in found if g.half == 0])
    assert all(w * p.weight > 0 for w, p in zip(weights, PRIORS, strict=True)), "the shipped signs hold"
    every, clear, pairs = chosen(
        [g for g in found if g.half == 1],
        lambda text: sum(w * p.size(text) for w, p in zip(weights, PRIORS, strict=True)),
    )
    assert pairs > 500
    assert 0.56 <= clear <= 0.70
    assert 0.50 < every < 0.60
