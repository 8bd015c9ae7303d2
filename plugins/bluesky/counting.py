"""Text as Bluesky counts it: graphemes, as a reader sees them, and UTF-8 bytes."""

from __future__ import annotations

import regex

_GRAPHEME = regex.compile(r"\X")


def graphemes(text: str) -> list[str]:
    """The text in pieces that a reader takes for one sign each (UAX #29)."""
    found: list[str] = _GRAPHEME.findall(text)
    return found


def length(text: str) -> int:
    """How many graphemes it has."""
    return len(graphemes(text))


def size(text: str) -> int:
    """How many bytes it has; a lone half of a surrogate pair counts as what it would be replaced by."""
    return len(text.encode("utf-8", "replace"))
