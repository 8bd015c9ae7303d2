"""How posts and whole accounts go, compared with what is usual of them: learned once a day, judged at every
look, off the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from bot.domain.alarms import Alert, Kind
from bot.domain.alerts import anomalies
from bot.domain.courses import Anomaly, Reading, RhythmStats, SeriesStats, Turn, Window
from bot.domain.evidence import Evidence
from bot.domain.people import Brand
from bot.domain.post import Json
from bot.domain.rhythm import hours_of, rhythm, together
from bot.domain.snapshot import Snapshot, Watch
from bot.domain.velocity import learn
from bot.ports import Tx
from bot.services.alerting.announce import announce, close
from bot.services.alerting.wording import account_words, pace_words
from bot.services.context import Services
from bot.services.measuring.outcomes import views_of

RELEARN, POSTS, SETTLED = timedelta(hours=24), 60, timedelta(hours=72)
"""How long what was learned counts, from how many of the latest posts, and how old those are at least."""

RHYTHM_DAYS = 28
KINDS: Mapping[Turn, Kind] = MappingProxyType(
    dict(zip(Turn, (Kind.SPIKE, Kind.DROP, Kind.SURGE, Kind.SILENCE), strict=True))
)
WHOLE: Mapping[Kind, Kind] = MappingProxyType({Kind.SPIKE: Kind.SURGE, Kind.DROP: Kind.SILENCE})
"""What it is called when all posts of an account do it."""

OF_POSTS, OF_ACCOUNTS = frozenset({Kind.SPIKE, Kind.DROP}), frozenset({Kind.SURGE, Kind.SILENCE})


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One delivery (0: the whole account) that was judged; ``found`` None: it goes as usual,
    or nobody can say. ``rows`` are the snapshots that the judgement rests on."""

    delivery_id: int
    post_id: int
    window: Window
    found: Anomaly | None
    rows: tuple[int, ...]
    facts: Mapping[str, Json]


def window_of(series: Iterable[Snapshot], since: datetime, zone: str, going: Turn | None = None) -> Window:
    """A delivery's views as they grew; readings without views are left out."""
    readings = tuple(
        Reading(at=s.at, count=views)
        for s in series
        if not s.gone and s.at > since and (views := views_of(s.metrics)) is not None
    )
    return Window(since=since, readings=readings, zone=zone, open=going)


async def usual_of(svc: Services, brand: Brand, account: str, platform: str) -> SeriesStats | None:
    """What is usual of the account's posts; of all the brand's accounts there where one alone has too few."""
    now = svc.clock.now()
    known = await svc.store.read(lambda tx: tx.alerts.usual(account))
    if known is not None and now - known[0] < RELEARN:
        return stats_from(known[1])
    stats = await _learn(svc, brand, [account], now)
    if stats is None:
        together = [a.name for a in svc.accounts_of(brand.name) if a.platform.name == platform]
        stats = await _learn(svc, brand, together, now) if len(together) > 1 else None
    row = stats_to(stats) if stats is not None else None
    await svc.store.write(lambda tx: tx.alerts.keep_usual(account, now, row))
    return stats


async def _learn(svc: Services, brand: Brand, accounts: Sequence[str], now: datetime) -> SeriesStats | None:
    def unit(tx: Tx) -> list[Window]:
        watches: list[Watch] = []
        for account in accounts:
            old = [w for w in tx.snapshots.watches(brand.name, account) if w.out_at <= now - SETTLED]
            watches += old[-POSTS:]
        return [window_of(series, w.out_at, brand.timezone) for w, series in _series(tx, watches)]

    past = await svc.store.read(unit)
    return await asyncio.to_thread(learn, past, zone=brand.timezone)


def _series(tx: Tx, watches: Sequence[Watch]) -> Iterable[tuple[Watch, list[Snapshot]]]:
    found: dict[int, list[Snapshot]] = {}
    for snapshot in tx.snapshots.series([w.delivery_id for w in watches]) if watches else ():
        found.setdefault(snapshot.delivery_id, []).append(snapshot)
    return [(w, found.get(w.delivery_id, [])) for w in watches]


