"""One value of a command: what it is called, what it may be, how it is understood."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.commands.several import pairs_of, texts_of
from bot.domain.words import did_you_mean, listed
from bot.errors import BadInput

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
HELP_LIMIT = 100
CHOICES_LIMIT = 25
"""Bounds every chat accepts: Discord's for names, descriptions and choices (its API reference)."""

YES, NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


class Kind(StrEnum):
    """What a surface has to ask for."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    INTEGER = "integer"
    FLAG = "flag"
    CHOICE = "choice"
    WHEN = "when"
    ACCOUNTS = "accounts"
    MEDIA = "media"
    USER = "user"
    POST = "post"
    SUBJECT = "subject"
    PAIRS = "pairs"
    TEXTS = "texts"


@dataclass(frozen=True, kw_only=True)
class Option:
    """One value of a command. ``parameter`` is its Python name, ``name`` what people type.

    ``positional``: a plain word may stand for this optional value; required ones always can.
    ``first``: what the first of a pair is called. Raises ValueError when some chat could not show it.
    """

    name: str
    parameter: str
    help: str
    kind: Kind
    required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    positional: bool = False
    first: str = "ACCOUNT"

    def __post_init__(self) -> None:
        if NAME.fullmatch(self.name) is None:
            raise ValueError(f"option {self.name!r}: a name has 1 to 32 characters of a-z, 0-9 and -")
        if not 0 < len(self.help) <= HELP_LIMIT:
            raise ValueError(f"option {self.name!r}: help has 1 to {HELP_LIMIT} characters")
        if len(self.choices) > CHOICES_LIMIT:
            raise ValueError(f"option {self.name!r}: at most {CHOICES_LIMIT} choices")
        if self.kind in (Kind.FLAG, Kind.PAIRS) and (self.required or self.positional):
            raise ValueError(f"option {self.name!r}: a {self.kind.name} cannot be required or a plain word")
        if self.kind is Kind.FLAG and self.default is not False:
            raise ValueError(f"option {self.name!r}: a FLAG is off unless it is given")

    @property
    def usage(self) -> str:
        """How it is typed; what may be left out stands in brackets, ``…`` means more than once."""
        if self.required or self.positional:
            return f"<{self.name}>" if self.required else f"[{self.name}]"
        match self.kind:
            case Kind.FLAG:
                return f"[--{self.name}]"
            case Kind.PAIRS:
                return f"[--{self.name} {self.first} TEXT]…"
            case Kind.TEXTS:
                return f"[--{self.name} TEXT]…"
            case Kind.CHOICE:
                return f"[--{self.name} {'|'.join(self.choices)}]"
            case Kind.MEDIA:
                return f"[--{self.name} FILE]…"
            case Kind.LONG_TEXT:
                return f"[--{self.name} TEXT]"
        return f"[--{self.name} {self.kind.name}]"

    def read(self, value: Any) -> Any:
        """The typed value, or None for an empty list; raises `BadInput`.

        Everything may come as text, as people type it (several in one as `bot.commands.several`
        reads them); accounts, media and texts also as a sequence, pairs as a mapping or a sequence
        of two.
        """
        match self.kind:
            case Kind.FLAG:
                return value if isinstance(value, bool) else self._flag(self._text(value))
            case Kind.INTEGER:
                return value if type(value) is int else self._integer(self._text(value))
            case Kind.CHOICE:
                return self._choice(self._text(value))
            case Kind.ACCOUNTS:
                return self._accounts((value,) if isinstance(value, str) else value)
            case Kind.MEDIA:
                paths = (value,) if isinstance(value, str) else tuple(value)
                return tuple(self._filled(path) for path in paths) or None
            case Kind.TEXTS:
                return tuple(map(self._text, texts_of(value) if isinstance(value, str) else value)) or None
            case Kind.PAIRS if isinstance(value, str):
                return self._pairs(pairs_of(value, first=self.first.lower()))
            case Kind.PAIRS:
                return self._pairs(tuple(value.items()) if isinstance(value, Mapping) else value)
            case Kind.POST:
                return self._post(self._text(value).strip())
            case Kind.WHEN | Kind.USER | Kind.SUBJECT:
                return self._filled(value).strip()
        return self._text(value)

    def _text(self, value: Any) -> str:
        if isinstance(value, str):
            return value
        raise BadInput(f"{self.name} must be text.")

    def _filled(self, value: Any) -> str:
        if self._text(value).strip():
            return str(value)
        raise BadInput(f"{self.name} is empty.")

    def _flag(self, text: str) -> bool:
        if text.casefold() in (*YES, *NO):
            return text.casefold() in YES
        raise BadInput(f"{self.name} is yes or no, not “{text}”.")

    def _integer(self, text: str) -> int:
        if re.fullmatch(r"\s*[+-]?[0-9]{1,15}\s*", text):
            return int(text)
        raise BadInput(f"{self.name} must be a whole number, not “{text}”.")

    def _choice(self, text: str) -> str:
        for choice in self.choices:
            if choice.casefold() == text.strip().casefold():
                return choice
        hint = did_you_mean(text, self.choices) or "."
        raise BadInput(f"{self.name} is {listed(self.choices, 'or')}, not “{text}”{hint}")

    def _accounts(self, texts: Sequence[Any]) -> tuple[str, ...] | None:
        names = [name.strip() for text in texts for name in self._text(text).split(",")]
        if texts and not any(names):
            raise BadInput(f"{self.name} names no account.")
        return tuple(dict.fromkeys(name for name in names if name)) or None

    def _pairs(self, pairs: Sequence[tuple[str, str]]) -> dict[str, str] | None:
        found: dict[str, str] = {}
        for name, text in pairs:
            key = self._filled(name).strip()
            if key in found:
                raise BadInput(f"--{self.name} {key} is given twice.")
            found[key] = self._text(text)
        return found or None

    def _post(self, text: str) -> str:
        text = text.split(" · ")[0]  # as it is offered while somebody types: “P42 · in review · Launch day”
        if re.fullmatch(r"[Pp]?[0-9]{1,15}|latest", text, re.IGNORECASE):
            return text
        raise BadInput(f"“{text}” is not a post; write P42, 42 or latest.")
