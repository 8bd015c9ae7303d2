"""Looks at what was read of an account since the last look, and tells what is news in it.

Level-triggered: what was looked at is a row beside each delivery, so it is right when it runs twice, late or
never, in two processes, and whatever the platform says again.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.alarms import Alert, Kind, Reached
from bot.domain.alerts import Milestone
from bot.domain.courses import Turn
from bot.domain.delivery import Delivery
from bot.domain.evidence import Evidence
from bot.domain.people import Brand
from bot.domain.post import Post
from bot.domain.rhythm import AT_LEAST
from bot.domain.snapshot import Snapshot
from bot.domain.velocity import LONGEST_H
from bot.ports import Reading, Tx
from bot.services.alerting.announce import announce, close, say_due
from bot.services.alerting.news import RECORD_DAYS, New, look_at
from bot.services.alerting.pace import (
    OF_ACCOUNTS,
    OF_POSTS,
    RHYTHM_DAYS,
    Judged,
    account_window,
    judge_account,
    judge_post,
    tell_pace,
    turn_of,
    usual_of,
    window_of,
)
from bot.services.alerting.wording import recounted_words
from bot.services.context import Services
from bot.services.measuring.outcomes import views_of

AT_ONCE = 100
"""Deliveries that one transaction looks at."""

SETTLED, RECOUNT_POSTS, RECOUNT_LEAST = timedelta(days=3), 5, 100
RECOUNT_FACTOR, RECOUNT_SPREAD = 1.5, 0.15
"""Posts older than that hardly grow: when that many jump together by this factor, within this spread of the
logs, the platform counts in another way."""

HOURLY = timedelta(days=3)
"""So long a post is read every hour (`bot.domain.sampling`)."""

QUIET_AFTER = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What one look at an account goes by, read in one transaction."""

    news: tuple[New, ...]
    peers: tuple[Reading, ...]
    going: tuple[Alert, ...]
    account_series: dict[int, tuple[datetime, tuple[Snapshot, ...]]]


async def look(svc: Services, account: str) -> None:
    """Everything that was read of an account and not looked at yet."""
    connected = svc.accounts.get(account)
    brand = svc.brands.get(connected.brand) if connected is not None else None
    if connected is None or brand is None:
        return
    while not svc.engine.stopping and await _some(svc, brand, account, connected.platform.name):
        pass
    await emit(svc)
    await say_due(svc)


async def _some(svc: Services, brand: Brand, account: str, platform: str) -> bool:
    """Look at some of it; False when there was nothing left."""
    sight = await svc.store.read(lambda tx: _see(svc, tx, brand, account))
    if sight.news:
        judged = await _judge(svc, brand, account, platform, sight)
        await svc.store.write(lambda tx: _tell(svc, tx, brand, account, sight, judged))
    return bool(sight.news)


def _see(svc: Services, tx: Tx, brand: Brand, account: str) -> Sight:
    now, title = svc.clock.now(), svc.accounts[account].platform.title
    news: list[New] = []
    found = tx.alerts.unlooked(account, AT_ONCE)
    newest = tx.snapshots.latest([one.delivery_id for one in found]) if found else {}
    for one in found:
        snapshot = newest.get(one.delivery_id)
        if snapshot is None:
            continue
        series = tx.snapshots.of(one.delivery_id)
        news.append(New(unlooked=one, brand=brand.name, title=title, snapshot=snapshot, series=series))
    if not news:
        return Sight(news=(), peers=(), going=(), account_series={})
    since = now - timedelta(days=RECORD_DAYS)
    peers = tx.snapshots.readings(brand.name, accounts=[account], since=since)
    lately = now - timedelta(days=RHYTHM_DAYS)
    young = [r.watch for r in peers if r.watch.out_at >= lately]
    if sum(now - watch.out_at <= HOURLY for watch in young) < AT_LEAST:
        young = []  # too few for a word about the whole account
    rows: dict[int, list[Snapshot]] = {}
    for snapshot in tx.snapshots.series([w.delivery_id for w in young]) if young else ():
        rows.setdefault(snapshot.delivery_id, []).append(snapshot)
    return Sight(
        news=tuple(news),
        peers=peers,
        going=tx.alerts.open(brand.name, OF_POSTS | OF_ACCOUNTS),
        account_series={w.delivery_id: (w.out_at, tuple(rows.get(w.delivery_id, ()))) for w in young},
    )


