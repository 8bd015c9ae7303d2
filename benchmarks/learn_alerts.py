"""How often alerts are wrong and how often they miss, beside the usual naive rules.

Posts come from `benchmarks.alert_world`, on seeds that nothing was tuned on; accounts' hours from labelled
tweet counts (Numenta Anomaly Benchmark) where the shared data is there.
"""

from __future__ import annotations

import asyncio
import csv
import json
import os
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.alert_world import HOURS, START, Course, course, courses
from benchmarks.table import Figure
from bot.domain.courses import Reading, RhythmStats, SeriesStats, Turn, Window
from bot.domain.rhythm import account_turn, hours_of, rhythm, together
from bot.domain.velocity import learn, pace_turn

HOUR = timedelta(hours=1)
COOL = 24
"""Hours in which one post, or account, is told about once in each direction."""

SEEN = 500
"""Views a post must have come to for a missed takeoff to count."""

SHARED = Path(os.environ.get("CLARION_SHARED", Path(__file__).parents[2] / "shared")) / "data" / "nab_tweets"


@dataclass(frozen=True, kw_only=True)
class Rates:
    """What the detector does on posts to which nothing happens, and on those that take off or stop."""

    false_up: float
    false_down: float
    x5: float
    x10: float
    stopped: float
    naive_per_100: float
    naive_x10: float

    @property
    def false_per_100(self) -> float:
        return self.false_up + self.false_down


def told(stats: SeriesStats, one: Course) -> list[tuple[int, Turn]]:
    """When a post would be told about, looked at every hour."""
    found: list[tuple[int, Turn]] = []
    last: dict[Turn, int] = {}
    for hour in range(8, len(one.gains) + 1):
        anomaly = pace_turn(stats, one.until(hour))
        if anomaly is not None and hour - last.get(anomaly.turn, -COOL) >= COOL:
            last[anomaly.turn] = hour
            found.append((hour, anomaly.turn))
    return found


def naive(one: Course) -> list[tuple[int, Turn]]:
    """The usual rule: an hour above three times, or below a third of, the mean of the six before."""
    found: list[tuple[int, Turn]] = []
    last: dict[Turn, int] = {}
    for hour in range(7, len(one.gains) + 1):
        now, mean = one.gains[hour - 1], sum(one.gains[hour - 7 : hour - 1]) / 6
        if max(now, mean) < 10:
            continue
        turn = Turn.UP if now > 3 * mean else Turn.DOWN if now < mean / 3 else None
        if turn is not None and hour - last.get(turn, -COOL) >= COOL:
            last[turn] = hour
            found.append((hour, turn))
    return found


def rates(*, seed: int, history: int, posts: int, accounts: int = 2) -> Rates:
    """``posts`` of each kind on each of some accounts with ``history`` earlier ones."""
    quiet: list[list[tuple[int, Turn]]] = []
    plain: list[list[tuple[int, Turn]]] = []
    hits: dict[float, list[bool]] = {5.0: [], 10.0: [], 0.05: []}
    naive_hits: list[bool] = []
    for account in range(accounts):
        stats = learn([c.window for c in courses(seed + account, history)])
        assert stats is not None
        calm = courses(seed + 1_000 + account, posts)
        quiet += [told(stats, one) for one in calm]
        plain += [naive(one) for one in calm]
        for factor, seen in hits.items():
            for one in courses(seed + 2_000 + account, posts, factor=factor):
                if sum(one.gains) <= SEEN:
                    continue
                seen.append(_caught(one, told(stats, one), factor))
                if factor == 10:
                    naive_hits.append(_caught(one, naive(one), factor))
    many = len(quiet)
    return Rates(
        false_up=_per_100(quiet, Turn.UP, many),
        false_down=_per_100(quiet, Turn.DOWN, many),
        x5=_share(hits[5.0]),
        x10=_share(hits[10.0]),
        stopped=_share(hits[0.05]),
        naive_per_100=_per_100(plain, Turn.UP, many) + _per_100(plain, Turn.DOWN, many),
        naive_x10=_share(naive_hits),
    )


def _caught(one: Course, found: Iterable[tuple[int, Turn]], factor: float) -> bool:
    """Told within twelve hours of when it began."""
    assert one.happens is not None
    wanted = Turn.UP if factor > 1 else Turn.DOWN
    return any(turn is wanted and one.happens < hour <= one.happens + 12 for hour, turn in found)


