"""A typed line ↔ the values in it. Friendlier than a shell: apostrophes survive, smart quotes are quotes."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.commands.option import Kind, Option
from bot.domain.words import did_you_mean
from bot.errors import BadInput

CLOSERS = (
    ('"', '"'),
    ("“", "”"),
    ("„", "“”"),
    ("‟", "”"),
    ("”", "”"),
    ("'", "'"),
    ("‘", "’'"),
    ("’", "’'"),
)
"""What opens a quotation, and what closes it: English, German and Swedish habits, and a phone's."""

OPTION = re.compile(r"(?:--|—)([A-Za-z][A-Za-z0-9_-]*)(=)?")
NAMED = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*=")
PLAIN = re.compile(r"[A-Za-z0-9_./:@,+][A-Za-z0-9_./:@,+-]*")


@dataclass(frozen=True, kw_only=True)
class Word:
    """One word as it was meant.

    ``option`` is the name in ``--name`` or ``--name=value``, None for a plain word; ``text``
    the value, None for a bare ``--name``. ``typed`` is how an unquoted word looked.
    """

    text: str | None
    option: str | None = None
    typed: str = ""


def split(line: str) -> list[Word]:
    """Cut a line into words at white space.

    A quotation begins at the start of a word (or behind ``--name=`` or ``name=``) and ends at a closing
    quote that ends a word; so ``don't`` and ``'it's fine'`` are what they look like. Inside,
    a backslash protects the closing quote and itself, nothing else: ``\\n`` stays as typed.
    Outside, it protects a space. ``—name`` is an option too: phones write ``--`` so.
    Raises `BadInput` for a quotation that does not end.
    """
    words: list[Word] = []
    at = 0
    while at < len(line):
        if line[at].isspace():
            at += 1
            continue
        match = OPTION.match(line, at)
        if match and (match[2] or match.end() == len(line) or line[match.end()].isspace()):
            text, end = (None, match.end()) if not match[2] else _value(line, match.end())
            words.append(Word(text=text, option=match[1], typed=line[at:end]))
        elif (named := NAMED.match(line, at)) and _closers(line, named.end()):
            text, end = _value(line, named.end())
            text = named[0] + text
            words.append(Word(text=text, typed=line[at:end]))
        else:
            text, end = _value(line, at)
            words.append(Word(text=text, typed="" if _closers(line, at) else line[at:end]))
        at = end
    return words


def quote(text: str) -> str:
    """``text`` so that `split` gives it back as one plain word."""
    if PLAIN.fullmatch(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _closers(line: str, at: int) -> str:
    return next((closers for opener, closers in CLOSERS if line.startswith(opener, at)), "")


def _value(line: str, at: int) -> tuple[str, int]:
    """The quoted or bare text that begins here, and where it ends."""
    closers = _closers(line, at)
    if not closers:
        match = re.compile(r"(?:\\\s|\S)*").match(line, at)
        end = match.end() if match else at
        return re.sub(r"\\(\s)", r"\1", line[at:end]), end
    text: list[str] = []
    end = at + 1
    while end < len(line):
        char, after = line[end], line[end + 1 : end + 2]
        if char == "\\" and after and after in closers + "\\":
            text.append(after)
            end += 2
        elif char in closers and (not after or after.isspace()):
            return "".join(text), end + 1
        else:
            text.append(char)
            end += 1
    begin = line[at + 1 : at + 20].split("\n")[0]
    raise BadInput(
        f"The quote before “{begin}” is never closed; a closing {closers[0]} goes at a word's end."
    )


def gather(line: str, options: Sequence[Option], *, name: str, usage: str) -> dict[str, Any]:
    """What was given for each option, by its name, still as text.

    Plain words are the required options in order, then the positional ones. A bare word that
    nothing else could be belongs to the time right before it (``--at fri 17:30``), or to the
    long text that began bare (``/reject P42 not yet``); one behind ``acme-x,`` to the accounts.
    Raises `BadInput` that ends with ``usage``.
    """
    known = {option.name: option for option in options}
    plain = [o for o in options if o.required] + [o for o in options if o.positional and not o.required]
    raw: dict[str, Any] = {}
    words = deque(split(line))
    behind: Option | None = None
    like = f"Write it like: {usage}"

    def is_option(word: Word) -> bool:
        return word.option is not None and (word.option.lower() in known or word.typed.startswith("--"))

    def value(option: Option) -> str:
        if not words or is_option(words[0]):
            first = "an account" if option.first == "ACCOUNT" else option.first
            needs = f"{first} and a text" if option.kind is Kind.PAIRS else "a value"
            raise BadInput(f"--{option.name} needs {needs}. {like}")
        word = words.popleft()
        text = plain_text(word)
        while option.kind is Kind.ACCOUNTS and word.typed.endswith(",") and words and not is_option(words[0]):
            word = words.popleft()
            text += plain_text(word)
        return text

    while words:
        word, goes_on = words[0], False
        if is_option(word):
            words.popleft()
            option = known.get((word.option or "").lower())
            if option is None:
                hint = did_you_mean(word.option or "", known).replace("'", "--", 1).replace("'", "")
                raise BadInput(f"/{name} has no option --{word.option}{hint or '.'} {like}")
            if option.kind is Kind.FLAG:
                given: Any = True if word.text is None else word.text
            elif option.kind is Kind.PAIRS:
                given = (word.text if word.text is not None else value(option), value(option))
            else:
                given = word.text if word.text is not None else value(option)
        else:
            option = next((o for o in plain if o.name not in raw), None)
            if option is None and behind is not None and word.typed:
                raw[behind.name] += f" {plain_text(words.popleft())}"
                continue
            if option is None:
                raise BadInput(
                    f"I do not know what “{plain_text(word)}” is for; text with spaces goes in quotes. {like}"
                )
            given = value(option)
            goes_on = option.kind is Kind.LONG_TEXT and word.typed != ""
        if option.kind in (Kind.MEDIA, Kind.PAIRS, Kind.ACCOUNTS, Kind.TEXTS):
            raw.setdefault(option.name, []).append(given)
        elif option.name in raw and option.kind is not Kind.FLAG:
            raise BadInput(f"{option.name} is given twice. {like}")
        else:
            raw[option.name] = given
        behind = option if option.kind is Kind.WHEN or goes_on else None
    return raw


def plain_text(word: Word) -> str:
    """The word as text, although it may begin with a dash."""
    return word.text if word.option is None and word.text is not None else word.typed


def render(values: Mapping[str, Any], options: Sequence[Option]) -> str:
    """The line that reads as these values (by parameter); what is the default is left out."""
    plain: list[str] = []
    named: list[str] = []
    for option in options:
        value = values.get(option.parameter, option.default)
        if value == option.default and not option.required:
            continue
        given: list[list[str]]
        match option.kind:
            case Kind.FLAG:
                given = [[]]
            case Kind.PAIRS:
                given = [[name, text] for name, text in value.items()]
            case Kind.MEDIA | Kind.TEXTS:
                given = [[one] for one in value]
            case Kind.ACCOUNTS:
                given = [[",".join(value)]]
            case _:
                given = [[str(value)]]
        if option.required:
            plain += map(quote, given.pop(0))
        named += [" ".join([f"--{option.name}", *map(quote, texts)]) for texts in given]
    return " ".join([*plain, *named])
