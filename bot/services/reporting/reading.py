"""The rows that a report or a figure is made of, read in handfuls so that nobody waits for all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.delivery import Delivery
from bot.domain.reckoning import Course
from bot.domain.snapshot import GONE, Snapshot
from bot.ports import Reading, Tx
from bot.services.context import Services
from bot.services.measuring.outcomes import value_of

HANDFUL = 12
"""Deliveries whose whole series is read at a time: some hundred rows, a few milliseconds."""

STEP = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Read:
    """A live delivery: which one it is, its flags, and everything that was read about it."""

    reading: Reading
    series: tuple[Snapshot, ...]

    def course(self, metric: str, until: datetime) -> Course:
        """How one count grew up to an instant; readings that do not have it are left out."""
        known = [
            (one.at, count)
            for one in self.series
            if one.at <= until and (count := value_of(one.metrics, metric)) is not None
        ]
        watch = self.reading.watch
        return Course(
            delivery_id=watch.delivery_id,
            post_id=watch.post_id,
            account=watch.account,
            platform=watch.platform,
            content_type=watch.content_type,
            out_at=watch.out_at,
            at=tuple(at for at, _ in known),
            counts=tuple(count for _, count in known),
            flags=self.reading.flags,
            gone=watch.ended == GONE,
        )


async def read_numbers(
    svc: Services, brand: str, accounts: Collection[str], since: datetime
) -> tuple[Read, ...]:
    """Everything that was read about what came out since then on these accounts, by when it came out."""
    readings = list[Reading]()
    for account in sorted(accounts):
        readings += await _of_account(svc, brand, account, since)
    readings.sort(key=lambda one: (one.watch.out_at, one.watch.delivery_id))
    whole = await read_series(svc, [one.watch.delivery_id for one in readings])
    return tuple(Read(reading=one, series=tuple(whole.get(one.watch.delivery_id, ()))) for one in readings)


async def read_series(svc: Services, ids: Sequence[int]) -> Mapping[int, Sequence[Snapshot]]:
    """Everything that was read about these deliveries, by delivery."""
    found: dict[int, list[Snapshot]] = {}
    for place in range(0, len(ids), HANDFUL):
        some = ids[place : place + HANDFUL]
        for row in await _handful(svc, some):
            found.setdefault(row.delivery_id, []).append(row)
    return found


async def _of_account(svc: Services, brand: str, account: str, since: datetime) -> tuple[Reading, ...]:
    return await svc.store.read(lambda tx: tx.snapshots.readings(brand, accounts=[account], since=since))


async def _handful(svc: Services, ids: Sequence[int]) -> tuple[Snapshot, ...]:
    return await svc.store.read(lambda tx: tx.snapshots.series(ids))


async def read_planned(svc: Services, brand: str, since: datetime, until: datetime) -> tuple[Delivery, ...]:
    """Everything of the brand that was due from ``since`` up to ``until`` (not included), by due time."""
    found, begins = list[Delivery](), since
    while begins < until:
        ends = min(begins + STEP, until)

        def unit(tx: Tx, begins: datetime = begins, ends: datetime = ends) -> list[Delivery]:
            rows = tx.deliveries.between(begins, ends)
            return [row for row in rows if row.brand == brand and row.due is not None and row.due < ends]

        found += await svc.store.read(unit)
        begins = ends
    return tuple({row.id: row for row in found}.values())
