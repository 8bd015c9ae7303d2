"""Rates as properties: never more than the limit in any window, never a wait for nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.rates import DAY, UTC_DAY, Bucket, Meter, Rate, Scope, Sighting, left, opens_at, take, told

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def rate(limit: int, per: timedelta | str) -> Rate:
    return Rate(
        name="limit",
        scope=Scope.ACCOUNT,
        limit=limit,
        per=per,  # type: ignore[arg-type]  # hypothesis draws either kind
        as_of=date(2026, 11, 21),
        source="ours",
    )


spans = st.integers(1, 48 * 3600).map(lambda s: timedelta(seconds=s))
windows = st.builds(rate, st.integers(1, 120), spans)
days = st.builds(rate, st.integers(1, 120), st.just(UTC_DAY))
steps = st.lists(st.integers(0, 4 * 3600).map(lambda s: timedelta(seconds=s)), max_size=300)
words = st.builds(
    Sighting,
    left=st.none() | st.integers(0, 200),
    until=st.none() | st.integers(-60, 90_000).map(lambda s: START + timedelta(seconds=s)),
)


def busiest(rate_: Rate, times: list[datetime]) -> int:
    """The most that any window of the rate's length holds, wherever it begins."""
    if not isinstance(rate_.per, timedelta):
        return max((sum(t.date() == day for t in times) for day in {t.date() for t in times}), default=0)
    span = rate_.per
    return max((sum(start <= t < start + span for t in times) for start in times), default=0)


def eager(rate_: Rate, gaps: list[timedelta]) -> list[datetime]:
    """Somebody who asks after each gap and takes everything there is."""
    now, bucket, taken = START, Bucket(), list[datetime]()
    for gap in gaps:
        now += gap
        many = left(rate_, bucket, now)
        bucket = take(rate_, bucket, now, many)
        taken += [now] * many
    return taken


@given(windows | days, steps)
@settings(max_examples=150, deadline=None)
def test_no_window_holds_more_than_the_limit(rate_: Rate, gaps: list[timedelta]) -> None:
    assert busiest(rate_, eager(rate_, gaps[:60])) <= rate_.limit


@given(windows | days, st.integers(1, 80))
def test_who_always_waits_exactly_as_long_as_told_breaks_nothing_either(rate_: Rate, many: int) -> None:
    now, bucket, taken = START, Bucket(), list[datetime]()
    for _ in range(many):
        now = opens_at(rate_, bucket, now)
        assert left(rate_, bucket, now) >= 1
        bucket = take(rate_, bucket, now)
        taken.append(now)
    assert busiest(rate_, taken) <= rate_.limit


@given(windows | days, steps)
@settings(deadline=None)
def test_nobody_waits_longer_than_needed(rate_: Rate, gaps: list[timedelta]) -> None:
    now, bucket = START, Bucket()
    for gap in gaps:
        now += gap
        if left(rate_, bucket, now):
            bucket = take(rate_, bucket, now)
        opens = opens_at(rate_, bucket, now)
        assert left(rate_, bucket, opens) >= 1
        if opens > now:
            assert left(rate_, bucket, opens - TICK) == 0
        else:
            assert left(rate_, bucket, now) >= 1


@given(windows)
def test_after_a_quiet_window_the_whole_burst_is_back(rate_: Rate) -> None:
    bucket = take(rate_, Bucket(), START, rate_.burst)
    assert left(rate_, bucket, START) == 0
    assert isinstance(rate_.per, timedelta)
    assert left(rate_, bucket, START + 2 * rate_.per) == rate_.burst
    assert rate_.burst * 2 >= rate_.limit


@given(windows | days, st.permutations([1, 2, 3, 4]))
def test_the_order_of_asks_at_one_instant_does_not_matter(rate_: Rate, asks: list[int]) -> None:
    def granted(order: list[int]) -> tuple[int, Bucket]:
        bucket, total = Bucket(), 0
        for many in order:
            some = min(many, left(rate_, bucket, START))
            bucket, total = take(rate_, bucket, START, some), total + some
        return total, bucket

    assert granted(asks) == granted([1, 2, 3, 4])


@given(windows | days, st.integers(0, 200), st.lists(words, max_size=6))
def test_a_platforms_word_moves_towards_less_only(rate_: Rate, used: int, said: list[Sighting]) -> None:
    bucket = take(rate_, Bucket(), START, min(used, left(rate_, Bucket(), START)))
    for seen in said:
        moved = told(rate_, bucket, START, seen)
        assert left(rate_, moved, START) <= left(rate_, bucket, START)
        assert opens_at(rate_, moved, START) >= opens_at(rate_, bucket, START)
        if seen.left is not None:
            assert left(rate_, moved, START) <= seen.left
        assert (moved.told_left or 0, moved.told_at) <= (seen.left or 0, START)
        bucket = moved


