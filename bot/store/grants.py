"""What platforms granted accounts, sealed; a row is overwritten only by who saw its newest version."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.domain.grant import Grant
from bot.store.tables import grants
from bot.store.upserts import Upserts

g = grants.c
GET = sa.select(grants).where(g.account == sa.bindparam("a_account", type_=g.account.type))
ALL = sa.select(grants).order_by(g.account)
ALL_LOCKED = ALL.with_for_update()
CHANGES = tuple(c.name for c in grants.columns if c.name not in ("account", "version"))
SAVE = (
    sa.update(grants)
    .where(
        g.account == sa.bindparam("a_account", type_=g.account.type),
        g.version == sa.bindparam("a_version", type_=g.version.type),
    )
    .values(
        version=g.version + 1, **{name: sa.bindparam(f"to_{name}", type_=g[name].type) for name in CHANGES}
    )
)


class SqlGrants:
    """`bot.ports.Grants` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts

    def get(self, account: str) -> Grant | None:
        row = self._connection.execute(GET, {"a_account": account}).one_or_none()
        return None if row is None else _grant(row)

    def all(self, *, lock: bool = False) -> tuple[Grant, ...]:
        statement = ALL_LOCKED if lock and self._upserts.row_locks else ALL
        return tuple(_grant(row) for row in self._connection.execute(statement))

    def add(self, grant: Grant) -> bool:
        return self._connection.execute(self._upserts.grant, _values(grant)).scalar_one_or_none() is not None

    def save(self, grant: Grant) -> bool:
        values = _values(grant)
        given = {f"to_{name}": values[name] for name in CHANGES}
        row = {"a_account": grant.account, "a_version": grant.version, **given}
        return self._connection.execute(SAVE, row).rowcount == 1


def _values(grant: Grant) -> dict[str, Any]:
    return {**vars(grant), "scopes": " ".join(grant.scopes)}


def _grant(row: Any) -> Grant:
    values = dict(row._mapping)
    return Grant(**{**values, "scopes": tuple(values["scopes"].split())})
