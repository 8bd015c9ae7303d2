"""What posts had at the same age, and what a day gained: known only where it was read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.daily import gains
from bot.domain.platform import Metrics
from bot.domain.snapshot import Snapshot, fault_of, fell
from bot.domain.usual import Band, Curve, usual, value_at

OUT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def views(metrics: Metrics) -> float | None:
    return metrics.views


def curve(*readings: tuple[float, int | None], out: datetime = OUT) -> Curve:
    """Views by age in hours."""
    return out, [
        Snapshot(delivery_id=1, account="a", at=out + hours * HOUR, metrics=Metrics(views=count))
        for hours, count in readings
    ]


def test_between_two_readings_lies_a_line_and_behind_them_nothing() -> None:
    one = curve((1, 10), (3, 30))
    assert [value_at(one, h * HOUR, views) for h in (0, 0.5, 1, 2, 3, 3.1)] == [0, 5, 10, 20, 30, None]


def test_what_was_not_read_is_unknown() -> None:
    assert value_at(curve(), HOUR, views) is None
    assert value_at(curve((1, None), (2, None)), HOUR, views) is None
    assert value_at(curve((1, 10), (2, None), (3, 30)), 2 * HOUR, views) == 20


def test_an_account_without_posts_or_with_few_has_no_usual() -> None:
    assert usual([], HOUR, views) is None
    assert usual([curve((1, 10))] * 4, HOUR, views) is None
    assert usual([curve((1, 10))] * 4 + [curve((0.5, 10))], HOUR, views) is None


def test_the_usual_is_the_middle_half() -> None:
    band = usual([curve((1, n)) for n in (10, 20, 30, 40, 50)], HOUR, views)
    assert band == Band(lo=20, mid=30, hi=40, n=5)
    assert band.times(93) == pytest.approx(3.1)


def test_all_zeros_are_a_usual_nobody_is_a_multiple_of() -> None:
    band = usual([curve((1, 0))] * 6, HOUR, views)
    assert band == Band(lo=0, mid=0, hi=0, n=6)
    assert band.times(10) is None


@given(st.lists(st.integers(0, 10**9), min_size=5, max_size=40))
def test_the_band_holds_half_and_scales(counts: list[int]) -> None:
    curves = [curve((1, n)) for n in counts]
    band = usual(curves, HOUR, views)
    assert band is not None
    assert min(counts) <= band.lo <= band.mid <= band.hi <= max(counts)
    tenfold = usual([curve((1, 10 * n)) for n in counts], HOUR, views)
    assert tenfold is not None
    assert tenfold.mid == pytest.approx(10 * band.mid)


def test_a_day_gains_what_its_midnights_say() -> None:
    # out at 9:00 UTC; 15 hours to midnight
    found = gains([curve((15, 150), (39, 390))], "UTC", views)
    assert found == {date(2026, 11, 21): 150, date(2026, 11, 22): 240}
    twice = gains([curve((15, 150)), curve((15, 150))], "UTC", views)
    assert twice == {date(2026, 11, 21): 300}
    assert gains([curve()], "UTC", views) == {}


def test_a_day_may_lose_when_counters_fall() -> None:
    found = gains([curve((15, 150), (39, 100))], "UTC", views)
    assert found[date(2026, 11, 22)] == -50


def test_days_of_other_lengths_keep_the_sum() -> None:
    """25 hours in Lisbon on 25 October 2026, 23 on 28 March 2027."""
    for out in (datetime(2026, 10, 24, 23, 30, tzinfo=UTC), datetime(2027, 3, 27, 12, 0, tzinfo=UTC)):
        found = gains([curve((60, 600), out=out)], "Europe/Lisbon", views)
        assert sum(found.values()) == pytest.approx(600)
    assert gains([curve((60, 600), out=datetime(2026, 10, 24, 23, 0, tzinfo=UTC))], "Europe/Lisbon", views)[
        date(2026, 10, 25)
    ] == pytest.approx(250)


@pytest.mark.parametrize("value", [float("nan"), -1, 10**16, True, "7", 1.0])
def test_what_cannot_be_counted_is_a_fault(value: object) -> None:
    assert fault_of(Metrics(views=value)).startswith("views is")  # type: ignore[arg-type]
    assert fault_of(Metrics(views=0, likes=None)) == ""
    assert fault_of(7) == "int is no Metrics"  # type: ignore[arg-type]


def test_counters_that_fell_are_named() -> None:
    before, after = Metrics(views=10, likes=3, shares=1), Metrics(views=9, likes=3, comments=1)
    assert fell(before, after) == {"views": (10, 9)}
