"""From readings to posts: the newest sound reading of each, by account, and a count of what was left out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from bot.api import CROSSPOST, PAID, TEST, PostOutcome
from plugins.best_time.basis import Floats

LEFT_OUT = frozenset({PAID, CROSSPOST, TEST})
FALLEN = 0.95
"""Platforms take single likes back all the time; a count below this part of an earlier one is said to
have fallen."""

EXAMPLES = 3000
"""Posts read twice, per platform, that are enough to learn how counts grow."""


@dataclass(slots=True)
class History:
    """What was found of one account while reading the rows; filled by `read` and then left alone."""

    posts: list[PostOutcome] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    faulty: int = 0
    fell: int = 0


@dataclass(slots=True)
class Readings:
    """All accounts' histories, and per platform the pairs of readings that show how counts grow."""

    accounts: dict[str, History] = field(default_factory=dict)
    pairs: dict[str, list[tuple[PostOutcome, PostOutcome]]] = field(default_factory=dict)


def aware(instant: datetime, what: str) -> datetime:
    """The instant in UTC; ValueError with ``what`` where it has no zone."""
    if instant.tzinfo is None:
        raise ValueError(f"{what} has no time zone: give aware UTC instants")
    return instant.astimezone(UTC)


def read(rows: Iterable[PostOutcome], now: datetime) -> Readings:
    """Sort the rows. A count that is no number or negative, a reading older than its post or younger than
    ``now``: faulty, and only counted. ValueError for an instant without a zone."""
    newest: dict[tuple[str, str], PostOutcome] = {}
    first: dict[tuple[str, str], PostOutcome] = {}
    fell: set[tuple[str, str]] = set()
    found = Readings()
    infinite = math.inf
    for row in rows:
        count, seen, out = row.engagement, row.observed_at, row.published_at
        if seen.tzinfo is None or out.tzinfo is None:
            raise ValueError(
                f"post {row.post_id} has an instant without a time zone: give aware UTC instants"
            )
        if count is None or not 0 <= count < infinite or not out <= seen <= now:
            found.accounts.setdefault(row.account_id, History()).faulty += 1
            continue
        key = (row.account_id, row.post_id)
        known = newest.get(key)
        if known is None:
            newest[key] = row
        elif seen > known.observed_at:
            newest[key] = row
            if count < FALLEN * known.engagement - 1:
                fell.add(key)
            first.setdefault(key, known)
        elif seen == known.observed_at:
            if count > known.engagement:
                newest[key] = row
        else:
            if known.engagement < FALLEN * count - 1:
                fell.add(key)
            if key not in first or seen < first[key].observed_at:
                first[key] = row
    for key, row in newest.items():
        history = found.accounts.setdefault(row.account_id, History())
        why = LEFT_OUT & row.flags
        if why:
            name = min(why)
            history.left_out[name] = history.left_out.get(name, 0) + 1
            continue
        history.posts.append(row)
        if key in fell:
            history.fell += 1
        if key in first:
            found.pairs.setdefault(row.platform, []).append((first[key], row))
    return found


def rises(pairs: list[tuple[PostOutcome, PostOutcome]]) -> tuple[Floats, Floats, Floats]:
    """Ages in hours at the first and the newest reading, and the log of the rise between, of posts with
    at least ten by then; an even choice where there are very many."""
    chosen = pairs[:: max(1, len(pairs) // EXAMPLES)]
    ages = [
        (
            hours(one.published_at, one.observed_at),
            hours(two.published_at, two.observed_at),
            math.log((two.engagement + 1) / (one.engagement + 1)),
        )
        for one, two in chosen
        if two.engagement >= 10
    ]
    table = np.array([row for row in ages if row[0] >= 0.25 and row[2] >= 0], dtype=np.float64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def hours(start: datetime, end: datetime) -> float:
    """The time between in hours."""
    return (end - start).total_seconds() / 3600