def _per_100(found: Sequence[Sequence[tuple[int, Turn]]], turn: Turn, many: int) -> float:
    return 100 * sum(t is turn for one in found for _, t in one) / many


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits)


@dataclass(frozen=True, kw_only=True)
class Ticker:
    """One labelled series: alerts outside its windows, windows with an alert, and how long it is."""

    outside: int
    found: int
    windows: int
    weeks: float


Span = tuple[datetime, datetime]


def nab_series(file: Path) -> tuple[Window, list[Span]]:
    """A ticker's counts as readings at every full hour, and its labelled windows."""
    hours: dict[datetime, int] = {}
    with file.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            at = datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC)
            start = at.replace(minute=0, second=0, microsecond=0)
            hours[start] = hours.get(start, 0) + round(float(row["value"]))
    total, readings = 0, list[Reading]()
    for start in sorted(hours):
        total += hours[start]
        readings.append(Reading(at=start + HOUR, count=total))
    labels = json.loads(file.with_suffix(".windows.json").read_text(encoding="utf-8"))
    spans = [(_instant(first), _instant(last)) for first, last in labels]
    return Window(since=min(hours), readings=tuple(readings)), spans


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def ticker(window: Window, spans: Sequence[Span], *, every: int = 1) -> Ticker:
    """Every hour judged by what was known before it; what is usual is learned again every so many hours."""
    hours, readings = hours_of(window), window.readings
    alerts: list[datetime] = []
    stats: RhythmStats | None = None
    for n in range(48, len(readings)):
        if (n - 48) % every == 0:
            stats = rhythm(hours[max(0, n - 24 * 28) : n], now=readings[n].at)
        if stats is None:
            continue
        tail = Window(since=readings[n - 40].at if n >= 40 else window.since, readings=_since(readings, n))
        found = account_turn(stats, tail)
        cool = not alerts or readings[n].at - alerts[-1] >= COOL * HOUR
        if found is not None and found.turn is Turn.SURGE and cool:
            alerts.append(readings[n].at)

    def inside(at: datetime, span: Span) -> bool:
        return span[0] <= at <= span[1] + HOUR

    return Ticker(
        outside=sum(not any(inside(at, span) for span in spans) for at in alerts),
        found=sum(any(inside(at, span) for at in alerts) for span in spans),
        windows=len(spans),
        weeks=(readings[-1].at - readings[0].at) / timedelta(weeks=1),
    )


def _since(readings: Sequence[Reading], n: int) -> tuple[Reading, ...]:
    """The last forty hours, counted from the one before them."""
    first = readings[n - 40].count if n >= 40 else 0
    return tuple(Reading(at=r.at, count=r.count - first) for r in readings[max(0, n - 39) : n + 1])


def messages(*, seed: int, accounts: int, weeks: int, a_week: int = 7) -> float:
    """Anomaly messages of an account-week to which nothing happens, at the defaults: one of an account and a
    kind in 24 hours, posts and whole account together."""
    said = 0
    for account in range(accounts):
        dice = random.Random(seed + account)
        stats = learn([c.window for c in courses(seed + 500 + account, 60)])
        assert stats is not None
        posts: list[Course] = []
        for n in range(a_week * (weeks + 3)):
            one = course(dice)
            since = START + n * timedelta(weeks=1) / a_week
            posts.append(Course(since=since.replace(hour=one.since.hour), gains=one.gains))
        begin = START + timedelta(weeks=3)
        events = [
            (one.since + hour * HOUR, turn)
            for one in posts
            if one.since >= begin
            for hour, turn in told(stats, one)
        ]
        events += [event for event in _account_events(posts) if event[0] >= begin]
        last: dict[Turn, datetime] = {}
        for at, turn in sorted(events):
            if turn not in last or at - last[turn] >= COOL * HOUR:
                last[turn] = at
                said += 1
    return said / (accounts * weeks)


