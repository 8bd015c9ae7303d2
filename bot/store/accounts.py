"""What lives about accounts beside their configuration, and which brands are stopped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from bot.domain.records import AccountState, Halt, Health
from bot.store.tables import accounts, halts
from bot.store.upserts import Upserts

ALL = sa.select(accounts).order_by(accounts.c.name)
GET = sa.select(accounts).where(accounts.c.name == sa.bindparam("a_name", type_=accounts.c.name.type))
_BRAND = sa.bindparam("a_brand", type_=halts.c.brand.type)
LIFT = sa.delete(halts).where(halts.c.brand == _BRAND)
ACTIVE = sa.select(halts).where(halts.c.brand == _BRAND)
STOPPED = sa.select(
    sa.or_(
        sa.exists().where(halts.c.brand == _BRAND),
        sa.exists().where(
            accounts.c.name == sa.bindparam("a_name", type_=accounts.c.name.type),
            sa.or_(
                accounts.c.health != Health.OK,
                accounts.c.blocked_until > sa.bindparam("now", type_=accounts.c.blocked_until.type),
            ),
        ),
    )
)


class SqlAccounts:
    """`bot.ports.Accounts` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts

    def sync(self, accounts: Sequence[AccountState]) -> None:
        """A wait that a platform imposed outlives the restart; so does a handle when none is given."""
        if accounts:
            self._connection.execute(self._upserts.account_start, [vars(a) for a in accounts])

    def get(self, name: str) -> AccountState | None:
        row = self._connection.execute(GET, {"a_name": name}).one_or_none()
        return None if row is None else AccountState(**row._mapping)

    def all(self) -> tuple[AccountState, ...]:
        return tuple(AccountState(**row._mapping) for row in self._connection.execute(ALL))

    def stopped(self, name: str, brand: str, now: datetime) -> bool:
        values = {"a_name": name, "a_brand": brand, "now": now}
        return bool(self._connection.execute(STOPPED, values).scalar_one())

    def save(self, account: AccountState) -> None:
        self._connection.execute(self._upserts.account, vars(account))


class SqlHalts:
    """`bot.ports.Halts` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts

    def put(self, halt: Halt) -> None:
        self._connection.execute(self._upserts.halt, vars(halt))

    def lift(self, brand: str) -> bool:
        return self._connection.execute(LIFT, {"a_brand": brand}).rowcount == 1

    def active(self, brand: str) -> Halt | None:
        row = self._connection.execute(ACTIVE, {"a_brand": brand}).one_or_none()
        return None if row is None else Halt(**row._mapping)
