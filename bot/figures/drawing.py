"""Charts as PNG, for the width of a phone, on paper white that does not glare in a dark chat.

Colours are Okabe and Ito's, which people with any kind of colour vision tell apart (jfly.uni-koeln.de/color,
2008); up and down differ in lightness too, and nothing is said by colour alone. Matplotlib is imported
when something is drawn, which is only in a process of its own (`bot.figures.apart`).
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.domain.charts import (
    DAY_NAMES,
    Chart,
    PostsChart,
    PublishedChart,
    SlotsChart,
    TotalsChart,
    in_words,
    shortened,
    tally_words,
)
from bot.domain.counts_in_words import UNKNOWN, change, count, span, times
from bot.figures.lettering import Lettering

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, DPI = 6.4, 150
"""Inches and pixels to the inch: 960 pixels wide, which a phone shows without scaling text away."""

PAPER, INK, FAINT, GRID = "#f7f6f2", "#22262b", "#676d75", "#d9d8d2"
BLUE, SKY, ORANGE, VERMILION, GREEN = "#0072b2", "#56b4e9", "#e69f00", "#d55e00", "#009e73"
EMPTY, HATCH = "#eceae4", "#b9b7af"
STRONGEST = 0.30
"""The lift at which a colour of the heat map is full; a week seldom differs by more."""

LONGEST_TITLE = 58
"""Characters of a title that fit beside each other."""

LARGEST = 150_000
"""Bytes of one picture at the most."""


def pictures(charts: Sequence[Chart]) -> list[bytes]:
    """A PNG for each chart; the function that the other process runs."""
    letters = Lettering()
    return [_png(figure(chart, letters)) for chart in charts]


def figure(chart: Chart, letters: Lettering) -> Figure:
    """The chart as matplotlib has it, before it becomes a picture."""
    import matplotlib as mpl

    settings: dict[str, Any] = {
        "font.family": letters.families(f"{chart.title}{in_words(chart)}★"),
        "font.size": 11,
        "text.color": INK,
        "axes.labelcolor": FAINT,
        "xtick.color": FAINT,
        "ytick.color": INK,
        "hatch.linewidth": 0.6,
        "axes.unicode_minus": True,
    }
    with mpl.rc_context(settings):  # type: ignore[arg-type]  # it wants the names of all its settings
        match chart:
            case TotalsChart():
                return _totals(chart, letters)
            case SlotsChart():
                return _slots(chart, letters)
            case PostsChart():
                return _posts(chart, letters)
            case PublishedChart():
                return _published(chart, letters)


def _png(drawn: Figure) -> bytes:
    buffer = io.BytesIO()
    for dpi in (DPI, 110, 80):
        buffer = io.BytesIO()
        drawn.savefig(buffer, format="png", dpi=dpi, facecolor=PAPER)
        if buffer.tell() <= LARGEST:
            break
    return buffer.getvalue()


def _sheet(title: str, height: float, letters: Lettering) -> tuple[Figure, Axes]:
    """An empty chart: a title on the left, no frame."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(WIDTH, height), dpi=DPI, layout="constrained", facecolor=PAPER)
    FigureCanvasAgg(drawn)
    axes = drawn.add_subplot()
    axes.set_facecolor(PAPER)
    head = letters.safe(shortened(title, LONGEST_TITLE))
    said = drawn.suptitle(head, x=0.012, ha="left", fontsize=13, fontweight="bold", color=INK)
    _bolder(said, title, letters)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0)
    return drawn, axes


def _bolder(said: Any, text: str, letters: Lettering) -> None:
    """Letters of hairlines get an outline of their own colour, so that they can be read on a phone."""
    if letters.is_thin(text):
        from matplotlib import patheffects

        said.set_path_effects([patheffects.withStroke(linewidth=0.7, foreground=said.get_color())])


