"""Nothing of a text gets lost in LinkedIn's little text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plugins.linkedin.little_text import RESERVED, escape, same_text, unescape, utf16_length
from plugins.linkedin.simulated import plain_length, render, with_templates

NASTY = st.text(st.sampled_from(RESERVED + "ab1 é\n😀|"))
NAMES = st.text(st.sampled_from("Ada Lovelace()*_\\"), min_size=1)


def test_the_documented_example() -> None:
    raw = r"a\b (x) [y] {z} <q> #h @m *i* _u_ ~1 a|b"
    assert escape(raw) == r"a\\b \(x\) \[y\] \{z\} \<q\> \#h \@m \*i\* \_u\_ \~1 a\|b"


@given(st.text() | NASTY)
@example("{hashtag|\\#|word}")
@example("\\#tag \\\\(")
@example("#one_two #ünï, #")
def test_readers_see_what_was_written(text: str) -> None:
    assert render(escape(text)) == text


@given(st.text() | NASTY)
@example("#a_b {hashtag|#|c}")
def test_reading_back_gives_what_was_written(text: str) -> None:
    assert unescape(with_templates(escape(text))) == text


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("faster builds (twice", "faster builds "),
        ("a\\b", "a"),
        ("hello @ada", "hello "),
        ("C# and more", "C"),
        ("#ci is fine", "#ci is fine"),
    ],
)
def test_the_simulator_cuts_what_is_not_escaped(text: str, seen: str) -> None:
    assert render(text) == seen


def test_a_mention_stays_a_mention() -> None:
    text = "Thanks @[Acme GmbH](urn:li:organization:2414183) (again) @[x](y)"
    little = escape(text)
    assert little.startswith("Thanks @[Acme GmbH](urn:li:organization:2414183) \\(again\\) \\@\\[x")
    assert render(little) == "Thanks Acme GmbH (again) @[x](y)"
    assert unescape(little) == text


@given(NASTY, NAMES, NASTY)
def test_mentions_survive_any_surroundings(before: str, name: str, after: str) -> None:
    text = f"{before} @[{name}](urn:li:person:a-B_9) {after}"
    assert render(escape(text)).endswith(f" {name} {after}")
    assert unescape(escape(text)) == text


def test_templates_are_read_and_braces_are_not_taken_for_them() -> None:
    assert unescape(r"Out \(now\) {hashtag|\#|ci} {hashtag|#|a\_b}") == "Out (now) #ci #a_b"
    assert unescape(r"\{hashtag\|\#\|ci\}") == "{hashtag|#|ci}"


def test_the_same_to_a_reader() -> None:
    assert same_text("Cafe\u0301  one\r\ntwo ", "Café one\ntwo")
    assert not same_text("one two", "onetwo")


def test_length_counts_utf16_units() -> None:
    assert [utf16_length(text) for text in ("", "é", "😀", "a😀")] == [0, 1, 2, 3]
    assert plain_length(escape("(😀)")) == 4
