"""Whether a post gains faster or slower than posts of its age do at this hour, given its own level.

What is seen in the last six hours is compared with what the shape of earlier posts (by age and hour of
the day) makes of the post's own level in the twelve hours before. Comparing hours with the hours before
them, as is often done, takes every evening and every fade for news.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from bot.domain.courses import Anomaly, Reading, SeriesStats, Turn, Window

HOUR = timedelta(hours=1)
WINDOW_H, BASE_H = 6, 12
"""Hours that are judged, and the hours before them from which the post's own level is taken."""

K, RATIO, LEAST = 3.0, 2.0, 60
"""Standard deviations, factor, and the least seen or expected count that make an anomaly."""

LONGEST_H = 168
ENOUGH = 16
"""Posts without which nothing is learned."""

GAP_H, OLD_GAP_H, OLD_H = 3.0, 7.0, 24
"""The longest stretch between two readings over which growth is taken as even; longer from that age on."""

FOLDS = 4

FEW, TAILS = 6.0, 1.1
"""How many posts the uncertainty of what few posts taught is worth (the variance grows by ``FEW / n``), and
how much wider than its middle a distribution of such stretches is; both set where simulated posts gave less
than 5 false alerts per 100 with 24, 60 and 150 earlier ones (`benchmarks.learn_alerts` has other seeds)."""

FLOOR = 0.15
"""No spread is taken for less: no series of ours is that regular."""

ROBUST, EIGHTY = 1.4826, 1.2816
"""From a median deviation to a standard one; half of the 80 % range of a normal distribution."""

Hours = list[float | None]
Row = tuple[Hours, list[int]]
"""A post: its growth by hour of age, and the hour of the day of each."""

Off = tuple[float, float]
"""log(seen / expected), and the variance of it that chance alone makes of such counts."""

Curves = tuple[list[float], list[float]]


def hourly(window: Window, longest: int = LONGEST_H) -> Hours:
    """The growth in each hour of age, None where it was not read often enough to say.

    Between two readings growth is even; what fell is unknown, as a platform corrected itself.
    """
    found: Hours = [None] * longest
    parts = [0.0] * longest
    covered = [0.0] * longest
    before = Reading(at=window.since, count=0)
    for reading in window.readings:
        start, end = ((r.at - window.since) / HOUR for r in (before, reading))
        gap, grown = end - start, reading.count - before.count
        before = reading
        if gap <= 0 or start >= longest:
            continue
        if gap > (OLD_GAP_H if start >= OLD_H else GAP_H) or grown < 0:
            continue
        for hour in range(max(0, int(start)), min(longest, math.ceil(end))):
            share = max(0.0, min(end, hour + 1) - max(start, hour))
            parts[hour] += grown * share / gap
            covered[hour] += share
    for hour in range(longest):
        if covered[hour] > 0.95:
            found[hour] = parts[hour] / covered[hour]
    while found and found[-1] is None:
        found.pop()
    return found


def clock_hours(since: datetime, zone: str, longest: int) -> list[int]:
    """The hour of the day, by the wall, in the middle of each hour of age."""
    place, half = ZoneInfo(zone), since + HOUR / 2
    return [(half + hour * HOUR).astimezone(place).hour for hour in range(longest)]


def learn(past: Sequence[Window], *, zone: str = "UTC") -> SeriesStats | None:
    """What is usual, from the whole courses of earlier posts; None when fewer than `ENOUGH` say anything.

    Posts that hardly anybody saw (`LEAST`) say nothing about the shape.
    """
    rows = [(h, clock_hours(w.since, zone, len(h))) for w in past if _total(h := hourly(w)) >= LEAST]
    rows = [(h, c) for h, c in rows if sum(n is not None for n in h) >= WINDOW_H + 2]
    if len(rows) < ENOUGH:
        return None
    shape, day = _fit(rows)
    bias, spread = _calibrate(_unseen(rows), len(shape) + 1)
    spread = [TAILS * x * math.sqrt(1 + FEW / len(rows)) for x in spread]
    return SeriesStats(
        shape=tuple(round(x, 4) for x in shape),
        hours=tuple(round(x, 4) for x in day),
        bias=tuple(round(x, 4) for x in bias),
        spread=tuple(round(x, 4) for x in spread),
        posts=len(rows),
        zone=zone,
    )


