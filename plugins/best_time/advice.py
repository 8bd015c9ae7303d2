"""From a curve to advice: which hours of a window, in which order, and what is said of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.random import Generator

from bot.api import Audience, Interval, SlotAdvice, SlotScores
from plugins.best_time import words
from plugins.best_time.basis import SIZE, WEEK
from plugins.best_time.curve import Curve, Pool, curve
from plugins.best_time.level import NOISE, Sums
from plugins.best_time.model import Known, Model
from plugins.best_time.prior import Expected, expected
from plugins.best_time.rows import aware
from plugins.best_time.zones import Quiet, Start, hour_index, starts, zone

EXPLORE = 1 / 7
FEW, OWN = 10, 40
"""With fewer posts than `FEW` no lift is given; from `OWN` on an account's hours are called its own."""

SLOPE, LOWEST_SLOPE, HIGHEST_SLOPE = 0.75, 0.4, 1.2
"""What of a lift is shown before a ledger of claims says what came true of them, and what it may say."""

LATEST_OFF = 7
"""Advice is given up to this many minutes past the hour, so that posts do not all go out on the stroke."""

WAKING = np.array([8 <= hour % 24 < 22 for hour in range(168)])
AWAKE_FIRST, AWAKE_AT_ALL = 0.02, 1e-6
"""By how much (log) a waking hour is put before one at night: the first where no pattern of the platform is
known, which would have said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An account's curve, with what it stands on."""

    curve: Curve
    known: Known | None
    expected: Expected
    zone: str
    n: int
    others: int
    others_posts: int

    @property
    def basis(self) -> str:
        """What the curve was mostly learned from."""
        if self.n >= OWN:
            return "own"
        if self.others_posts >= OWN:
            return "shared"
        return "audience" if self.expected.audience else "chart"


def asked(
    model: Model,
    account_id: str,
    platform: str,
    content_type: str,
    tz: str | None,
    audience: Audience | None,
    chart: Sequence[float] | None,
    now: datetime,
) -> Asked:
    """The curve of an account by the hours of the zone it was learned in; ``tz`` where there is none."""
    known = model.accounts.get(account_id)
    if known is not None and known.sums.n and known.zoned:
        where = known.zone
    elif known is not None and known.sums.n:
        where = "UTC"
    else:
        where = tz or (audience.tz if audience is not None else known.zone if known is not None else "UTC")
    start = expected(platform, where, audience, chart, now)
    whole = known.sums if known is not None and known.sums.n else None
    own, rest = whole, None
    if known is not None and content_type in known.kinds:
        own, rest = known.kinds[content_type]
    pool: Pool | None = model.pools.get(platform.casefold())
    member = whole if known is not None and known.platform.casefold() == platform.casefold() else None
    found = curve(own or _nothing(), start.common, start.own, pool, member, rest)
    learned = 0 if known is None or known.same else known.sums.n
    return Asked(
        curve=found,
        known=known,
        expected=start,
        zone=where,
        n=learned,
        others=pool.accounts - (member is not None) if pool else 0,
        others_posts=pool.posts - (member.n if member is not None else 0) if pool else 0,
    )


def _nothing() -> Sums:
    """An account without posts: its usual is any waking hour."""
    waking = WEEK[WAKING]
    usual = waking.mean(axis=0)
    around = (waking - usual).T @ (waking - usual) / len(waking)
    return Sums(
        n=0, gram=np.zeros((SIZE, SIZE)), pull=np.zeros(SIZE), noise=NOISE, usual=usual, around=around
    )


def score_slots(
    model: Model,
    *,
    account_id: str,
    platform: str,
    content_type: str,
    audience: Audience | None = None,
    chart: Sequence[float] | None = None,
) -> SlotScores:
    """What each of the 168 local hours of a week from Monday 0:00 is thought to bring against the account's
    usual, relative, with its 80 % interval. The hours are of the zone the account was fitted with; for an
    account without posts those of its audience. ``basis`` says what they stand on."""
    one = asked(model, account_id, platform, content_type, None, audience, chart, model.now)
    means, lows, highs = (
        np.expm1(row).tolist() for row in (one.curve.means, one.curve.lows, one.curve.highs)
    )
    return SlotScores(means=tuple(means), lows=tuple(lows), highs=tuple(highs), basis=one.basis)


