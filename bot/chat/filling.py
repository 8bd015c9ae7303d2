"""Forms in chats whose inputs take less than a post may have: one value in several inputs. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from bot.chat.wording import units

JOINTS: Mapping[str, str] = MappingProxyType({"n": "\n", "s": " ", "c": ""})
PART = re.compile(r"(.+)\+(\d+)([nsc])", re.DOTALL)
Value = str | tuple[Any, ...]


def parts(name: str, text: str, limit: int) -> list[tuple[str, str]]:
    """Inputs that hold the text together, each of at most ``limit`` units: their names, their texts.

    The names tell how `together` puts them together again.
    """
    found: list[tuple[str, str]] = []
    label, rest, number = name, text, 0
    while units(rest) > limit:
        end = _end(rest, limit)
        joint = {"\n": "n", " ": "s"}.get(rest[end], "c") if rest[end + 1 :] else "c"
        found.append((label, rest[:end]))
        rest = rest[end + (joint != "c") :]
        number += 1
        label = f"{name}+{number}{joint}"
    return [*found, (label, rest)]


def _end(text: str, limit: int) -> int:
    """Where a line or a word ends in the first ``limit`` units; inputs may lose white space at their ends,
    so that none stands there."""
    most = limit
    while units(text[:most]) > limit:
        most -= 1
    for joint in ("\n", " "):
        at = text.rfind(joint, most // 2, most)
        while at > most // 2:
            if not text[at - 1].isspace() and not text[at + 1 : at + 2].isspace():
                return at
            at = text.rfind(joint, most // 2, at)
    return most


def together(values: Iterable[tuple[str, Value]]) -> dict[str, Value]:
    """What was filled in, by input name, in order."""
    found: dict[str, Value] = {}
    for name, value in values:
        match = PART.fullmatch(name)
        if match is None or not isinstance(value, str):
            found[name] = value
            continue
        before = found.get(match[1], "")
        joint = JOINTS[match[3]] if value and before else ""
        found[match[1]] = f"{before}{joint}{value}"
    return found


def line_ends(text: str) -> str:
    """Line ends as we write them."""
    return re.sub("\r\n?", "\n", text)
