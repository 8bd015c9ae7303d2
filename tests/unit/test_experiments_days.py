"""Days of a platform, and what one brought where only running totals are known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.platform import Metrics
from bot.domain.revising import begins, day_of, is_whole
from bot.domain.snapshot import Snapshot
from bot.services.experimenting.reading import views_at

ZONE = "America/Los_Angeles"
MIDNIGHT = datetime(2026, 11, 21, 8, tzinfo=UTC)


def rows(*readings: tuple[float, int | None]) -> list[Snapshot]:
    """Hours after midnight, views."""
    return [
        Snapshot(delivery_id=1, account="a", at=MIDNIGHT + timedelta(hours=h), metrics=Metrics(views=v))
        for h, v in readings
    ]


def test_a_day_begins_at_the_platforms_midnight_and_twice_a_year_is_none() -> None:
    assert begins(date(2026, 11, 21), ZONE) == MIDNIGHT
    assert day_of(MIDNIGHT - timedelta(seconds=1), ZONE) == date(2026, 11, 20)
    assert [d for d in range(1, 31) if not is_whole(date(2026, 11, d), ZONE)] == [1]
    assert [d for d in range(1, 31) if not is_whole(date(2027, 3, d), ZONE)] == [14]


@pytest.mark.parametrize(
    ("readings", "views"),
    [
        ([(-2, 100), (2, 200)], 150.0),
        ([(0, 120), (3, 900)], 120.0),
        ([(-9, 100), (2, 200)], None),
        ([(-2, None), (2, 200)], None),
        ([(1, 200)], None),
        ([], None),
    ],
)
def test_views_at_midnight_lie_between_the_readings_near_it_or_are_unknown(
    readings: list[tuple[float, int | None]], views: float | None
) -> None:
    assert views_at(rows(*readings), MIDNIGHT) == views