def judge_post(
    stats: SeriesStats, delivery_id: int, post_id: int, window: Window, series: Sequence[Snapshot]
) -> Judged:
    """One post against what is usual."""
    found = anomalies(stats, window)
    since = window.since if found is None else min(found.since - timedelta(hours=18), found.since)
    rows = tuple(s.id for s in series if found is not None and since <= s.at <= found.until)
    facts: dict[str, Json] = {}
    if found is not None:
        facts = {"stats": stats_to(stats), "out_at": window.since.isoformat(), "zone": window.zone}
        facts |= {"seen": found.seen, "expected": found.expected}
    return Judged(
        delivery_id=delivery_id, post_id=post_id, window=window, found=found, rows=rows, facts=facts
    )


def account_window(
    series: Mapping[int, tuple[datetime, Sequence[Snapshot]]], now: datetime, zone: str
) -> tuple[Window, tuple[int, ...]]:
    """Views of all the account's posts by the hour, and the newest rows that went into it."""
    begin = now.replace(minute=0, second=0, microsecond=0) - timedelta(days=RHYTHM_DAYS)
    posts = [window_of(snapshots, out_at, zone) for out_at, snapshots in series.values()]
    rows = tuple(snapshots[-1].id for _, snapshots in series.values() if snapshots)
    return together(posts, begin=begin, zone=zone), rows


def judge_account(window: Window, rows: tuple[int, ...], going: Turn | None) -> Judged:
    """A whole account against its own rhythm."""
    found, stats = None, None
    if window.readings:
        last = window.readings[-1].at
        stats = rhythm(hours_of(window), now=last, zone=window.zone)
        found = anomalies(stats, replace(window, open=going)) if stats is not None else None
    facts: dict[str, Json] = {}
    if found is not None and stats is not None:
        facts = {"mean": stats.mean, "sd": stats.sd, "hours": stats.n, "zone": window.zone}
        facts |= {"seen": found.seen, "expected": found.expected}
    return Judged(delivery_id=0, post_id=0, window=window, found=found, rows=rows, facts=facts)


def tell_pace(svc: Services, tx: Tx, brand: Brand, account: str, judged: Judged) -> None:
    """Open what has begun, close what is over, in the transaction that notes the look."""
    now, found, connected = svc.clock.now(), judged.found, svc.accounts.get(account)
    title = connected.platform.title if connected else account
    kinds = OF_POSTS if judged.delivery_id else OF_ACCOUNTS
    kind = KINDS[found.turn] if found is not None else None
    going = [
        a
        for a in tx.alerts.open(brand.name, kinds)
        if a.account == account and a.delivery_id == judged.delivery_id
    ]
    for alert in going:
        if alert.kind is not kind:
            close(svc, tx, alert)
    if found is None or kind is None or any(alert.kind is kind for alert in going):
        return
    text = (
        pace_words(f"P{judged.post_id}", title, found)
        if judged.delivery_id
        else account_words(account, title, found)
    )
    whole = WHOLE.get(kind)
    of_all = [a for a in tx.alerts.open(brand.name, OF_ACCOUNTS) if a.account == account and a.kind is whole]
    evidence = Evidence(
        method="pace/1" if judged.delivery_id else "rhythm/1",
        at=now,
        n=found.n,
        kind="snapshot",
        rows=judged.rows,
        since=found.since,
        until=found.until,
        facts=judged.facts,
    )
    announce(
        svc,
        tx,
        Alert(
            key=f"{kind.value}:{account}:{judged.delivery_id}:{found.until.isoformat()}",
            brand=brand.name,
            kind=kind,
            text=text,
            opened_at=now,
            account=account,
            platform=connected.platform.name if connected else "",
            post_id=judged.post_id,
            delivery_id=judged.delivery_id,
            evidence=evidence,
            held=f"part of {of_all[0].name}" if of_all else "",
        ),
    )


def stats_to(stats: SeriesStats | RhythmStats) -> dict[str, Json]:
    return {k: list(v) if isinstance(v, tuple) else v for k, v in vars(stats).items()}


def stats_from(row: Mapping[str, Json] | None) -> SeriesStats | None:
    """What was learned before; None where too little was known, or a later version wrote something else."""
    if row is None or set(row) != {f.name for f in fields(SeriesStats)}:
        return None
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
    return SeriesStats(**values)


def turn_of(alert: Alert) -> Turn:
    return next(turn for turn, kind in KINDS.items() if kind is alert.kind)
