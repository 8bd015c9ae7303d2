"""Deliveries: the ledger's first table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.domain.delivery import BACKOFF, FINAL, Delivery, PartProgress, State
from bot.domain.post import Post
from bot.domain.series import current
from bot.ports import NewDelivery
from bot.store import claims
from bot.store.mapping import delivery_from_row, part_to_row, parts_by_delivery, variant_to_row
from bot.store.tables import UNFINISHED, attempts, deliveries, halts, parts, votes
from bot.store.upserts import Upserts

d = deliveries.c
ID = sa.bindparam("a_id", type_=d.id.type)
FENCE = sa.bindparam("a_fence", type_=d.fence.type)
ACCOUNT = sa.bindparam("a_account", type_=d.account.type)
NOW = sa.bindparam("now", type_=d.wake_at.type)
LIMIT = sa.bindparam("n", type_=sa.Integer())

SCHEDULED = d.state == State.SCHEDULED
IN_ORDER = (d.due.asc().nulls_last(), d.id)
SELECT = sa.select(*claims.COLUMNS)
PARTS = (
    sa.select(parts)
    .where(parts.c.delivery_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(parts.c.delivery_id, parts.c.idx)
)
INSERT = sa.insert(deliveries).returning(d.id)
GET = SELECT.where(d.id == ID)
LOCK = sa.select(d.fence).where(d.id == ID).with_for_update()
POST = sa.bindparam("a_post", type_=d.post_id.type)

_later = deliveries.alias("later")
_OUT = (State.LIVE, State.REMOVED)


def _last(states: Iterable[State]) -> sa.ColumnElement[bool]:
    """The last occurrence of its account that is in one of these states."""
    after = sa.exists().where(
        _later.c.rule.is_not(None),
        _later.c.post_id == d.post_id,
        _later.c.account == d.account,
        _later.c.wall > d.wall,
        _is(_later.c.state, states),
    )
    return sa.and_(_is(d.state, states), ~after)


def _is(state: sa.ColumnElement[State], states: Iterable[State]) -> sa.ColumnElement[bool]:
    """One of them; not as a list, which would be no constant statement (`bot.store.quick`)."""
    return sa.or_(*(state == one for one in sorted(states)))


# Of what recurs only what is open, what came out last and what ended last: a year of it must
# not make a card slow.
SERIES = SELECT.where(
    d.post_id == POST, sa.or_(d.rule.is_(None), sa.text(UNFINISHED), _last(_OUT), _last(FINAL))
).order_by(d.id)
WALLS = sa.select(d.wall).where(
    d.rule.is_not(None),
    d.post_id == POST,
    d.account == ACCOUNT,
    d.wall > sa.bindparam("after", type_=d.wall.type),
)
DROP = sa.delete(deliveries).where(
    d.id == ID,
    d.fence == FENCE,
    d.state.in_([State.APPROVED, State.SCHEDULED]),
    *(
        ~sa.exists().where(table.c.delivery_id == d.id).correlate(deliveries)
        for table in (attempts, parts, votes)
    ),
)

_UNFINISHED = sa.select(d.id).where(sa.text(UNFINISHED)).order_by(*IN_ORDER).limit(LIMIT).correlate(None)
UNFINISHED_ALL = SELECT.where(d.id.in_(_UNFINISHED)).order_by(*IN_ORDER)
# Those with a due time first, which an index has in their order: as many are read as are asked for.
_UNFINISHED_OF = SELECT.where(
    sa.text(UNFINISHED), d.brand == sa.bindparam("a_brand", type_=d.brand.type)
).limit(LIMIT)
DUE_OF = _UNFINISHED_OF.where(d.due.is_not(None)).order_by(d.due, d.id)
UNDATED_OF = _UNFINISHED_OF.where(d.due.is_(None)).order_by(d.id)

# As an expression, so that SQLite does not walk a whole index to have the accounts in order.
WAITING = sa.select((d.account + "").label("account")).distinct().where(d.wake_at <= NOW)
NEXT_WAKE = sa.select(d.wake_at).where(d.wake_at.is_not(None)).order_by(d.wake_at).limit(1)
NEXT_WAKE_AFTER = sa.select(d.wake_at).where(d.wake_at > NOW).order_by(d.wake_at).limit(1)
WAKING = (
    SELECT.where(d.account == ACCOUNT, d.state.in_(sa.bindparam("states", expanding=True)), d.wake_at <= NOW)
    .order_by(*IN_ORDER)
    .limit(LIMIT)
)
LEASED_BY_OTHERS = SELECT.where(
    d.lease_owner.is_not(None), d.lease_owner != sa.bindparam("owner", type_=d.lease_owner.type)
).order_by(*IN_ORDER)

_NOT_HALTED = d.brand.not_in(sa.select(halts.c.brand))
_COUNT = sa.select(sa.func.count())
PRESSING = sa.select(
    _COUNT.where(SCHEDULED, d.due <= NOW, _NOT_HALTED).scalar_subquery()
    + _COUNT.where(
        d.state.in_([State.PUBLISHING, State.UNCONFIRMED]), d.wake_at.is_not(None)
    ).scalar_subquery()
    + _COUNT.where(d.state == State.IN_REVIEW, d.wake_at <= NOW).scalar_subquery()
)
LATE = SELECT.where(
    d.id.in_(
        sa.select(d.id)
        .where(
            SCHEDULED,
            d.due < sa.bindparam("before", type_=d.due.type),
            d.wake_at <= NOW,
            _NOT_HALTED,
        )
        .order_by(d.due, d.id)
        .limit(LIMIT)
        .correlate(None)
    )
).order_by(*IN_ORDER)
DUES = (
    sa.select(d.due)
    .where(d.account == ACCOUNT, d.state.in_(sorted(set(State) - FINAL)), d.due.is_not(None))
    .order_by(d.due)
)

# All states by name, as the index on due times begins with the state.
BETWEEN = SELECT.where(
    d.state.in_(sorted(State)),
    d.due >= sa.bindparam("since", type_=d.due.type),
    d.due <= sa.bindparam("until", type_=d.due.type),
).order_by(*IN_ORDER)
DUES_WITHIN = DUES.where(
    d.due >= sa.bindparam("since", type_=d.due.type), d.due <= sa.bindparam("until", type_=d.due.type)
)

_SAVED = ("version", "state", "due", "wake_at", "lease_until", "lease_owner", "tries", "checks")
_REST = ("variant", "fingerprint", "fence", "platform_wait", "reason", "rule", "wall", "zone")
SAVE = (
    sa.update(deliveries)
    .where(d.id == ID, d.fence == FENCE)
    .values({name: sa.bindparam(name) for name in (*_SAVED, *_REST)})
)
_STANDS = (*(name for name in _SAVED if name != "version"), "platform_wait", "reason")
ADVANCE = (
    sa.update(deliveries)
    .where(d.id == ID, d.fence == FENCE)
    .values({name: sa.bindparam(name) for name in _STANDS})
)
SAVE_FROM = SAVE.where(d.state == sa.bindparam("a_was", type_=d.state.type))
SET_WAKES = (
    sa.update(deliveries)
    .where(d.account == ACCOUNT, SCHEDULED, d.wake_at < NOW)
    .values(wake_at=sa.bindparam("until"), reason=sa.bindparam("why"), platform_wait=True)
    .returning(d.post_id)
)

PULL_WAKES = (
    sa.update(deliveries)
    .where(d.account == ACCOUNT, SCHEDULED, d.due <= NOW, d.wake_at > NOW, d.tries == 0)
    .values(wake_at=NOW)
)
# After a failed try its gap is kept, by this clock as by the one before.
_GAPS = tuple(
    (
        sa.and_(SCHEDULED, d.tries == n if n < len(BACKOFF) else d.tries >= n),
        sa.bindparam(f"gap_{n}", type_=d.wake_at.type),
    )
    for n in range(1, len(BACKOFF) + 1)
)
_AWAKE = sa.case(*_GAPS, else_=NOW)
ROUSE = (
    sa.update(deliveries)
    .where(
        d.wake_at > _AWAKE,
        sa.or_(sa.and_(SCHEDULED, d.due <= NOW), d.state.in_([State.PUBLISHING, State.UNCONFIRMED])),
    )
    .values(wake_at=_AWAKE)
)


class SqlDeliveries:
    """`bot.ports.Deliveries` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts

    def add(self, post: Post, new: NewDelivery) -> Delivery:
        delivery = Delivery(
            id=0,
            post_id=post.id,
            brand=post.brand,
            account=new.variant.account,
            platform=new.variant.platform,
            variant=new.variant,
            fingerprint=new.fingerprint,
            version=post.version,
            state=new.state,
            due=new.due,
            wake_at=new.wake_at,
            reason=new.reason,
            rule=new.rule,
            wall=new.wall,
            zone=new.zone,
        )
        row = vars(delivery).copy()
        del row["id"], row["parts"]
        row["variant"] = variant_to_row(new.variant)
        id_ = self._connection.execute(INSERT, row).scalar_one()
        return Delivery(**{**vars(delivery), "id": id_})

    def get(self, delivery_id: int) -> Delivery | None:
        found = self.read(GET, a_id=delivery_id)
        return found[0] if found else None

    def of_post(self, post_id: int) -> tuple[Delivery, ...]:
        found = self.series(post_id)
        return current(found) if len(found) > 1 else found

    def series(self, post_id: int) -> tuple[Delivery, ...]:
        return self.read(SERIES, a_post=post_id)

    def walls(self, post_id: int, account: str, after: datetime) -> tuple[datetime, ...]:
        values = {"a_post": post_id, "a_account": account, "after": after}
        return tuple(self._connection.execute(WALLS, values).scalars())

    def drop(self, delivery_id: int, *, fence: int) -> bool:
        return self._connection.execute(DROP, {"a_id": delivery_id, "a_fence": fence}).rowcount == 1

    def unfinished(self, brand: str | None = None, limit: int = 200) -> tuple[Delivery, ...]:
        if brand is None:
            return self.read(UNFINISHED_ALL, n=limit)
        found = self.read(DUE_OF, n=limit, a_brand=brand)
        if len(found) < limit:
            found += self.read(UNDATED_OF, n=limit - len(found), a_brand=brand)
        return found

    def waiting_accounts(self, now: datetime) -> tuple[str, ...]:
        return tuple(self._connection.execute(WAITING, {"now": now}).scalars())

    def next_wake(self, after: datetime | None = None) -> datetime | None:
        if after is not None:
            return self._connection.execute(NEXT_WAKE_AFTER, {"now": after}).scalar_one_or_none()
        return self._connection.execute(NEXT_WAKE).scalar_one_or_none()

    def claim(
        self, account: str, *, now: datetime, owner: str, lease: timedelta, limit: int
    ) -> tuple[Delivery, ...]:
        values = {"a_account": account, "now": now, "owner": owner, "until": now + lease}
        rows = list(self._connection.execute(claims.DUE, {**values, "n": limit}))
        if len(rows) < limit:
            rows += self._connection.execute(claims.EARLY, {**values, "n": limit - len(rows)})
        rows.sort(key=lambda row: (row.due is None, row.due, row.id))
        return self._with_parts(rows)

    def take_over(
        self, delivery_id: int, *, fence: int, now: datetime, owner: str, lease: timedelta
    ) -> Delivery | None:
        values = {"a_id": delivery_id, "a_fence": fence, "owner": owner, "until": now + lease}
        found = self.read(claims.TAKE_OVER, **values)
        return found[0] if found else None

    def waking(
        self, account: str, now: datetime, states: Iterable[State], limit: int = 50
    ) -> tuple[Delivery, ...]:
        return self.read(WAKING, a_account=account, now=now, states=list(states), n=limit)

    def leased_by_others(self, owner: str) -> tuple[Delivery, ...]:
        return self.read(LEASED_BY_OTHERS, owner=owner)

    def lock(self, delivery_id: int) -> int:
        return int(self._connection.execute(LOCK, {"a_id": delivery_id}).scalar_one())

    def save(self, delivery: Delivery, *, fence: int, was: State | None = None) -> bool:
        row = {name: getattr(delivery, name) for name in _SAVED}
        row |= {
            "rule": delivery.rule,
            "wall": delivery.wall,
            "zone": delivery.zone,
            "a_id": delivery.id,
            "a_fence": fence,
            "fence": max(delivery.fence, fence),
            "variant": variant_to_row(delivery.variant),
            "fingerprint": delivery.fingerprint,
            "platform_wait": delivery.platform_wait,
            "reason": delivery.reason,
        }
        if was is None:
            return self._connection.execute(SAVE, row).rowcount == 1
        return self._connection.execute(SAVE_FROM, {**row, "a_was": was}).rowcount == 1

    def advance(self, delivery: Delivery) -> bool:
        row = {name: getattr(delivery, name) for name in _STANDS}
        row |= {"a_id": delivery.id, "a_fence": delivery.fence}
        return self._connection.execute(ADVANCE, row).rowcount == 1

    def save_part(self, delivery_id: int, part: PartProgress) -> None:
        self._connection.execute(self._upserts.part, part_to_row(delivery_id, part))

    def pressing(self, now: datetime) -> int:
        return int(self._connection.execute(PRESSING, {"now": now}).scalar_one())

    def late(self, now: datetime, *, before: datetime, limit: int = 500) -> tuple[Delivery, ...]:
        return self.read(LATE, now=now, before=before, n=limit)

    def dues(
        self, account: str, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[datetime, ...]:
        if since is None or until is None:
            return tuple(self._connection.execute(DUES, {"a_account": account}).scalars())
        values = {"a_account": account, "since": since, "until": until}
        return tuple(self._connection.execute(DUES_WITHIN, values).scalars())

    def between(self, since: datetime, until: datetime) -> tuple[Delivery, ...]:
        return self.read(BETWEEN, since=since, until=until)

    def pull_wakes(self, account: str, at: datetime) -> int:
        return self._connection.execute(PULL_WAKES, {"a_account": account, "now": at}).rowcount

    def rouse(self, now: datetime) -> int:
        gaps = {f"gap_{n}": now + gap for n, gap in enumerate(BACKOFF, start=1)}
        return self._connection.execute(ROUSE, {"now": now, **gaps}).rowcount

    def set_wakes(self, account: str, *, before: datetime, until: datetime, reason: str) -> tuple[int, ...]:
        values = {"a_account": account, "now": before, "until": until, "why": reason}
        return tuple(self._connection.execute(SET_WAKES, values).scalars())

    def read(self, query: sa.Executable, **values: object) -> tuple[Delivery, ...]:
        """The deliveries that a query of `claims.COLUMNS` finds."""
        return self._with_parts(self._connection.execute(query, values).all())

    def _with_parts(self, rows: Iterable[Any]) -> tuple[Delivery, ...]:
        """The parts of all rows cost one more query, and none where nothing has happened yet."""
        rows = list(rows)
        begun = [row.id for row in rows if row.begun]
        progress = parts_by_delivery(self._connection.execute(PARTS, {"ids": begun})) if begun else {}
        return tuple(delivery_from_row(row, progress.get(row.id, ())) for row in rows)
