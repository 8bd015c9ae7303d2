"""Reports that were made, once for each brand and period."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.domain.evidence import Evidence
from bot.domain.report import MadeReport, Report
from bot.store.evidence import evidence_from_row, evidence_to_row
from bot.store.reports_tables import reports
from bot.store.upserts import Upserts

r = reports.c
ID = r.id == sa.bindparam("a_id", type_=r.id.type)
MINE = r.owner == sa.bindparam("me", type_=r.owner.type)
OF_BRAND = r.brand == sa.bindparam("a_brand", type_=r.brand.type)
OF_PERIOD = sa.and_(OF_BRAND, r.period == sa.bindparam("a_period", type_=r.period.type))
NOW = sa.bindparam("now", type_=r.held_until.type)

CLAIM = (
    sa.update(reports)
    .where(
        OF_PERIOD,
        r.made_at.is_(None),
        sa.or_(r.held_until.is_(None), r.held_until <= NOW),
        r.tries < sa.bindparam("most", type_=r.tries.type),
    )
    .values(
        owner=sa.bindparam("me", type_=r.owner.type),
        held_until=sa.bindparam("ends", type_=r.held_until.type),
        tries=r.tries + 1,
    )
    .returning(*reports.columns)
)
DONE = (
    sa.update(reports)
    .where(ID, MINE, r.made_at.is_(None))
    .values(
        made_at=sa.bindparam("at", type_=r.made_at.type),
        evidence=sa.bindparam("an_evidence", type_=r.evidence.type),
        held_until=None,
    )
)
GET = sa.select(reports).where(ID)
BY_PERIOD = sa.select(reports).where(OF_PERIOD)
LATEST = (
    sa.select(reports)
    .where(OF_BRAND, r.made_at.is_not(None))
    .order_by(r.made_at.desc(), r.id.desc())
    .limit(1)
)


class SqlReports:
    """`bot.ports.Reports` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts

    def claim(
        self, report: Report, *, owner: str, now: datetime, lease: timedelta, most: int
    ) -> MadeReport | None:
        self._connection.execute(self._upserts.report, {**vars(report), "owner": "", "tries": 0})
        values = {
            "a_brand": report.brand,
            "a_period": report.period,
            "me": owner,
            "now": now,
            "ends": now + lease,
            "most": most,
        }
        return _maybe(self._connection.execute(CLAIM, values).one_or_none())

    def done(self, number: int, *, owner: str, at: datetime, evidence: Evidence) -> bool:
        values = {"a_id": number, "me": owner, "at": at, "an_evidence": evidence_to_row(evidence)}
        return self._connection.execute(DONE, values).rowcount > 0

    def get(self, number: int) -> MadeReport | None:
        return _maybe(self._connection.execute(GET, {"a_id": number}).one_or_none())

    def of_period(self, brand: str, period: str) -> MadeReport | None:
        values = {"a_brand": brand, "a_period": period}
        return _maybe(self._connection.execute(BY_PERIOD, values).one_or_none())

    def latest(self, brand: str) -> MadeReport | None:
        return _maybe(self._connection.execute(LATEST, {"a_brand": brand}).one_or_none())


def _maybe(row: Any) -> MadeReport | None:
    if row is None:
        return None
    return MadeReport(
        id=row.id,
        report=Report(brand=row.brand, period=row.period, since=row.since, until=row.until),
        tries=row.tries,
        held_until=row.held_until,
        made_at=row.made_at,
        evidence=evidence_from_row(row.evidence) if row.evidence is not None else None,
    )