def recommend(
    model: Model,
    *,
    account_id: str,
    platform: str,
    content_type: str,
    tz: str,
    window: tuple[datetime, datetime],
    now: datetime,
    rng: Generator,
    audience: Audience | None = None,
    chart: Sequence[float] | None = None,
    quiet: Sequence[Quiet] = (),
    busy: Sequence[datetime] = (),
    k: int = 3,
    min_gap: timedelta = timedelta(hours=3),
    explore: bool = True,
    slope: float | None = None,
) -> list[SlotAdvice]:
    """At most ``k`` times in ``window``, the best first, at least ``min_gap`` apart and away from ``busy``.

    ``tz`` is the zone of ``quiet`` (see `zones.silences`) and of the words; hours are scored in the zone
    that the account was fitted with. With ``explore`` one call in seven ends with an hour that is tried to
    learn from it (marked, and the only one when ``k`` is 1): any hour, with the same chance, of the better
    third that could still be the best. The others are never random. ``slope`` is how much of what was claimed
    came true so far. Raises ValueError for instants without a zone, and for what is no zone, chart or span.
    """
    begin, end, now = aware(window[0], "the window"), aware(window[1], "the window"), aware(now, "now")
    taken = [aware(one, "a busy time") for one in busy]
    where = zone(tz)
    one = asked(model, account_id, platform, content_type, tz, audience, chart, now)
    off, roll, pick = int(rng.integers(1, LATEST_OFF + 1)), float(rng.random()), float(rng.random())
    free = [
        (start, at)
        for start in starts((begin, end), now, where, quiet)
        if _apart(at := start.at + timedelta(minutes=min(off, start.minutes - 1)), taken, min_gap)
    ]
    if k < 1 or not free:
        return []
    hours = np.array(hour_index([start for start, _ in free], tz, one.zone))
    awake = AWAKE_AT_ALL if one.expected.known else AWAKE_FIRST
    scores = one.curve.means[hours] + awake * WAKING[hours]
    order = [int(i) for i in np.argsort(-scores, kind="stable")]
    chosen = [order[0]]
    tried: int | None = None
    if explore and roll < EXPLORE:
        away = [i for i in order[1:] if k == 1 or _apart(free[i][1], [free[order[0]][1]], min_gap)]
        tried = _tried(away, hours, one.curve, float(one.curve.means[hours[order[0]]]), pick)
        chosen = [order[0], tried] if tried is not None and k > 1 else chosen if tried is None else [tried]
    for i in order[1:]:
        if len(chosen) >= k:
            break
        if _apart(free[i][1], [free[j][1] for j in chosen], min_gap):
            chosen.append(i)
    chosen.sort(key=lambda i: (i == tried, order.index(i)))
    say = words.Saying.of(one, platform, tz)
    part = min(max(SLOPE if slope is None else slope, LOWEST_SLOPE), HIGHEST_SLOPE)
    return [_advice(free[i][0], free[i][1], int(hours[i]), one, part, i == tried, say) for i in chosen]


def _apart(at: datetime, others: Sequence[datetime], gap: timedelta) -> bool:
    """Whether it keeps its distance from all of them."""
    return all(abs(at - other) >= gap for other in others)


def _tried(order: Sequence[int], hours: np.ndarray, of: Curve, best: float, pick: float) -> int | None:
    """One of the better third of these hours whose interval still reaches the best one's middle."""
    near = [i for i in order[: max(1, len(order) // 3)] if of.highs[hours[i]] >= best]
    return near[min(int(pick * len(near)), len(near) - 1)] if near else None


def _advice(
    start: Start, at: datetime, hour: int, one: Asked, part: float, tried: bool, say: words.Saying
) -> SlotAdvice:
    """What is said of one hour."""
    found = one.curve
    lift: Interval | None = None
    shown: Interval | None = None
    if one.n >= FEW:
        lift = Interval(*(math.expm1(float(row[hour])) for row in (found.means, found.lows, found.highs)))
        if lift.lo > 0 and found.means[hour] > 0:
            shown = _shrunk(found, hour, part)
    local = (start.wall + (at - start.at)).strftime("%a %d %b %H:%M")
    return SlotAdvice(
        starts_at=at.astimezone(UTC),
        local=local,
        lift=lift,
        shown=shown,
        p_better=float(found.better[hour]),
        basis=one.basis,
        n_posts=one.known.sums.n if one.known is not None else 0,
        explore=tried,
        because=say.because(tried),
        warnings=say.warnings(clear=shown is not None, given=lift is not None),
    )


def _shrunk(found: Curve, hour: int, part: float) -> Interval:
    """The interval as a person sees it: the hour was chosen because it looked best, so it is drawn in."""
    mean, low, high = (float(row[hour]) for row in (found.means, found.lows, found.highs))
    part *= min(max(float(found.sober[hour]) / mean, 0.3), 1.0)
    return Interval(math.expm1(part * mean), math.expm1(part * low), math.expm1(part * high))
