"""How hard a text reads, by the formula made for its language; nothing where there is none.

Formulas: Flesch 1948 (English), Amstad 1978 (German), Kandel and Moles 1958 (French), Fernández Huerta 1959
(Spanish), Franchina and Vacca 1986 (Italian), Douma 1960 (Dutch), all on a scale on which 100 is easy; LIX
(Björnsson 1968), on which more is harder, for everything else in Latin letters. Syllables are counted by
hyphenation (pyphen), which finds a few too few, so a text reads a little easier than it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from plugins.content_tips.features import LINK, words_of
from plugins.content_tips.language import language_of, script_of

LEAST = 100
"""Words below which such a number says nothing."""

LEAST_LETTERS = 250
"""The same for scripts that put no blanks between words."""

HARD, LIX_HARD = 50.0, 50.0
"""Below this Flesch called a text "difficult"; from this on LIX does."""

LONG_WORD = 6
ENDS = re.compile(r"[.!?…]+(?=\s|$)|\n\s*\n|\n(?=\s*[-–•*])")
COEFFICIENTS: Mapping[str, tuple[str, float, float, float]] = MappingProxyType(
    {
        "en": ("Flesch", 206.835, 1.015, 84.6),
        "de": ("Amstad", 180.0, 1.0, 58.5),
        "fr": ("Kandel-Moles", 207.0, 1.015, 73.6),
        "es": ("Fernández Huerta", 206.84, 1.02, 60.0),
        "it": ("Franchina-Vacca", 217.0, 1.3, 60.0),
        "nl": ("Douma", 206.84, 0.93, 77.0),
    }
)
"""Name, and a − b·(words a sentence) − c·(syllables a word)."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """``value`` on the scale of ``formula``; ``a_sentence``: words in one, on average."""

    formula: str
    value: float
    a_sentence: float
    words: int

    @property
    def hard(self) -> bool:
        """Whether the formula's author called such a text difficult."""
        return self.value >= LIX_HARD if self.formula == "LIX" else self.value < HARD


def reading(text: str) -> Reading | None:
    """None for a text that is too short, and for scripts without a formula (see `unreadable`)."""
    words = words_of(text)
    if len(words) < LEAST or script_of(text) not in ("", "Cyrillic", "Greek"):
        return None
    sentences = max(1, sum(1 for s in ENDS.split(LINK.sub(" ", text)) if words_of(s)))
    each = len(words) / sentences
    known = COEFFICIENTS.get(language_of(text)) if not script_of(text) else None
    if known is None:
        long = sum(len(w) > LONG_WORD for w in words)
        return Reading(formula="LIX", value=each + 100 * long / len(words), a_sentence=each, words=len(words))
    formula, start, per_sentence, per_word = known
    spoken = _syllables(words, language_of(text)) / len(words)
    value = start - per_sentence * each - per_word * spoken
    return Reading(formula=formula, value=value, a_sentence=each, words=len(words))


def unreadable(text: str) -> str:
    """The script for which there is no formula, where the text is long enough to be asked about; else ""."""
    script = script_of(text)
    return script if script not in ("", "Cyrillic", "Greek") and len(text) >= LEAST_LETTERS else ""


def _syllables(words: list[str], language: str) -> int:
    from pyphen import Pyphen  # reads its patterns when they are first needed

    hyphens = Pyphen(lang=_DICTIONARIES.get(language, language), left=1, right=1)
    return sum(len(hyphens.positions(w.casefold())) + 1 for w in words)


_DICTIONARIES: Mapping[str, str] = MappingProxyType({"en": "en_US", "de": "de_DE", "nl": "nl_NL"})
