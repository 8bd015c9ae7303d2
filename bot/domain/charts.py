"""What a chart shows, as data: the picture and its words are made from the same values. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from bot.domain.counts_in_words import UNKNOWN, change, count, percent, span, times

WEEK_HOURS = 168
DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NAMED = 3
"""Hours of the week that the words of a heat map name at each end."""

LONGEST_NAME = 26
"""Characters of a name beside a bar; more does not fit on a phone."""


@dataclass(frozen=True, kw_only=True)
class TotalsChart:
    """What some periods brought, the oldest first; the last one is what the chart is about.

    ``unit`` is a word in the plural ("views"). None is unknown, and drawn as a gap. ``band``: what is
    usual, lower end, middle and upper end, None where too little is known to say.
    """

    title: str
    unit: str
    periods: tuple[tuple[str, float | None], ...]
    band: tuple[float, float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class SlotsChart:
    """The lift of each of the 168 hours of a local week from Monday 0:00, 0.23 is +23 %.

    None where too little is known to say: such a cell is hatched, and never has a colour. ``clear`` are the
    hours whose interval does not contain zero: only they are named in words. ``place``: whose clocks, as
    people call them ("Lisbon").
    """

    title: str
    place: str
    hours: tuple[float | None, ...]
    clear: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One post: its name, and its value in times of what was usual at the same age."""

    name: str
    ratio: float


@dataclass(frozen=True, kw_only=True)
class PostsChart:
    """Posts by how many times their usual they brought, the best first."""

    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How publishing went on one platform: how many are out, and how many should be and are not."""

    name: str
    live: int
    failed: int

    @property
    def rate(self) -> float | None:
        """The share that went out; None where nothing was due."""
        due = self.live + self.failed
        return self.live / due if due else None


@dataclass(frozen=True, kw_only=True)
class PublishedChart:
    """How publishing went, by platform."""

    title: str
    tallies: tuple[Tally, ...]


Chart = TotalsChart | SlotsChart | PostsChart | PublishedChart


def in_words(chart: Chart) -> str:
    """The same as the picture for people who do not see it; also its alt text."""
    match chart:
        case TotalsChart():
            lines = [f"{name} {count(value)}" for name, value in chart.periods]
            usual = f" {usual_words(chart)}" if chart.band else ""
            return f"{chart.title}: {', '.join(lines)} {chart.unit}.{usual}"
        case SlotsChart():
            return f"{chart.title}: {_slot_words(chart)}"
        case PostsChart():
            bars = [f"{bar.name} {times(bar.ratio)}" for bar in chart.bars]
            return f"{chart.title}: {', '.join(bars) or UNKNOWN}."
        case PublishedChart():
            return f"{chart.title}: {', '.join(map(tally_words, chart.tallies)) or UNKNOWN}."


def usual_words(chart: TotalsChart) -> str:
    """What is usual, as it stands in the chart's own legend."""
    if chart.band is None:
        return ""
    lo, mid, hi = chart.band
    return f"Usual {span(lo, hi)}, in the middle {count(mid)}."


def tally_words(tally: Tally) -> str:
    """ "X 8 of 9 (89 %)"."""
    return f"{tally.name} {tally.live} of {tally.live + tally.failed} ({percent(tally.rate)})"


def hour_words(hour: int) -> str:
    """The hour of a week from Monday 0:00 as people say it: "Tue 18:00"."""
    return f"{DAY_NAMES[hour // 24]} {hour % 24:02}:00"


def _slot_words(chart: SlotsChart) -> str:
    known = [(value, hour) for hour, value in enumerate(chart.hours) if value is not None]
    if not known:
        return f"no hour is known well enough yet (clocks of {chart.place})."
    named = [one for one in known if one[1] in chart.clear]
    best = sorted((one for one in named if one[0] > 0), key=lambda one: (-one[0], one[1]))[:NAMED]
    rest = sorted(one for one in named if one[0] < 0)[:NAMED]
    said = [f"{word} {_named(hours)}" for word, hours in (("best", best), ("weakest", rest)) if hours]
    hatched = len(chart.hours) - len(known)
    found = "; ".join(said) or "no hour is clearly better or worse than the others yet"
    return f"{found}; too little is known of {hatched} of {WEEK_HOURS} hours ({chart.place})."


def _named(hours: list[tuple[float, int]]) -> str:
    return ", ".join(f"{hour_words(hour)} {change(value)}" for value, hour in hours)


def shortened(name: str, most: int = LONGEST_NAME) -> str:
    """The name on one line, with a mark where it was cut."""
    line = " ".join(name.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def week_name(monday: date) -> str:
    """The calendar week that begins then, as ISO 8601 names it: "W47"."""
    return f"W{(monday + timedelta(days=3)).isocalendar().week:02}"
