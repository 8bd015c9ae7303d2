"""The inbox: what chat services were told had arrived, each thing once."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.domain.records import Heard
from bot.store.tables import UNDONE, inbox
from bot.store.upserts import Upserts

h = inbox.c
KEY = sa.bindparam("a_key", type_=h.key.type)
DONE = sa.update(inbox).where(h.key == KEY).values(done=True)
LEFT = (
    sa.select(inbox)
    .where(sa.text(UNDONE), h.at < sa.bindparam("before", type_=h.at.type))
    .order_by(h.at, h.key)
    .limit(sa.bindparam("n", type_=sa.Integer()))
)
TAKE = (
    sa.update(inbox)
    .where(h.key == KEY, sa.text(UNDONE), h.owner == sa.bindparam("was", type_=h.owner.type))
    .values(owner=sa.bindparam("mine", type_=h.owner.type))
)
FORGET = sa.delete(inbox).where(h.done, h.at < sa.bindparam("before", type_=h.at.type))


class SqlInbox:
    """`bot.ports.Heards` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts

    def first(self, heard: Heard) -> bool:
        return self._connection.execute(self._upserts.heard, vars(heard)).one_or_none() is not None

    def done(self, key: str) -> None:
        self._connection.execute(DONE, {"a_key": key})

    def undone(self, before: datetime, limit: int = 100) -> tuple[Heard, ...]:
        rows = self._connection.execute(LEFT, {"before": before, "n": limit})
        return tuple(Heard(**row._mapping) for row in rows)

    def take(self, key: str, *, was: str, owner: str) -> bool:
        return self._connection.execute(TAKE, {"a_key": key, "was": was, "mine": owner}).rowcount > 0

    def forget(self, before: datetime) -> int:
        return self._connection.execute(FORGET, {"before": before}).rowcount
