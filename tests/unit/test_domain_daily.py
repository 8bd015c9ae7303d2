"""What a day gained, known only where it was read; counts that cannot be, or fell."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.daily import gains
from bot.domain.platform import Metrics
from bot.domain.reckoning import Course
from bot.domain.snapshot import fault_of, fell

OUT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def curve(*readings: tuple[float, int], out: datetime = OUT) -> Course:
    """Views by age in hours."""
    return Course(
        delivery_id=1,
        post_id=1,
        account="a",
        platform="demo",
        content_type="text",
        out_at=out,
        at=tuple(out + hours * HOUR for hours, _ in readings),
        counts=tuple(count for _, count in readings),
    )


def test_a_day_gains_what_its_midnights_say() -> None:
    # out at 9:00 UTC; 15 hours to midnight
    found = gains([curve((15, 150), (39, 390))], "UTC")
    assert found == {date(2026, 11, 21): 150, date(2026, 11, 22): 240}
    twice = gains([curve((15, 150)), curve((15, 150))], "UTC")
    assert twice == {date(2026, 11, 21): 300}
    assert gains([curve()], "UTC") == {}


def test_a_day_may_lose_when_counters_fall() -> None:
    found = gains([curve((15, 150), (39, 100))], "UTC")
    assert found[date(2026, 11, 22)] == -50


def test_days_of_other_lengths_keep_the_sum() -> None:
    """25 hours in Lisbon on 25 October 2026, 23 on 28 March 2027."""
    for out in (datetime(2026, 10, 24, 23, 30, tzinfo=UTC), datetime(2027, 3, 27, 12, 0, tzinfo=UTC)):
        found = gains([curve((60, 600), out=out)], "Europe/Lisbon")
        assert sum(found.values()) == pytest.approx(600)
    assert gains([curve((60, 600), out=datetime(2026, 10, 24, 23, 0, tzinfo=UTC))], "Europe/Lisbon")[
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
