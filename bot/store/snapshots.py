"""What was read about published posts, in the same database as everything else.

Measured 21 November 2026 on two busy cores, 9.92 M readings of 160 k posts: one integer that is delivery
and second at once (this table) takes 35 bytes a reading and finds the newest of all in 0.4 s; a row number
with an index over both 56 bytes and 1.3 s; a table clustered by both columns 36 bytes and 3.8 s. Parquet
takes 7 bytes and 1.3 s, but what is read every minute is a file of its own until it is merged, and one post's
series takes 35 ms instead of 0.2; so it is what `/export` writes, and not where numbers live. A post has some
330 readings after 400 days (`bot.domain.sampling`), so ten million are thirty thousand posts: nothing is
thinned out. ``python -m benchmarks.learn metrics`` measures it again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa

from bot.domain.delivery import State
from bot.domain.platform import Metrics
from bot.domain.snapshot import NAMES, AccountCount, Snapshot, Watch
from bot.ports.measuring import Reading
from bot.store.snapshots_tables import account_counts, flagged, samplings, snapshots, watches
from bot.store.tables import deliveries
from bot.store.upserts import Upserts

SHIFT = 32
"""Bits of an id that hold the second since 1970; they last until 2106, the rest until delivery 2^31."""

SECONDS: int = 1 << SHIFT
AT_ONCE = 900
"""Ids in one statement."""

API = "api"

s, w = snapshots.c, watches.c
ACCOUNT = sa.bindparam("a_account", type_=w.account.type)
NOW = sa.bindparam("now", type_=w.look_at.type)
LIMIT = sa.bindparam("n", type_=sa.Integer())
IDS: sa.BindParameter[list[int]] = sa.bindparam("ids", expanding=True)
BRAND = sa.bindparam("a_brand", type_=w.brand.type)

WATCHED = sa.select(watches).where(w.delivery_id == sa.bindparam("a_id", type_=w.delivery_id.type))
UNWATCHED = (
    sa.select(deliveries.c.id)
    .where(
        deliveries.c.state == State.LIVE,
        ~sa.exists().where(w.delivery_id == deliveries.c.id).correlate(deliveries),
    )
    .limit(LIMIT)
)
DUE_ACCOUNTS = sa.select((w.account + "").label("account")).distinct().where(w.look_at <= NOW)
DUE = sa.select(sa.func.count()).select_from(watches).where(w.look_at <= NOW)
READY = sa.select(watches).where(w.account == ACCOUNT, w.look_at <= NOW).order_by(w.look_at).limit(LIMIT)
RELEASE = sa.delete(samplings).where(
    samplings.c.account == sa.bindparam("a_account", type_=samplings.c.account.type),
    samplings.c.owner == sa.bindparam("a_owner", type_=samplings.c.owner.type),
)
PLAN = (
    sa.update(watches)
    .where(w.delivery_id == sa.bindparam("a_id", type_=w.delivery_id.type))
    .values({name: sa.bindparam(name) for name in ("look_at", "tries", "missing", "ended")})
)
PUT_OFF = (
    sa.update(watches)
    .where(w.account == ACCOUNT, w.look_at < sa.bindparam("until", type_=w.look_at.type))
    .values(look_at=sa.bindparam("until", type_=w.look_at.type))
)
NEWER = (
    sa.update(watches)
    .where(
        w.delivery_id == sa.bindparam("a_id", type_=w.delivery_id.type),
        w.latest < sa.bindparam("newest", type_=w.latest.type),
    )
    .values(latest=sa.bindparam("newest", type_=w.latest.type))
)
SHAPE = (*snapshots.c, w.account)
JOINED = snapshots.join(watches, w.latest == s.id)
GET = sa.select(snapshots).where(s.id == sa.bindparam("a_id", type_=s.id.type))
LATEST = sa.select(*snapshots.c, w.account, w.ended).select_from(JOINED).where(w.delivery_id.in_(IDS))
SERIES = (
    sa.select(*SHAPE)
    .select_from(
        watches.join(
            snapshots,
            sa.and_(
                s.id >= w.delivery_id * SECONDS + sa.bindparam("since", type_=sa.BigInteger()),
                s.id < (w.delivery_id + 1) * SECONDS,
            ),
        )
    )
    .where(w.delivery_id.in_(IDS))
    .order_by(s.id)
)
WATCHES = sa.select(watches).where(w.brand == BRAND).order_by(w.out_at, w.delivery_id)
ANY_OF = sa.select(w.delivery_id).where(w.account == ACCOUNT, w.look_at.is_not(None)).limit(1)
WATCHES_OF = WATCHES.where(w.account == ACCOUNT)
FLAGS = sa.select(flagged).where(flagged.c.post_id.in_(IDS))
UNFLAG = sa.delete(flagged).where(
    flagged.c.post_id == sa.bindparam("a_post", type_=flagged.c.post_id.type),
    flagged.c.account == sa.bindparam("a_account", type_=flagged.c.account.type),
    flagged.c.flag == sa.bindparam("a_flag", type_=flagged.c.flag.type),
)
FLAGS_OF_BRAND = sa.select(flagged)
COUNTS = (
    sa.select(account_counts)
    .where(
        account_counts.c.account == sa.bindparam("a_account", type_=account_counts.c.account.type),
        account_counts.c.day >= sa.bindparam("since", type_=account_counts.c.day.type),
    )
    .order_by(account_counts.c.day)
)


def snapshot_id(delivery_id: int, at: datetime) -> int:
    """The one id that a reading of this delivery in this second has."""
    second: int = int(at.timestamp())
    return delivery_id * SECONDS + second


class SqlSnapshots:
    """`bot.ports.Snapshots` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts

    def watch(self, watch: Watch) -> bool:
        return self._connection.execute(self._upserts.watch, vars(watch)).one_or_none() is not None

    def watched(self, delivery_id: int) -> Watch | None:
        row = self._connection.execute(WATCHED, {"a_id": delivery_id}).one_or_none()
        return None if row is None else _watch(row)

    def unwatched(self, limit: int) -> tuple[int, ...]:
        return tuple(self._connection.execute(UNWATCHED, {"n": limit}).scalars())

    def due_accounts(self, now: datetime) -> tuple[str, ...]:
        return tuple(self._connection.execute(DUE_ACCOUNTS, {"now": now}).scalars())

    def due(self, now: datetime) -> int:
        return int(self._connection.execute(DUE, {"now": now}).scalar_one())

    def claim(self, account: str, *, owner: str, now: datetime, until: datetime, alone: bool = False) -> bool:
        row = {"account": account, "owner": owner, "until": until, "now": now, "alone": alone}
        return self._connection.execute(self._upserts.sampling, row).one_or_none() is not None

    def release(self, account: str, owner: str) -> None:
        self._connection.execute(RELEASE, {"a_account": account, "a_owner": owner})

    def ready(self, account: str, now: datetime, limit: int) -> tuple[Watch, ...]:
        rows = self._connection.execute(READY, {"a_account": account, "now": now, "n": limit})
        return tuple(map(_watch, rows))

    def plan(self, watch: Watch) -> None:
        row = {name: getattr(watch, name) for name in ("look_at", "tries", "missing", "ended")}
        self._connection.execute(PLAN, {"a_id": watch.delivery_id, **row})

    def put_off(self, account: str, until: datetime) -> int:
        return self._connection.execute(PUT_OFF, {"a_account": account, "until": until}).rowcount

    def put(self, snapshots: Sequence[Snapshot]) -> int:
        new = 0
        for one in snapshots:
            id_ = snapshot_id(one.delivery_id, one.at)
            row = {"id": id_, "gone": one.gone, "source": None if one.source == API else one.source}
            row |= vars(one.metrics)
            if self._connection.execute(self._upserts.snapshot, row).one_or_none() is None:
                continue
            new += 1
            if any(getattr(one.metrics, name) is not None for name in NAMES):
                self._connection.execute(NEWER, {"a_id": one.delivery_id, "newest": id_})
        return new

    def get(self, snapshot_id: int) -> Snapshot | None:
        row = self._connection.execute(GET, {"a_id": snapshot_id}).one_or_none()
        if row is None:
            return None
        watch = self.watched(snapshot_id >> SHIFT)
        return _snapshot(row, watch.account if watch else "")

    def latest(self, ids: Collection[int]) -> Mapping[int, Snapshot]:
        found = {}
        for some in _batches(ids):
            for row in self._connection.execute(LATEST, {"ids": some}):
                found[row.id >> SHIFT] = _snapshot(row, row.account, gone=row.ended == "gone")
        return found

    def of(self, delivery_id: int, since: datetime | None = None) -> tuple[Snapshot, ...]:
        return self.series((delivery_id,), since)

    def series(self, ids: Collection[int], since: datetime | None = None) -> tuple[Snapshot, ...]:
        first = int(since.timestamp()) if since is not None else 0
        found: list[Snapshot] = []
        for some in _batches(sorted(ids)):
            rows = self._connection.execute(SERIES, {"ids": some, "since": first})
            found += [_snapshot(row, row.account) for row in rows]
        return tuple(found)

    def readings(
        self,
        brand: str | None = None,
        *,
        accounts: Collection[str] | None = None,
        since: datetime | None = None,
        after: tuple[datetime, int] | None = None,
        limit: int | None = None,
    ) -> tuple[Reading, ...]:
        query = sa.select(*watches.c, *snapshots.c).select_from(JOINED).order_by(w.out_at, w.delivery_id)
        query = query if limit is None else query.limit(limit)
        if after is not None:
            last = (sa.literal(after[0], w.out_at.type), sa.literal(after[1], w.delivery_id.type))
            query = query.where(sa.tuple_(w.out_at, w.delivery_id) > sa.tuple_(*last))
        if brand is not None:
            query = query.where(w.brand == brand)
        if accounts is not None:
            query = query.where(w.account.in_(sorted(accounts)))
        if since is not None:
            query = query.where(w.out_at >= since)
        flags = self._flags(self._connection.execute(FLAGS_OF_BRAND))
        found = []
        for row in self._connection.execute(query):
            watch = _watch(row)
            noted = flags.get(watch.post_id, frozenset())
            found.append(
                Reading(
                    watch=watch,
                    snapshot=_snapshot(row, watch.account, gone=watch.ended == "gone"),
                    flags=frozenset(flag for flag, account in noted if account in ("", watch.account)),
                )
            )
        return tuple(found)

    def any_of(self, account: str) -> bool:
        return self._connection.execute(ANY_OF, {"a_account": account}).one_or_none() is not None

    def watches(self, brand: str, account: str | None = None) -> tuple[Watch, ...]:
        if account is None:
            return tuple(map(_watch, self._connection.execute(WATCHES, {"a_brand": brand})))
        values = {"a_brand": brand, "a_account": account}
        return tuple(map(_watch, self._connection.execute(WATCHES_OF, values)))

    def flag(self, post_id: int, flag: str, account: str = "") -> None:
        row = {"post_id": post_id, "account": account, "flag": flag}
        self._connection.execute(self._upserts.flagged, row)

    def unflag(self, post_id: int, flag: str, account: str = "") -> None:
        values = {"a_post": post_id, "a_flag": flag, "a_account": account}
        self._connection.execute(UNFLAG, values)

    def flags(self, post_ids: Collection[int]) -> Mapping[int, frozenset[tuple[str, str]]]:
        found: dict[int, frozenset[tuple[str, str]]] = {}
        for some in _batches(post_ids):
            found |= self._flags(self._connection.execute(FLAGS, {"ids": some}))
        return found

    def _flags(self, rows: Iterable[Any]) -> dict[int, frozenset[tuple[str, str]]]:
        found: dict[int, frozenset[tuple[str, str]]] = {}
        for row in rows:
            found[row.post_id] = found.get(row.post_id, frozenset()) | {(row.flag, row.account)}
        return found

    def count_account(self, count: AccountCount) -> None:
        self._connection.execute(self._upserts.account_count, vars(count))

    def account_counts(self, account: str, since: str = "") -> tuple[AccountCount, ...]:
        rows = self._connection.execute(COUNTS, {"a_account": account, "since": since})
        return tuple(AccountCount(**row._mapping) for row in rows)


WATCH_FIELDS = tuple(c.name for c in watches.c)


def _watch(row: Any) -> Watch:
    return Watch(**{name: getattr(row, name) for name in WATCH_FIELDS})


def _snapshot(row: Any, account: str, *, gone: bool = False) -> Snapshot:
    return Snapshot(
        id=row.id,
        delivery_id=row.id >> SHIFT,
        account=account,
        at=datetime.fromtimestamp(row.id % SECONDS, UTC),
        metrics=Metrics(**{name: getattr(row, name) for name in NAMES}),
        source=row.source or API,
        gone=gone or row.gone,
    )


def _batches(ids: Collection[int]) -> Iterator[list[int]]:
    left = iter(ids)
    while some := list(islice(left, AT_ONCE)):
        yield some
