"""``[brand.X.alerts]``: what is read, and what is said about wrong values."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from bot.config.alerts import read_alerts
from bot.config.table import Table
from bot.domain.alarms import AlertRules
from bot.domain.alerts import LEVELS


def read(data: dict[str, Any]) -> tuple[AlertRules, list[tuple[str, str]]]:
    told: list[tuple[str, str]] = []
    return read_alerts(Table(data, "brand.acme.alerts", lambda key, what: told.append((key, what)))), told


def test_nothing_written_is_everything_at_its_usual_level() -> None:
    assert read({}) == (AlertRules(), [])


def test_everything_can_be_said() -> None:
    rules, told = read(
        {
            "levels": {"views": [5000, 100, 5000], "saves": [10], "likes": []},
            "off": ["drop", "record"],
            "daily": 0,
            "digest": "17:45",
        }
    )
    assert told == []
    assert rules.levels == {**LEVELS, "views": (100, 5000), "saves": (10,), "likes": ()}
    assert (rules.off, rules.daily, rules.digest) == (frozenset({"drop", "record"}), 0, time(17, 45))


@pytest.mark.parametrize(
    ("data", "key", "words"),
    [
        ({"levels": {"view": [1]}}, "levels.view", "is no metric, did you mean 'views'?"),
        ({"levels": {"views": [0]}}, "levels.views", "whole numbers above 0, like [1000, 10000]"),
        ({"levels": {"views": "1000"}}, "levels.views", "whole numbers above 0"),
        ({"levels": {"views": [True]}}, "levels.views", "whole numbers above 0"),
        ({"levels": {"views": list(range(1, 40))}}, "levels.views", "at most 20"),
        ({"levels": [1000]}, "levels", "a table"),
        ({"off": ["spikes"]}, "off", "'spikes' is no kind of alert, did you mean 'spike'?"),
        ({"daily": -1}, "daily", "0 to 50"),
        ({"daily": "three"}, "daily", "a whole number"),
        ({"digest": "9"}, "digest", 'write it like "09:00"'),
        ({"quiet": True}, "quiet", "unknown key"),
    ],
)
def test_what_is_wrong_is_told_with_the_way_out(data: dict[str, Any], key: str, words: str) -> None:
    rules, told = read(data)
    (problem,) = told
    assert problem[0] == f"brand.acme.alerts.{key}"
    assert words in problem[1]
    assert rules.daily == 3
