"""Odd histories: each gets an honest sentence instead of a number, and never breaks anything."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.worlds import NOW, world
from plugins.best_time.api import (
    CROSSPOST,
    EXPLORE,
    HERO,
    PAID,
    TEST,
    Audience,
    PostOutcome,
    SlotAdvice,
    fit,
    recommend,
    score_slots,
)
from plugins.best_time.growth import learned_tau, share, starting_tau
from plugins.best_time.level import jump
from plugins.best_time.rows import read, rises

POSTS = world(np.random.default_rng(9), "a", "linkedin", 90, 0.15, zone="Europe/Berlin").posts
ZONES = {"a": "Europe/Berlin"}


def advice(posts: Sequence[PostOutcome], **more: Any) -> SlotAdvice:
    asked: dict[str, Any] = {"tz": "Europe/Berlin", "zones": ZONES, **more}
    model = fit(posts, zones=asked.pop("zones"), now=NOW)
    return recommend(
        model,
        account_id="a",
        platform="linkedin",
        content_type="k0",
        window=(NOW, NOW + timedelta(days=7)),
        now=NOW,
        rng=np.random.default_rng(0),
        explore=False,
        k=1,
        **asked,
    )[0]


def told(said: SlotAdvice, words: str) -> bool:
    return any(words in line for line in (*said.warnings, *said.because))


def test_no_posts_one_post_and_few() -> None:
    none, single, few = advice([]), advice(POSTS[:1]), advice(POSTS[:9])
    assert (none.n_posts, single.n_posts, few.n_posts) == (0, 1, 9)
    assert none.lift is single.lift is few.lift is few.shown is None
    assert {none.basis, single.basis, few.basis} == {"chart"}
    assert told(none, "No data yet: this is not learned from you.")
    assert told(single, "Only 1 post so far: too few")
    assert told(few, "Only 9 posts so far: too few")
    assert told(advice(POSTS[:10]), "No hour is clearly better yet (10 posts).")


def test_all_zeros_and_all_the_same_teach_nothing_and_say_so() -> None:
    zeros = advice([replace(post, engagement=0.0) for post in POSTS])
    same = advice([replace(post, engagement=7.0) for post in POSTS])
    for said in (zeros, same):
        assert (said.lift, said.shown, said.basis, said.n_posts) == (None, None, "chart", 90)
        assert said.starts_at == advice([]).starts_at
    assert told(zeros, "None of the 90 posts has any engagement")
    assert told(same, "All 90 posts have the same count")


def test_zeros_are_kept_and_count() -> None:
    late = [replace(p, engagement=0.0 if p.published_at.hour >= 17 else 50.0) for p in POSTS]
    said = advice(late, chart=[0.0] * 168)
    assert said.n_posts == 90
    assert said.starts_at.hour < 17
    mostly = advice([replace(p, engagement=float(i % 5 == 0)) for i, p in enumerate(POSTS)])
    assert told(mostly, "72 of 90 posts have no engagement")
    assert mostly.lift is not None
    assert mostly.shown is None


def test_counts_that_fall_are_taken_as_they_are_now_and_told() -> None:
    early = [replace(p, observed_at=p.published_at + timedelta(hours=1), engagement=9e9) for p in POSTS[:3]]
    for rows in ([*early, *POSTS], [*POSTS, *early]):
        said = advice(rows)
        assert told(said, "The count of 3 posts fell between readings; the newest is used.")
        assert replace(said, warnings=()) == replace(advice(POSTS), warnings=())


def test_a_like_that_was_taken_back_is_no_fall() -> None:
    rows = [replace(POSTS[0], engagement=POSTS[0].engagement + 1, observed_at=POSTS[0].published_at)]
    assert not told(advice([*rows, *POSTS]), "fell")


def test_duplicates_and_older_readings_change_nothing_in_any_order() -> None:
    older = [
        replace(
            p, observed_at=p.published_at + (p.observed_at - p.published_at) / 2, engagement=p.engagement // 2
        )
        for p in POSTS
    ]
    rows = [*POSTS, *older, *POSTS, *POSTS]
    random.Random(4).shuffle(rows)
    once = fit([*older, *POSTS], zones=ZONES, now=NOW)
    many = fit(rows, zones=ZONES, now=NOW)
    assert many.accounts["a"].sums.n == once.accounts["a"].sums.n
    assert np.allclose(many.accounts["a"].sums.pull, once.accounts["a"].sums.pull)


@pytest.mark.parametrize("count", [math.nan, math.inf, -math.inf, -1.0, None])
def test_what_is_no_count_is_dropped_and_told_once(count: Any) -> None:
    broken = [replace(post, post_id=f"x{i}", engagement=count) for i, post in enumerate(POSTS[:4])]
    said = advice([*broken, *POSTS])
    assert told(said, "4 readings make no sense")
    assert replace(said, warnings=()) == replace(advice(POSTS), warnings=())


def test_a_newest_reading_that_is_broken_leaves_the_one_before() -> None:
    broken = [replace(p, engagement=math.nan, observed_at=NOW) for p in POSTS]
    assert advice([*POSTS, *broken]).lift == advice(POSTS).lift


def test_readings_from_the_future_and_from_before_the_post_are_not_used() -> None:
    ahead = replace(POSTS[0], post_id="f", observed_at=NOW + timedelta(seconds=1), engagement=1e9)
    behind = replace(POSTS[0], post_id="b", observed_at=POSTS[0].published_at - timedelta(seconds=1))
    said = advice([ahead, behind, *POSTS])
    assert told(said, "2 readings make no sense")
    assert said.n_posts == advice(POSTS).n_posts


def test_paid_crossposted_and_test_posts_stay_out_and_are_named() -> None:
    flags = [PAID] * 3 + [CROSSPOST] * 2 + [TEST]
    others = [
        replace(post, post_id=f"o{i}", engagement=1e6, flags=frozenset({flag}))
        for i, (flag, post) in enumerate(zip(flags, POSTS, strict=False))
    ]
    said = advice([*others, *POSTS])
    assert told(said, "Left out: 3 paid, 2 cross-posted, 1 in a test.")
    assert said.lift == advice(POSTS).lift


def test_tried_hours_and_the_best_ideas_count_the_latter_on_their_own_level() -> None:
    tried = [replace(post, flags=frozenset({EXPLORE})) for post in POSTS]
    assert advice(tried).lift == advice(POSTS).lift
    hour = POSTS[0].published_at.hour
    praised = [
        replace(p, engagement=p.engagement * 20, flags=frozenset({HERO}))
        if p.published_at.hour == hour
        else p
        for p in POSTS
    ]
    plain = [replace(p, flags=frozenset()) for p in praised]
    flat = [0.0] * 168
    where = POSTS[0].published_at.weekday() * 24 + hour

    def lift(posts: Sequence[PostOutcome]) -> float:
        model = fit(posts, zones={"a": "UTC"}, now=NOW)
        scores = score_slots(model, account_id="a", platform="linkedin", content_type="k0", chart=flat)
        return scores.means[where]

    assert lift(praised) < lift(plain)


def test_posts_too_young_to_judge_stay_out_and_are_counted() -> None:
    young = [
        replace(p, post_id=f"y{i}", published_at=NOW - timedelta(minutes=20 + i), observed_at=NOW)
        for i, p in enumerate(POSTS[:5])
    ]
    said = advice([*young, *POSTS])
    assert told(said, "5 too young to judge")
    assert said.n_posts == advice(POSTS).n_posts


def test_one_hour_for_most_posts_is_named_as_what_it_is() -> None:
    crowd = [
        replace(p, published_at=NOW - timedelta(weeks=10 - i // 9, hours=-9, minutes=i % 9), observed_at=NOW)
        for i, p in enumerate(POSTS)
        if i < 80
    ]
    said = advice([*crowd, *POSTS[80:]])
    assert told(
        said, "of the posts went out around Mon 11:00, so the hour cannot be told from what is posted then."
    )
    assert said.shown is None


def test_a_count_that_changes_its_meaning_is_told_and_does_not_make_hours_good() -> None:
    since = POSTS[45].published_at
    stepped = [replace(p, engagement=p.engagement * (30 if p.published_at >= since else 1)) for p in POSTS]
    said, before = advice(stepped), advice(POSTS)
    assert told(said, "the numbers stand")
    assert told(said, "what is counted may have changed")
    assert said.lift is not None
    assert before.lift is not None
    assert abs(said.lift.mean - before.lift.mean) < 0.12
    assert not told(before, "the numbers stand")


def test_a_slow_rise_is_no_jump() -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(size=200)
    assert jump(np.linspace(0, 3, 200) + noise) is None
    assert jump(noise) is None
    found = jump(np.where(np.arange(200) >= 120, 2.5, 0.0) + noise)
    assert found is not None
    assert abs(found.index - 120) <= 5
    assert found.size == pytest.approx(2.5, abs=0.6)


def test_an_account_without_a_zone_says_so_and_other_zones_are_named() -> None:
    assert told(advice(POSTS, zones={}), "hours are learned in UTC")
    assert told(advice(POSTS, tz="Asia/Tokyo"), "Hours are learned in Europe/Berlin and shown in Asia/Tokyo.")
    assert not told(advice(POSTS), "Hours are learned in")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.builds(
            PostOutcome,
            post_id=st.sampled_from("abcdefgh"),
            account_id=st.sampled_from("ab"),
            platform=st.sampled_from(["x", "linkedin", "", "zzz"]),
            content_type=st.sampled_from(["text", "video", ""]),
            published_at=st.datetimes(datetime(2026, 1, 1), datetime(2026, 7, 9)).map(  # noqa: DTZ001
                lambda at: at.replace(tzinfo=NOW.tzinfo)
            ),
            observed_at=st.datetimes(datetime(2026, 1, 1), datetime(2026, 7, 9)).map(  # noqa: DTZ001
                lambda at: at.replace(tzinfo=NOW.tzinfo)
            ),
            engagement=st.floats(allow_nan=True) | st.integers(0, 10),
            flags=st.frozensets(st.sampled_from([PAID, TEST, HERO, EXPLORE]), max_size=2),
        ),
        max_size=40,
    )
)
def test_whatever_comes_in_something_sound_comes_out(rows: list[PostOutcome]) -> None:
    said = advice(rows, audience=Audience("Asia/Kathmandu", (1.0,) * 23 + (0.0,), (6,)))
    assert math.isfinite(said.p_better)
    assert 0 <= said.p_better <= 1
    assert said.lift is None or said.lift.lo <= said.lift.mean <= said.lift.hi
    assert NOW < said.starts_at < NOW + timedelta(days=7)
    scores = score_slots(
        fit(rows, zones={"a": "Asia/Kolkata"}, now=NOW), account_id="a", platform="x", content_type="text"
    )
    assert np.isfinite([scores.means, scores.lows, scores.highs]).all()


def test_how_fast_counts_grow_is_learned_from_posts_that_were_read_several_times() -> None:
    rng = np.random.default_rng(0)
    truth, rows = 60.0, []
    for i in range(60):
        size = float(np.exp(rng.normal(7, 0.5)))
        out = NOW - timedelta(days=60)
        for age in (4.0, 40.0, 1000.0):
            grown = float(share(np.array(age), truth)) * np.exp(rng.normal(0, 0.1))
            rows.append(PostOutcome(str(i), "a", "x", "text", out, out + timedelta(hours=age), size * grown))
    assert starting_tau("x") == starting_tau("twitter") == 8.0
    learned = fit(rows, zones=ZONES, now=NOW).taus["x"]
    assert 40 <= learned <= 90
    pairs = read(rows, NOW).pairs["x"]
    assert 8 <= learned_tau("x", *rises(pairs[:1])) <= learned
    assert learned_tau("x", *rises([])) == 8.0
