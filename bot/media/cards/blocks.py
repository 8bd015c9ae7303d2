"""A text that is set: its letters, runs, lines; and how it was wished."""

from __future__ import annotations

from dataclasses import dataclass

from bot.media.cards.faces import Face


@dataclass(frozen=True, kw_only=True)
class Style:
    """How letters look: pixels to the em, weight (400 regular, 700 bold), colour."""

    size: int
    colour: str
    weight: int = 400


@dataclass(frozen=True)
class Glyph:
    """One cluster, with all that setting it needs. ``end``: where it ends in the text; ``missing``: no
    font has it, this is its stand-in."""

    text: str
    face: Face
    level: int
    colour: str
    end: int = 0
    missing: bool = False


@dataclass(frozen=True, kw_only=True)
class Run:
    """What is drawn at once: one font, one direction, one colour. ``ink``: left, top, right, bottom
    in pixels from its origin on the base line."""

    text: str
    face: Face
    level: int
    colour: str
    at: float
    ink: tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Line:
    """Runs from left to right. ``up`` and ``down``: pixels above and below the base line."""

    runs: tuple[Run, ...]
    width: float
    up: int
    down: int
    base: int


@dataclass(frozen=True, kw_only=True)
class Block:
    """A set text, ready to be drawn. ``shown``: what of it is; ``hidden``: how many characters are not."""

    lines: tuple[Line, ...]
    style: Style
    width: int
    shown: str = ""
    hidden: int = 0
    missing: int = 0

    @property
    def height(self) -> int:
        return sum(line.up + line.down for line in self.lines)

    @property
    def ink_width(self) -> int:
        """The width the widest line really takes."""
        return int(max((line.width for line in self.lines), default=0) + 0.999)


@dataclass(frozen=True, kw_only=True)
class Fold:
    """Where a text is cut: after so many characters, or lines; ``more`` says that there is more."""

    cut: int = 0
    lines: int = 0
    more: str = ""
    below: bool = False
    colour: str = ""
