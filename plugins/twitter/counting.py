"""How X counts: code points have weights, links are always 23, an emoji is always 2.

Source: twitter-text configuration v3 (3.1.0) and docs.x.com counting-characters, read
2026-08-22. The library takes a quarter of a second to load, so it is loaded when counting.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

LINK_WEIGHT = 23
INVALID = re.compile("[\ufffe\ufeff\uffff\ud800-\udfff]")
"""Code points X refuses, and halves of surrogate pairs, which cannot be sent at all."""

CASHTAG = re.compile(r"(?<![\w$])\$[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?(?!\w)")
LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""The ranges of code points that weigh 1; all others weigh 2."""

TEXT_SYMBOLS = frozenset("©®")
"""Emoji to the library, plain characters of weight 1 to X unless a variation selector follows."""


@dataclass(frozen=True)
class Unit:
    """A piece of text that must not be cut: ``text[start:end]`` weighs ``weight``."""

    start: int
    end: int
    weight: int


def normalise(text: str) -> str:
    """The text as X counts it: line ends as ``\\n``, composed characters (NFC)."""
    return unicodedata.normalize("NFC", line_ends(text))


def line_ends(text: str) -> str:
    """The text with every line end as ``\\n``."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def weigh(text: str) -> int:
    """The weighted length of ``text``; 280 is the most a plain account may post."""
    return sum(unit.weight for unit in units(normalise(text)))


def links(text: str) -> tuple[str, ...]:
    """What X will turn into links, as written, file names such as ``readme.md`` included."""
    from twitter_text import extract_urls

    return tuple(extract_urls(normalise(text)))


def invalid_points(text: str) -> tuple[str, ...]:
    """The forbidden code points in ``text`` as ``U+FEFF``, each once."""
    return tuple(dict.fromkeys(f"U+{ord(found):04X}" for found in INVALID.findall(text)))


def cashtags(text: str) -> tuple[str, ...]:
    """Every ``$TAG`` in ``text``."""
    return tuple(CASHTAG.findall(text))


def units(text: str) -> list[Unit]:
    """Cut a text from `normalise` into links, emoji sequences and single characters."""
    from twitter_text import extract_emojis_with_indices, extract_urls_with_indices

    whole: dict[int, tuple[int, int]] = {}
    for emoji in extract_emojis_with_indices(text):
        start, end = emoji["indices"]
        whole[start] = (end, 1 if emoji["emoji"] in TEXT_SYMBOLS else 2)
    for link in extract_urls_with_indices(text):
        start, end = link["indices"]
        whole[start] = (end, LINK_WEIGHT)
    found: list[Unit] = []
    at = 0
    while at < len(text):
        end, weight = whole.get(at) or (at + 1, _weight(ord(text[at])))
        found.append(Unit(at, end, weight))
        at = end
    return found


def _weight(point: int) -> int:
    return 1 if any(first <= point <= last for first, last in LIGHT) else 2
