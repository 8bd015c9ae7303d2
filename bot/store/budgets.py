"""Buckets of rates, and what was spent each day."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.domain.delivery import AttemptState, State
from bot.domain.rates import Bucket
from bot.store.tables import attempts, buckets, deliveries, spending
from bot.store.upserts import Upserts

KEY = sa.bindparam("a_key", type_=buckets.c.key.type)
ACCOUNT = sa.bindparam("a_account", type_=spending.c.account.type)
BRAND = sa.bindparam("a_brand", type_=spending.c.brand.type)
_SHAPE = tuple(c for c in buckets.c if c.name != "key")
BUCKET = sa.select(*_SHAPE).where(buckets.c.key == KEY).with_for_update()

_SUM = sa.select(sa.func.coalesce(sa.func.sum(spending.c.amount), 0)).where(
    spending.c.day >= sa.bindparam("since", type_=spending.c.day.type),
    spending.c.day < sa.bindparam("until", type_=spending.c.day.type),
)
SPENT_BY_ACCOUNT = _SUM.where(spending.c.account == ACCOUNT)
SPENT_BY_BRAND = _SUM.where(spending.c.brand == BRAND)

# Through the deliveries in flight, as those are few; attempts are not indexed by state.
_FLYING = (
    sa.select(sa.func.coalesce(sa.func.sum(attempts.c.charged), 0))
    .select_from(deliveries.join(attempts, attempts.c.delivery_id == deliveries.c.id))
    .where(
        deliveries.c.state.in_([State.PUBLISHING, State.UNCONFIRMED]),
        attempts.c.state.in_([AttemptState.CALLING, AttemptState.UNKNOWN]),
    )
)
RESERVED_BY_ACCOUNT = _FLYING.where(deliveries.c.account == ACCOUNT)
RESERVED_BY_BRAND = _FLYING.where(deliveries.c.brand == BRAND)


class SqlBudgets:
    """`bot.ports.Budgets` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts

    def bucket(self, key: str) -> Bucket:
        row = self._connection.execute(BUCKET, {"a_key": key}).one_or_none()
        if row is None and self._upserts.row_locks:
            # A row to lock has to be there first, or two would begin with a full bucket each.
            self._connection.execute(self._upserts.new_bucket, _row(key, Bucket()))
            row = self._connection.execute(BUCKET, {"a_key": key}).one_or_none()
        return Bucket() if row is None else Bucket(**row._mapping)

    def keep(self, key: str, bucket: Bucket) -> None:
        self._connection.execute(self._upserts.bucket, _row(key, bucket))

    def lock(self, key: str) -> None:
        """SQLite has one writer anyway; elsewhere the row's lock makes the others wait."""
        if self._upserts.row_locks:
            self._connection.execute(self._upserts.purse, {"key": key, "asked": 1})

    def spent(
        self, *, since: datetime, until: datetime, account: str | None = None, brand: str | None = None
    ) -> int:
        days = {"since": since, "until": until}
        if account is not None:
            found = self._connection.execute(SPENT_BY_ACCOUNT, {**days, "a_account": account})
        else:
            found = self._connection.execute(SPENT_BY_BRAND, {**days, "a_brand": brand})
        return int(found.scalar_one())

    def charge(self, account: str, brand: str, day: datetime, amount: int) -> None:
        row = {"account": account, "brand": brand, "day": day, "amount": amount}
        self._connection.execute(self._upserts.charge, row)

    def reserved(self, *, account: str | None = None, brand: str | None = None) -> int:
        if account is not None:
            found = self._connection.execute(RESERVED_BY_ACCOUNT, {"a_account": account})
        else:
            found = self._connection.execute(RESERVED_BY_BRAND, {"a_brand": brand})
        return int(found.scalar_one())


def _row(key: str, bucket: Bucket) -> dict[str, object]:
    return {"key": key, **vars(bucket)}
