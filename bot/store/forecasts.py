"""The ledger of what was predicted for a time, and what came of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.forecast import Forecast, Stage, advice_from_json, advice_to_json
from bot.store.forecast_tables import FORETOLD, forecasts
from bot.store.upserts import Upserts

f = forecasts.c
OPEN = sa.text(FORETOLD)
ID = f.id == sa.bindparam("a_id", type_=f.id.type)
OF_DELIVERY = f.delivery_id == sa.bindparam("a_delivery", type_=f.delivery_id.type)
BRAND = f.brand == sa.bindparam("a_brand", type_=f.brand.type)
ACCOUNT = f.account == sa.bindparam("a_account", type_=f.account.type)
BEFORE = f.slot < sa.bindparam("before", type_=f.slot.type)
LIMIT = sa.bindparam("n", type_=sa.Integer())
MANY = 500
"""Ids in one statement; databases bound how many values a statement may have."""

SELECT = sa.select(forecasts)
GET = SELECT.where(OF_DELIVERY)
POST = SELECT.where(f.post_id == sa.bindparam("a_post", type_=f.post_id.type)).order_by(f.delivery_id)
AT = (
    SELECT.where(ACCOUNT, f.slot == sa.bindparam("a_slot", type_=f.slot.type), OPEN)
    .order_by(f.id.desc())
    .limit(1)
)
FORGET = sa.delete(forecasts).where(OF_DELIVERY, OPEN)
OPEN_OF = SELECT.where(BRAND, OPEN, BEFORE).order_by(f.slot, f.id).limit(LIMIT)
BRANDS = sa.select(f.brand).distinct().where(OPEN, BEFORE).order_by(f.brand)
DONE = f.stage == Stage.REALISED
LIGHT = sa.select(*(c for c in forecasts.columns if c.name not in ("later", "rows", "facts")))
"""What a comparison needs; the rest may be a thousand times as much."""

DONE_OF = LIGHT.where(BRAND, DONE).order_by(f.id.desc()).limit(LIMIT)
RECENT = SELECT.where(BRAND).order_by(f.id.desc()).limit(LIMIT)
COUNT = sa.select(sa.func.count()).select_from(forecasts).where(ACCOUNT)


class SqlForecasts:
    """`bot.ports.Forecasts` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts

    def put(self, forecast: Forecast) -> Forecast:
        known = self.of_delivery(forecast.delivery_id)
        if known is not None and known.stage is not Stage.OPEN:
            return known
        values = _to_row(forecast)
        if known is not None:
            self._connection.execute(sa.update(forecasts).where(f.id == known.id).values(**values))
            return replace(forecast, id=known.id)
        id_ = self._connection.execute(sa.insert(forecasts).returning(f.id), values).scalar_one()
        return replace(forecast, id=id_)

    def of_delivery(self, delivery_id: int) -> Forecast | None:
        return self._one(GET, {"a_delivery": delivery_id})

    def of_post(self, post_id: int) -> tuple[Forecast, ...]:
        return self._all(POST, {"a_post": post_id})

    def at(self, account: str, slot: datetime) -> Forecast | None:
        return self._one(AT, {"a_account": account, "a_slot": slot})

    def close(
        self,
        id_: int,
        *,
        at: datetime,
        realised: float | None = None,
        compared: int = 0,
        why: str = "",
    ) -> bool:
        stage = Stage.VOID if realised is None else Stage.REALISED
        change = (
            sa.update(forecasts)
            .where(f.id == id_, OPEN)
            .values(stage=stage, realised=realised, realised_at=at, compared=compared, why=why)
        )
        return self._connection.execute(change).rowcount > 0

    def drop(self, delivery_id: int) -> None:
        self._connection.execute(FORGET, {"a_delivery": delivery_id})

    def open(self, brand: str, *, before: datetime, limit: int = 200) -> tuple[Forecast, ...]:
        return self._all(OPEN_OF, {"a_brand": brand, "before": before, "n": limit})

    def brands_open(self, *, before: datetime) -> tuple[str, ...]:
        return tuple(self._connection.execute(BRANDS, {"before": before}).scalars())

    def realised(self, brand: str, *, account: str | None = None, limit: int = 500) -> tuple[Forecast, ...]:
        found = self._newest(DONE_OF, brand, account, limit)
        return tuple(reversed(found))

    def recent(self, brand: str, *, account: str | None = None, limit: int = 20) -> tuple[Forecast, ...]:
        return self._newest(RECENT, brand, account, limit)

    def count(self, account: str) -> int:
        return int(self._connection.execute(COUNT, {"a_account": account}).scalar_one())

    def explored(self, ids: Collection[int]) -> frozenset[int]:
        found: set[int] = set()
        for some in _batches(ids):
            query = sa.select(f.delivery_id).where(f.delivery_id.in_(some), f.explore == 1)
            found.update(self._connection.execute(query).scalars())
        return frozenset(found)

    def slots(self, ids: Collection[int]) -> Mapping[int, datetime]:
        found: dict[int, datetime] = {}
        for some in _batches(ids):
            query = sa.select(f.delivery_id, f.slot).where(f.delivery_id.in_(some))
            found |= {row.delivery_id: row.slot for row in self._connection.execute(query)}
        return found

    def _newest(
        self, query: sa.Select[Any], brand: str, account: str | None, limit: int
    ) -> tuple[Forecast, ...]:
        values: dict[str, Any] = {"a_brand": brand, "n": limit}
        if account is None:
            return self._all(query, values)
        return self._all(query.where(ACCOUNT), {**values, "a_account": account})

    def _one(self, query: sa.Select[Any], values: Mapping[str, Any]) -> Forecast | None:
        row = self._connection.execute(query, values).one_or_none()
        return None if row is None else _from_row(row)

    def _all(self, query: sa.Select[Any], values: Mapping[str, Any]) -> tuple[Forecast, ...]:
        return tuple(map(_from_row, self._connection.execute(query, values)))


def _batches(ids: Collection[int]) -> list[list[int]]:
    known = sorted(set(ids))
    return [known[i : i + MANY] for i in range(0, len(known), MANY)]


def _to_row(forecast: Forecast) -> dict[str, Any]:
    plain = {name: getattr(forecast, name) for name in PLAIN}
    return {
        **plain,
        "explore": int(forecast.advice.explore),
        "advice": advice_to_json(forecast.advice),
        "later": [advice_to_json(one) for one in forecast.later],
        "rows": list(forecast.rows),
        "facts": dict(forecast.facts),
    }


PLAIN = (
    "delivery_id",
    "post_id",
    "brand",
    "account",
    "platform",
    "content_type",
    "slot",
    "made_at",
    "origin",
    "method",
    "seed",
    "propensity",
    "stage",
    "realised",
    "realised_at",
    "compared",
    "why",
)
"""Columns that are attributes of a `Forecast` as they are."""


def _from_row(row: Any) -> Forecast:
    return Forecast(
        id=row.id,
        **{name: getattr(row, name) for name in PLAIN},
        advice=advice_from_json(row.advice),
        later=tuple(map(advice_from_json, getattr(row, "later", ()))),
        rows=tuple(getattr(row, "rows", ())),
        facts=getattr(row, "facts", {}),
    )
