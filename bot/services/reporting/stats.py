"""Numbers of a post, an account or a brand, each with its age, its source and what it stands on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from bot.domain.counts_in_words import UNKNOWN, change, count, old, span, times
from bot.domain.daily import gains
from bot.domain.delivery import Delivery
from bot.domain.message import Field, Message
from bot.domain.people import Brand
from bot.domain.post import Post
from bot.domain.reckoning import Course, compared
from bot.domain.snapshot import AccountCount, Snapshot, Watch
from bot.domain.spark import sparkline
from bot.domain.when import say
from bot.domain.words import listed
from bot.ports import Tx
from bot.services.context import Connected, Services
from bot.services.reporting.gather import LEFT_OUT, WITHIN
from bot.services.reporting.headline import many
from bot.services.reporting.reading import Read, read_numbers, read_series
from bot.services.reporting.reckon import UNITS, chosen_metric, metrics_of, within

COUNTS = (
    ("views", "views"),
    ("impressions", "impressions"),
    ("reach", "people reached"),
    ("likes", "likes"),
    ("comments", "comments"),
    ("shares", "shares"),
    ("saves", "saves"),
    ("clicks", "clicks"),
    ("watch_s", "seconds watched"),
)
"""What of a reading is told, in this order."""

LINE = 24
"""Signs of a sparkline; a phone shows so many beside a name."""

SIMULATED = "SIMULATED — no account is connected"
SOURCES = {"api": "the platform's API", "report": "the platform's daily report"}.get


async def post_stats(svc: Services, brand: Brand, post: Post) -> Message:
    """Every account's numbers of one post."""

    def unit(tx: Tx) -> list[tuple[Delivery, Watch | None]]:
        return [(row, tx.snapshots.watched(row.id)) for row in tx.deliveries.of_post(post.id)]

    rows = await svc.store.read(unit)
    series = await read_series(svc, [row.id for row, _ in rows])
    fields = [
        Field(
            name=_title(svc, row.account, row.platform),
            value=await _post_words(svc, brand, row, watch, series.get(row.id, ())),
        )
        for row, watch in rows
    ]
    return Message(title=f"{post.name} in numbers", fields=tuple(fields), footer=_footer(svc))


async def _post_words(
    svc: Services, brand: Brand, row: Delivery, watch: Watch | None, series: Sequence[Snapshot]
) -> str:
    now, zone = svc.clock.now(), brand.timezone
    if watch is None:
        state = row.state.value.replace("_", " ")
        return f"{UNKNOWN} it is {state}, so there is nothing to count yet."
    newest = next((one for one in reversed(series) if told(one)), None)
    if newest is None:
        why = f" ({watch.ended})" if watch.ended else ""
        return f"{UNKNOWN} nothing has been read about it yet{why}."
    lines = [told(newest)]
    source = SOURCES(newest.source, newest.source)
    at = say(newest.at, zone, now=now)
    lines.append(f"as of {at}, {old(now - newest.at)}, from {source}; read {many(len(series), 'time')}")
    others = await read_numbers(svc, brand.name, [row.account], watch.out_at - WITHIN)
    lines.append(await asyncio.to_thread(_against_usual, others, brand, row.id, now))
    if watch.ended:
        lines.append(f"nothing more is read: {watch.ended}")
    return "\n".join(lines)


def _against_usual(others: Sequence[Read], brand: Brand, delivery_id: int, now: datetime) -> str:
    metric = chosen_metric(others, brand)
    courses = [one.course(metric, now) for one in others]
    own = next((one for one in courses if one.delivery_id == delivery_id), None)
    if own is None or not own.at:
        return f"{UNITS(metric)}: {UNKNOWN}"
    line = growth(own, now)
    ratio, usual = compared(own, courses, at=now, within=WITHIN, left_out=LEFT_OUT)
    if usual is None:
        return f"{line} {UNITS(metric)}; too few others are known at this age to say what is usual"
    basis = f"usual at the same age {span(usual.lo, usual.hi)}, from {usual.n} posts"
    return f"{line} {UNITS(metric)}: {times(ratio)} its usual ({basis})"


def growth(course: Course, now: datetime) -> str:
    """How a count grew from publication to its last reading."""
    last = min(course.at[-1], now)
    steps = [course.out_at + (last - course.out_at) * (n + 1) / LINE for n in range(LINE)]
    return sparkline([course.value_at(at) for at in steps])


def told(snapshot: Snapshot) -> str:
    """The counts of a reading that are known: "12.4 k views, 310 likes"."""
    found = [(getattr(snapshot.metrics, name), word) for name, word in COUNTS]
    return ", ".join(f"{count(value)} {word}" for value, word in found if value is not None)


