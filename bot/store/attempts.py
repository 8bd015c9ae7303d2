"""Attempts: the ledger's second table, one row before each irreversible call."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from bot.domain.delivery import Attempt, AttemptState
from bot.domain.platform import Ref
from bot.errors import Conflict
from bot.store.tables import OPEN_ATTEMPT, attempts
from bot.store.upserts import Upserts

a = attempts.c
ID = sa.bindparam("a_id", type_=a.id.type)
DELIVERY = sa.bindparam("a_delivery", type_=a.delivery_id.type)

CLOSE = (
    sa.update(attempts)
    .where(a.id == ID)
    .values(
        state=sa.bindparam("state"),
        ref=sa.func.coalesce(sa.bindparam("ref", type_=a.ref.type), a.ref),
        error=sa.bindparam("error"),
    )
)
OF_DELIVERY = sa.select(attempts).where(a.delivery_id == DELIVERY).order_by(a.id)
IS_OPEN = (
    sa.select(a.id)
    .where(a.delivery_id == DELIVERY, a.part == sa.bindparam("a_part"), sa.text(OPEN_ATTEMPT))
    .limit(1)
)


class SqlAttempts:
    """`bot.ports.Attempts` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts

    def open(self, attempt: Attempt, *, owner: str) -> Attempt:
        """One statement checks that the delivery is still ours and writes the row.

        A second open attempt is refused by the unique index, whoever asks.
        """
        row = {f"a_{name}": value for name, value in vars(attempt).items() if name != "id"}
        id_ = self._connection.execute(self._upserts.attempt, {**row, "owner": owner}).scalar_one_or_none()
        if id_ is None:
            raise Conflict(self._refusal(attempt))
        return replace(attempt, id=id_)

    def close(self, attempt_id: int, state: AttemptState, *, ref: Ref | None = None, error: str = "") -> None:
        """A ref that is known already stays when none is given."""
        values = {"a_id": attempt_id, "state": state, "ref": ref, "error": error}
        self._connection.execute(CLOSE, values)

    def of_delivery(self, delivery_id: int) -> tuple[Attempt, ...]:
        rows = self._connection.execute(OF_DELIVERY, {"a_delivery": delivery_id})
        return tuple(Attempt(**row._mapping) for row in rows)

    def _refusal(self, attempt: Attempt) -> str:
        values = {"a_delivery": attempt.delivery_id, "a_part": attempt.part}
        if self._connection.execute(IS_OPEN, values).first():
            return "This part has an open attempt already; find out what became of it first."
        return "This delivery has been taken by another worker; leave it to that one."
