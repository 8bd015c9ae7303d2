"""The trail that only grows, and single values that outlive a process."""

from __future__ import annotations

import sqlalchemy as sa

from bot.domain.records import AuditEntry
from bot.store.tables import audit, meta
from bot.store.upserts import Upserts

INSERT = sa.insert(audit)
OF_POST = (
    sa.select(*(column for column in audit.columns if column.name != "id"))
    .where(audit.c.post_id == sa.bindparam("a_post", type_=audit.c.post_id.type))
    .order_by(audit.c.id)
)
VALUE = sa.select(meta.c.value).where(meta.c.key == sa.bindparam("a_key", type_=meta.c.key.type))


class SqlAudit:
    """`bot.ports.Audit` on a connection. A trigger refuses changes, also those of other programs."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, entry: AuditEntry) -> None:
        self._connection.execute(INSERT, {**vars(entry), "facts": dict(entry.facts)})

    def of_post(self, post_id: int) -> tuple[AuditEntry, ...]:
        rows = self._connection.execute(OF_POST, {"a_post": post_id})
        return tuple(AuditEntry(**row._mapping) for row in rows)


class SqlMeta:
    """`bot.ports.Meta` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts

    def get(self, key: str) -> str | None:
        return self._connection.execute(VALUE, {"a_key": key}).scalar_one_or_none()

    def put(self, key: str, value: str) -> None:
        self._connection.execute(self._upserts.meta, {"key": key, "value": value})
