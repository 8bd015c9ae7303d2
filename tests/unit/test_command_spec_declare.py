"""One declaration: a function with annotations becomes a value every chat can render."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import FrozenInstanceError
from typing import Annotated, Any, Literal

import pytest

from bot.commands.option import Option
from bot.commands.spec import (
    Accounts,
    Command,
    Kind,
    MediaPaths,
    Opt,
    PairTexts,
    PostRef,
    UserName,
    WhenText,
    command,
)
from bot.domain.message import Message
from bot.domain.people import Role
from bot.errors import BadInput


@command(role=Role.APPROVE)
async def everything(
    ctx: object,
    *,
    which: Annotated[PostRef, Opt("Which post")],
    who: Annotated[UserName | None, Opt("Who", positional=True)] = None,
    text: Annotated[str | None, Opt("Words", long=True)] = None,
    word: Annotated[str, Opt("A word")] = "x",
    count: Annotated[int | None, Opt("How many")] = None,
    loud: Annotated[bool, Opt("Loudly")] = False,
    tone: Annotated[Literal["plain", "warm"], Opt("How")] = "plain",
    at: Annotated[WhenText | None, Opt("When")] = None,
    to: Annotated[Accounts | None, Opt("Where")] = None,
    some: Annotated[Accounts, Opt("Where else")] = (),
    media: Annotated[MediaPaths, Opt("Files")] = (),
    for_: Annotated[PairTexts | None, Opt("Texts")] = None,
    long_name_: Annotated[str | None, Opt("Long")] = None,
) -> Message:
    """Do everything.

    At once, and
    carefully.
    """
    return Message(text=f"{which} {count} {loud} {for_}")


def test_the_signature_becomes_data() -> None:
    assert (everything.name, everything.help, everything.role) == (
        "everything",
        "Do everything.",
        Role.APPROVE,
    )
    assert everything.long_help == "At once, and\ncarefully."
    assert {option.name: option.kind for option in everything.options} == {
        "which": Kind.POST,
        "who": Kind.USER,
        "text": Kind.LONG_TEXT,
        "word": Kind.TEXT,
        "count": Kind.INTEGER,
        "loud": Kind.FLAG,
        "tone": Kind.CHOICE,
        "at": Kind.WHEN,
        "to": Kind.ACCOUNTS,
        "some": Kind.ACCOUNTS,
        "media": Kind.MEDIA,
        "for": Kind.PAIRS,
        "long-name": Kind.TEXT,
    }
    which, *others = everything.options
    assert which == Option(name="which", parameter="which", help="Which post", kind=Kind.POST, required=True)
    assert not any(option.required for option in others)
    tone = next(option for option in others if option.name == "tone")
    assert (tone.choices, tone.default) == (("plain", "warm"), "plain")
    with pytest.raises(FrozenInstanceError):
        everything.name = "other"  # type: ignore[misc]


async def test_what_is_parsed_can_be_run() -> None:
    values = everything.parse("P42 --count 3 --loud --for a b")
    assert (await everything.run(object(), **values)).text == "P42 3 True {'a': 'b'}"


def test_usage_and_description() -> None:
    assert everything.usage == (
        "/everything <which> [who] [--text TEXT] [--word TEXT] [--count INTEGER] [--loud] "
        "[--tone plain|warm] [--at WHEN] [--to ACCOUNTS] [--some ACCOUNTS] [--media FILE]… "
        "[--for ACCOUNT TEXT]… [--long-name TEXT]"
    )
    assert everything.describe()[:3] == (
        ("<which>", True, "Which post"),
        ("[who]", False, "Who"),
        ("[--text TEXT]", False, "Words"),
    )


def test_values_from_a_form() -> None:
    values = everything.convert(
        {
            "which": "latest",
            "count": 3,
            "loud": True,
            "to": ["a", "b,c"],
            "media": ["x.png"],
            "for": {"a": "text"},
            "text": "",
            "at": None,
            "some": [],
        }
    )
    assert values["count"] == 3
    assert values["to"] == ("a", "b", "c")
    assert values["media"] == ("x.png",)
    assert values["for_"] == {"a": "text"}
    assert (values["text"], values["at"], values["some"], values["word"]) == ("", None, (), "x")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({}, "which is missing. Write it like: /everything"),
        ({"which": None}, "which is missing."),
        ({"which": "P4x"}, "“P4x” is not a post; write P42, 42 or latest."),
        ({"which": "P" + "9" * 20}, "is not a post"),
        ({"which": "٤٢"}, "is not a post"),
        ({"which": "1", "witch": "2"}, "/everything has no option 'witch', did you mean 'which'?"),
        ({"which": "1", "text": 5}, "text must be text."),
        ({"which": "1", "count": True}, "count must be text."),
        ({"which": "1", "for": {" ": "x"}}, "for is empty."),
    ],
)
def test_a_form_that_cannot_be_read(raw: Mapping[str, Any], expected: str) -> None:
    with pytest.raises(BadInput) as caught:
        everything.convert(raw)
    assert expected in str(caught.value)


async def run(ctx: object) -> Message:
    """Help."""
    return Message()


def option(**changes: Any) -> Option:
    return Option(**{"name": "a", "parameter": "a", "help": "h", "kind": Kind.TEXT, **changes})


def make(**changes: Any) -> Command:
    given = {"name": "a", "help": "h", "long_help": "", "role": Role.VIEW, "options": (), "run": run}
    return Command(**{**given, **changes})


def test_the_limits_of_every_chat_are_checked_at_once() -> None:
    assert make(name="a" * 32, help="h" * 100, options=tuple(option(name=f"o{i}") for i in range(25)))
    for bad in ("", "a" * 33, "Post", "a_b", "ä", "-a"):
        with pytest.raises(ValueError, match="a name has 1 to 32"):
            make(name=bad)
        with pytest.raises(ValueError, match="a name has 1 to 32"):
            option(name=bad)
    for bad in ("", "h" * 101):
        with pytest.raises(ValueError, match="1 to 100 characters"):
            make(help=bad)
        with pytest.raises(ValueError, match="1 to 100 characters"):
            option(help=bad)
    with pytest.raises(ValueError, match="at most 25 options"):
        make(options=tuple(option(name=f"o{i}") for i in range(26)))
    with pytest.raises(ValueError, match="two options have one name"):
        make(options=(option(), option()))
    with pytest.raises(ValueError, match="at most 25 choices"):
        option(kind=Kind.CHOICE, choices=tuple(f"c{i}" for i in range(26)))
    with pytest.raises(ValueError, match="off unless it is given"):
        option(kind=Kind.FLAG, default=True)
    with pytest.raises(ValueError, match="cannot be required"):
        option(kind=Kind.PAIRS, required=True)


def test_functions_no_chat_could_offer() -> None:
    async def silent(ctx: object) -> Message:
        return Message()

    async def bare(ctx: object, *, text: str) -> Message:
        """Help."""
        return Message()

    async def odd(ctx: object, *, size: Annotated[float, Opt("Size")]) -> Message:
        """Help."""
        return Message()

    async def either(ctx: object, *, size: Annotated[int | str, Opt("Size")]) -> Message:
        """Help."""
        return Message()

    async def positional(ctx: object, size: Annotated[int, Opt("Size")]) -> Message:
        """Help."""
        return Message()

    with pytest.raises(ValueError, match="/silent needs a docstring"):
        command()(silent)
    with pytest.raises(TypeError, match="/bare: text must be"):
        command()(bare)
    with pytest.raises(TypeError, match="no chat can ask for size"):
        command()(odd)
    with pytest.raises(TypeError, match="no chat can ask for size"):
        command()(either)
    with pytest.raises(TypeError, match="/positional: size must be"):
        command()(positional)


def test_a_name_of_its_own() -> None:
    assert command(name="other")(run).name == "other"

    async def import_(ctx: object) -> Message:
        """Help."""
        return Message()

    assert command()(import_).name == "import"
