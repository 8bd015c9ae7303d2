"""Options that are given several times: texts in order, and pairs whose first word is no account."""

from __future__ import annotations

from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.context import Context
from bot.commands.spec import Command, Kind, Opt, PairTexts, Texts, command
from bot.domain.message import Message
from bot.errors import BadInput


@command()
async def say(
    ctx: Context,
    *,
    alt: Annotated[Texts | None, Opt("What an image shows")] = None,
    later: Annotated[PairTexts | None, Opt("When and what", first="AFTER")] = None,
) -> Message:
    """Say it."""
    return Message()


SAY: Command = say


def test_they_are_declared_and_typed() -> None:
    assert [o.kind for o in SAY.options] == [Kind.TEXTS, Kind.PAIRS]
    assert SAY.usage == "/say [--alt TEXT]… [--later AFTER TEXT]…"


def test_texts_keep_their_order_and_may_repeat() -> None:
    found = SAY.parse('--alt "a cat" --alt=dog --alt "a cat" --later 2h "More — then" --later 1d x')
    assert found["alt"] == ("a cat", "dog", "a cat")
    assert found["later"] == {"2h": "More — then", "1d": "x"}
    assert SAY.parse("") == {"alt": None, "later": None}
    assert SAY.convert({"alt": "one"}) == {"alt": ("one",), "later": None}


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=4))
def test_a_line_says_them_again(texts: list[str]) -> None:
    values = {"alt": tuple(texts), "later": None}
    assert SAY.parse(SAY.render(values)) == values


@pytest.mark.parametrize(
    ("line", "words"),
    [("--alt", "--alt needs a value"), ("--later 2h", "--later needs AFTER and a text")],
)
def test_what_is_missing_is_said(line: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        SAY.parse(line)