def pace_turn(stats: SeriesStats, window: Window) -> Anomaly | None:
    """The last six hours of a post against what they should have brought."""
    readings = [r for r in window.readings if r.at > window.since]
    if len(readings) < 2:
        return None
    last = readings[-1]
    start = _nearest(readings, last.at - WINDOW_H * HOUR, slack=2.0)
    if start is None or start.at >= last.at:
        return None
    base = _base(window, readings, start)
    inside = [r.count for r in readings if r.at >= base.at] if base else []
    if base is None or any(b < a for a, b in pairwise(inside)):
        return None
    usual, own = (_expected(stats, window.since, *pair) for pair in ((start, last), (base, start)))
    age = round((last.at - window.since) / HOUR)
    if usual is None or own is None or age >= len(stats.bias):
        return None
    seen = last.count - start.count
    level = (start.count - base.count + 1) / (own + 1e-12)
    expected = usual * level
    bias, spread = stats.bias[age], stats.spread[age]
    off = math.log((seen + 1) / expected) - bias
    sd = math.sqrt(spread**2 + 1 / max(seen, 1) + 1 / max(expected, 1))
    turn = _turn(off, off / sd, seen, expected, window.open)
    if turn is None:
        return None
    typical = expected * math.exp(bias)
    usual_range = (math.exp(-EIGHTY * sd), math.exp(EIGHTY * sd))
    return Anomaly(
        turn=turn,
        since=start.at,
        until=last.at,
        seen=seen,
        expected=typical,
        usual=usual_range,
        strength=off / sd,
        n=stats.posts,
    )


def _turn(off: float, strength: float, seen: float, expected: float, going: Turn | None) -> Turn | None:
    """What has begun needs less to go on than to begin."""

    def bounds(turn: Turn) -> tuple[float, float]:
        return (K / 2, math.log(RATIO) / 2) if going is turn else (K, math.log(RATIO))

    k, ratio = bounds(Turn.UP)
    if strength > k and off > ratio and seen >= LEAST:
        return Turn.UP
    k, ratio = bounds(Turn.DOWN)
    if strength < -k and off < -ratio and expected >= LEAST:
        return Turn.DOWN
    return None


def _nearest(readings: Sequence[Reading], at: datetime, *, slack: float) -> Reading | None:
    """The reading nearest to an instant, if it lies within ``slack`` hours of it."""
    near = min(readings, key=lambda r: abs(r.at - at))
    return near if abs(near.at - at) <= slack * HOUR else None


def _base(window: Window, readings: Sequence[Reading], start: Reading) -> Reading | None:
    """Where the stretch begins that tells the post's own level: at least two hours before ``start``."""
    wanted = start.at - BASE_H * HOUR
    zero = Reading(at=window.since, count=0)
    if wanted <= window.since + 2 * HOUR:
        return zero if start.at - window.since >= 2 * HOUR else None
    near = _nearest([zero, *readings], wanted, slack=BASE_H / 2)
    return near if near is not None and start.at - near.at >= 2 * HOUR else None


def _expected(stats: SeriesStats, since: datetime, first: Reading, last: Reading) -> float | None:
    """The usual growth between two ages, in units of the shape; None beyond what was learned."""
    start, end = ((r.at - since) / HOUR for r in (first, last))
    if math.ceil(end) > len(stats.shape):
        return None
    clock = clock_hours(since, stats.zone, math.ceil(end))
    return sum(
        math.exp(stats.shape[h] + stats.hours[clock[h]]) * (min(end, h + 1) - max(start, h))
        for h in range(int(start), math.ceil(end))
    )


def _total(hours: Hours) -> float:
    return sum(n for n in hours if n is not None)


