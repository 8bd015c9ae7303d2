"""Sentences in pieces: every piece is there, what is cut is cut where it may be, nothing steers a screen."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.wording import (
    LOOKS,
    MORE,
    Run,
    fit,
    look_of,
    pieces,
    row_runs,
    runs_of,
    short,
    tidy,
    unbold,
    units,
    whole_of,
)
from bot.domain.delivery import State
from bot.domain.marks import mark_link, mark_time
from bot.domain.message import Field, Message
from tests.unit.render_world import long_words, sentences, words

AT = datetime(2026, 11, 27, 17, 30, tzinfo=UTC)
addresses = st.sampled_from(("", "https://example.com/a"))
runs = st.lists(st.builds(Run, text=st.one_of(words, long_words), url=addresses), max_size=6)
quick = settings(max_examples=60, deadline=None)


@quick
@given(st.one_of(words, long_words))
def test_words_in_pieces_are_the_same_words(text: str) -> None:
    assert "".join(run.text for run in runs_of(text)) == tidy(text)


@quick
@given(sentences)
def test_nothing_that_steers_a_screen_is_left(text: str) -> None:
    for run in runs_of(text):
        assert run.text == tidy(run.text)
        assert run.url == tidy(run.url)


def test_marks_and_addresses_become_what_they_are() -> None:
    text = f"Live {mark_time(AT, '17:30', place='Lisbon')} · {mark_link('https://x.com/a/1', 'x.com/a/1')} http://a.b/c)."
    assert runs_of(text) == [
        Run(text="Live "),
        Run(text="17:30 Lisbon", at=AT),
        Run(text=" · "),
        Run(text="x.com/a/1", url="https://x.com/a/1"),
        Run(text=" "),
        Run(text="http://a.b/c", url="http://a.b/c"),
        Run(text=")."),
    ]


@quick
@given(
    st.lists(st.builds(Field, name=words, value=st.one_of(sentences, long_words)), max_size=8),
    st.integers(0, 2_000),
)
def test_rows_that_are_left_out_could_not_have_been_shown(fields: list[Field], room: int) -> None:
    message = Message(fields=tuple(fields))
    everything = row_runs(message, sys.maxsize)

    def cost(run: Run) -> int:
        return units(run.text) + 2 * bool(run.url)

    assert fit(row_runs(message, room), room, cost) == fit(everything, room, cost)


@quick
@given(sentences)
def test_plain_letters_are_the_same_words(text: str) -> None:
    assert unbold(runs_of(text, bold=True)) == runs_of(text)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://a b", "ftp://x", "https://a\ud800", ""])
def test_what_is_no_address_stays_words(url: str) -> None:
    assert runs_of(mark_link(url, "here")) == [Run(text="here")]


@quick
@given(runs, st.integers(4, 3_000))
def test_portions_hold_everything_and_none_is_too_long(given_: list[Run], limit: int) -> None:
    portions = pieces(given_, limit)
    assert "".join(r.text for p in portions for r in p) == "".join(r.text for r in given_)
    for portion in portions:
        filled = [r for r in portion if r.text]
        assert sum(units(r.text) for r in portion) <= limit or (len(filled) == 1 and not filled[0].words)


@quick
@given(runs, st.integers(0, 5_000))
def test_what_does_not_fit_is_cut_with_an_ellipsis(given_: list[Run], room: int) -> None:
    def cost(run: Run) -> int:
        return 2 * units(run.text)

    kept, cut = fit(given_, room, cost)
    assert sum(map(cost, kept)) <= room
    assert cut == (sum(map(cost, given_)) > room)
    if not cut:
        assert kept == given_
    elif room >= 2:
        assert kept[-1].text.endswith(MORE)


@given(st.text(max_size=300), st.integers(2, 100))
def test_a_label_is_one_line_within_its_limit(text: str, limit: int) -> None:
    label = short(text, limit)
    assert units(label) <= limit
    assert "\n" not in label
    label.encode()


def test_signs_made_of_several_are_not_torn() -> None:
    family = "👩‍👩‍👧"
    assert short("ab" + family * 3, 6) == "ab👩…"
    assert short("🇵🇹" * 5, 7) == MORE


def test_every_state_has_a_look_and_only_live_is_green() -> None:
    green = LOOKS["LIVE"].colour
    for state in State:
        if state is State.DRAFT:
            continue
        look = look_of(state.value.replace("_", " ").upper())
        assert look.glyph, state
        assert (look.colour == green) == (state is State.LIVE), state
    for state in State:
        word = state.value.replace("_", " ").upper()
        if state not in (State.LIVE, State.DRAFT):
            assert look_of(f"LIVE 2, {word} 1") == look_of(word), state


def test_the_whole_is_everything_but_the_buttons() -> None:
    message = Message(
        title="P42", status="LIVE", text="Words", fields=(Field(name="X", value="ready"),), footer="v3"
    )
    assert whole_of(message) == "P42  LIVE\n\nWords\n\nX  ready\n\nv3"