async def account_stats(svc: Services, brand: Brand, accounts: Sequence[Connected], days: int) -> Message:
    """What the posts of so many days brought, by account, against those of as many days before."""
    now = svc.clock.now()
    since = now - timedelta(days=days)
    fields = []
    for connected in accounts:
        numbers = await read_numbers(svc, brand.name, [connected.name], since - timedelta(days=days))
        name = connected.name
        followers = await _followers(svc, name)
        words = await asyncio.to_thread(_account_words, numbers, brand, since, now, days)
        if followers:
            last = followers[-1]
            words += f"\n{count(last.followers)} followers on {last.day}, {old(now - last.at)}"
        fields.append(Field(name=f"{connected.platform.title} · {name}", value=words))
    title = f"{brand.name} in numbers, {days} days up to {say(now, brand.timezone)}"
    text = "" if fields else f"{brand.name} has no account; /accounts says how to connect one."
    return Message(title=title, text=text, fields=tuple(fields), footer=_footer(svc))


async def _followers(svc: Services, account: str) -> Sequence[AccountCount]:
    return await svc.store.read(lambda tx: tx.snapshots.account_counts(account))


def _account_words(numbers: Sequence[Read], brand: Brand, since: datetime, now: datetime, days: int) -> str:
    lines = []
    for metric in metrics_of(brand):
        courses = [course for one in numbers if (course := one.course(metric, now)).at]
        own, before = within(courses, since, now), within(courses, since - timedelta(days=days), since)
        if own:
            lines.append(_metric_words(metric, own, before, now, days))
            lines += _daily_words(metric, courses, brand.timezone, since)
    if not lines:
        return f"{UNKNOWN} nothing has been read about posts of the last {days} days."
    newest = max(one.series[-1].at for one in numbers if one.series)
    source = listed(sorted({SOURCES(s.source, s.source) for one in numbers for s in one.series[-1:]}))
    lines.append(f"newest reading {old(now - newest)}, from {source}")
    return "\n".join(lines)


def _daily_words(metric: str, courses: Sequence[Course], zone: str, since: datetime) -> list[str]:
    """ "▁▂█▃ views gained a day, 1.2 k on the best (Thu 19 Nov)"."""
    first = since.astimezone(ZoneInfo(zone)).date()
    by_day = {day: gain for day, gain in gains(courses, zone).items() if day > first}
    if len(by_day) < 2 or max(by_day.values()) <= 0:
        return []
    best = max(by_day, key=lambda day: by_day[day])
    span = (max(by_day) - min(by_day)).days + 1
    line = sparkline([by_day.get(min(by_day) + timedelta(days=n)) for n in range(span)])
    return [
        f"{line} {UNITS(metric)} gained a day, {count(round(by_day[best]))} on the best ({best:%a %-d %b})"
    ]


def _metric_words(
    metric: str, own: Sequence[Course], before: Sequence[Course], now: datetime, days: int
) -> str:
    """ "▁▂▃ 41.2 k views from 9 posts, 4.1 k in the middle; the middle post +12 % against …"."""
    counts = [one.counts[-1] for one in own]
    line = sparkline([float(value) for value in counts[-LINE:]])
    posts = many(len(own), "post")
    words = f"{line} {count(sum(counts))} {UNITS(metric)} from {posts}, {count(median(counts))} in the middle"
    pairs = _same_age(own, before)
    if len(pairs[0]) < 5 or len(pairs[1]) < 5:
        return f"{words}; too few posts to compare with the {days} days before"
    was, is_ = median(pairs[1]), median(pairs[0])
    moved = change((is_ + 1) / (was + 1) - 1)
    basis = f"{len(pairs[0])} and {len(pairs[1])} posts, each at one week old"
    return f"{words}; the middle post {moved} against the {days} days before ({basis})"


def _same_age(own: Sequence[Course], before: Sequence[Course]) -> tuple[list[float], list[float]]:
    """What both groups had at a week old, as far as that is known."""
    week = timedelta(days=7)

    def at_a_week(group: Sequence[Course]) -> list[float]:
        return [value for one in group if (value := one.value_at(one.out_at + week)) is not None]

    return at_a_week(own), at_a_week(before)


def _title(svc: Services, account: str, platform: str) -> str:
    connected = svc.accounts.get(account)
    return f"{connected.platform.title} · {account}" if connected else f"{platform} · {account}"


def _footer(svc: Services) -> str:
    return SIMULATED if svc.simulated else ""
