"""`[brand.X.report]`: what is wrong is told with its key; what is left out has a default."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from bot.config.report import read_report
from bot.config.table import Table
from bot.domain.periods import ReportTimes


def read(**table: Any) -> tuple[ReportTimes, list[str]]:
    wrong: list[str] = []
    return read_report(
        Table(table, "brand.acme.report", lambda key, what: wrong.append(f"{key}: {what}"))
    ), wrong


def test_both_are_told_on_monday_at_nine_by_default() -> None:
    assert read() == (ReportTimes(weekday=0, clock=time(9), weekly=True, monthly=True), [])


def test_a_brand_chooses_its_time_and_what_it_wants() -> None:
    found, wrong = read(at="Fri 17:30", weekly=True, monthly=False)
    assert (found, wrong) == (ReportTimes(weekday=4, clock=time(17, 30), monthly=False), [])


@pytest.mark.parametrize(
    "at", ["monday 9", "mo 09:00", "09:00", "mon 24:00", "mon 9:00", "", "mon", "mon 09:60"]
)
def test_a_time_that_cannot_be_read_is_told(at: str) -> None:
    found, (told,) = read(at=at)
    assert told.startswith("brand.acme.report.at: ")
    assert "mon 09:00" in told
    assert found == ReportTimes()


def test_unknown_keys_and_wrong_kinds_are_told() -> None:
    _, wrong = read(wekly=False, monthly="no")
    assert wrong == [
        "brand.acme.report.monthly: must be true or false",
        "brand.acme.report.wekly: unknown key, did you mean 'weekly'?",
    ]