def _lifted(said: Any) -> None:
    """A number is read before the line behind it."""
    from matplotlib import patheffects

    said.set_path_effects([patheffects.withStroke(linewidth=3, foreground=PAPER)])
    said.set_zorder(5)


def _totals(chart: TotalsChart, letters: Lettering) -> Figure:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    drawn, axes = _sheet(chart.title, 3.4, letters)
    places = range(len(chart.periods))
    last = len(chart.periods) - 1
    top = max([v for _, v in chart.periods if v is not None] + [chart.band[2] if chart.band else 0.0, 1.0])
    if chart.band is not None:
        lo, mid, hi = chart.band
        axes.axhspan(lo, hi, color=SKY, alpha=0.28, lw=0, zorder=0)
        axes.axhline(mid, color=BLUE, lw=1.2, ls=(0, (4, 3)), zorder=1)
        words = f"shaded: usual {span(lo, hi)}, dashed: its middle {count(mid)}"
        axes.set_xlabel(letters.safe(words), fontsize=10)
    for place in places:
        value = chart.periods[place][1]
        if value is None:
            axes.text(place, top * 0.02, UNKNOWN, ha="center", va="bottom", color=FAINT)
            continue
        axes.bar(place, value, width=0.68, color=ORANGE if place == last else "#9aa3ad", zorder=2)
        bold = "bold" if place == last else "normal"
        said = axes.text(
            place, value + top * 0.015, count(value), ha="center", va="bottom", fontsize=10, weight=bold
        )
        _lifted(said)
    axes.set_xticks(list(places), [letters.safe(name) for name, _ in chart.periods])
    axes.set_ylim(0, top * 1.14)
    axes.set_xlim(-0.6, last + 0.6)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: count(value)))
    axes.set_ylabel(letters.safe(chart.unit))
    axes.grid(axis="y", color=GRID, lw=0.7, zorder=0)
    axes.set_axisbelow(True)
    return drawn


def _slots(chart: SlotsChart, letters: Lettering) -> Figure:
    from matplotlib import patheffects
    from matplotlib.colors import LinearSegmentedColormap, Normalize
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path
    from matplotlib.ticker import FuncFormatter
    from matplotlib.transforms import Affine2D

    drawn, axes = _sheet(chart.title, 3.7, letters)
    colours = LinearSegmentedColormap.from_list("lift", [VERMILION, "#fbe3cf", "#fdfdfb", "#cfe6f5", BLUE])
    scale = Normalize(-STRONGEST, STRONGEST, clip=True)
    cells = [[_or_nan(chart.hours[day * 24 + clock]) for clock in range(24)] for day in range(7)]
    axes.pcolormesh(range(25), range(8), cells, cmap=colours, norm=scale, edgecolors=PAPER, lw=0.5)
    empty = [divmod(hour, 24) for hour, value in enumerate(chart.hours) if value is None]
    if empty:
        boxes = [Path.unit_rectangle().transformed(Affine2D().translate(c, d)) for d, c in empty]
        hatched = PathPatch(Path.make_compound_path(*boxes), facecolor=EMPTY, edgecolor=HATCH, lw=0.5)
        hatched.set_hatch("////")
        axes.add_patch(hatched)
    known = [
        (value, hour)
        for hour, value in enumerate(chart.hours)
        if value is not None and value > 0 and hour in chart.clear
    ]
    if known:
        _, hour = max(known, key=lambda one: (one[0], -one[1]))
        centre = (hour % 24 + 0.5, hour // 24 + 0.5)
        star = axes.text(*centre, "★", ha="center", va="center", fontsize=12, color="white")
        star.set_path_effects([patheffects.withStroke(linewidth=1.5, foreground=INK)])
    axes.set_xlim(0, 24)
    axes.set_ylim(7, 0)
    axes.set_xticks(range(0, 25, 3), [f"{h:02}" for h in range(0, 25, 3)])
    axes.set_yticks([d + 0.5 for d in range(7)], DAY_NAMES)
    note = f"hour of the day in {chart.place} · hatched: too little is known"
    axes.set_xlabel(letters.safe(note + (" · ★ best" if known else "")), fontsize=10)
    if any(value is not None for value in chart.hours):
        from matplotlib.cm import ScalarMappable

        bar = drawn.colorbar(ScalarMappable(scale, colours), ax=axes, fraction=0.035, pad=0.02)
        bar.set_ticks([-STRONGEST, 0, STRONGEST])
        bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: change(value)))
        bar.ax.tick_params(length=0, labelsize=9)
        bar.outline.set_visible(False)
    return drawn