def _trimmed(values: list[float]) -> float:
    """The mean without the highest and lowest fifth."""
    cut = len(values) // 5
    kept = sorted(values)[cut : len(values) - cut]
    return sum(kept) / len(kept)


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _fit(rows: list[Row]) -> Curves:
    """Shape by age and factor by hour of the day, each given the other, in a few rounds."""
    longest = max(len(hours) for hours, _ in rows)
    shape, day = [1.0] * longest, [1.0] * 24
    for _ in range(3):
        levels = [_total(hours) / max(_usual(hours, clock, shape, day), 1e-12) for hours, clock in rows]
        by_age: list[list[float]] = [[] for _ in range(longest)]
        for (hours, clock), level in zip(rows, levels, strict=True):
            for h, n in enumerate(hours):
                if n is not None:
                    by_age[h].append(n / (level * day[clock[h]]))
        known = [(h, _trimmed(values)) for h, values in enumerate(by_age) if len(values) >= ENOUGH // 4]
        if not known:
            break
        shape = _smooth([max(value, 1e-9) for _, value in _filled(known)])
        longest = len(shape)
        rows = [(hours[:longest], clock[:longest]) for hours, clock in rows]
        by_clock: list[list[float]] = [[] for _ in range(24)]
        for (hours, clock), level in zip(rows, levels, strict=True):
            for h, n in enumerate(hours):
                if n is not None and level * shape[h] >= 1:
                    by_clock[clock[h]].append(n / (level * shape[h]))
        day = _day(by_clock)
    return [math.log(x) for x in shape], [math.log(x) for x in day]


def _usual(hours: Hours, clock: list[int], shape: list[float], day: list[float]) -> float:
    """What the hours that are known should have brought, in units of the shape."""
    known = (h for h, n in enumerate(hours) if n is not None)
    return sum(shape[h] * day[clock[h]] for h in known)


def _filled(known: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Ages that nobody was read at have the value of the age before."""
    values, found, last = dict(known), [], known[0][1]
    for hour in range(known[-1][0] + 1):
        last = values.get(hour, last)
        found.append((hour, last))
    return found


def _smooth(values: list[float]) -> list[float]:
    """Over more hours the older a post is, as its shape changes less."""
    logs = [math.log(v) for v in values]
    found = []
    for hour in range(len(logs)):
        reach = 0 if hour < 3 else 1 if hour < 12 else 3
        near = logs[max(0, hour - reach) : hour + reach + 1]
        found.append(math.exp(sum(near) / len(near)))
    return found


def _day(by_clock: list[list[float]]) -> list[float]:
    """Factors of the hours of the day, drawn towards 1 where little is known, smooth around the clock."""
    logs = [
        math.log(max(_trimmed(values), 0.05)) * len(values) / (len(values) + 12) if values else 0.0
        for values in by_clock
    ]
    smooth = [(logs[h - 1] + 2 * logs[h] + logs[(h + 1) % 24]) / 4 for h in range(24)]
    mean = sum(smooth) / 24
    return [math.exp(x - mean) for x in smooth]


def _unseen(rows: list[Row]) -> list[tuple[Row, Curves]]:
    """Every post with what the others say is usual: judged by what it shaped itself, any looks regular."""
    found: list[tuple[Row, Curves]] = []
    for fold in range(FOLDS):
        others = _fit([row for n, row in enumerate(rows) if n % FOLDS != fold])
        found += [(row, others) for row in rows[fold::FOLDS]]
    return found


def _calibrate(pairs: list[tuple[Row, Curves]], longest: int) -> Curves:
    """By the age at which a window ends: how far log(seen / expected) usually lies, and how it spreads."""
    offs: list[list[Off]] = [[] for _ in range(longest)]
    for (hours, clock), (shape, day) in pairs:
        usual = [math.exp(shape[h] + day[clock[h]]) for h in range(min(len(hours), len(shape)))]
        for end in range(WINDOW_H + 2, min(len(usual) + 1, longest)):
            start, base = end - WINDOW_H, max(0, end - WINDOW_H - BASE_H)
            inside = hours[base:end]
            if any(n is None for n in inside):
                continue
            seen, own = _total(hours[start:end]), _total(hours[base:start])
            expected = sum(usual[start:end]) * (own + 1) / sum(usual[base:start])
            if max(seen, expected) >= LEAST / 3:
                offs[end].append((math.log((seen + 1) / expected), 1 / max(seen, 1) + 1 / max(expected, 1)))
    bias, spread = [0.0] * longest, [0.0] * longest
    everything = [off for values in offs for off in values]
    whole = _spread(everything) if len(everything) >= ENOUGH else 1.0
    for age in range(longest):
        near = [off for values in offs[max(0, age - 3) : age + 4] for off in values]
        few = len(near) < 2 * ENOUGH
        bias[age] = 0.0 if few else _median([off for off, _ in near])
        spread[age] = whole if few else _spread(near)
    return bias, spread


def _spread(offs: list[Off]) -> float:
    """Beyond what chance does to counts of that size, which is added for the counts that are judged."""
    middle = _median([off for off, _ in offs])
    whole = ROBUST * _median([abs(off - middle) for off, _ in offs])
    return math.sqrt(max(whole**2 - _median([chance for _, chance in offs]), FLOOR**2))
