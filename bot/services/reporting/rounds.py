"""Reports whose time has come: found here, made by the engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.domain.people import Brand
from bot.domain.periods import MONTH, WEEK, Period, due_at, due_period, parse_period
from bot.ports import Tx
from bot.services.chores import Chore
from bot.services.context import Services
from bot.services.reporting.make import make_due

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

    def unit(tx: Tx) -> tuple[str | None, list[Period]]:
        made = {p.name: tx.reports.of_period(brand.name, p.name) for p in wanted}
        return tx.meta.get(f"{BEGAN}{brand.name}"), [
            p for p in wanted if (row := made[p.name]) is None or row.made_at is None
        ]

    began, left = await svc.store.read(unit)
    if began is None:
        began = await svc.store.write(lambda tx: tx.meta.settle(f"{BEGAN}{brand.name}", now.isoformat()))
    since = datetime.fromisoformat(began)
    return [period for period in left if due_at(period, times, brand.timezone) > since]


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
