"""How much two texts say the same: cheap enough to ask about hundreds. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

NEARLY = 0.6
"""From here on two texts are shown beside each other: one word changed among ten is above it,
another number in a series of short lines is below."""


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """What of a text counts: its words without case and punctuation, each alone and with the next one."""

    plain: str
    marks: frozenset[str]


def likeness_of(text: str) -> Likeness:
    """Read a text once, to be compared with many."""
    words = re.findall(r"\w+", text.casefold())
    plain = " ".join(words) or " ".join(text.split())
    return Likeness(plain=plain, marks=frozenset((*words, *map(" ".join, pairwise(words)))))


def alike(one: Likeness, other: Likeness) -> float:
    """From 0 to 1, which is the same words in the same order; the share of the marks that both have."""
    if one.plain == other.plain:
        return 1.0
    smaller, larger = sorted((len(one.marks), len(other.marks)))
    if not smaller or smaller < NEARLY * larger:
        return 0.0
    both = len(one.marks & other.marks)
    return both / (smaller + larger - both)
