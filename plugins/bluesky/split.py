"""A long text as a thread: cut where a reader would pause, numbered, never over the limit."""

from __future__ import annotations

import regex

from plugins.bluesky.counting import graphemes, length, size
from plugins.bluesky.limits import GRAPHEMES, TEXT_BYTES

_SENTENCE = regex.compile(r"(?:[.!?…][\"'”’»)\]]*(?=\s)|[。！？][」』）]*)$")
PAUSE = 0.5
"""A sentence end is worth cutting at when the part before it is at least half full."""


def fits(text: str) -> bool:
    """Whether one post takes it."""
    return size(text) <= TEXT_BYTES and length(text) <= GRAPHEMES


def split(text: str) -> tuple[str, ...]:
    """Cut ``text`` into parts that one post takes each, each ending in " 1/3".

    A text that fits stays as it is, in one part. No grapheme is ever cut, and a word or a link only where
    it alone is longer than a part.
    """
    text = text.strip()
    if fits(text):
        return (text,)
    digits = 1
    while True:
        pieces = _pieces(text, len(f" {'9' * digits}/{'9' * digits}"))
        if len(str(len(pieces))) <= digits:
            return tuple(f"{piece} {number}/{len(pieces)}" for number, piece in enumerate(pieces, 1))
        digits += 1


def _pieces(text: str, counter: int) -> list[str]:
    """Greedy parts that fit together with a counter of so many signs."""
    signs, found, at = graphemes(text), [], 0
    while at < len(signs):
        end = _cut(signs, at, _room(signs, at, counter))
        piece = "".join(signs[at:end]).strip()
        if piece:
            found.append(piece)
        at = end
    return found


def _room(signs: list[str], at: int, counter: int) -> int:
    """The index after the last sign from ``at`` on that fits."""
    end, taken = at, 0
    while end < len(signs) and end - at < GRAPHEMES - counter:
        taken += size(signs[end])
        if taken > TEXT_BYTES - counter:
            break
        end += 1
    return max(end, at + 1)


def _cut(signs: list[str], at: int, room: int) -> int:
    """The best place to cut between ``at`` and ``room``: paragraph or sentence, word, else anywhere."""
    if room >= len(signs):
        return len(signs)
    word = 0
    for end in range(room, at, -1):
        if not signs[end].isspace():
            continue
        word = word or end
        if end - at < PAUSE * (room - at):
            break
        before = "".join(signs[max(at, end - 4) : end])
        if signs[end : end + 2] == ["\n", "\n"] or _SENTENCE.search(before + " ", 0, len(before)):
            return end
    return word if word > at and "".join(signs[at:word]).strip() else room
