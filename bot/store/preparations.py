"""What targets need made of their files, and what was made."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from bot.domain.post import Media, media_from_json, media_to_json
from bot.domain.preparing import Need, Preparation, Stage, plan_from_json, plan_to_json
from bot.store.media_tables import MAKING, preparations
from bot.store.tables import deliveries

HASH = re.compile(r"\b[0-9a-f]{64}\b")
p = preparations.c
OPEN = sa.text(MAKING)
NONE_MADE: Mapping[str, tuple[Media, float]] = MappingProxyType({})
NONE_FAILED: Mapping[str, str] = MappingProxyType({})
ID = p.id == sa.bindparam("a_id", type_=p.id.type)
NOW = sa.bindparam("now", type_=p.until.type)
IDLE = sa.or_(p.stage == Stage.WAITING, p.until <= NOW)

FORGET = sa.delete(preparations).where(p.delivery_id == sa.bindparam("a_delivery", type_=p.delivery_id.type))
OF_POST = (
    sa.select(preparations)
    .where(p.post_id == sa.bindparam("a_post", type_=p.post_id.type))
    .order_by(p.delivery_id, p.part, p.place)
)
GET = sa.select(preparations).where(ID)
COUNT = sa.select(sa.func.count()).select_from(preparations).where(OPEN)
LEFT = (
    sa.select(p.id)
    .where(OPEN, p.stage == Stage.RUNNING, p.owner == sa.bindparam("me", type_=p.owner.type))
    .limit(1)
)
NEXT = sa.select(preparations).where(OPEN, IDLE).order_by(p.id).limit(1)
TAKE = (
    sa.update(preparations)
    .where(ID, OPEN, IDLE)
    .values(
        stage=Stage.RUNNING,
        tries=p.tries + 1,
        owner=sa.bindparam("me", type_=p.owner.type),
        until=sa.bindparam("ends", type_=p.until.type),
    )
    .returning(*preparations.columns)
)


class SqlPreparations:
    """`bot.ports.Preparations` on a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(
        self,
        post_id: int,
        delivery_id: int,
        needs: Sequence[Need],
        *,
        made: Mapping[str, tuple[Media, float]] = NONE_MADE,
        failed: Mapping[str, str] = NONE_FAILED,
    ) -> None:
        self._connection.execute(FORGET, {"a_delivery": delivery_id})
        for need in needs:
            media, took = made.get(need.key, (None, 0.0))
            said = failed.get(need.key, "")
            stage = Stage.DONE if media is not None else Stage.FAILED if said else Stage.WAITING
            self._connection.execute(
                sa.insert(preparations),
                {
                    "post_id": post_id,
                    "delivery_id": delivery_id,
                    "part": need.part,
                    "place": need.place,
                    "source_hash": need.source.sha256,
                    "source": media_to_json(need.source),
                    "plan": plan_to_json(need.plan),
                    "key": need.key,
                    "stage": stage,
                    "percent": 100 if media is not None else 0,
                    "tries": 0,
                    "said": said,
                    "made": media_to_json(media) if media is not None else None,
                    "took": took,
                    "owner": "",
                },
            )

    def of_post(self, post_id: int) -> tuple[Preparation, ...]:
        return tuple(map(_from_row, self._connection.execute(OF_POST, {"a_post": post_id})))

    def get(self, id_: int) -> Preparation | None:
        row = self._connection.execute(GET, {"a_id": id_}).one_or_none()
        return None if row is None else _from_row(row)

    def under_way(self) -> int:
        return int(self._connection.execute(COUNT).scalar_one())

    def next_due(self, now: datetime) -> Preparation | None:
        row = self._connection.execute(NEXT, {"now": now}).one_or_none()
        return None if row is None else _from_row(row)

    def take(self, id_: int, *, owner: str, now: datetime, until: datetime) -> Preparation | None:
        values = {"a_id": id_, "me": owner, "now": now, "ends": until}
        row = self._connection.execute(TAKE, values).one_or_none()
        return None if row is None else _from_row(row)

    def step(self, id_: int, *, owner: str, percent: int, until: datetime) -> bool:
        mine = (p.id == id_, p.stage == Stage.RUNNING, p.owner == owner)
        change = sa.update(preparations).where(*mine).values(percent=percent, until=until)
        return self._connection.execute(change).rowcount > 0

    def done(self, key: str, made: Media, took: float) -> tuple[int, ...]:
        change = (
            sa.update(preparations)
            .where(p.key == key, OPEN)
            .values(
                stage=Stage.DONE,
                percent=100,
                made=media_to_json(made),
                took=took,
                owner="",
                until=None,
                said="",
            )
            .returning(p.delivery_id)
        )
        return tuple(dict.fromkeys(self._connection.execute(change).scalars()))

    def stop(self, id_: int, stage: Stage, said: str) -> bool:
        change = sa.update(preparations).where(p.id == id_, OPEN)
        return (
            self._connection.execute(change.values(stage=stage, said=said, owner="", until=None)).rowcount > 0
        )

    def again(self, id_: int) -> None:
        change = sa.update(preparations).where(p.id == id_, p.stage.in_([Stage.FAILED, Stage.CANCELLED]))
        self._connection.execute(change.values(stage=Stage.WAITING, percent=0, said=""))

    def left_by(self, owner: str) -> bool:
        found = self._connection.execute(LEFT, {"me": owner}).first()
        return found is not None

    def put_back(self, owner: str | None = None) -> int:
        change = sa.update(preparations).where(p.stage == Stage.RUNNING)
        if owner is not None:
            change = change.where(p.owner == owner)
        return self._connection.execute(change.values(stage=Stage.WAITING, owner="", until=None)).rowcount

    def found(self, keys: Collection[str]) -> Mapping[str, tuple[Media, float]]:
        if not keys:
            return {}
        query = sa.select(p.key, p.made, p.took).where(p.key.in_(list(keys)), p.made.is_not(None))
        return {row.key: (media_from_json(row.made), row.took) for row in self._connection.execute(query)}

    def named(self, after: int, limit: int) -> tuple[int, frozenset[str]]:
        d = deliveries.c
        query = sa.select(d.id, d.variant).where(d.id > after).order_by(d.id).limit(limit)
        rows = self._connection.execute(query).all()
        hashes = frozenset(h for row in rows for h in HASH.findall(json.dumps(row.variant)))
        return (rows[-1].id if len(rows) == limit else 0), hashes

    def originals(self, hashes: Collection[str]) -> Mapping[str, Media]:
        if not hashes:
            return {}
        query = sa.select(p.source_hash, p.source).where(p.source_hash.in_(list(hashes)))
        return {row.source_hash: media_from_json(row.source) for row in self._connection.execute(query)}


def _from_row(row: Any) -> Preparation:
    need = Need(
        part=row.part,
        place=row.place,
        source=media_from_json(row.source),
        plan=plan_from_json(row.plan),
    )
    return Preparation(
        id=row.id,
        post_id=row.post_id,
        delivery_id=row.delivery_id,
        need=need,
        stage=row.stage,
        percent=row.percent,
        tries=row.tries,
        said=row.said,
        made=media_from_json(row.made) if row.made else None,
        took=row.took,
        owner=row.owner,
        until=row.until,
    )