def _or_nan(value: float | None) -> float:
    """Such a cell gets no colour."""
    return math.nan if value is None else value


def _posts(chart: PostsChart, letters: Lettering) -> Figure:
    drawn, axes = _sheet(chart.title, 1.5 + 0.42 * max(1, len(chart.bars)), letters)
    if not chart.bars:
        return _nothing(drawn, axes)
    most = max(*(bar.ratio for bar in chart.bars), 1.5)
    for place, bar in enumerate(chart.bars):
        above = bar.ratio >= 1
        axes.barh(place, bar.ratio, height=0.62, color=BLUE if above else ORANGE, zorder=2)
        said = axes.text(
            bar.ratio + most * 0.012, place, times(bar.ratio), va="center", fontsize=11, weight="bold"
        )
        _lifted(said)
    axes.axvline(1, color=INK, lw=1.1, ls=(0, (4, 3)), zorder=4)
    axes.set_yticks(range(len(chart.bars)), [letters.safe(shortened(b.name)) for b in chart.bars])
    for label, bar in zip(axes.get_yticklabels(), chart.bars, strict=True):
        _bolder(label, bar.name, letters)
    axes.set_ylim(len(chart.bars) - 0.5, -0.5)
    axes.set_xlim(0, most * 1.14)
    axes.set_xticks([])
    axes.set_xlabel("times its usual at the same age · dashed: as usual", fontsize=10)
    return drawn


def _published(chart: PublishedChart, letters: Lettering) -> Figure:
    drawn, axes = _sheet(chart.title, 1.5 + 0.42 * max(1, len(chart.tallies)), letters)
    if not any(tally.rate is not None for tally in chart.tallies):
        return _nothing(drawn, axes)
    most = max(tally.live + tally.failed for tally in chart.tallies)
    for place, tally in enumerate(chart.tallies):
        axes.barh(place, tally.live, height=0.62, color=GREEN, zorder=2)
        if tally.failed:
            lacking = axes.barh(place, tally.failed, left=tally.live, height=0.62, color=PAPER, zorder=2)
            for part in lacking:
                part.set(hatch="////", edgecolor=VERMILION, linewidth=0.8)
        words = tally_words(tally).removeprefix(f"{tally.name} ")
        axes.text(tally.live + tally.failed + most * 0.015, place, words, va="center", fontsize=11, zorder=3)
    axes.set_yticks(range(len(chart.tallies)), [letters.safe(shortened(t.name)) for t in chart.tallies])
    for label, tally in zip(axes.get_yticklabels(), chart.tallies, strict=True):
        _bolder(label, tally.name, letters)
    axes.set_ylim(len(chart.tallies) - 0.5, -0.5)
    axes.set_xlim(0, most * 1.42)
    axes.set_xticks([])
    axes.set_xlabel("filled: out with proof · hatched: due and not out", fontsize=10)
    return drawn


def _nothing(drawn: Figure, axes: Axes) -> Figure:
    """A chart with nothing to show says so."""
    axes.set_xticks([])
    axes.set_yticks([])
    said = axes.text(0.5, 0.5, f"{UNKNOWN}  nothing to show yet", color=FAINT, transform=axes.transAxes)
    said.set(ha="center", va="center")
    return drawn
