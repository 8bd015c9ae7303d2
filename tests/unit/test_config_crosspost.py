"""``[brand.X.crosspost]``: what an admin may say, and one sentence for what is wrong."""

from __future__ import annotations

import pytest

from bot.config.crosspost import read_crosspost
from bot.config.table import Table
from bot.domain.crosspost import CrosspostPolicy
from bot.domain.winners import Absolute, Relative


def read(values: dict[str, object]) -> tuple[CrosspostPolicy, list[str]]:
    said: list[str] = []
    table = Table(values, "brand.acme.crosspost", lambda key, what: said.append(f"{key}: {what}"))
    return read_crosspost(table), said


def test_nothing_said_is_the_usual_and_proposes() -> None:
    found, said = read({})
    assert (found, said) == (CrosspostPolicy(), [])
    assert found.mode == "propose"
    assert found.bars(frozenset({"7"})) == Relative(known=frozenset({"7"}))


def test_everything_may_be_said() -> None:
    found, said = read(
        {
            "mode": "auto",
            "rule": "absolute",
            "views": 500,
            "rate": 0.02,
            "cool_off": "48h",
            "expires": "3d",
            "fresh": "14d",
            "a_day": 5,
            "never": ["acme-tt"],
        }
    )
    assert said == []
    assert found == CrosspostPolicy(
        mode="auto",
        rule="absolute",
        views=500,
        rate=0.02,
        cool_off_s=48 * 3600,
        expires_s=3 * 86400,
        fresh_s=14 * 86400,
        a_day=5,
        never=("acme-tt",),
    )
    assert found.bars() == Absolute(views=500, rate=0.02)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"mode": "atuo"}, "mode: 'atuo' is not a mode, did you mean 'auto'?"),
        ({"mode": 3}, "mode: must be text in quotes"),
        ({"rule": "best"}, 'rule: \'best\' is not a rule; write "relative" or "absolute"'),
        ({"views": 5}, 'views: is for rule = "absolute"; the relative one goes by the account\'s own usual'),
        ({"rule": "absolute", "views": 0}, "views: must be at least 1"),
        ({"rule": "absolute", "rate": 5.0}, "rate: is a share of the views, like 0.05"),
        ({"cool_off": "2h"}, "cool_off: is at least 24h"),
        ({"expires": "soon"}, "expires: 'soon' is not a time"),
        ({"a_day": 0}, 'a_day: is from 1 to 20; mode = "off" proposes nothing'),
        ({"nevr": ["x"]}, "nevr: unknown key, did you mean 'never'?"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(values: dict[str, object], words: str) -> None:
    _, said = read(values)
    assert len(said) == 1
    assert said[0].startswith(f"brand.acme.crosspost.{words}")
