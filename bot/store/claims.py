"""Taking rows: the statements whose cost must not grow with what is stored.

The rows to claim are the oldest due of those whose ``wake_at`` has come. Almost all of them
are due already, and those come first in any case: `DUE` walks the queue of one account in its
order and stops at the limit. Only when that finds fewer does `EARLY` look for rows that wake
before they are due (staging has a lead), through the index that is ordered by ``wake_at``;
the ready rows are then fewer than the limit and the early ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from bot.domain.delivery import State
from bot.store.tables import deliveries, parts

d = deliveries.c

BEGUN = sa.exists().where(parts.c.delivery_id == d.id).correlate(deliveries).label("begun")
COLUMNS = (*deliveries.columns, BEGUN)

NEVER = 2**63 - 1
"""Where rows without a due time come in the order: last."""

_NOW = sa.bindparam("now", type_=d.wake_at.type)
_UNTIL = sa.bindparam("until", type_=d.lease_until.type)
_LEASE: Mapping[str, Any] = MappingProxyType(
    {
        "fence": d.fence + 1,
        "lease_owner": sa.bindparam("owner", type_=d.lease_owner.type),
        "lease_until": _UNTIL,
        "wake_at": _UNTIL,
    }
)


def _claim(*, early: bool) -> sa.Executable:
    """The ids are a CTE, as PostgreSQL may run a plain subquery with a limit more than once."""
    query = sa.select(d.id).where(
        d.account == sa.bindparam("a_account", type_=d.account.type),
        d.state == State.SCHEDULED,
        d.wake_at <= _NOW,
    )
    if early:
        # An expression, so that SQLite does not walk the queue to have the rows in order.
        query = query.order_by(sa.func.coalesce(d.due, sa.literal_column(str(NEVER))), d.id)
    else:
        query = query.where(d.due <= _NOW).order_by(d.due, d.id)
    ready = query.limit(sa.bindparam("n", type_=sa.Integer())).with_for_update(skip_locked=True).cte("ready")
    return (
        sa.update(deliveries)
        .where(d.id.in_(sa.select(ready.c.id)))
        .values(state=State.PUBLISHING, reason="", **_LEASE)
        .returning(*COLUMNS)
    )


DUE = _claim(early=False)
EARLY = _claim(early=True)
TAKE_OVER = (
    sa.update(deliveries)
    .where(
        d.id == sa.bindparam("a_id", type_=d.id.type),
        d.fence == sa.bindparam("a_fence", type_=d.fence.type),
    )
    .values(**_LEASE)
    .returning(*COLUMNS)
)