async def _judge(
    svc: Services, brand: Brand, account: str, platform: str, sight: Sight
) -> tuple[Judged, ...]:
    """Pure work, in a thread, so that a long history does not hold up the loop."""
    now = svc.clock.now()
    longest = timedelta(hours=LONGEST_H)
    young = [n for n in sight.news if n.snapshot.at - n.unlooked.out_at <= longest and not n.snapshot.gone]
    if not young:
        return ()
    stats = await usual_of(svc, brand, account, platform)
    going = {(a.account, a.delivery_id): turn_of(a) for a in sight.going}

    def work() -> tuple[Judged, ...]:
        found: list[Judged] = []
        for new in young if stats is not None else ():
            one = new.unlooked
            turn: Turn | None = going.get((account, one.delivery_id))
            window = window_of(new.series, one.out_at, brand.timezone, turn)
            assert stats is not None
            found.append(judge_post(stats, one.delivery_id, one.post_id, window, new.series))
        window, rows = account_window(sight.account_series, now, brand.timezone)
        found.append(judge_account(window, rows, going.get((account, 0))))
        return tuple(found)

    return await asyncio.to_thread(work)


def _tell(svc: Services, tx: Tx, brand: Brand, account: str, sight: Sight, judged: Sequence[Judged]) -> None:
    quietly = _recounted(svc, tx, brand, account, sight)
    for new in sight.news:
        look_at(svc, tx, new, peers=sight.peers, quietly=quietly)
    if not quietly:
        # The account first: what all its posts do is not told of each of them.
        for one in sorted(judged, key=lambda one: one.delivery_id):
            tell_pace(svc, tx, brand, account, one)


def _recounted(svc: Services, tx: Tx, brand: Brand, account: str, sight: Sight) -> bool:
    """Whether the platform has lately begun to count in another way, told once."""
    now = svc.clock.now()
    for alert in tx.alerts.open(brand.name, {Kind.RECOUNTED}):
        if alert.account == account:
            if now - alert.opened_at < QUIET_AFTER:
                return True
            close(svc, tx, alert)
    jumps: list[tuple[float, int]] = []
    for new in sight.news:
        before, count = new.before, views_of(new.snapshot.metrics)
        was = views_of(before.metrics) if before is not None else None
        if before is None or was is None or count is None or was < RECOUNT_LEAST:
            continue
        if before.at - new.unlooked.out_at >= SETTLED:
            jumps.append((math.log(max(count, 1) / was), new.snapshot.id))
    if len(jumps) < RECOUNT_POSTS:
        return False
    ordered = sorted(jump for jump, _ in jumps)
    middle = ordered[len(ordered) // 2]
    spread = sorted(abs(jump - middle) for jump in ordered)[len(ordered) // 2]
    if abs(middle) < math.log(RECOUNT_FACTOR) or spread > RECOUNT_SPREAD:
        return False
    connected = svc.accounts[account]
    announce(
        svc,
        tx,
        Alert(
            key=f"recounted:{account}:{now.isoformat()}",
            brand=brand.name,
            kind=Kind.RECOUNTED,
            text=recounted_words(account, connected.platform.title, math.exp(middle), len(jumps)),
            opened_at=now,
            account=account,
            platform=connected.platform.name,
            evidence=Evidence(
                method="recounted/1",
                at=now,
                n=len(jumps),
                kind="snapshot",
                rows=tuple(row for _, row in jumps),
                facts={"factor": math.exp(middle), "spread": spread},
            ),
        ),
    )
    return True


async def emit(svc: Services) -> None:
    """Tell plugins of levels reached, after the commit, at least once."""
    for reached in await svc.store.read(lambda tx: tx.alerts.unemitted()):
        await _emit_one(svc, reached)


async def _emit_one(svc: Services, reached: Reached) -> None:
    def unit(tx: Tx) -> tuple[Delivery | None, Post | None]:
        delivery = tx.deliveries.get(reached.delivery_id)
        return delivery, tx.posts.get(delivery.post_id) if delivery is not None else None

    delivery, post = await svc.store.read(unit)
    if delivery is not None and post is not None:
        milestone = Milestone(metric=reached.metric, level=reached.level, count=reached.count)
        await svc.registry.emit("milestone_reached", post=post, delivery=delivery, milestone=milestone)
    await svc.store.write(lambda tx: tx.alerts.emitted(reached))
