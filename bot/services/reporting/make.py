"""Making a report and saying it: once for each brand and period, whoever dies meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.domain.evidence import Evidence
from bot.domain.message import Message, Target
from bot.domain.people import Brand
from bot.domain.periods import Period
from bot.domain.records import Notice
from bot.domain.report import MadeReport, Report
from bot.domain.report_data import ReportData
from bot.ports import Tx
from bot.services.context import Services
from bot.services.reporting.gather import gather
from bot.services.reporting.pages import pages
from bot.services.reporting.proposing import offer_of, proposals_for, put_proposals

METHOD = "report/1"
LEASE = timedelta(minutes=5)
"""How long one process has for a report; one takes seconds."""

TRIES = 5
"""After as many that died or failed it is given up; the log has each."""


async def make_due(svc: Services, brand: Brand, period: Period) -> bool:
    """Make the report that is due and say it in the brand's channels; False when that was done, or is
    somebody else's. What fails here is tried again when the lease is over."""
    since, until = period.bounds(brand.timezone)
    now = svc.clock.now()
    report = Report(brand=brand.name, period=period.name, since=since, until=until)
    mine = await svc.store.write(
        lambda tx: tx.reports.claim(report, owner=svc.owner, now=now, lease=LEASE, most=TRIES)
    )
    if mine is None:
        return False
    key = f"report:{brand.name}:{period.name}"
    said = await make(svc, brand, period, svc.channels(brand.name), key, mine)
    if said:
        await svc.registry.emit("report_ready", report=report)
    return said


async def make(
    svc: Services,
    brand: Brand,
    period: Period,
    where: Sequence[Target],
    key: str,
    mine: MadeReport | None = None,
) -> bool:
    """Gather, draw, and queue the messages under ``key``. ``mine``: the row that this closes, if it has
    one; False when it was closed by somebody else, or there is nothing to tell."""
    data = await gather(svc, brand, period, svc.clock.now())
    if mine is not None and data.idle:
        await svc.store.write(
            lambda tx: tx.reports.done(mine.id, owner=svc.owner, at=data.made_at, evidence=evidence_of(data))
        )
        return False  # nobody wants to be told every week that nothing was
    wanted = await proposals_for(svc, brand, period)
    open_ = await svc.store.write(lambda tx: put_proposals(svc, tx, brand, wanted))
    data = replace(data, offers=tuple(map(offer_of, open_)))
    messages = await pages(svc, data, open_, mine.id if mine else None)
    evidence = evidence_of(data)

    def unit(tx: Tx) -> bool:
        if mine is not None and not tx.reports.done(
            mine.id, owner=svc.owner, at=svc.clock.now(), evidence=evidence
        ):
            return False
        queue_pages(tx, brand.name, where, key, messages)
        return True

    return await svc.store.write(unit)


def queue_pages(tx: Tx, brand: str, where: Sequence[Target], key: str, messages: Sequence[Message]) -> None:
    """The first message in each channel, the others below it."""
    for target in where:
        above = f"{key}@{target.address}"
        for place, message in enumerate(messages):
            name = f"{key}:{place}@{target.address}" if place else above
            below = above if place else None
            tx.notices.put(Notice(id=0, key=name, target=target, message=message, brand=brand, below=below))


def evidence_of(data: ReportData) -> Evidence:
    """What a report's numbers rest on: enough to reckon them again."""
    sent = data.publishing
    return Evidence(
        method=METHOD,
        at=data.made_at,
        n=len(data.rows),
        rows=data.rows,
        since=data.report.since,
        until=data.report.until,
        facts={
            "period": data.report.period,
            "totals": {total.unit: total.value for total in data.totals},
            "usual": {t.unit: list(t.usual.band) if t.usual else None for t in data.totals},
            "live": sent.live,
            "refused": sent.refused,
            "ratios": {str(post.delivery_id): post.ratio for post in data.posts},
        },
    )
