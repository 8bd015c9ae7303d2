"""Several values in one text, for chats whose inputs take only one: one a line, or with `` | `` between.

    acme-one: A longer text
      whose second line begins with two spaces
    acme-two: A short one

and on one line ``acme-one: A longer text | acme-two: A short one``. A ``|`` that is meant is written ``\\|``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.errors import BadInput

BETWEEN = re.compile(r"[ \t]+\|[ \t]+")
BETWEEN_PAIRS = re.compile(r"[ \t]+\|[ \t]+(?=[^\s:|]+[ \t]*:(?:[ \t]|$))")
FIRST = re.compile(r"([^\s:|]+)[ \t]*:(?:[ \t]+|$)(.*)", re.DOTALL)
INDENT = "  "


def pairs_of(text: str, *, first: str = "account") -> list[tuple[str, str]]:
    """``name: text`` pairs; a line without a name, or an indented one, goes on with the text before.

    Raises `BadInput` for a text that begins without a name.
    """
    found: list[tuple[str, str]] = []
    for piece in _pieces(text, BETWEEN_PAIRS):
        match = None if piece.startswith((" ", "\t")) else FIRST.match(piece)
        if match is not None:
            found.append((match[1], match[2]))
        elif found:
            name, said = found[-1]
            found[-1] = (name, f"{said}\n{piece.removeprefix(INDENT)}")
        elif piece.strip():
            raise BadInput(f"“{piece.strip()[:40]}” names no {first}. Write it like: {first}: text")
    return [(name, _meant(said).rstrip("\n")) for name, said in found]


def pairs_text(pairs: Iterable[tuple[str, str]]) -> str:
    """The text that `pairs_of` reads as these pairs."""
    return "\n".join(
        f"{name}: {f'{chr(10)}{INDENT}'.join(_guarded(said).split(chr(10)))}" for name, said in pairs
    )


def texts_of(text: str) -> list[str]:
    """One text a line; an empty line is an empty text, at the end it is none."""
    found = [_meant(piece) for piece in _pieces(text, BETWEEN)]
    while found and not found[-1].strip():
        found.pop()
    return found


def texts_text(texts: Sequence[str]) -> str:
    """The text that `texts_of` reads as these, where none has several lines."""
    return "\n".join(_guarded(" ".join(said.splitlines())) for said in texts)


def _pieces(text: str, between: re.Pattern[str]) -> list[str]:
    return [piece for line in re.split("\r\n?|\n", text) for piece in between.split(line)]


def _guarded(text: str) -> str:
    """With a backslash before every ``|`` that stands alone, and one more where there are some."""
    return re.sub(r"(?<!\S)\|(?!\S)|\\+\|", lambda found: "\\" + found[0], text)


def _meant(text: str) -> str:
    return re.sub(r"\\(\\*\|)", r"\1", text)
