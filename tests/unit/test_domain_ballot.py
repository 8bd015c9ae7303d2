"""Emoji as marks: what they mean, what is new, what is gone, and how it is kept."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ballot import Ballot, Mark, from_json, mark_of, to_json

STROKES = st.tuples(st.sampled_from([*Mark]), st.sampled_from(["U1", "U2", "U3"]))
BALLOTS = st.builds(
    Ballot,
    asked=st.integers(0, 9),
    read=st.integers(0, 9),
    shown=st.integers(0, 9),
    marks=st.dictionaries(STROKES, st.integers(1, 9)),
)


@pytest.mark.parametrize(
    ("emoji", "mark"),
    [
        ("✅", Mark.YES),
        (":white_check_mark::skin-tone-2:", Mark.YES),
        ("❌", Mark.NO),
        ("x", Mark.NO),
        ("⏸\ufe0f", Mark.PAUSE),
        ("double_vertical_bar", Mark.PAUSE),
        ("♻\ufe0f", Mark.KEEP),
        ("recycle", Mark.KEEP),
        ("✔\ufe0f", None),
        ("☑", None),
        ("heavy_check_mark", None),
        ("", None),
    ],
)
def test_what_an_emoji_means(emoji: str, mark: Mark | None) -> None:
    assert mark_of(emoji) is mark


@given(
    st.sampled_from(["✅", "❌", "⏸", "♻"]),
    st.text("\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff\ufe0e\ufe0f", max_size=4),
)
def test_tones_and_selectors_mean_nothing(emoji: str, more: str) -> None:
    assert mark_of(emoji + more) is mark_of(emoji) is not None


@given(BALLOTS)
def test_what_is_kept_comes_back(ballot: Ballot) -> None:
    assert from_json(json.loads(json.dumps(to_json(ballot)))) == ballot


@given(BALLOTS, st.sets(STROKES))
def test_what_is_new_and_what_is_gone_make_the_one_reading_of_the_other(
    ballot: Ballot, seen: set[tuple[Mark, str]]
) -> None:
    put, taken = ballot.put(seen), ballot.taken(seen)
    assert len(set(put)) == len(put)
    after = ballot
    for stroke in taken:
        after = after.without(stroke)
    for stroke in put:
        after = after.with_mark(stroke, 1)
    assert set(after.marks) == seen
    assert not after.put(seen)
    assert not after.taken(seen)
    objections = [mark is Mark.NO for mark, _ in put if mark in (Mark.NO, Mark.YES)]
    assert objections == sorted(objections, reverse=True)  # a no is never late
