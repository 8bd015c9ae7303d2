"""What was announced, once, and what people do not want to hear for a while."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.alarms import Alert, Kind, Looked, Mute, Reached
from bot.domain.delivery import State
from bot.domain.platform import Metrics
from bot.domain.post import Json
from bot.ports.alerting import Sent, Unlooked
from bot.store.alert_tables import TO_SAY, UNTOLD, alerts, looked, milestones, mutes, usuals
from bot.store.evidence import evidence_from_row, evidence_to_row
from bot.store.snapshots import SECONDS
from bot.store.snapshots_tables import watches
from bot.store.tables import deliveries, parts
from bot.store.upserts import Upserts

a, l_, m, w, d, p = alerts.c, looked.c, milestones.c, watches.c, deliveries.c, parts.c
PLAIN = tuple(c for c in alerts.columns if c.name != "evidence")

UNLOOKED = (
    sa.select(w.delivery_id, w.post_id, w.account, w.platform, w.out_at, w.latest, l_.snapshot_id, l_.peak)
    .select_from(watches.outerjoin(looked, l_.delivery_id == w.delivery_id))
    .where(w.latest > sa.func.coalesce(l_.snapshot_id, 0))
    .order_by(w.delivery_id)
)
UNLOOKED_ACCOUNTS = (
    sa.select(w.account)
    .distinct()
    .select_from(watches.outerjoin(looked, l_.delivery_id == w.delivery_id))
    .where(w.latest > sa.func.coalesce(l_.snapshot_id, 0))
)
SENT = (
    sa.select(d.id, d.post_id, d.account, d.state, d.due, d.platform_wait, p.out_at)
    .select_from(deliveries.outerjoin(parts, sa.and_(p.delivery_id == d.id, p.idx == 0)))
    .order_by(d.due, d.id)
)


class SqlAlerts:
    """`bot.ports.Alerts` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts

    def unlooked_accounts(self) -> tuple[str, ...]:
        return tuple(self._connection.execute(UNLOOKED_ACCOUNTS).scalars())

    def unlooked(self, account: str | None = None, limit: int = 500) -> tuple[Unlooked, ...]:
        query = UNLOOKED.limit(limit)
        if account is not None:
            query = query.where(w.account == account)
        return tuple(_unlooked(row) for row in self._connection.execute(query))

    def looked(self, delivery_id: int) -> Looked | None:
        row = self._connection.execute(sa.select(looked).where(l_.delivery_id == delivery_id)).one_or_none()
        if row is None:
            return None
        return Looked(delivery_id=row.delivery_id, snapshot_id=row.snapshot_id, peak=Metrics(**row.peak))

    def keep_looked(self, looked: Looked) -> None:
        row = {**vars(looked), "peak": {k: v for k, v in vars(looked.peak).items() if v is not None}}
        self._connection.execute(self._upserts.looked, row)

    def reach(self, reached: Reached, *, emitted: bool) -> bool:
        row = {**vars(reached), "emitted": int(emitted)}
        return self._connection.execute(self._upserts.milestone, row).first() is not None

    def reached(self, delivery_ids: Collection[int]) -> tuple[Reached, ...]:
        query = sa.select(milestones).where(m.delivery_id.in_(list(delivery_ids)))
        return self._milestones(query.order_by(m.at, m.delivery_id, m.metric, m.level))

    def reached_by(self, account: str, metric: str, level: int) -> tuple[Reached, ...]:
        query = sa.select(milestones).where(m.account == account, m.metric == metric, m.level == level)
        return self._milestones(query.where(m.after_s.is_not(None)).order_by(m.after_s, m.delivery_id))

    def unemitted(self, limit: int = 50) -> tuple[Reached, ...]:
        query = sa.select(milestones).where(sa.text(UNTOLD)).order_by(m.delivery_id).limit(limit)
        return self._milestones(query)

    def emitted(self, reached: Reached) -> None:
        same = (m.delivery_id == reached.delivery_id, m.metric == reached.metric, m.level == reached.level)
        self._connection.execute(sa.update(milestones).where(*same).values(emitted=1))

    def put(self, alert: Alert) -> int | None:
        row = {**vars(alert), "evidence": _evidence(alert)}
        del row["id"]
        found = self._connection.execute(self._upserts.alert, row).first()
        return None if found is None else int(found[0])

    def get(self, number: int) -> Alert | None:
        row = self._connection.execute(sa.select(alerts).where(a.id == number)).one_or_none()
        return None if row is None else _whole(row)

    def of_key(self, key: str) -> Alert | None:
        row = self._connection.execute(sa.select(alerts).where(a.key == key)).one_or_none()
        return None if row is None else _whole(row)

    def save(self, alert: Alert) -> None:
        names = ("text", "due_at", "told_at", "closed_at", "grouped", "held")
        values = {name: getattr(alert, name) for name in names}
        if alert.evidence is not None:
            values["evidence"] = _evidence(alert)
        self._connection.execute(sa.update(alerts).where(a.id == alert.id).values(values))

    def tell(self, number: int, at: datetime) -> bool:
        change = sa.update(alerts).where(a.id == number, sa.text(TO_SAY)).values(told_at=at)
        return self._connection.execute(change).rowcount > 0

    def open(self, brand: str, kinds: Collection[Kind] | None = None) -> tuple[Alert, ...]:
        query = sa.select(alerts).where(a.brand == brand, a.closed_at.is_(None))
        if kinds is not None:
            query = query.where(a.kind.in_(list(kinds)))
        return tuple(sorted(map(_whole, self._connection.execute(query)), key=lambda alert: alert.id))

    def due(self, now: datetime, limit: int = 100) -> tuple[Alert, ...]:
        query = sa.select(*PLAIN).where(sa.text(TO_SAY), a.due_at <= now).order_by(a.id).limit(limit)
        return tuple(map(_alert, self._connection.execute(query)))

    def told(self, brand: str, since: datetime) -> tuple[Alert, ...]:
        query = sa.select(*PLAIN).where(a.brand == brand, a.told_at >= since)
        return tuple(map(_alert, self._connection.execute(query.order_by(a.told_at, a.id))))

    def recent(self, brand: str, limit: int) -> tuple[Alert, ...]:
        query = sa.select(*PLAIN).where(a.brand == brand).order_by(a.id.desc()).limit(limit)
        return tuple(map(_alert, self._connection.execute(query)))

    def on_platform(self, platform: str, kinds: Collection[Kind], since: datetime) -> tuple[Alert, ...]:
        query = sa.select(*PLAIN).where(a.platform == platform, a.kind.in_(list(kinds)), a.opened_at >= since)
        return tuple(map(_alert, self._connection.execute(query.order_by(a.id))))

    def mute(self, mute: Mute) -> None:
        self._connection.execute(self._upserts.mute, vars(mute))

    def unmute(self, brand: str, account: str, kind: str) -> bool:
        same = (mutes.c.brand == brand, mutes.c.account == account, mutes.c.kind == kind)
        return self._connection.execute(sa.delete(mutes).where(*same)).rowcount > 0

    def mutes(self, brand: str, now: datetime) -> tuple[Mute, ...]:
        query = sa.select(mutes).where(mutes.c.brand == brand, mutes.c.until > now)
        rows = self._connection.execute(query.order_by(mutes.c.account, mutes.c.kind))
        return tuple(Mute(**row._mapping) for row in rows)

    def usual(self, account: str) -> tuple[datetime, Mapping[str, Json] | None] | None:
        row = self._connection.execute(sa.select(usuals).where(usuals.c.account == account)).one_or_none()
        return None if row is None else (row.learned_at, row.stats)

    def keep_usual(self, account: str, at: datetime, stats: Mapping[str, Json] | None) -> None:
        row = {"account": account, "learned_at": at, "stats": None if stats is None else dict(stats)}
        self._connection.execute(self._upserts.usual, row)

    def unread(self, brand: str, tries: int) -> Mapping[str, tuple[int, datetime | None]]:
        stuck = sa.func.sum(sa.case((sa.and_(w.tries >= tries, w.look_at.is_not(None)), 1), else_=0))
        # An id ends in the second at which it was read.
        last = sa.func.max(w.latest % SECONDS)
        query = sa.select(w.account, stuck.label("stuck"), last.label("last")).where(w.brand == brand)
        rows = self._connection.execute(query.group_by(w.account).having(stuck > 0))
        return {
            row.account: (int(row.stuck), datetime.fromtimestamp(int(row.last), UTC) if row.last else None)
            for row in rows
        }

    def sent(self, brand: str, since: datetime, until: datetime) -> tuple[Sent, ...]:
        # The states are all there are: the index begins with them.
        span = (d.state.in_(list(State)), d.due >= since, d.due <= until)
        query = SENT.where(d.brand == brand, *span)
        return tuple(
            Sent(
                delivery_id=row.id,
                post_id=row.post_id,
                account=row.account,
                state=row.state,
                due=row.due,
                out_at=row.out_at,
                platform_wait=row.platform_wait,
            )
            for row in self._connection.execute(query)
        )

    def _milestones(self, query: sa.Select[Any]) -> tuple[Reached, ...]:
        rows = self._connection.execute(query)
        return tuple(Reached(**{k: v for k, v in row._mapping.items() if k != "emitted"}) for row in rows)


def _evidence(alert: Alert) -> Json:
    return None if alert.evidence is None else evidence_to_row(alert.evidence)


def _alert(row: Any) -> Alert:
    return Alert(**row._mapping)


def _whole(row: Any) -> Alert:
    values = dict(row._mapping)
    evidence = values.pop("evidence")
    alert = Alert(**values)
    return alert if evidence is None else replace(alert, evidence=evidence_from_row(evidence))


def _unlooked(row: Any) -> Unlooked:
    before = None
    if row.snapshot_id is not None:
        before = Looked(delivery_id=row.delivery_id, snapshot_id=row.snapshot_id, peak=Metrics(**row.peak))
    return Unlooked(
        delivery_id=row.delivery_id,
        post_id=row.post_id,
        account=row.account,
        platform=row.platform,
        out_at=row.out_at,
        snapshot_id=row.latest,
        looked=before,
    )
