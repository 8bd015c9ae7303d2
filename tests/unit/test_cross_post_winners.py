"""Winners: relative to the account, adjusted for age, whatever its size; and rows that make no sense."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.channels import NOW, channel, ordinary, post, times_ten
from bot.domain.outcomes import CROSSPOST, EXPLORE, PAID, TEST, PostOutcome
from plugins.cross_post import CrossPost
from plugins.cross_post.api import Absolute, Relative, expected, high_performers, standings

RELATIVE = Relative()


def ids(posts: list[PostOutcome], policy: Absolute | Relative = RELATIVE) -> list[str]:
    return [p.post_id for p in high_performers(posts, policy=policy, now=NOW)]


def test_a_post_far_above_its_accounts_usual_is_found_with_its_figures() -> None:
    (found,) = high_performers([*ordinary(), post(20, 5000.0)], policy=RELATIVE, now=NOW)
    assert found.post_id == "20"
    assert found.ratio == pytest.approx(5.0, rel=0.02)
    assert found.interval is not None
    assert found.interval.lo < found.ratio - 1 < found.interval.hi
    assert (found.n, found.basis, found.value, found.age_ok) == (20, "views", 5000.0, True)
    assert found.reason.startswith("5,000 views after 180 days, 5.0× its usual at the same age (80 %: ")
    assert found.rate == pytest.approx(0.05)


def test_a_small_accounts_winner_counts_as_much_as_a_large_ones() -> None:
    small = [*ordinary(usual=200.0), post(20, 1000.0)]
    large = [*ordinary(usual=2e6), post(20, 1e7)]
    assert ids(small) == ids(large) == ["20"]
    assert ids(small, Absolute()) == []
    # every post of a large account is over the fixed bars: they measure how large it is
    assert len(ids([replace(p, engagement=(p.views or 0) * 0.06) for p in large], Absolute())) == 21


def test_below_the_floor_nothing_is_a_winner() -> None:
    assert ids([*ordinary(usual=10.0), post(20, 90.0)]) == []
    assert ids([*ordinary(usual=10.0), post(20, 120.0)]) == ["20"]
    quiet = [replace(p, views=None, engagement=2.0) for p in ordinary()]
    assert ids([*quiet, replace(post(20, None), engagement=9.0)]) == []
    assert ids([*quiet, replace(post(20, None), engagement=30.0)]) == ["20"]


def test_ten_posts_of_the_type_are_needed() -> None:
    assert ids([*ordinary(9), post(20, 9000.0)]) == []
    assert ids([*ordinary(10), post(20, 9000.0)]) == ["20"]
    assert ids([*ordinary(20), post(20, 9000.0, kind="picture")]) == []
    assert standings([*ordinary(9)], now=NOW) == []


def test_a_young_post_is_compared_with_what_is_to_come() -> None:
    days = 1.0
    grown = 1 - np.exp(-((24.0 / 120.0) ** 0.7))
    at_par = post(199, 1000.0 * grown, days_old=days)
    (standing,) = [s for s in standings([*ordinary(), at_par], now=NOW) if s.post_id == "199"]
    assert standing.ratio == pytest.approx(1.0, rel=0.05)
    assert not standing.age_ok
    # a day old and 1.8 times its usual so far: that may still be nothing
    assert ids([*ordinary(), post(199, 1800.0 * grown, days_old=days)]) == []
    (early,) = high_performers(
        [*ordinary(), post(199, 4000.0 * grown, days_old=days)], policy=RELATIVE, now=NOW
    )
    assert "on track for 4.0× its usual" in early.reason
    assert early.interval is not None
    assert early.interval.lo > 0.5


def test_reading_it_old_or_young_does_not_make_it_a_winner() -> None:
    # the same posts, half of them read after two days only
    mixed = [
        post(n, (p.views or 0) * (1 - np.exp(-((48.0 / 120.0) ** 0.7))), age_days=2.0) if n % 2 else p
        for n, p in enumerate(ordinary(40))
    ]
    assert ids(mixed) == []


def test_called_high_once_it_stays_so_a_little_longer() -> None:
    posts = [*ordinary(), post(20, 1450.0)]
    assert ids(posts) == []
    assert ids(posts, Relative(known=frozenset({"20"}))) == ["20"]
    assert ids([*ordinary(), post(20, 1100.0)], Relative(known=frozenset({"20"}))) == []


def test_at_most_one_post_in_eight_is_a_winner() -> None:
    rng = np.random.default_rng(5)
    noise = rng.normal(scale=0.2, size=200)
    often = [post(n, 1000.0 * float(np.exp(noise[n])) * (8.0 if n % 3 == 0 else 1.0)) for n in range(200)]
    assert 18 <= len(ids(often)) <= 24


def test_eleven_channels_never_seen_before() -> None:
    shares = []
    for seed in range(7000, 7011):
        posts = channel(seed)
        found = ids(posts)
        assert ids(times_ten(posts)) == found or min(p.views or 0 for p in posts) < 100
        shares.append(len(found) / len(posts))
    assert all(0.01 <= share <= 0.25 for share in shares), shares
    assert 0.04 <= float(np.median(shares)) <= 0.12, shares


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), factor=st.sampled_from([10.0, 3.0, 0.5, 1e4]), shuffle=st.integers())
def test_scale_and_order_change_nothing(seed: int, factor: float, shuffle: int) -> None:
    posts = [replace(p, views=(p.views or 0) + 1000.0) for p in channel(seed, count=60)]
    scaled = [replace(p, views=(p.views or 0) * factor) for p in posts]
    random.Random(shuffle).shuffle(scaled)
    free = Relative(floor=0.0)
    assert ids(scaled, free) == ids(posts, free)


@settings(max_examples=25, deadline=None)
@given(
    views=st.lists(
        st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True), st.integers(-5, 10**9)),
        max_size=40,
    ),
    seed=st.integers(0, 9),
)
def test_whatever_the_rows_say_every_figure_is_a_figure(views: list[float | None], seed: int) -> None:
    rows = [post(n % 25, None if v is None else float(v)) for n, v in enumerate(views)]
    rows += [replace(r, engagement=float(v)) for r, v in zip(rows, views, strict=False) if v is not None]
    random.Random(seed).shuffle(rows)
    for policy in (RELATIVE, Absolute(views=10, rate=0.01)):
        for found in high_performers(rows, policy=policy, now=NOW):
            assert np.isfinite(found.ratio)
            assert np.isfinite(found.value)
            assert found.rate is None or 0 <= found.rate <= 1


def test_no_posts_one_post_and_nothing_but_zeros() -> None:
    assert ids([]) == []
    assert ids([post(1, 10.0)]) == []
    assert ids([post(n, 0.0) for n in range(50)]) == []
    assert ids([post(n, 0.0) for n in range(50)], Absolute()) == []
    # zeros are posts too: they stay in the usual instead of being dropped
    rows = [*(post(n, 0.0 if n % 2 else 100.0) for n in range(20)), post(20, 120.0)]
    (standing,) = [s for s in standings(rows, now=NOW) if s.post_id == "20"]
    assert standing.usual < 101


def test_duplicate_rows_and_older_readings_change_nothing() -> None:
    posts = [*ordinary(), post(20, 5000.0)]
    older = [
        replace(p, observed_at=p.observed_at - timedelta(days=1), views=(p.views or 0) / 2) for p in posts
    ]
    assert ids([*posts, *posts, *older]) == ["20"]


def test_the_newest_reading_counts_when_a_counter_falls_and_that_is_said() -> None:
    before = replace(post(20, 90_000.0), observed_at=NOW - timedelta(hours=5))
    assert ids([*ordinary(), before, post(20, 1000.0)]) == []
    (found,) = high_performers([*ordinary(), before, post(20, 6000.0)], policy=RELATIVE, now=NOW)
    assert found.reason.endswith("though an earlier reading was higher")


def test_what_is_no_number_is_unknown_and_never_zero() -> None:
    broken = [replace(p, views=float("nan")) for p in ordinary()[:3]]
    posts = [*broken, *ordinary()[3:], post(20, 5000.0)]
    (found,) = high_performers(posts, policy=RELATIVE, now=NOW)
    assert (found.post_id, found.n) == ("20", 17)
    assert ids([replace(p, engagement=float("inf")) for p in posts]) == []
    assert ids([replace(p, views=-5.0) for p in ordinary()]) == []


@pytest.mark.parametrize("flag", [PAID, CROSSPOST, TEST])
def test_what_money_or_another_platform_did_is_neither_usual_nor_a_winner(flag: str) -> None:
    flagged = frozenset({flag})
    assert ids([*ordinary(), post(20, 9000.0, flags=flagged)]) == []
    assert ids([*ordinary(), post(20, 9000.0, flags=frozenset({EXPLORE}))]) == ["20"]
    boosted = [replace(p, views=(p.views or 0) * 50, flags=flagged) for p in ordinary(15)]
    rows = [*boosted, *(replace(p, post_id=f"o{p.post_id}") for p in ordinary(15)), post(20, 5000.0)]
    assert ids(rows) == ["20"]
    # a cross-post is still measured against its account's usual
    (standing,) = [
        s for s in standings([*ordinary(), post(20, 2000.0, flags=flagged)], now=NOW) if s.post_id == "20"
    ]
    assert standing.ratio == pytest.approx(2.0, rel=0.02)


def test_views_that_few_posts_have_are_not_compared() -> None:
    rows = [replace(p, views=None, engagement=50.0 + n % 3) for n, p in enumerate(ordinary(19))]
    rows += [replace(ordinary()[19], engagement=51.0), replace(post(20, 10.0), engagement=500.0)]
    (found,) = high_performers(rows, policy=RELATIVE, now=NOW)
    assert (found.basis, found.value) == ("engagement", 500.0)


def test_readings_of_another_day_and_zones_count_as_the_instants_they_are() -> None:
    assert ids([*ordinary(), replace(post(20, 5000.0), observed_at=NOW + timedelta(days=1))]) == []
    east = timezone(timedelta(hours=9))
    moved = [
        replace(p, published_at=p.published_at.astimezone(east), observed_at=p.observed_at.astimezone(east))
        for p in [*ordinary(), post(20, 5000.0)]
    ]
    assert ids(moved) == ["20"]


def test_an_instant_without_a_zone_is_refused() -> None:
    naive = replace(post(1, 10.0), published_at=post(1, 10.0).published_at.replace(tzinfo=None))
    with pytest.raises(ValueError, match="without a zone"):
        high_performers([naive], policy=RELATIVE, now=NOW)
    with pytest.raises(ValueError, match="without a zone"):
        high_performers([], policy=Absolute(), now=NOW.replace(tzinfo=None))


def test_one_like_of_five_views_is_not_twenty_percent() -> None:
    rows = [post(n, 5000.0, engagement=50.0) for n in range(20)] + [post(20, 5.0, engagement=1.0)]
    found = high_performers(rows, policy=Absolute(views=1, rate=0.05), now=NOW)
    assert found == []
    rich = [*rows, post(21, 20_000.0, engagement=4000.0)]
    (one,) = high_performers(rich, policy=Absolute(), now=NOW)
    assert one.post_id == "21"
    assert one.reason == "20,000 views, over the bar of 10,000, and 19.8% engaged, over 5.0%"


def test_nothing_is_expected_before_ten_pairs() -> None:
    assert expected([2.0] * 9) is None
    assert expected([2.0] * 9 + [float("nan"), 0.0, -1.0, float("inf")]) is None
    found = expected([1.0, 1.2, 0.8, 2.0, 1.5, 0.7, 1.1, 1.3, 0.9, 1.6])
    assert found is not None
    assert found.lo < 0 < found.hi


def test_the_next_pair_lies_in_the_expected_range_as_often_as_it_says() -> None:
    rng, inside = np.random.default_rng(61), 0
    for _ in range(2000):
        ratios = np.exp(rng.normal(0.1, 0.6, size=13))
        found = expected(list(ratios[:12]))
        assert found is not None
        inside += found.lo <= ratios[12] - 1 <= found.hi
    assert inside / 2000 == pytest.approx(0.80, abs=0.03)


def test_the_plugin_answers_as_its_functions_do() -> None:
    one, posts = CrossPost(), [*ordinary(), post(20, 5000.0)]
    assert one.high_performers(posts, policy=RELATIVE, now=NOW) == high_performers(
        posts, policy=RELATIVE, now=NOW
    )
    assert one.standings(posts, now=NOW) == standings(posts, now=NOW)
    assert one.expected([1.0] * 5) is None
