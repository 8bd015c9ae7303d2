"""What was written into a form that came to nothing comes back with the words for what is wrong."""

from __future__ import annotations

from bot.commands.given import given_back
from bot.domain.marks import mark_link
from bot.domain.message import Action, Invocation, Press, Reaction, Target

HERE = Target(chat="slack", channel="C1")
LONG = "A text that took an hour to write, and then some."


def test_long_texts_come_back() -> None:
    call = Invocation(
        command="post",
        raw="",
        user="U1",
        target=HERE,
        values={"text": LONG, "at": "fri", "dry": True, "n": 3},
    )
    assert given_back(call) == f"\n\nYou wrote:\n\n{LONG}"
    press = Press(
        action=Action(verb="edit", kind="post", id=1),
        user="U1",
        ref="1.0",
        target=HERE,
        values={"text": "short\nbut of two lines", "own:x": LONG},
    )
    assert given_back(press) == f"\n\nYou wrote:\n\nshort\nbut of two lines\n\n{LONG}"


def test_what_is_short_or_still_there_does_not() -> None:
    assert not given_back(Invocation(command="post", raw=LONG, user="U1", target=HERE))
    assert not given_back(Invocation(command="post", raw="", user="U1", target=HERE, values={"at": "fri"}))
    assert not given_back(Reaction(emoji="✅", user="U1", ref="1.0", target=HERE))


def test_nobody_makes_marks_of_ours() -> None:
    call = Invocation(
        command="post", raw="", user="U1", target=HERE, values={"text": mark_link("https://x.example", LONG)}
    )
    assert "\ufdd1" not in given_back(call)
