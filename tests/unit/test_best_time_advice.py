"""Advice keeps to the window, the quiet hours, the busy times and the gaps, and tries one hour in seven."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.worlds import NOW, World, world
from bot.api import BestTimes, Optimizer
from plugins.best_time import register_optimizers
from plugins.best_time.api import Audience, Model, SlotAdvice, fit, recommend, score_slots

WEEK = timedelta(days=7)


@pytest.fixture(scope="module")
def one() -> World:
    return world(np.random.default_rng(5), "acme-li", "linkedin", 120, 0.2, zone="Europe/Berlin")


@pytest.fixture(scope="module")
def model(one: World) -> Model:
    return fit(one.posts, zones={one.account: one.zone}, now=NOW)


def ask(model: Model, seed: int = 0, **asked: Any) -> list[SlotAdvice]:
    known: Mapping[str, Any] = {
        "account_id": "acme-li",
        "platform": "linkedin",
        "content_type": "k0",
        "tz": "Europe/Berlin",
        "window": (NOW, NOW + WEEK),
        "now": NOW,
        "rng": np.random.default_rng(seed),
        "explore": False,
    }
    return recommend(model, **{**known, **asked})


def test_the_optimizer_is_found_by_what_it_can_be_asked_and_answers_the_same_again(one: World) -> None:
    [found] = register_optimizers()
    assert isinstance(found, Optimizer)
    assert isinstance(found, BestTimes)
    model = found.fit(one.posts, zones={one.account: one.zone}, now=NOW)
    again = pickle.loads(pickle.dumps(model))
    asked: dict[str, Any] = {"account_id": one.account, "platform": "linkedin", "content_type": "k0"}
    more: dict[str, Any] = {"tz": "UTC", "window": (NOW, NOW + WEEK), "now": NOW}
    for seed in range(30):
        said = found.recommend(model, **asked, **more, seed=seed)
        assert said == found.recommend(again, **asked, **more, seed=seed)
        assert all(not advice.explore for advice in said[1:]), "who takes the first takes the tried one"
    assert found.score_slots(model, **asked) == score_slots(again, **asked)


@settings(max_examples=40, deadline=None)
@given(
    start=st.integers(0, 20_000),
    length=st.integers(1, 9_000),
    k=st.integers(0, 6),
    gap=st.integers(0, 600),
    quiet=st.tuples(st.integers(25, 1439), st.integers(25, 1439)),
    busy=st.lists(st.integers(0, 20_000), max_size=6),
    seed=st.integers(0, 50),
)
def test_advice_keeps_every_promise(
    model: Model,
    start: int,
    length: int,
    k: int,
    gap: int,
    quiet: tuple[int, int],
    busy: list[int],
    seed: int,
) -> None:
    window = (NOW + timedelta(minutes=start), NOW + timedelta(minutes=start + length))
    taken = [NOW + timedelta(minutes=minute) for minute in busy]
    said = ask(
        model,
        seed,
        window=window,
        k=k,
        quiet=[quiet],
        busy=taken,
        min_gap=timedelta(minutes=gap),
        explore=True,
    )
    assert len(said) <= k
    times = [advice.starts_at for advice in said]
    for at in times:
        assert at.tzinfo is UTC
        assert window[0] <= at < window[1]
        local = at.astimezone(ZoneInfo("Europe/Berlin"))
        minute, (a, b) = local.hour * 60 + local.minute, quiet
        assert a == b or not (a <= minute < b if a < b else minute >= a or minute < b)
        assert all(abs(at - other) >= timedelta(minutes=gap) for other in taken)
    assert all(abs(x - y) >= timedelta(minutes=gap) for i, x in enumerate(times) for y in times[:i]), (
        "advised times keep apart"
    )
    best = [advice.p_better for advice in said if not advice.explore and advice.lift]
    means = [advice.lift.mean for advice in said if not advice.explore and advice.lift]
    assert means == sorted(means, reverse=True) or len(best) < 2 or _daylight_first(said)


def _daylight_first(said: list[SlotAdvice]) -> bool:
    """Waking hours are put before others by a millionth, which may turn equal hours round."""
    means = [advice.lift.mean for advice in said if advice.lift and not advice.explore]
    return all(x >= y - 1e-5 for x, y in pairwise(means))


def test_an_hour_in_seven_is_tried_it_is_marked_and_comes_last(model: Model) -> None:
    tried = 0
    for seed in range(250):
        said = ask(model, seed, explore=True)
        assert not any(advice.explore for advice in said[:-1])
        assert said[0] == ask(model, seed, explore=False)[0]
        if said[-1].explore:
            tried += 1
            assert any("to learn from it" in line for line in said[-1].because)
    assert 0.08 <= tried / 250 <= 0.22
    alone = [ask(model, seed, explore=True, k=1) for seed in range(250)]
    assert all(len(said) == 1 for said in alone)
    assert sum(said[0].explore for said in alone) == tried
    hours = {said[0].local[:3] + said[0].local[10:12] for said in alone if said[0].explore}
    assert len(hours) >= 10, "what is tried is spread over many hours"


def test_without_exploring_nothing_is_left_to_chance_but_the_minute(model: Model) -> None:
    hours = {tuple(a.starts_at.replace(minute=0) for a in ask(model, seed)) for seed in range(20)}
    minutes = {a.starts_at.minute for seed in range(60) for a in ask(model, seed)}
    assert len(hours) == 1
    assert minutes == set(range(1, 8)), "off the full hour, so that not all posts go out on the stroke"


def test_nothing_free_is_an_empty_answer(model: Model) -> None:
    assert ask(model, window=(NOW, NOW)) == []
    assert ask(model, window=(NOW - WEEK, NOW)) == []
    assert ask(model, k=0) == []
    assert ask(model, quiet=[(0, 1440)]) == [] or ask(model, quiet=["00:00-23:59"]) == []
    everywhere = [NOW + timedelta(hours=hour) for hour in range(170)]
    assert ask(model, busy=everywhere) == []


def test_a_window_of_some_minutes_is_enough(model: Model) -> None:
    begin = NOW + timedelta(hours=9, minutes=58)
    [said] = ask(model, window=(begin, begin + timedelta(minutes=3)), k=3, min_gap=timedelta(hours=1))
    assert begin <= said.starts_at < begin + timedelta(minutes=3)
    seconds = begin + timedelta(seconds=30)
    assert all(a.starts_at >= seconds for a in ask(model, window=(seconds, seconds + timedelta(hours=2))))


@pytest.mark.parametrize(
    "quiet", [[(22 * 60, 7 * 60)], [(22, 7)], [(time(22), time(7))], ["22:00-07:00"], "22:00-07:00"]
)
def test_quiet_hours_may_be_written_in_several_ways(model: Model, quiet: Any) -> None:
    said = ask(model, quiet=quiet, k=24, min_gap=timedelta(hours=1))
    hours = {a.starts_at.astimezone(ZoneInfo("Europe/Berlin")).hour for a in said}
    assert hours
    assert hours <= set(range(7, 22))


@pytest.mark.parametrize("quiet", [[(5,)], ["late"], [(0, 5000)], [7], [("a", "b")]])
def test_quiet_hours_that_make_no_sense_are_refused(model: Model, quiet: Any) -> None:
    with pytest.raises(ValueError, match="quiet hours are like"):
        ask(model, quiet=quiet)


def test_instants_without_a_zone_and_zones_that_do_not_exist_are_refused(model: Model, one: World) -> None:
    naive = datetime(2026, 7, 6)  # noqa: DTZ001 - what is refused
    for asked in ({"now": naive}, {"window": (naive, NOW)}, {"busy": [naive]}):
        with pytest.raises(ValueError, match="no time zone"):
            ask(model, **asked)
    with pytest.raises(ValueError, match="no time zone"):
        fit(one.posts, zones={}, now=naive)
    with pytest.raises(ValueError, match="'Mars/Base' is not a time zone"):
        ask(model, tz="Mars/Base")
    with pytest.raises(ValueError, match="is not a time zone"):
        fit(one.posts, zones={one.account: "nowhere"}, now=NOW)
    with pytest.raises(ValueError, match="is not a time zone"):
        ask(model, audience=Audience("Mars/Base"))


def test_a_chart_and_hours_of_the_wrong_length_are_refused_and_nonsense_in_them_is_told(model: Model) -> None:
    with pytest.raises(ValueError, match="168 values"):
        ask(model, chart=[1.0] * 24)
    with pytest.raises(ValueError, match="24 or 168 shares, not 7"):
        ask(model, audience=Audience("UTC", (1.0,) * 7))
    bad = [float("nan")] * 168
    odd = Audience("UTC", (0.0,) * 24, (0, 9))
    said = ask(model, chart=bad, audience=odd)[0]
    assert (
        sum(word in " ".join(said.warnings) for word in ("not numbers", "make no sense", "0 (Monday)")) == 3
    )
    assert said.lift is not None
    assert np.isfinite([said.lift.mean, said.lift.lo, said.lift.hi, said.p_better]).all()


def test_what_is_shown_is_drawn_in_and_a_ledger_may_say_by_how_much() -> None:
    strong = world(np.random.default_rng(11), "acme-li", "linkedin", 300, 0.35)
    model = fit(strong.posts, zones={"acme-li": "UTC"}, now=NOW)
    shown = []
    for slope in (0.1, None, 1.0, 9.0):
        said = ask(model, tz="UTC", chart=strong.chart.tolist(), audience=strong.audience, slope=slope)[0]
        assert said.lift is not None
        assert said.shown is not None, "an effect this large has to be seen in 300 posts"
        assert 0 < said.shown.lo < said.shown.mean < said.shown.hi
        assert said.p_better > 0.9
        shown.append(said.shown.mean / said.lift.mean)
    assert shown == sorted(shown)
    assert shown[0] < 0.5 < shown[-1], "a slope is taken between 0.4 and 1.2"
    assert shown[1] <= 0.76


def test_scores_of_the_week_and_advice_say_the_same(model: Model) -> None:
    scores = score_slots(model, account_id="acme-li", platform="linkedin", content_type="k0")
    assert len(scores.means) == len(scores.lows) == len(scores.highs) == 168
    assert all(lo < mean < hi for lo, mean, hi in zip(scores.lows, scores.means, scores.highs, strict=True))
    assert scores.basis == "own"
    for said in ask(model, k=5):
        local = said.starts_at.astimezone(ZoneInfo("Europe/Berlin"))
        hour = local.weekday() * 24 + local.hour
        assert said.lift is not None
        assert said.lift.mean == pytest.approx(scores.means[hour])
        assert (said.lift.lo, said.lift.hi) == pytest.approx((scores.lows[hour], scores.highs[hour]))
        assert said.local == local.strftime("%a %d %b %H:%M")


def test_an_account_nobody_knows_is_advised_from_the_chart(model: Model) -> None:
    said = ask(model, account_id="new", platform="tiktok", k=1)[0]
    assert (said.basis, said.n_posts, said.lift, said.shown) == ("chart", 0, None, None)
    assert any("general pattern on TikTok" in line for line in said.because)
    plain = ask(model, account_id="new", platform="postcards", k=1)[0]
    assert 8 <= plain.starts_at.astimezone(ZoneInfo("Europe/Berlin")).hour < 22
    assert any("no general pattern for postcards" in line for line in plain.because)


def test_a_kind_of_post_with_enough_of_its_own_may_have_a_curve_of_its_own() -> None:
    rng = np.random.default_rng(2)
    base = world(rng, "acme-li", "linkedin", 300, FLAT).posts
    posts = []
    for i, post in enumerate(base):
        kind = "video" if i % 2 else "text"
        hour = post.published_at.hour
        good = hour >= 17 if kind == "video" else hour < 12
        posts.append(
            type(post)(
                post.post_id,
                post.account_id,
                post.platform,
                kind,
                post.published_at,
                post.observed_at,
                float(np.exp(6 + 0.8 * good + 0.3 * rng.normal()) // 1),
            )
        )
    model = fit(posts, zones={"acme-li": "UTC"}, now=NOW)
    flat = [0.0] * 168
    evening = {
        kind: ask(model, tz="UTC", content_type=kind, chart=flat, k=1)[0].starts_at.hour
        for kind in ("video", "text")
    }
    assert evening["video"] >= 15
    assert evening["text"] < 13


FLAT = 1e-6
