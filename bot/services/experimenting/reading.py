"""What each day of a test brought: from the platform's daily reports, else from the difference of counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.domain.experiment import BlockObs, Metric
from bot.domain.revising import DayCount, begins, day_of
from bot.domain.snapshot import Snapshot
from bot.domain.trial import Experiment, Shown
from bot.errors import PublishError
from bot.ports import Revising, Tx
from bot.services.context import Services

NEAR = timedelta(hours=8)
"""How far from midnight a reading may lie that a day's views are reckoned from."""

AGAIN = timedelta(hours=3)


async def read_days(svc: Services, experiment: Experiment, now: datetime) -> None:
    """Fill in the days that are over and of which nothing is known yet. What fails is tried again later."""
    start = experiment.plan.spec.start
    if start is None:
        return
    today = day_of(now, experiment.zone)
    rows = await svc.store.read(lambda tx: tx.experiments.blocks(experiment.id))
    open_ = [
        row
        for row in rows
        if row.seen_at is not None
        and start + timedelta(days=row.index) < today
        and not _known(experiment, row)
        and (row.read_at is None or now - row.read_at >= AGAIN)
    ]
    if not open_:
        return
    if experiment.plan.spec.metric == Metric.CTR:
        found = await _reported(svc, experiment, [start + timedelta(days=r.index) for r in open_])
    else:
        found = await _counted(svc, experiment, [start + timedelta(days=r.index) for r in open_])
    fresh = []
    for row in open_:
        count = found.get(start + timedelta(days=row.index), DayCount(day=today))
        numbers = {"impressions": count.impressions, "clicks": count.clicks, "views": count.views}
        fresh.append(replace(row, **numbers, read_at=now))  # type: ignore[arg-type]  # all are numbers or None

    def unit(tx: Tx) -> None:
        for row in fresh:
            tx.experiments.keep(row)

    await svc.store.write(unit)


def observations(rows: Sequence[Shown], upto: int) -> list[BlockObs]:
    """The blocks before ``upto`` that were shown at all."""
    return [row.observed for row in rows if row.index < upto and row.seen_at is not None]


def complete(experiment: Experiment, rows: Sequence[Shown], upto: int, now: datetime, lag: timedelta) -> bool:
    """Whether nothing more will be known of the blocks before ``upto``: they are over, and their numbers
    are there, will not count, or are later than ``lag`` allows."""
    start = experiment.plan.spec.start
    if start is None:
        return False
    end = begins(start + timedelta(days=upto), experiment.zone)
    if now < end:
        return False
    if now >= end + lag:
        return True
    by_index = {row.index: row for row in rows}
    return all(_settled(experiment, by_index.get(index)) for index in range(upto))


def _settled(experiment: Experiment, row: Shown | None) -> bool:
    return row is None or row.seen_at is None or not row.valid or _known(experiment, row)


def _known(experiment: Experiment, row: Shown) -> bool:
    if experiment.plan.spec.metric == Metric.CTR:
        return row.impressions is not None and row.clicks is not None
    return row.views is not None


async def _reported(svc: Services, experiment: Experiment, days: Sequence[date]) -> dict[date, DayCount]:
    publisher = svc.accounts[experiment.account].publisher
    assert isinstance(publisher, Revising)
    try:
        return dict(await publisher.days(experiment.ref, min(days), max(days)))
    except PublishError as error:
        svc.log.warning("experiment_days", experiment=experiment.name, error=type(error).__name__)
        return {}


async def _counted(svc: Services, experiment: Experiment, days: Sequence[date]) -> dict[date, DayCount]:
    """Views of a day: how much more were counted at its end than at its beginning."""
    assert experiment.delivery_id is not None
    delivery = experiment.delivery_id
    since = begins(min(days), experiment.zone) - NEAR
    rows = await svc.store.read(lambda tx: tx.snapshots.of(delivery, since))
    counts = {}
    for day in days:
        ends = [views_at(rows, begins(d, experiment.zone)) for d in (day, day + timedelta(days=1))]
        more = ends[1] - ends[0] if ends[0] is not None and ends[1] is not None else None
        # a counter that fell was corrected; what the day brought is unknown then
        counts[day] = DayCount(day=day, views=more if more is not None and more >= 0 else None)
    return counts


def views_at(rows: Sequence[Snapshot], at: datetime) -> float | None:
    """The views at an instant, between the readings before and after it; None without both nearby."""
    known = [(r.at, r.metrics.views) for r in rows if r.metrics.views is not None and abs(r.at - at) <= NEAR]
    before = max(((t, v) for t, v in known if t <= at), default=None)
    after = min(((t, v) for t, v in known if t >= at), default=None)
    if before is None or after is None:
        return None
    whole = (after[0] - before[0]).total_seconds()
    share = (at - before[0]).total_seconds() / whole if whole else 0.0
    return before[1] + share * (after[1] - before[1])
