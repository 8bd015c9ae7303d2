"""What is unfinished in a brand: in numbers, and without the long rest that only waits for its time."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.domain.delivery import FINAL, Delivery, State
from bot.ports import Backlog
from bot.store import claims
from bot.store.deliveries import IN_ORDER, LIMIT, SCHEDULED, SqlDeliveries
from bot.store.tables import UNFINISHED, deliveries

d = deliveries.c
BRAND = d.brand == sa.bindparam("a_brand", type_=d.brand.type)
SINCE = sa.bindparam("since", type_=d.due.type)
UNTIL = sa.bindparam("until", type_=d.due.type)


def _in(states: frozenset[State]) -> sa.ColumnElement[bool]:
    """By name, as the index begins with the state; not as a list (`bot.store.quick`)."""
    return sa.or_(*(d.state == state for state in sorted(states)))


_OPEN = frozenset(State) - FINAL
COUNTS = sa.select(d.state, sa.func.count().label("many")).where(_in(_OPEN), BRAND).group_by(d.state)
ASKED = sa.select(sa.func.count().label("many")).where(
    d.state == State.UNCONFIRMED, BRAND, d.wake_at.is_(None)
)
UPCOMING = (
    sa.select(d.due, d.post_id)
    .where(sa.text(UNFINISHED), BRAND, SCHEDULED, d.due.is_not(None))
    .order_by(d.due, d.id)
    .limit(1)
)
_NOT_WAITING = sa.select(d.id).where(_in(_OPEN - {State.SCHEDULED}), BRAND)
_IN_SPAN = sa.select(d.id).where(sa.text(UNFINISHED), BRAND, SCHEDULED, d.due >= SINCE, d.due < UNTIL)
OPEN = (
    sa.select(*claims.COLUMNS)
    .where(d.id.in_(sa.union_all(_NOT_WAITING.correlate(None), _IN_SPAN.correlate(None))))
    .order_by(*IN_ORDER)
    .limit(LIMIT)
)


class SqlQueue:
    """`bot.ports.Queue` on a connection."""

    def __init__(self, connection: sa.Connection, found: SqlDeliveries) -> None:
        self._connection = connection
        self._deliveries = found

    def backlog(self, brand: str) -> Backlog:
        values = {"a_brand": brand}
        first = self._connection.execute(UPCOMING, values).one_or_none()
        return Backlog(
            states={row.state: row.many for row in self._connection.execute(COUNTS, values)},
            asked=int(self._connection.execute(ASKED, values).scalar_one()),
            upcoming=None if first is None else (first.due, first.post_id),
        )

    def open(self, brand: str, *, since: datetime, until: datetime, limit: int = 200) -> tuple[Delivery, ...]:
        return self._deliveries.read(OPEN, a_brand=brand, since=since, until=until, n=limit)
