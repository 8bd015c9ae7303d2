"""Small help with words: the nearest right name, lists as people say them, text that is safe to show."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from bot.domain.marks import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name that ``word`` was most likely meant to be, or None; case does not count."""
    by_folded = {name.casefold(): name for name in known}
    folded = word.casefold()[:100]
    found = get_close_matches(folded, by_folded, n=1, cutoff=0.6)
    if not found and len(folded) >= 3:
        found = [name for name in by_folded if name.startswith(folded)]
    return by_folded[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``", did you mean 'platform'?"`` to end a sentence with, or nothing."""
    name = nearest(word, known)
    return f", did you mean {name!r}?" if name else ""


def listed(words: Sequence[str], last: str = "and") -> str:
    """``"a"``, ``"a and b"``, ``"a, b and c"``."""
    return f" {last} ".join([*([", ".join(words[:-1])] if words[:-1] else []), *words[-1:]])


def clean(text: str) -> str:
    """``text`` that cannot steer a terminal: controls become visible, line ends plain, marks words.

    Escape sequences start with C0 or C1 controls (ECMA-48); the bidirectional overrides can
    make a line read as what it is not (Unicode TR 36); lone surrogates cannot be written.
    """
    if text.isprintable():
        return text
    text = plain(text)
    text = re.sub("\r\n|[\r\v\f\x85\u2028\u2029]", "\n", text).replace("\t", "  ")
    text = re.sub("[\x00-\x09\x0b-\x1f]", lambda match: chr(0x2400 + ord(match[0])), text)
    return re.sub("[\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", "\ufffd", text)