@given(windows | days, st.permutations([Sighting(left=5), Sighting(left=3), Sighting(left=4)]))
def test_words_may_arrive_in_any_order(rate_: Rate, said: list[Sighting]) -> None:
    bucket = Bucket()
    for seen in said:
        bucket = told(rate_, bucket, START, seen)
    assert left(rate_, bucket, START) == min(3, rate_.burst)


@given(windows | days, st.integers(1, 90_000))
def test_nothing_left_is_nothing_until_the_reset_then_the_burst_is_there(rate_: Rate, seconds: int) -> None:
    reset = START + timedelta(seconds=seconds)
    bucket = told(rate_, Bucket(), START, Sighting(left=0, until=reset))
    assert left(rate_, bucket, reset - TICK) == 0
    assert opens_at(rate_, bucket, START) >= reset


@given(windows, st.integers(1, 100), st.integers(1, 86_400))
def test_a_reset_after_few_calls_gives_the_burst_back(rate_: Rate, taken: int, seconds: int) -> None:
    reset = START + timedelta(seconds=seconds)
    bucket = take(rate_, Bucket(), START, min(taken, rate_.burst))
    gone = told(rate_, bucket, START, Sighting(left=0, until=reset))
    assert opens_at(rate_, gone, START) == max(reset, opens_at(rate_, bucket, START))
    assert left(rate_, gone, reset) == left(rate_, bucket, reset)


@given(windows, st.integers(1, 100), st.integers(1, 86_400))
def test_few_left_are_few_until_the_reset_only(rate_: Rate, few: int, seconds: int) -> None:
    reset = START + timedelta(seconds=seconds)
    bucket = told(rate_, Bucket(), START, Sighting(left=few, until=reset))
    assert left(rate_, bucket, START) == min(few, rate_.burst)
    last = take(rate_, bucket, START, left(rate_, bucket, START))
    if few <= rate_.burst:
        assert left(rate_, last, reset - TICK) == 0
    assert left(rate_, bucket, reset) == rate_.burst


def test_a_limit_of_the_day_starts_anew_at_midnight_utc() -> None:
    daily = rate(2, UTC_DAY)
    evening = datetime(2026, 11, 21, 23, 59, tzinfo=UTC)
    bucket = take(daily, Bucket(), evening, 2)
    assert left(daily, bucket, evening) == 0
    assert opens_at(daily, bucket, evening) == datetime(2026, 11, 22, tzinfo=UTC)
    assert left(daily, bucket, evening + timedelta(minutes=1)) == 2


@given(windows, st.integers(1, 3 * 86400))
def test_a_clock_that_goes_back_costs_no_more_than_a_full_bucket(rate_: Rate, back: int) -> None:
    bucket = take(rate_, Bucket(), START, left(rate_, Bucket(), START))
    earlier = START - timedelta(seconds=back)
    assert opens_at(rate_, bucket, earlier) - earlier <= rate_.interval


def test_a_clock_that_goes_back_over_midnight_does_not_start_the_day_again() -> None:
    daily = rate(1, UTC_DAY)
    morning = datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
    bucket = take(daily, Bucket(), morning)
    assert left(daily, bucket, morning - timedelta(hours=1)) == 0
    assert opens_at(daily, bucket, morning - timedelta(hours=1)) == datetime(2026, 11, 22, tzinfo=UTC) + DAY


@pytest.mark.parametrize(
    ("limit", "per", "burst", "interval"),
    [
        (100, timedelta(minutes=15), 50, timedelta(microseconds=17_647_059)),
        (10_000, timedelta(hours=24), 5_000, timedelta(microseconds=17_276_545)),
        (1, timedelta(hours=1), 1, timedelta(hours=1)),
    ],
)
def test_half_may_go_at_once_and_the_rest_comes_back_evenly(
    limit: int, per: timedelta, burst: int, interval: timedelta
) -> None:
    made = rate(limit, per)
    assert (made.burst, made.interval) == (burst, interval)


def test_a_meter_hands_over_each_word_once() -> None:
    meter = Meter()
    meter.seen("a", left=3)
    meter.seen("a", left=2)
    assert meter.take() == {"a": Sighting(left=2)}
    assert meter.take() == {}
