"""An account's own patterns: told when they are there, and not when they are not."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.texts import NOW, account, draft, post, shuffled
from bot.api import CROSSPOST, GENERAL, OWN, PAID, TEST, AccountProfile
from plugins.content_tips.api import suggest
from plugins.content_tips.own import MOST, PER_SIDE, patterns

EFFECTS = {"question": -0.7, "digit": 0.7}


@pytest.mark.parametrize(("posts", "accounts"), [(40, 60), (100, 60), (300, 30)])
def test_c1_without_an_effect_hardly_any_account_is_told_something(posts: int, accounts: int) -> None:
    """Bar: at most one account in ten; here more would be far out (they are 60 or 30)."""
    told = sum(bool(patterns(account(seed, posts), now=NOW)) for seed in range(accounts))
    assert told <= 0.10 * accounts


def test_c1_shuffled_outcomes_of_accounts_with_effects_tell_nothing() -> None:
    real = [account(seed, 200, EFFECTS) for seed in range(25)]
    assert sum(bool(patterns(one, now=NOW)) for one in real) >= 12
    assert sum(bool(patterns(shuffled(one, 1), now=NOW)) for one in real) <= 2


def test_what_is_told_is_mostly_true_and_not_larger_than_it_is() -> None:
    found = [p for seed in range(25) for p in patterns(account(seed, 300, EFFECTS), now=NOW)]
    right = [p for p in found if EFFECTS.get(p.feature.code, 0.0) * p.lift.mean > 0]
    assert len(found) >= 25
    assert len(right) >= 0.8 * len(found)
    claimed = [math.log1p(p.lift.mean) / EFFECTS[p.feature.code] for p in right]
    assert 0.5 <= sum(claimed) / len(claimed) <= 1.1
    for pattern in found:
        assert pattern.lift.clear
        assert PER_SIDE <= pattern.n_with <= pattern.n - PER_SIDE


def test_a_tip_is_only_about_what_the_draft_does_otherwise() -> None:
    accounts = (account(seed, 300, EFFECTS) for seed in range(40))
    profile = next(a for a in accounts if {p.feature.code for p in patterns(a, now=NOW)} == set(EFFECTS))
    asks = suggest(draft("Why is it so?"), profile, now=NOW)
    assert {s.code for s in asks if s.kind == OWN} == set(EFFECTS)
    assert [s for s in suggest(draft("It is so, 5 times"), profile, now=NOW) if s.kind == OWN] == []
    told = next(s for s in asks if s.code == "question")
    assert told.evidence is not None
    assert told.evidence.hi < 0
    assert told.n == 300
    assert len(told.rows) == 300


def test_few_posts_tell_nothing() -> None:
    for posts in (0, 1, 5, 19):
        assert patterns(account(1, posts, {"question": 5.0}), now=NOW) == []


def test_all_zeros_and_all_the_same_tell_nothing() -> None:
    one = account(1, 60, EFFECTS)
    for count in (0.0, 7.0):
        same = tuple(replace(p, outcome=replace(p.outcome, engagement=count)) for p in one.posts)
        assert patterns(replace(one, posts=same), now=NOW) == []


def test_what_cannot_be_compared_changes_nothing() -> None:
    """Paid, cross-posted and test posts, other accounts, NaN, counts below zero, read too young or before
    they were out, without words, twice: each as if it were not there."""
    one = account(3, 120, EFFECTS)
    before = patterns(one, now=NOW)
    loud = 10.0**6
    odd = [
        *(post(900 + n, "Paid?", loud, n, flags=frozenset({PAID})) for n in range(30)),
        *(post(940 + n, "Other?", loud, n, flags=frozenset({CROSSPOST})) for n in range(30)),
        *(post(980 + n, "Arm?", loud, n, flags=frozenset({TEST})) for n in range(30)),
        *(post(1020 + n, "Not mine?", loud, n, name="acme-x") for n in range(30)),
        post(1060, "Nothing known?", math.nan, 4),
        post(1061, "Endless?", math.inf, 4),
        post(1062, "Below zero?", -5.0, 4),
        post(1063, "  ", loud, 4),
        post(1064, "Young?", loud, -1.49, read=timedelta(minutes=1)),
        post(1065, "Read before it was out?", loud, 2, read=timedelta(days=30)),
        *one.posts,
    ]
    assert patterns(replace(one, posts=tuple(odd)), now=NOW) == before


def test_of_several_readings_the_newest_counts_whatever_the_order() -> None:
    """Counters may fall, and rows come twice."""
    one = account(3, 120, EFFECTS)
    older = tuple(
        replace(
            p,
            outcome=replace(
                p.outcome, engagement=10.0**6, observed_at=p.outcome.observed_at - timedelta(hours=1)
            ),
        )
        for p in one.posts
    )
    assert patterns(replace(one, posts=(*one.posts, *older, *one.posts)), now=NOW) == patterns(one, now=NOW)


def test_a_growing_account_and_a_new_way_to_count_are_no_patterns() -> None:
    """Half of the posts ask, the later ones more often, while everything grows twentyfold."""
    told = 0
    for seed in range(20):
        dice = random.Random(seed)
        posts = []
        for n in range(200):
            text = "What now?" if dice.random() < n / 200 else "So it is."
            posts.append(post(n, text, round(math.exp(3 + 3 * n / 200 + dice.gauss(0, 0.9))), 200 - n))
        profile = AccountProfile(account="acme-li", platform="linkedin", posts=tuple(posts))
        told += bool(patterns(profile, now=NOW))
    assert told <= 3


@given(st.lists(st.tuples(st.text(max_size=60), st.floats(), st.floats(-5, 400)), max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_posts_and_any_draft_give_sound_tips(rows: list[tuple[str, float, float]]) -> None:
    posts = tuple(post(n, text, count, days) for n, (text, count, days) in enumerate(rows))
    profile = AccountProfile(account="acme-li", platform="linkedin", posts=posts)
    for text in ("", "Why?", *(text for text, _, _ in rows[:3])):
        found = suggest(draft(text, heading=text[:20], cut=10, lines=1), profile, now=NOW)
        assert all(s.sound and s.account == "acme-li" for s in found)
        assert [s.kind for s in found if s.kind != GENERAL] == [s.kind for s in found][
            : sum(s.kind != GENERAL for s in found)
        ]


def test_an_account_with_thousands_of_posts_is_answered_from_the_newest() -> None:
    found = patterns(account(5, 1200, {"question": -1.5}), now=NOW)
    assert {p.n for p in found} == {MOST}
