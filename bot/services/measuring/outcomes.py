"""What became of posts, as optimizers, alerts and reports are given it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.outcomes import PostOutcome
from bot.domain.platform import Metrics
from bot.domain.snapshot import Snapshot
from bot.ports import Reading, Tx
from bot.services.context import Services

TOLD_FOR_A_WHILE = frozenset({"clicks", "watch"})
"""Metrics of a brand that a platform may tell of young posts only."""

PAGE = 200
"""Readings in one look at the database: a look keeps everybody else waiting, some 25 µs for each."""


async def outcomes(
    svc: Services, brand: str, *, accounts: Collection[str] | None = None, since: datetime | None = None
) -> tuple[PostOutcome, ...]:
    """The newest reading of every delivery of the brand that has numbers, by when it came out.

    ``since``: only those that came out from then on. ``post_id`` is the delivery's id as text. A delivery
    whose platform does not tell the brand's metric is left out: unknown is not zero.
    """
    metric = svc.brands[brand].metric

    def unit(tx: Tx, after: tuple[datetime, int] | None) -> tuple[Reading, ...]:
        page = tx.snapshots.readings(brand, accounts=accounts, since=since, after=after, limit=PAGE)
        return with_last_known(tx, page, metric)

    found: list[PostOutcome] = []
    after: tuple[datetime, int] | None = None
    while True:
        page = await svc.store.read(lambda tx, after=after: unit(tx, after))  # type: ignore[misc]  # mypy infers no lambda with a default
        found += [one for reading in page if (one := outcome_of(reading, metric)) is not None]
        if len(page) < PAGE:
            return tuple(found)
        after = (page[-1].watch.out_at, page[-1].watch.delivery_id)


def with_last_known(tx: Tx, readings: Sequence[Reading], metric: str) -> tuple[Reading, ...]:
    """The same readings, but the last one that tells the metric where the newest does not.

    Some platforms stop telling some counts of a post when it gets old.
    """
    mute = [r.watch.delivery_id for r in readings if value_of(r.snapshot.metrics, metric) is None]
    told: dict[int, Snapshot] = {}
    for snapshot in tx.snapshots.series(mute) if mute and metric in TOLD_FOR_A_WHILE else ():
        if value_of(snapshot.metrics, metric) is not None:
            told[snapshot.delivery_id] = snapshot
    return tuple(replace(r, snapshot=told.get(r.watch.delivery_id, r.snapshot)) for r in readings)


async def series(svc: Services, delivery_id: int) -> tuple[Snapshot, ...]:
    """Everything that was read about a delivery, in order of time."""
    return await svc.store.read(lambda tx: tx.snapshots.of(delivery_id))


def outcome_of(reading: Reading, metric: str) -> PostOutcome | None:
    """One reading in the words of the optimizers; None when the metric is not known."""
    watch, snapshot = reading.watch, reading.snapshot
    worth = value_of(snapshot.metrics, metric)
    if worth is None:
        return None
    views = views_of(snapshot.metrics)
    return PostOutcome(
        post_id=str(watch.delivery_id),
        account_id=watch.account,
        platform=watch.platform,
        content_type=watch.content_type,
        published_at=watch.out_at,
        observed_at=snapshot.at,
        engagement=float(worth),
        views=None if views is None else float(views),
        flags=reading.flags,
    )


def value_of(metrics: Metrics, metric: str) -> int | None:
    """The count that a brand goes by: "engagement", "views", "clicks" or "watch"."""
    match metric:
        case "views":
            return views_of(metrics)
        case "clicks":
            return metrics.clicks
        case "watch":
            return metrics.watch_s
        case _:
            return metrics.engagement


def views_of(metrics: Metrics) -> int | None:
    """How often it was seen: views, where a platform counts only impressions those."""
    return metrics.impressions if metrics.views is None else metrics.views
