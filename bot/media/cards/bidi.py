"""Which way each letter runs: Unicode's bidirectional algorithm, as FriBiDi computes it.

Pillow sets one font at a time, a line of several fonts needs the levels itself. The library is the one
that Pillow looks for (pull request 5062 of python-pillow/Pillow), found by the same names.
"""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Sequence

NAMES = (
    "libfribidi.so.0",
    "libfribidi.so",
    "libfribidi.0.dylib",
    "libfribidi.dylib",
    "/opt/homebrew/lib/libfribidi.dylib",
    "fribidi-0.dll",
    "libfribidi-0.dll",
    "fribidi.dll",
)
LEFT_TO_RIGHT, RIGHT_TO_LEFT = 0x110, 0x111
"""`FriBidiParType` (fribidi-bidi-types.h): LTR and RTL."""


class Bidi:
    """FriBiDi, loaded. ``find`` answers None where it is not installed."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        library.fribidi_get_par_embedding_levels_ex.restype = ctypes.c_int8

    @classmethod
    def find(cls) -> Bidi | None:
        for name in NAMES:
            try:
                return cls(ctypes.CDLL(name))
            except (OSError, AttributeError):
                continue
        return None

    def levels(self, text: str, base: int) -> list[int]:
        """The embedding level of every character; odd runs right to left. ``base`` is 0 or 1."""
        size = len(text)
        if not size:
            return []
        points = (ctypes.c_uint32 * size)(*map(ord, text))
        types = (ctypes.c_uint32 * size)()
        brackets = (ctypes.c_uint32 * size)()
        levels = (ctypes.c_int8 * size)()
        direction = ctypes.c_uint32(RIGHT_TO_LEFT if base else LEFT_TO_RIGHT)
        self._library.fribidi_get_bidi_types(points, size, types)
        self._library.fribidi_get_bracket_types(points, size, types, brackets)
        done = self._library.fribidi_get_par_embedding_levels_ex(
            types, brackets, size, ctypes.byref(direction), levels
        )
        return [max(0, level) for level in levels] if done else [base] * size


def is_right_to_left(char: str) -> bool:
    """A letter or digit of a script that runs right to left, or a mark that says so."""
    return unicodedata.bidirectional(char) in ("R", "AL", "AN", "RLE", "RLO", "RLI")


def base_direction(text: str) -> int:
    """1 where the first letter with a direction runs right to left, else 0 (rules P2 and P3)."""
    for char in text:
        kind = unicodedata.bidirectional(char)
        if kind == "L":
            return 0
        if kind in ("R", "AL"):
            return 1
    return 0


def visual_order(levels: Sequence[int]) -> list[int]:
    """The runs from left to right, by their levels (rule L2)."""
    order = list(range(len(levels)))
    for level in range(max(levels, default=0), 0, -1):
        start = None
        for i in range(len(order) + 1):
            inside = i < len(order) and levels[order[i]] >= level
            if inside and start is None:
                start = i
            elif not inside and start is not None:
                order[start:i] = reversed(order[start:i])
                start = None
    return order
