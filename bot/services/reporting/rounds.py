"""Reports whose time has come: found here, made by the engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.domain.message import Message
from bot.domain.people import Brand
from bot.domain.periods import MONTH, WEEK, Period, due_at, due_period, parse_period
from bot.domain.report import MadeReport
from bot.ports import Tx
from bot.services.chores import Chore
from bot.services.context import Services
from bot.services.reporting.make import TRIES, make_due
from bot.services.tell import tell_brand

REPORT, QUEUE = "report", "reports"
EVERY = timedelta(minutes=1)

BEGAN = "reports.began:"
"""The `Meta` key of when a brand was first looked at: what was due before is nobody's report."""

KINDS = (WEEK, MONTH)


async def look(svc: Services) -> None:
    """Have every report made that is due and was not. Of several that were missed only the newest: nobody
    reads a pile."""
    now = svc.clock.now()
    for brand in svc.brands.values():
        for period in await _due(svc, brand, now):
            key = f"{REPORT}:{brand.name}:{period.kind}"
            await svc.engine.defer(REPORT, brand.name, period.name, key=key, queue=QUEUE)


async def _due(svc: Services, brand: Brand, now: datetime) -> list[Period]:
    times = brand.report
    kinds = [kind for kind in KINDS if (times.weekly if kind == WEEK else times.monthly)]
    if not kinds or not svc.channels(brand.name):
        return []
    wanted = [due_period(kind, times, now, brand.timezone) for kind in kinds]

    def unit(tx: Tx) -> tuple[str | None, list[Period], list[Period]]:
        rows = {p: tx.reports.of_period(brand.name, p.name) for p in wanted}
        left = [p for p, row in rows.items() if row is None or row.made_at is None]
        lost = [p for p in left if (row := rows[p]) is not None and given_up(row, now)]
        return tx.meta.get(f"{BEGAN}{brand.name}"), [p for p in left if p not in lost], lost

    began, left, lost = await svc.store.read(unit)
    for period in lost:
        await _tell_lost(svc, brand, period)
    if began is None:
        began = await svc.store.write(lambda tx: tx.meta.settle(f"{BEGAN}{brand.name}", now.isoformat()))
    since = datetime.fromisoformat(began)
    return [period for period in left if due_at(period, times, brand.timezone) > since]


def given_up(row: MadeReport, now: datetime) -> bool:
    """Whether all tries at a report failed, and nobody is at it any more."""
    return row.made_at is None and row.tries >= TRIES and (row.held_until is None or row.held_until <= now)


async def _tell_lost(svc: Services, brand: Brand, period: Period) -> None:
    key = f"report-lost:{brand.name}:{period.name}"
    if await svc.store.read(lambda tx: _told(svc, tx, brand, key)):
        return
    tries = f"{TRIES} tries, the log has each"
    text = f"I could not make the report of {period.title} ({tries}). /report tries again."
    await svc.store.write(lambda tx: tell_brand(svc, tx, brand.name, key, Message(text=text)))


def _told(svc: Services, tx: Tx, brand: Brand, key: str) -> bool:
    return all(tx.notices.of_key(f"{key}@{target.address}") for target in svc.channels(brand.name))


async def report(svc: Services, brand: str, period: str) -> None:
    """The engine's task: make one report, unless somebody has."""
    known = svc.brands.get(brand)
    if known is not None:
        now = svc.clock.now()
        await make_due(svc, known, parse_period(period, WEEK, now=now, zone=known.timezone))


CHORES: tuple[Chore, ...] = (Chore(name="reports", every=EVERY, run=look),)
"""They look at the tables and defer tasks; nothing slow, as posts go out between them."""

TASKS: Mapping[str, Callable[..., Awaitable[None]]] = MappingProxyType({REPORT: report})
"""By the name that `Engine.defer` is given; each takes the services first, then its arguments."""
