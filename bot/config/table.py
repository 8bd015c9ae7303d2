"""One table of the file, read key by key; what nobody asked for is a problem."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from bot.domain.words import did_you_mean

if TYPE_CHECKING:
    from bot.domain.post import Json

T = TypeVar("T")
Tell = Callable[[str, str], None]
"""Takes a key ("accounts.acme-x.platfrom") and what is wrong with it."""

NAMES: Mapping[type, str] = MappingProxyType(
    {
        str: "text in quotes",
        int: "a whole number",
        float: "a number",
        bool: "true or false",
        list: 'a list of texts, like ["…"]',
        dict: "a table, like { key = value }",
    }
)


def dotted(where: str, key: str) -> str:
    """The key as a person would write it; odd characters are shown, never sent to the terminal."""
    name = key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else repr(key)
    return f"{where}.{name}" if where else name


def fits(value: Json, kind: type) -> bool:
    """Whether a TOML value is of ``kind``; a list holds texts, numbers are finite and fit 64 bits."""
    if kind is float and type(value) in (int, float):
        return math.isfinite(value) and abs(value) < 2**63
    if kind is int:
        return type(value) is int and abs(value) < 2**63
    if kind is list:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return isinstance(value, kind)


class Table:
    """Reads values out of ``data`` and tells what is wrong with them; ``where`` is its dotted name.

    ``sound``: nothing was wrong so far, the tables inside it aside.
    Every reader gives its default when the key is absent or wrong, so that reading goes on
    and all problems are found.
    """

    def __init__(self, data: Mapping[str, Json], where: str, tell: Tell) -> None:
        self.where = where
        self.sound = True
        self._left = dict(data)
        self._known: list[str] = []
        self._tell = tell

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def wrong(self, key: str, what: str) -> None:
        """Tell a problem of one key; of the table itself when the key is empty."""
        self.sound = False
        shown = "".join(char if char.isprintable() else repr(char)[1:-1] for char in what)
        self._tell(dotted(self.where, key) if key else self.where, shown)

    def raw(self, key: str) -> Json:
        """The value as it is, or None."""
        self._known.append(key)
        return self._left.pop(key, None)

    def take(self, key: str, kind: type[T], default: T) -> T:
        """The value, if it is of ``kind``."""
        value = self.raw(key)
        if value is None or fits(value, kind):
            return default if value is None else value
        self.wrong(key, f"must be {NAMES[kind]}")
        return default

    def words(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of texts, none of them empty, without repeats."""
        found = tuple(dict.fromkeys(self.take(key, list, list(default))))
        if not all(text.strip() for text in found):
            self.wrong(key, "holds an empty text")
        return tuple(text for text in found if text.strip())

    def table(self, key: str) -> Table:
        """The table of that name; an empty one when absent."""
        return Table(self.take(key, dict, {}), dotted(self.where, key), self._tell)

    def tables(self, key: str) -> dict[str, Table]:
        """The tables in the table of that name, like ``[brand.acme]`` in ``brand``."""
        outer = self.table(key)
        found = {}
        for name, value in outer.rest().items():
            if isinstance(value, dict):
                found[name] = outer.table(name)
            else:
                outer.take(name, dict, {})
        return found

    def rows(self, key: str) -> list[Table]:
        """The tables in the list of that name; none when absent."""
        found = self.raw(key)
        if found is None:
            return []
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            self.wrong(key, 'must be a list of tables, like [{ name = "…" }]')
            return []
        where = dotted(self.where, key)
        return [Table(item, f"{where}[{number}]", self._tell) for number, item in enumerate(found, 1)]

    def rest(self) -> dict[str, Json]:
        """What nobody has read yet."""
        return dict(self._left)

    def finish(self) -> None:
        """Every key that is left is one that does not exist."""
        for key in self._left:
            self.wrong(key, f"unknown key{did_you_mean(key, self._known)}")
