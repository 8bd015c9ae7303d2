"""Posts that recur."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.domain.series import Series
from bot.store.tables import rules
from bot.store.upserts import Upserts

r = rules.c
GET = sa.select(rules).where(r.post_id == sa.bindparam("a_post", type_=r.post_id.type))
DUE = (
    sa.select(rules)
    .where(r.look_at <= sa.bindparam("now", type_=r.look_at.type))
    .order_by(r.look_at, r.post_id)
    .limit(sa.bindparam("n", type_=sa.Integer()))
)
NEXT_LOOK = sa.select(r.look_at).where(r.look_at.is_not(None)).order_by(r.look_at).limit(1)
_ACTIVE = sa.select(rules).where(r.look_at.is_not(None)).order_by(r.post_id)
ACTIVE_OF = _ACTIVE.where(r.brand == sa.bindparam("a_brand", type_=r.brand.type))


class SqlRules:
    """`bot.ports.Rules` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts

    def put(self, series: Series) -> None:
        self._connection.execute(self._upserts.rule, vars(series))

    def get(self, post_id: int) -> Series | None:
        row = self._connection.execute(GET, {"a_post": post_id}).one_or_none()
        return None if row is None else Series(**row._mapping)

    def due(self, now: datetime, limit: int = 100) -> tuple[Series, ...]:
        return tuple(
            Series(**row._mapping) for row in self._connection.execute(DUE, {"now": now, "n": limit})
        )

    def next_look(self) -> datetime | None:
        return self._connection.execute(NEXT_LOOK).scalar_one_or_none()

    def active(self, brand: str | None = None) -> tuple[Series, ...]:
        query, values = (_ACTIVE, {}) if brand is None else (ACTIVE_OF, {"a_brand": brand})
        return tuple(Series(**row._mapping) for row in self._connection.execute(query, values))
