"""Attempts: the ledger's second table, one row before each irreversible call.

What a call costs is counted here too, in the statements that open and close it: an attempt counts
its price while it is open or has come off, and nothing once nothing came of it. So the days in
``spending`` are always the sum over the attempts, whoever closes one, however often, in any order.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from bot.domain.delivery import Attempt, AttemptState
from bot.domain.money import day_of
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
    .returning(a.price, a.charged)
)
BEGAN = sa.select(a.delivery_id, a.started_at).where(a.id == ID)
CHARGE = sa.update(attempts).where(a.id == ID).values(charged=sa.bindparam("charged"))
COUNTS = frozenset({AttemptState.CALLING, AttemptState.UNKNOWN, AttemptState.OK})
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
        if attempt.price:
            attempt = replace(attempt, charged=attempt.price)
        row = {f"a_{name}": value for name, value in vars(attempt).items() if name != "id"}
        id_ = self._connection.execute(self._upserts.attempt, {**row, "owner": owner}).scalar_one_or_none()
        if id_ is None:
            raise Conflict(self._refusal(attempt))
        if attempt.price:
            self._spend(attempt.delivery_id, attempt.started_at, attempt.price)
        return replace(attempt, id=id_)

    def close(self, attempt_id: int, state: AttemptState, *, ref: Ref | None = None, error: str = "") -> None:
        """A ref that is known already stays when none is given."""
        values = {"a_id": attempt_id, "state": state, "ref": ref, "error": error}
        row = self._connection.execute(CLOSE, values).one_or_none()
        if row is None or not row.price:
            return
        counts = row.price if state in COUNTS else 0
        if counts != row.charged:
            self._connection.execute(CHARGE, {"a_id": attempt_id, "charged": counts})
            began = self._connection.execute(BEGAN, {"a_id": attempt_id}).one()
            self._spend(began.delivery_id, began.started_at, counts - row.charged)

    def of_delivery(self, delivery_id: int) -> tuple[Attempt, ...]:
        rows = self._connection.execute(OF_DELIVERY, {"a_delivery": delivery_id})
        return tuple(Attempt(**row._mapping) for row in rows)

    def _spend(self, delivery_id: int, at: datetime, amount: int) -> None:
        """Count it on the day on which the call began, wherever it ends."""
        values = {"a_delivery": delivery_id, "day": day_of(at), "amount": amount}
        self._connection.execute(self._upserts.spend, values)

    def _refusal(self, attempt: Attempt) -> str:
        values = {"a_delivery": attempt.delivery_id, "a_part": attempt.part}
        if self._connection.execute(IS_OPEN, values).first():
            return "This part has an open attempt already; find out what became of it first."
        return "This delivery has been taken by another worker; leave it to that one."