def _account_events(posts: Sequence[Course]) -> list[tuple[datetime, Turn]]:
    """The account's hours, judged one after the other."""
    hours = hours_of(together([one.window for one in posts], begin=START))
    found: list[tuple[datetime, Turn]] = []
    stats: RhythmStats | None = None
    for n in range(len(hours)):
        if n % 6 == 0:
            stats = rhythm(hours[:n], now=hours[n][0])
        if stats is None:
            continue
        total, readings = 0, list[Reading]()
        lately = hours[max(0, n - 34) : n + 1]
        for at, gained in lately:
            if readings and at - readings[-1].at > HOUR:
                readings.append(Reading(at=at - HOUR, count=total))
            total += round(gained)
            readings.append(Reading(at=at, count=total))
        anomaly = account_turn(stats, Window(since=lately[0][0] - HOUR, readings=tuple(readings)))
        if anomaly is not None:
            found.append((hours[n][0], anomaly.turn))
    return found


async def measure(*, quick: bool = False) -> list[Figure]:
    """The table's lines; in a thread, as this is plain arithmetic that takes minutes."""
    return await asyncio.to_thread(_measure, quick=quick)


def _measure(*, quick: bool) -> list[Figure]:
    posts = 40 if quick else 150
    notes = (
        f"posts of {HOURS} hours read every hour, {posts} of each kind on each of two accounts, simulated",
    )
    figures: list[Figure] = []
    for history in (24, 60):
        found = rates(seed=515_000 + history, history=history, posts=posts)
        bar = history >= 60
        figures += [
            Figure(
                name=f"false velocity alerts per 100 posts, {history} earlier posts",
                bar="≤ 5",
                measured=f"{found.false_up:.1f} up + {found.false_down:.1f} down",
                limit=f"naive {found.naive_per_100:.0f}",
                met=found.false_per_100 <= 5,
                notes=notes,
            ),
            Figure(
                name=f"takeoffs ×10 / ×5 told within 12 h, {history} earlier posts",
                bar="≥ .95 / ≥ .70",
                measured=f"{found.x10:.2f} / {found.x5:.2f}",
                limit=f"naive ×10 {found.naive_x10:.2f}",
                met=found.x10 >= 0.95 and found.x5 >= 0.70 if bar else None,
                notes=notes,
            ),
            Figure(
                name=f"posts that nearly stop, told within 12 h, {history} earlier posts",
                bar="–",
                measured=f"{found.stopped:.2f}",
                notes=notes,
            ),
        ]
    spent = messages(seed=616_000, accounts=4 if quick else 12, weeks=4)
    figures.append(
        Figure(
            name="anomaly messages of a quiet account-week",
            bar="≤ .5",
            measured=f"{spent:.2f}",
            met=spent <= 0.5,
            notes=("seven posts a week, 60 earlier ones, nothing happens to any of them, simulated",),
        )
    )
    figures.append(_cost())
    figures += _labelled(every=6 if quick else 1)
    return figures


def _cost() -> Figure:
    past = [c.window for c in courses(7, 60)]
    begin = time.perf_counter()
    stats = learn(past)
    learned = time.perf_counter() - begin
    assert stats is not None
    begin = time.perf_counter()
    for window in past:
        pace_turn(stats, window)
    judged = (time.perf_counter() - begin) / len(past)
    return Figure(
        name="learning an account's 60 posts once a day / judging one post",
        bar="–",
        measured=f"{learned * 1000:.0f} ms / {judged * 1000:.2f} ms",
        notes=("in a thread beside the loop; one core",),
    )


def _labelled(*, every: int) -> list[Figure]:
    files = sorted(SHARED.glob("*.csv")) if SHARED.is_dir() else []
    if not files:
        return [Figure(name="labelled tweet counts", bar="–", measured="the data is not here")]
    found = [ticker(*nab_series(file), every=every) for file in files]
    outside = sum(t.outside for t in found) / sum(t.weeks for t in found)
    share = sum(t.found for t in found) / sum(t.windows for t in found)
    return [
        Figure(
            name="surges outside labelled windows, a series and week",
            bar="≤ .6",
            measured=f"{outside:.2f}",
            met=outside <= 0.6,
            notes=(f"{len(found)} series of tweet counts, Numenta Anomaly Benchmark, one alert in 24 h",),
        ),
        Figure(
            name="labelled windows with an alert",
            bar="≥ 60 %",
            measured=f"{share:.0%}",
            met=share >= 0.6,
        ),
    ]
