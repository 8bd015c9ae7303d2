"""Slots and days off that were added in a chat."""

from __future__ import annotations

import sqlalchemy as sa

from bot.domain.series import CalendarEntry, EntryKind
from bot.store.tables import calendar
from bot.store.upserts import Upserts

c = calendar.c
BRAND = sa.bindparam("a_brand", type_=c.brand.type)
OF_BRAND = sa.select(calendar).where(c.brand == BRAND).order_by(c.kind, c.text)
REMOVE = sa.delete(calendar).where(
    c.brand == BRAND,
    c.kind == sa.bindparam("a_kind", type_=c.kind.type),
    c.text == sa.bindparam("a_text", type_=c.text.type),
)


class SqlCalendars:
    """`bot.ports.Calendars` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts

    def add(self, entry: CalendarEntry) -> bool:
        return self._connection.execute(self._upserts.calendar, vars(entry)).one_or_none() is not None

    def remove(self, brand: str, kind: EntryKind, text: str) -> bool:
        values = {"a_brand": brand, "a_kind": kind, "a_text": text}
        return self._connection.execute(REMOVE, values).rowcount > 0

    def of_brand(self, brand: str) -> tuple[CalendarEntry, ...]:
        rows = self._connection.execute(OF_BRAND, {"a_brand": brand})
        return tuple(CalendarEntry(**row._mapping) for row in rows)
