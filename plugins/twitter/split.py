"""A long text as a thread: cut where a reader would pause, numbered, never over the limit."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from plugins.twitter.counting import Unit, normalise, units, weigh
from plugins.twitter.limits import CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Sequence

SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*(?=\s)|[。！？][」』）]*|\n(?=\n)")
PAUSE = 0.5
"""A sentence end is worth cutting at when the part before it is at least half full."""

ZWJ = "\u200d"


def split(text: str) -> tuple[str, ...]:
    """Cut ``text`` into parts of at most 280 weighted characters, each ending in " 1/3".

    A text that fits stays as it is, in one part. Links and emoji are never cut; words only
    where one alone is longer than a part.
    """
    text = normalise(text).strip()
    if weigh(text) <= CHARACTERS:
        return (text,)
    digits, all_units = 1, units(text)
    while True:
        pieces = _pieces(text, all_units, f" {'9' * digits}/{'9' * digits}")
        if len(str(len(pieces))) <= digits:
            break
        digits += 1
    return tuple(f"{piece} {number}/{len(pieces)}" for number, piece in enumerate(pieces, 1))


def _pieces(text: str, all_units: Sequence[Unit], counter: str) -> list[str]:
    """Greedy parts, each of which fits together with ``counter``."""
    budget = CHARACTERS - weigh(counter)
    found: list[str] = []
    at = 0
    while at < len(all_units):
        room = _fitting(all_units, at, budget)
        end = _cut(text, all_units, at, room)
        # a cut can make a link of what was none before, so what counts is the part itself
        while (
            end > at + 1
            and weigh(text[all_units[at].start : all_units[end - 1].end].strip() + counter) > CHARACTERS
        ):
            end = _cut(text, all_units, at, end - 1)
        piece = text[all_units[at].start : all_units[end - 1].end].strip()
        if piece:
            found.append(piece)
        at = end
    return found


def _fitting(all_units: Sequence[Unit], at: int, budget: int) -> int:
    """The index after the last unit from ``at`` on that fits into ``budget``."""
    end, weight = at, 0
    while end < len(all_units) and weight + all_units[end].weight <= budget:
        weight += all_units[end].weight
        end += 1
    return max(end, at + 1)


def _cut(text: str, all_units: Sequence[Unit], at: int, room: int) -> int:
    """The best place to cut between ``at`` and ``room``: sentence, word, else anywhere legible."""
    if room >= len(all_units):
        return len(all_units)
    start, stop = all_units[at].start, all_units[room - 1].end
    ends = {unit.end: index + 1 for index, unit in enumerate(all_units[at:room], at)}
    sentences = [m.end() for m in SENTENCE_END.finditer(text, start, stop + 1) if m.end() in ends]
    if sentences and sentences[-1] - start >= PAUSE * (stop - start):
        return ends[sentences[-1]]
    if text[stop].isspace():
        return room
    words = [unit.end for unit in all_units[at:room] if text[unit.start].isspace()]
    if words and text[start : words[-1]].strip():
        return ends[words[-1]]
    end = room
    while end > at + 1 and _clings(text, all_units[end].start):
        end -= 1
    return end


def _clings(text: str, at: int) -> bool:
    """Whether the character at ``at`` belongs to the one before it."""
    return bool(unicodedata.combining(text[at])) or text[at] == ZWJ or text[at - 1] == ZWJ
