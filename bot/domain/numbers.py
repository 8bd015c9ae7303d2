"""What a live post has brought, in one line that stays true for as long as it stands on a card. Pure.

A card is not painted again every minute, so it shows the instant at which its numbers were read and never
how long ago that was. It is painted again when somebody would read something else, at most so often as
`due_again` allows, and no more once a post is old.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.counts_in_words import UNKNOWN, count, span
from bot.domain.post import Json
from bot.domain.when import say

SHOWN = 8
"""Targets told in the line; more stand in /stats."""

THIN = 10
"""Posts below which a usual band says how many it stands on."""

OLD = timedelta(days=30)
"""No card is painted again only for numbers of a post that came out longer ago."""

SOONEST, SHARE = timedelta(minutes=15), 6
"""A card that can be changed where it stands waits so long, or this part of the post's age."""

RUNGS = tuple(timedelta(hours=h) for h in (1, 24, 48, 72, 96, 120, 144, 168, 336, 672))
"""Ages at which a card is printed anew where nothing printed can be changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """One target's numbers: ``n`` of ``what`` ("views"), None unknown; ``usual`` what posts of the account
    had at that age (lower, upper, of how many posts). ``gone``: it is not there any more."""

    delivery_id: int
    title: str
    n: int | None
    what: str
    at: datetime | None
    usual: tuple[float, float, int] | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What a card was last told: ``out_at`` is when the first target came out, ``shown_at`` when this was
    put on the card, ``milestone`` the newest one in words."""

    rows: tuple[Brought, ...]
    out_at: datetime
    shown_at: datetime
    milestone: str = ""

    @property
    def at(self) -> datetime | None:
        """The oldest of the instants at which they were read: no number is older than it says."""
        known = [row.at for row in self.rows if row.at is not None and not row.gone]
        return min(known, default=None)

    @property
    def day(self) -> int:
        """1 on the first day after it came out, as of when this was put on the card."""
        return (self.shown_at - self.out_at) // timedelta(days=1) + 1


def words(numbers: Numbers) -> str:
    """Each target with its count and what is usual ("12.4 k views (usual 3–6 k)"), joined by dots; the unit
    once where all have the same."""
    said: list[str] = []
    unit = ""
    for row in numbers.rows[:SHOWN]:
        if row.gone:
            said.append(f"{row.title} gone{f' (had {count(row.n)} {row.what})' if row.n is not None else ''}")
            continue
        if row.n is None:
            said.append(f"{row.title} {UNKNOWN}")
            continue
        what = "" if row.what == unit else f" {row.what}"
        unit = row.what
        said.append(f"{row.title} {count(row.n)}{what}{_usual(row)}")
    left = len(numbers.rows) - SHOWN
    return " · ".join([*said, *([f"{left} more in /stats"] if left > 0 else [])])


def line(numbers: Numbers, zone: str) -> str:
    """The same with the instant it was read at, with its day: a card may stand there for days."""
    at = numbers.at
    return f"{words(numbers)} — as of {say(at, zone)}" if at else words(numbers)


def _usual(row: Brought) -> str:
    if row.usual is None:
        return ""
    low, high, n = row.usual
    return f" (usual {span(low, high)}{f', {n} posts' if n < THIN else ''})"


def reads_the_same(before: Numbers | None, after: Numbers) -> bool:
    """Whether a person would read the same but for the instant."""
    if before is None:
        return all(row.n is None and not row.gone for row in after.rows)
    return (words(before), before.milestone) == (words(after), after.milestone)


def due_again(shown_at: datetime | None, out_at: datetime, now: datetime, *, printed: bool) -> bool:
    """Whether a card may be painted again only for its numbers. ``printed``: where it stands nothing that
    was said can be changed, so it would be said anew."""
    age = now - out_at
    if age > OLD:
        return False
    if printed:
        rung = max((r for r in RUNGS if r <= age), default=None)
        return rung is not None and (shown_at is None or shown_at < out_at + rung)
    return shown_at is None or now - shown_at >= max(SOONEST, age / SHARE)


def news(before: Numbers | None, after: Numbers) -> bool:
    """Whether something is told that does not wait: a target is gone, or a milestone was reached."""
    gone = {r.delivery_id for r in before.rows if r.gone} if before else set()
    lost = any(r.gone and r.delivery_id not in gone for r in after.rows)
    return lost or after.milestone != (before.milestone if before else "")


def to_json(numbers: Numbers) -> Json:
    """As plain JSON; `from_json` is its inverse."""
    return {
        "rows": [
            [r.delivery_id, r.title, r.n, r.what, _seconds(r.at), list(r.usual) if r.usual else None, r.gone]
            for r in numbers.rows
        ],
        "out_at": _seconds(numbers.out_at),
        "shown_at": _seconds(numbers.shown_at),
        "milestone": numbers.milestone,
    }


def from_json(kept: Mapping[str, Json]) -> Numbers:
    """What `to_json` wrote."""
    return Numbers(
        rows=tuple(map(_row, kept["rows"])),
        out_at=_instant(kept["out_at"]),
        shown_at=_instant(kept["shown_at"]),
        milestone=kept["milestone"],
    )


def _row(kept: Sequence[Json]) -> Brought:
    id_, title, n, what, at, usual, gone = kept
    return Brought(
        delivery_id=id_,
        title=title,
        n=n,
        what=what,
        at=None if at is None else _instant(at),
        usual=(usual[0], usual[1], usual[2]) if usual else None,
        gone=gone,
    )


def _seconds(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
