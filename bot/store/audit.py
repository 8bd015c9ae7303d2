"""The trail that only grows, and single values that outlive a process."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from bot.domain import chain
from bot.domain.chain import Chained, Link
from bot.domain.records import AuditEntry
from bot.store.columns import storable
from bot.store.tables import audit, audit_heads, meta
from bot.store.upserts import Upserts

a, h = audit.c, audit_heads.c
BRAND = sa.bindparam("a_brand", type_=a.brand.type)
LIMIT = sa.bindparam("n", type_=sa.Integer())
COLUMNS = tuple(column for column in audit.columns if column.name != "id")

INSERT = sa.insert(audit)
OF_POST = sa.select(*COLUMNS).where(a.post_id == sa.bindparam("a_post", type_=a.post_id.type)).order_by(a.id)
CHAIN = (
    sa.select(*COLUMNS)
    .where(a.brand == BRAND, a.seq > sa.bindparam("after", type_=a.seq.type))
    .order_by(a.seq, a.id)
    .limit(LIMIT)
)
RECENT = sa.select(*COLUMNS).where(a.brand == BRAND).order_by(a.seq.desc()).limit(LIMIT)
HEAD = sa.select(h.seq, h.hash).where(h.brand == BRAND).with_for_update()
HEADS = sa.select(audit_heads).order_by(h.brand)
BRANDS = sa.select(a.brand).distinct()
VALUE = sa.select(meta.c.value).where(meta.c.key == sa.bindparam("a_key", type_=meta.c.key.type))
LOCKED_VALUE = VALUE.with_for_update()


class SqlAudit:
    """`bot.ports.Audit` on a connection. A trigger refuses changes, also those of other programs.

    What is added is written by `flush`, as the last statements of a unit: the end of a
    brand's chain is the one row that all of its writers want, so it is locked last and
    shortly, and whoever has it waits for nobody.
    """

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts
        self._new: list[AuditEntry] = []

    def add(self, entry: AuditEntry) -> None:
        self._new.append(entry)

    def flush(self) -> None:
        """Chain and write what was added, in the order of the brands' names."""
        if not self._new:
            return
        entries, self._new = self._new, []
        stored = [_storable(entry) for entry in entries]
        for brand in sorted({entry.brand for entry in stored}):
            last = self._head(brand)
            for entry in stored:
                if entry.brand != brand:
                    continue
                link = chain.chain(entry, last)
                place = {"seq": link.seq, "prev": link.prev, "hash": link.hash}
                self._connection.execute(INSERT, {**vars(entry), "facts": dict(entry.facts), **place})
                last = Link(seq=link.seq, hash=link.hash)
            self._connection.execute(
                self._upserts.audit_head, {"brand": brand, "seq": last.seq, "hash": last.hash}
            )

    def forget(self) -> None:
        """The unit failed: what it added never was."""
        self._new = []

    def of_post(self, post_id: int) -> tuple[AuditEntry, ...]:
        rows = self._connection.execute(OF_POST, {"a_post": post_id})
        return tuple(_chained(row).entry for row in rows)

    def chain(self, brand: str, *, after: int, limit: int) -> tuple[Chained, ...]:
        rows = self._connection.execute(CHAIN, {"a_brand": brand, "after": after, "n": limit})
        return tuple(map(_chained, rows))

    def recent(self, brand: str, limit: int) -> tuple[Chained, ...]:
        rows = self._connection.execute(RECENT, {"a_brand": brand, "n": limit})
        return tuple(map(_chained, rows))[::-1]

    def heads(self) -> dict[str, Link]:
        known = {row.brand: Link(seq=row.seq, hash=row.hash) for row in self._connection.execute(HEADS)}
        return {**dict.fromkeys(self._connection.execute(BRANDS).scalars(), chain.START), **known}

    def _head(self, brand: str) -> Link:
        """Where the chain ends; nobody else can add to it until this transaction is over."""
        found = self._connection.execute(HEAD, {"a_brand": brand}).first()
        if found is None:
            self._connection.execute(
                self._upserts.audit_start,
                {"brand": brand, "seq": chain.START.seq, "hash": chain.START.hash},
            )
            found = self._connection.execute(HEAD, {"a_brand": brand}).first()
        assert found is not None
        return Link(seq=found.seq, hash=found.hash)


def _storable(entry: AuditEntry) -> AuditEntry:
    """The entry as the database will keep it, since that is what its hash has to prove."""
    brand, who, what = storable(entry.brand), storable(entry.who), storable(entry.what)
    if (brand, who, what) == (entry.brand, entry.who, entry.what):
        return entry
    return replace(entry, brand=brand, who=who, what=what)


def _chained(row: Any) -> Chained:
    values = dict(row._mapping)
    seq, prev, hash_ = values.pop("seq"), values.pop("prev"), values.pop("hash")
    return Chained(entry=AuditEntry(**values), seq=seq, prev=prev, hash=hash_)


class SqlMeta:
    """`bot.ports.Meta` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts

    def get(self, key: str) -> str | None:
        return self._connection.execute(VALUE, {"a_key": key}).scalar_one_or_none()

    def settle(self, key: str, value: str) -> str:
        """The row is locked until the transaction ends."""
        self._connection.execute(self._upserts.meta_first, {"key": key, "value": value})
        return str(self._connection.execute(LOCKED_VALUE, {"a_key": key}).scalar_one())

    def put(self, key: str, value: str) -> None:
        self._connection.execute(self._upserts.meta, {"key": key, "value": value})
