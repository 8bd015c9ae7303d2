"""What people type at a command, read as they meant it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.commands.line import quote, split
from bot.commands.spec import Accounts, MediaPaths, Opt, PairTexts, PostRef, WhenText, command
from bot.domain.message import Message
from bot.domain.people import Role
from bot.errors import BadInput


@command(role=Role.CREATE)
async def post(
    ctx: object,
    *,
    text: Annotated[str, Opt("What to say", long=True)],
    to: Annotated[Accounts | None, Opt("Where; without it, everywhere")] = None,
    for_: Annotated[PairTexts | None, Opt("Its own text for one account")] = None,
    media: Annotated[MediaPaths, Opt("A picture")] = (),
    at: Annotated[WhenText | None, Opt("When")] = None,
    thread: Annotated[bool, Opt("Cut long text")] = False,
    tone: Annotated[Literal["plain", "warm"] | None, Opt("How it sounds")] = None,
    copies: Annotated[int, Opt("How many")] = 1,
    note: Annotated[str, Opt("For the team")] = "",
) -> Message:
    """Draft a post."""
    return Message()


@command(role=Role.CREATE)
async def schedule(
    ctx: object,
    *,
    which: Annotated[PostRef, Opt("Which")],
    at: Annotated[WhenText, Opt("When")],
    account: Annotated[str | None, Opt("Only one", positional=True)] = None,
) -> Message:
    """Plan it."""
    return Message()


DEFAULTS = {
    "to": None,
    "for_": None,
    "media": (),
    "at": None,
    "thread": False,
    "tone": None,
    "copies": 1,
    "note": "",
}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("hello", {"text": "hello"}),
        ('"hello world"', {"text": "hello world"}),
        ("hello  wide world", {"text": "hello wide world"}),
        ("not good enough --to a", {"text": "not good enough", "to": ("a",)}),
        ("'hello world'", {"text": "hello world"}),
        ("“hello world”", {"text": "hello world"}),
        ("„hallo welt“", {"text": "hallo welt"}),
        ("„hallo welt”", {"text": "hallo welt"}),
        ("‘hello world’", {"text": "hello world"}),
        ("’hello world’", {"text": "hello world"}),
        ("‟hello world”", {"text": "hello world"}),
        ("don't", {"text": "don't"}),
        ("'it's fine, don't worry'", {"text": "it's fine, don't worry"}),
        ('"it\'s"', {"text": "it's"}),
        ("“it’s 5” wide”", None),
        ('"She said “hi there” to me"', {"text": "She said “hi there” to me"}),
        ('“He said "hi there" to me”', {"text": 'He said "hi there" to me'}),
        ('"two\nlines"', {"text": "two\nlines"}),
        ('"not a line end: \\n"', {"text": "not a line end: \\n"}),
        ('"a \\" b \\\\ c"', {"text": 'a " b \\ c'}),
        ("C:\\new.png", {"text": "C:\\new.png"}),
        ("My\\ File.png", {"text": "My File.png"}),
        ("-5", {"text": "-5"}),
        ('"--to"', {"text": "--to"}),
        ("--", {"text": "--"}),
        ("—nice", {"text": "—nice"}),
        ("x --to a,b", {"text": "x", "to": ("a", "b")}),
        ("x --to a, b --thread", {"text": "x", "to": ("a", "b"), "thread": True}),
        ('x --to " a , b,a "', {"text": "x", "to": ("a", "b")}),
        ("x --to a --to b", {"text": "x", "to": ("a", "b")}),
        ("x —to a", {"text": "x", "to": ("a",)}),
        ("x --TO=a", {"text": "x", "to": ("a",)}),
        ('--note="a b" x', {"text": "x", "note": "a b"}),
        ("--text x", {"text": "x"}),
        ('x --for a "longer text" --for b short', {"text": "x", "for_": {"a": "longer text", "b": "short"}}),
        ('x --for=a "longer text"', {"text": "x", "for_": {"a": "longer text"}}),
        ("x --media a.png --media 'b c.png'", {"text": "x", "media": ("a.png", "b c.png")}),
        ("x --at fri 17:30", {"text": "x", "at": "fri 17:30"}),
        ("--at fri 17:30", {"text": "17:30", "at": "fri"}),
        ('"x" --at tomorrow 9:00 --thread', {"text": "x", "at": "tomorrow 9:00", "thread": True}),
        ("x --thread --thread", {"text": "x", "thread": True}),
        ("x --thread=no", {"text": "x"}),
        ("x --tone WARM --copies 03", {"text": "x", "tone": "warm", "copies": 3}),
        ('x --note ""', {"text": "x", "note": ""}),
        ("\u00a0x\u00a0 --thread\n", {"text": "x", "thread": True}),
    ],
)
def test_lines_as_people_type_them(line: str, expected: dict[str, Any] | None) -> None:
    if expected is None:
        with pytest.raises(BadInput):
            post.parse(line)
    else:
        assert post.parse(line) == DEFAULTS | expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", "text is missing. Write it like: /post <text> [--to ACCOUNTS]"),
        ('""', "text is missing."),
        (
            '"hello world',
            "quote before “hello world” is never closed; a closing \" goes at a word's end.",
        ),
        ("'tis", "The quote before “tis” is never closed"),
        ("“hello world", "a closing ” goes at a word's end."),
        ('x --note="a b', "The quote before “a b” is never closed"),
        (
            '"hello" world',
            "what “world” is for; text with spaces goes in quotes. Write it like: /post",
        ),
        ("x --too a", "/post has no option --too, did you mean --to? Write it like: /post"),
        ("x --zzzz", "/post has no option --zzzz. Write it like: /post"),
        ("x --to", "--to needs a value. Write it like: /post"),
        ("x --to --thread", "--to needs a value."),
        ("x --to ,", "to names no account."),
        ('x --at fri "17:30"', "I do not know what “17:30” is for"),
        ("x --thread 17:30", "I do not know what “17:30” is for"),
        ("x --for acme-li", "--for needs an account and a text."),
        ("x --for", "--for needs an account and a text."),
        ("x --for a b --for a c", "--for a is given twice."),
        ("x --text y", "text is given twice."),
        ("x --at now --at later", "at is given twice."),
        ("x --at ''", "at is empty."),
        ("x --media ''", "media is empty."),
        ("x --copies two", "copies must be a whole number, not “two”."),
        ("x --copies 99999999999999999999", "copies must be a whole number"),
        ("x --tone warn", "tone is plain or warm, not “warn”, did you mean 'warm'?"),
        ("x --tone 5", "tone is plain or warm, not “5”."),
        ("x --thread=maybe", "thread is yes or no, not “maybe”."),
    ],
)
def test_what_cannot_be_read_is_answered_in_words(line: str, expected: str) -> None:
    with pytest.raises(BadInput) as caught:
        post.parse(line)
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("latest fri 17:30", {"which": "latest", "at": "fri", "account": "17:30"}),
        ('P42 "fri 17:30"', {"which": "P42", "at": "fri 17:30", "account": None}),
        ("42 now acme-x", {"which": "42", "at": "now", "account": "acme-x"}),
        ("--at fri 17:30", None),
    ],
)
def test_plain_words_are_the_required_ones_first(line: str, expected: dict[str, Any] | None) -> None:
    if expected is None:
        with pytest.raises(BadInput, match="“17:30” is not a post; write P42, 42 or latest"):
            schedule.parse(line)
    else:
        assert schedule.parse(line) == expected


TEXTS = st.text(st.characters(codec="utf-8"), max_size=20) | st.text("\"'“”„‟’‘\\ -—=\nna", max_size=12)
NAMES = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,8}", fullmatch=True)
FILLED = TEXTS.filter(lambda text: text.strip() != "")
VALUES = st.fixed_dictionaries(
    {
        "text": TEXTS.filter(bool),
        "to": st.none() | st.lists(NAMES, min_size=1, max_size=3, unique=True).map(tuple),
        "for_": st.none() | st.dictionaries(NAMES, TEXTS, min_size=1, max_size=3),
        "media": st.lists(FILLED, max_size=3).map(tuple),
        "at": st.none() | FILLED.map(str.strip),
        "thread": st.booleans(),
        "tone": st.sampled_from([None, "plain", "warm"]),
        "copies": st.integers(-(10**14), 10**14),
        "note": TEXTS,
    }
)


@given(VALUES)
@example({**DEFAULTS, "text": '\\"'})
@example({**DEFAULTS, "text": "--to", "note": "—to x"})
def test_what_is_rendered_reads_the_same(values: dict[str, Any]) -> None:
    assert post.parse(post.render(values)) == values


@given(TEXTS)
def test_a_quoted_text_is_one_plain_word(text: str) -> None:
    (word,) = split(quote(text))
    assert (word.option, word.text) == (None, text)


@given(
    TEXTS
    | st.lists(st.sampled_from(["--to", "--for", "a,", '"', "fri", "--thread", "—at", "x"])).map(" ".join)
)
def test_any_line_is_values_or_a_sentence(line: str) -> None:
    told = ""
    values: dict[str, Any] = {}
    try:
        values = post.parse(line)
    except BadInput as error:
        told = str(error)
    assert told or set(values) == {"text", *DEFAULTS}
