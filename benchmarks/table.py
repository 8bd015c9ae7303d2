"""The answer of every benchmark, and the one table they are printed in."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

HEADER = ("figure", "bar", "measured", "client limit", "met")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the table. ``limit`` is what the same costs without the bot, measured in the same run.

    ``met`` None: told, but no bar. ``notes`` say under which conditions it holds.
    """

    name: str
    bar: str
    measured: str
    limit: str = "–"
    met: bool | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def cells(self) -> tuple[str, ...]:
        verdict = {True: "yes", False: "NO", None: "–"}[self.met]
        return (self.name, self.bar, self.measured, self.limit, verdict)


def spread(values: Sequence[float], form: str) -> str:
    """The median, and the extremes it lies between."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:{form}} ({low:{form}}–{high:{form}})"


def render(figures: Sequence[Figure]) -> str:
    """The table, and the conditions below it, each once."""
    rows = [HEADER, *(figure.cells for figure in figures)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADER))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    lines.insert(1, "  ".join("─" * width for width in widths))
    notes = dict.fromkeys(note for figure in figures for note in figure.notes)
    return "\n".join([*(line.rstrip() for line in lines), "", *(f"* {note}" for note in notes)])
