"""Requests for approval that wait, and what has been done to speed them up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from bot.domain.delivery import State
from bot.domain.records import Reminder, Request
from bot.store.tables import deliveries, reminders, versions

d, v, r = deliveries.c, versions.c, reminders.c
POST = sa.bindparam("a_post", type_=r.post_id.type)
FINGERPRINT = sa.bindparam("a_fingerprint", type_=r.fingerprint.type)

OPEN = (
    sa.select(d.id, d.post_id, d.brand, d.account, d.fingerprint, v.at)
    .join(versions, sa.and_(v.post_id == d.post_id, v.number == d.version))
    .where(
        d.state == State.IN_REVIEW,
        d.id > sa.bindparam("after", type_=d.id.type),
        v.at <= sa.bindparam("before", type_=v.at.type),
    )
    .order_by(d.id)
    .limit(sa.bindparam("n", type_=sa.Integer()))
)
OF_POST = sa.select(reminders).where(r.post_id == POST).order_by(r.at, r.step)
INSERT = sa.insert(reminders)
CLEAR = sa.delete(reminders).where(r.post_id == POST, r.fingerprint == FINGERPRINT)


class SqlReminders:
    """`bot.ports.Reminders` on a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def open(self, before: datetime, *, after: int = 0, limit: int = 200) -> tuple[Request, ...]:
        rows = self._connection.execute(OPEN, {"after": after, "before": before, "n": limit})
        return tuple(
            Request(
                delivery_id=row.id,
                post_id=row.post_id,
                brand=row.brand,
                account=row.account,
                fingerprint=row.fingerprint,
                asked_at=row.at,
            )
            for row in rows
        )

    def of_post(self, post_id: int) -> tuple[Reminder, ...]:
        rows = self._connection.execute(OF_POST, {"a_post": post_id})
        return tuple(Reminder(**{**row._mapping, "called": tuple(row.called)}) for row in rows)

    def called(self, post_id: int, fingerprint: str) -> tuple[str, ...]:
        found = [n.called for n in self.of_post(post_id) if n.fingerprint == fingerprint]
        return tuple(dict.fromkeys(name for names in found for name in names))

    def note(
        self, post_id: int, fingerprint: str, step: str, at: datetime, called: Sequence[str] = ()
    ) -> None:
        row = {"post_id": post_id, "fingerprint": fingerprint, "step": step, "at": at}
        self._connection.execute(INSERT, {**row, "called": list(called)})

    def clear(self, post_id: int, fingerprint: str) -> None:
        self._connection.execute(CLEAR, {"a_post": post_id, "a_fingerprint": fingerprint})
