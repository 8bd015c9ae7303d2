"""Whether an account's hours are unlike its own: far more than usual, or next to nothing.

Far more is told by the plain mean and standard deviation of the last 14 days; next to nothing only by
what is usual at that hour of such a day, since a quiet night is nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import fmean, median, stdev
from zoneinfo import ZoneInfo

from bot.domain.courses import Anomaly, Reading, RhythmStats, Turn, Window

HOUR = timedelta(hours=1)
SLACK = timedelta(minutes=10)
DAYS, FEWEST = 14, 48
"""How long ago still counts, and the fewest known hours from which anything is said."""

SURGE_K, LEAST = 5.0, 60
QUIET_H, QUIET_SHARE, QUIET_LEAST = 6, 0.2, 20
DAY_H = 24
SEASON_WEEKS, SEASON_FEWEST = 4, 6
OPENING, AT_LEAST = 12, 3
EIGHTY = 1.2816

Hour = tuple[datetime, float]


def hours_of(window: Window) -> list[Hour]:
    """The growth in each stretch of an hour, give or take ten minutes, that was read at both its ends.

    Oldest first; readings in between do no harm. What fell is left out.
    """
    found: list[Hour] = []
    before = Reading(at=window.since, count=0)
    for after in window.readings:
        span = after.at - before.at
        if after.at <= window.since or span < HOUR - SLACK:
            continue
        if span <= HOUR + SLACK and after.count >= before.count:
            found.append((after.at, (after.count - before.count) * (HOUR / span)))
        before = after
    return found


def together(posts: Iterable[Window], *, begin: datetime, zone: str = "UTC") -> Window:
    """The growth of an account's posts together, hour by hour of the clock from ``begin`` (a full hour) on.

    A post's first `OPENING` hours are its own affair, and so are hours with fewer than `AT_LEAST` posts that
    were read hourly. Of every hour the post that grew most is left out: one post would else be a surge of the
    account, and its end a silence. What happens to the account happens to the others too.
    """
    gains: dict[int, list[float]] = {}
    for post in posts:
        for end, gained in hours_of(post):
            place = round((end - begin) / HOUR)
            if place >= 0 and end - post.since > OPENING * HOUR:
                gains.setdefault(place, []).append(gained)
    known = sorted(place for place, parts in gains.items() if len(parts) >= AT_LEAST)
    total, readings = 0.0, list[Reading]()
    for place in known:
        if not readings or readings[-1].at != begin + (place - 1) * HOUR:
            readings.append(Reading(at=begin + (place - 1) * HOUR, count=round(total)))
        total += sum(gains[place]) - max(gains[place])
        readings.append(Reading(at=begin + place * HOUR, count=round(total)))
    since = readings[0].at if readings else begin
    return Window(since=since, readings=tuple(readings[1:]), zone=zone)


def rhythm(hours: Sequence[Hour], *, now: datetime, zone: str = "UTC") -> RhythmStats | None:
    """What is usual, from hours that ended before ``now``; None when fewer than `FEWEST` are known."""
    recent = [n for at, n in hours if now - timedelta(days=DAYS) <= at < now]
    if len(recent) < FEWEST:
        return None
    kinds: list[list[float]] = [[] for _ in range(48)]
    place = ZoneInfo(zone)
    for at, n in hours:
        if now - timedelta(weeks=SEASON_WEEKS) <= at < now:
            part, hour = divmod(_kind(at, place), 24)
            for near in (hour - 1, hour, hour + 1):
                kinds[24 * part + near % 24].append(math.log1p(n))
    season = tuple(math.expm1(median(values)) if len(values) >= SEASON_FEWEST else None for values in kinds)
    return RhythmStats(mean=fmean(recent), sd=stdev(recent), n=len(recent), season=season, zone=zone)


def account_turn(stats: RhythmStats, window: Window) -> Anomaly | None:
    """The last hour for a surge, the last six for silence."""
    hours = hours_of(window)
    if not hours or not window.readings or hours[-1][0] != window.readings[-1].at:
        return None
    return _surge(stats, hours[-1], window.open) or _silence(stats, hours, window.open)


def _surge(stats: RhythmStats, last: Hour, going: Turn | None) -> Anomaly | None:
    at, seen = last
    k = SURGE_K / 2 if going is Turn.SURGE else SURGE_K
    sd = max(stats.sd, math.sqrt(max(stats.mean, 1.0)))
    strength = (seen - stats.mean) / sd
    if strength <= k or seen < LEAST:
        return None
    reach = EIGHTY * sd / max(stats.mean, 1.0)
    return Anomaly(
        turn=Turn.SURGE,
        since=at - HOUR,
        until=at,
        seen=seen,
        expected=stats.mean,
        usual=(max(0.0, 1 - reach), 1 + reach),
        strength=strength,
        n=stats.n,
    )


def _silence(stats: RhythmStats, hours: Sequence[Hour], going: Turn | None) -> Anomaly | None:
    """Six hours in a row must be known: hours that nobody read are not silent. What the day before brought
    less than usual (a weak week, fewer posts) is not expected of them either."""
    last, before = hours[-QUIET_H:], hours[-QUIET_H - DAY_H : -QUIET_H]
    if len(last) < QUIET_H or last[-1][0] - last[0][0] > (QUIET_H - 0.5) * HOUR:
        return None
    place = ZoneInfo(stats.zone)
    usual = [stats.season[_kind(at, place)] for at, _ in last]
    known = [n for n in usual if n is not None]
    if len(known) < len(usual):
        return None
    level = _level(stats, before, place)
    if level is None:
        return None
    seen, expected = sum(n for _, n in last), sum(known) * level
    share = 0.5 if going is Turn.SILENCE else QUIET_SHARE
    if expected < QUIET_LEAST or seen >= share * expected:
        return None
    strength = -(expected - seen) / math.sqrt(expected)
    return Anomaly(
        turn=Turn.SILENCE,
        since=last[0][0] - HOUR,
        until=last[-1][0],
        seen=seen,
        expected=expected,
        usual=(QUIET_SHARE, math.inf),
        strength=strength,
        n=stats.n,
    )


def _level(stats: RhythmStats, before: Sequence[Hour], place: ZoneInfo) -> float | None:
    """What the hours before brought of what is usual, at most all of it; None where too few are known."""
    pairs = [(n, usual) for at, n in before if (usual := stats.season[_kind(at, place)]) is not None]
    usually = sum(usual for _, usual in pairs)
    return min(1.0, sum(n for n, _ in pairs) / usually) if usually > 0 and len(pairs) >= QUIET_H else None


def _kind(at: datetime, place: ZoneInfo) -> int:
    """Which of the 48 kinds of hours it is: the hour that *ends* at ``at``, on a working day or a weekend."""
    wall = (at - HOUR / 2).astimezone(place)
    return wall.hour + (24 if wall.weekday() >= 5 else 0)
