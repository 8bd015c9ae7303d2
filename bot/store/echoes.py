"""What an account said and will say around a time, read a state at a time from the end of an index."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.delivery import State
from bot.domain.post import variant_from_json
from bot.ports import Echo
from bot.store.tables import deliveries, parts

d = deliveries.c
NEWEST = (
    sa.select(d.id)
    .where(
        d.account == sa.bindparam("a_account", type_=d.account.type),
        d.state == sa.bindparam("a_state", type_=d.state.type),
        d.due >= sa.bindparam("since", type_=d.due.type),
        d.due <= sa.bindparam("until", type_=d.due.type),
    )
    .order_by(d.due.desc(), d.id.desc())
    .limit(sa.bindparam("n", type_=sa.Integer()))
    .correlate(None)
)
FIRST_PART = deliveries.outerjoin(parts, sa.and_(parts.c.delivery_id == d.id, parts.c.idx == 0))
NEAR = (
    sa.select(d.id, d.post_id, d.state, d.due, d.variant, parts.c.url)
    .select_from(FIRST_PART)
    .where(d.id.in_(NEWEST))
    .order_by(d.due.desc(), d.id.desc())
)


class SqlEchoes:
    """`bot.ports.Echoes` on a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def near(
        self, account: str, *, since: datetime, until: datetime, states: tuple[State, ...], limit: int
    ) -> tuple[Echo, ...]:
        span = {"a_account": account, "since": since, "until": until, "n": limit}
        return tuple(
            _echo(row)
            for state in states
            for row in self._connection.execute(NEAR, {**span, "a_state": state})
        )


def _echo(row: Any) -> Echo:
    return Echo(
        post_id=row.post_id,
        delivery_id=row.id,
        state=row.state,
        due=row.due,
        text=variant_from_json(row.variant).body,
        url=row.url,
    )
