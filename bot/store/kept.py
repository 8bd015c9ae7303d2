"""Published posts that people want to keep."""

from __future__ import annotations

import sqlalchemy as sa

from bot.domain.records import Keepsake
from bot.store.tables import kept
from bot.store.upserts import Upserts

k = kept.c
POST = sa.bindparam("a_post", type_=k.post_id.type)
DROP = sa.delete(kept).where(k.post_id == POST, k.member == sa.bindparam("a_member", type_=k.member.type))
OF_POST = sa.select(kept).where(k.post_id == POST).order_by(k.at, k.member)
OF_BRAND = (
    sa.select(kept)
    .where(k.brand == sa.bindparam("a_brand", type_=k.brand.type))
    .order_by(k.at.desc(), k.post_id, k.member)
    .limit(sa.bindparam("n", type_=sa.Integer()))
)


class SqlKept:
    """`bot.ports.Kept` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts

    def put(self, keepsake: Keepsake) -> bool:
        return self._connection.execute(self._upserts.kept, vars(keepsake)).one_or_none() is not None

    def drop(self, post_id: int, member: str) -> bool:
        return self._connection.execute(DROP, {"a_post": post_id, "a_member": member}).rowcount > 0

    def of_post(self, post_id: int) -> tuple[Keepsake, ...]:
        rows = self._connection.execute(OF_POST, {"a_post": post_id})
        return tuple(Keepsake(**row._mapping) for row in rows)

    def of_brand(self, brand: str, limit: int = 100) -> tuple[Keepsake, ...]:
        rows = self._connection.execute(OF_BRAND, {"a_brand": brand, "n": limit})
        return tuple(Keepsake(**row._mapping) for row in rows)
