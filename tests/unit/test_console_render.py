"""What a message looks like in a terminal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from bot.chat.console import render
from bot.domain.message import Action, Button, Field, Message


def button(label: str, asks: str = "") -> Button:
    return Button(label=label, action=Action(verb="approve", kind="post", id=42, version=3), asks=asks)


def lines(text: str) -> str:
    """A block as it is written in this file, without the margin."""
    return text.strip("\n")


def test_the_living_card() -> None:
    message = Message(
        title="P42 · acme · by alice",
        status="IN REVIEW  1 of 2",
        text="Launch day: Clarion 1.0 is out. Read why we built it → example.com/why\n"
        '🖼 launch.jpg  1600×900 · alt: "Clarion\'s card in Slack with three previews"',
        fields=(
            Field(name="X", value="@acme          ✓ 61/280 · link post (X charges $0.20)"),
            Field(name="LinkedIn", value="Acme GmbH      ✓ 612/3000"),
            Field(name="", value=""),
            Field(
                name="Approve",
                value="needs 2 of @marketing-leads by Fri 17:30 · bob ✅ v3 10:02 · waiting: carol, dana",
            ),
        ),
        buttons=tuple(map(button, ("Approve", "Request changes", "Reject", "Hold", "Edit", "Other time"))),
        footer="v3 · 2 changes since v2 (thread)",
    )
    assert render(message, width=78) == lines("""
┌ P42 · acme · by alice                                      IN REVIEW  1 of 2
│ Launch day: Clarion 1.0 is out. Read why we built it → example.com/why
│ 🖼 launch.jpg  1600×900 · alt: "Clarion's card in Slack with three previews"
│
│ X          @acme          ✓ 61/280 · link post (X charges $0.20)
│ LinkedIn   Acme GmbH      ✓ 612/3000
│
│ Approve    needs 2 of @marketing-leads by Fri 17:30 · bob ✅ v3 10:02 ·
│            waiting: carol, dana
│ [1] Approve  [2] Request changes  [3] Reject  [4] Hold  [5] Edit
│ [6] Other time
└ v3 · 2 changes since v2 (thread)
""")


def test_a_small_card() -> None:
    message = Message(title="P42 · acme", status="PUBLISHING", fields=(Field(name="X", value="sending …"),))
    assert render(message, width=40) == lines("""
┌ P42 · acme                  PUBLISHING
│ X          sending …
└
""")


def test_a_question_without_a_title() -> None:
    message = Message(
        fields=(Field(name="LinkedIn", value="UNCONFIRMED · is it there?\nlinkedin.com/x — please look."),),
        buttons=(button("It's live"), button("It's not")),
    )
    assert render(message, width=60) == lines("""
┌
│ LinkedIn   UNCONFIRMED · is it there?
│            linkedin.com/x — please look.
│ [1] It's live  [2] It's not
└
""")


def test_a_status_that_does_not_fit_beside_the_title() -> None:
    message = Message(title="P42 · a long title for a card", status="IN REVIEW 1 of 2", footer="v1")
    assert render(message, width=40) == lines("""
┌ P42 · a long title for a card
│                       IN REVIEW 1 of 2
└ v1
""")


def test_plain_words() -> None:
    assert render(Message(text="Nothing is waiting."), width=78) == "· Nothing is waiting."
    assert render(Message(text="one\ntwo"), width=78, label="(to bob) ") == "(to bob) one\n  two"
    assert render(Message(image=Path("pictures/a.png")), width=78) == "·\n  🖼 pictures/a.png"
    long = Message(text="carol already approved v3 at 10:04. Nothing changed.")
    assert render(long, width=30) == "· carol already approved v3 at\n  10:04. Nothing changed."


def test_a_card_for_one_person_says_so_above() -> None:
    assert render(Message(title="P1", text="hi", private=True), width=20, label="(to bob) ") == lines("""
(to bob)
┌ P1
│ hi
└
""")


def test_an_image_and_buttons_that_are_only_shown() -> None:
    message = Message(title="P1", image=Path("a.png"), buttons=(button("Approve"),), footer="a\nb")
    assert render(message, width=30, numbered=False) == lines("""
┌ P1
│ 🖼 a.png
│ [Approve]
│ a
└ b
""")


def test_colour_only_adds() -> None:
    message = Message(title="P1", status="LIVE", text="t", footer="f")
    coloured = render(message, width=30, colour=True)
    assert coloured != render(message, width=30)
    assert re.sub(r"\x1b\[\d+m", "", coloured) == render(message, width=30)


@pytest.mark.parametrize(
    ("nasty", "shown"),
    [
        ("\x1b[2J\x1b]0;owned\x07", "␛[2J␛]0;owned␇"),
        ("a\rb", "a\n  b"),
        ("a\r\nb", "a\n  b"),
        ("\x9b31m\x7f", "��31m�"[1:]),
        ("safe\u202eevil", "safe�evil"),
        ("\ud800", "�"),
        ("a\tb", "a  b"),
        ("a\u2028b", "a\n  b"),
        ("é 👩🏽‍🚀 ⁧ע", "é 👩🏽‍🚀 �ע"),
    ],
)
def test_nothing_steers_the_terminal(nasty: str, shown: str) -> None:
    assert render(Message(text=nasty), width=60) == f"· {shown}"


def test_words_too_long_for_a_line_are_cut_between_characters() -> None:
    assert render(Message(text="x" * 25), width=20) == "· " + "x" * 18 + "\n  " + "x" * 7
    assert render(Message(text="漢" * 10), width=20) == "· " + "漢" * 9 + "\n  漢"
    family = "👨‍👩‍👧"
    assert render(Message(text=family * 10), width=20).split("\n")[0] == "· " + family * 9


TEXTS = st.text(max_size=40) | st.text("ab \n漢👩‍🚀🇵🇹\u0301\x1b\t", max_size=60)
MESSAGES = st.builds(
    Message,
    text=TEXTS,
    title=TEXTS,
    status=TEXTS,
    fields=st.lists(st.builds(Field, name=TEXTS, value=TEXTS), max_size=3).map(tuple),
    image=st.none() | st.just(Path("pictures/a b/漢.png")),
    buttons=st.lists(TEXTS.map(button), max_size=12).map(tuple),
    footer=TEXTS,
)


@given(message=MESSAGES, width=st.integers(20, 100), label=st.sampled_from(["", "(to bob) ", "x" * 30]))
@example(message=Message(title="t" * 30, status="s" * 30), width=20, label="")
@example(message=Message(status="s" * 30), width=20, label="")
def test_any_message_fits_and_loses_no_button(message: Message, width: int, label: str) -> None:
    shown = render(message, width=width, label=label)
    for line in shown.split("\n"):
        assert cell_len(line) <= width, line
        assert not re.search("[\x00-\x1f\x7f-\x9f]", line)
    for number in range(1, len(message.buttons) + 1):
        assert f"[{number}]" in shown


@given(words=st.lists(st.text("abc漢", min_size=1, max_size=12), max_size=20), width=st.integers(30, 60))
def test_no_word_is_lost(words: list[str], width: int) -> None:
    message = Message(title="T", status="S", text=" ".join(words), footer=" ".join(words))
    shown = re.sub("[┌│└]", "", render(message, width=width)).split()
    assert shown == ["T", "S", *words, *words]
