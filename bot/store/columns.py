"""Column types: how instants, JSON, words and enums lie in a row, the same in every database."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

import sqlalchemy as sa

from bot.domain.post import Json

E = TypeVar("E", bound=StrEnum)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
COMPACT = json.JSONEncoder(separators=(",", ":"))


def to_micros(value: datetime) -> int:
    """Microseconds since 1970-01-01 UTC; raises `ValueError` for a datetime without a zone."""
    if value.tzinfo is None:
        raise ValueError(f"an instant without a zone cannot be stored: {value!r}")
    return (value - EPOCH) // MICROSECOND


def from_micros(value: int) -> datetime:
    """The inverse of `to_micros`, aware UTC."""
    return EPOCH + timedelta(microseconds=value)


def storable(text: str) -> str:
    """The text without what PostgreSQL or UTF-8 cannot hold: NUL, and halves of surrogate pairs.

    What a platform answered must never be the reason that a result is not recorded.
    """
    if text.isascii():
        return text.replace("\0", "\ufffd") if "\0" in text else text
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware UTC datetime as an integer of microseconds, so that no driver can lose its zone."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else from_micros(value)


class Wall(sa.types.TypeDecorator[datetime]):
    """A naive wall time as text, to the second; it sorts as it passes."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else value.isoformat(" ", "seconds")

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


class JsonText(sa.types.TypeDecorator[Any]):
    """A JSON value as ASCII text; None is NULL."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Json, dialect: sa.Dialect) -> str | None:
        return None if value is None else COMPACT.encode(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Json:
        return None if value is None else json.loads(value)


class Words(sa.types.TypeDecorator[str]):
    """Text that people or platforms wrote; see `storable`."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else storable(value)


class Named(sa.types.TypeDecorator[E]):
    """A `StrEnum` as its text."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, kind: type[E]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: E | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else value.value

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> E | None:
        return None if value is None else self.kind(value)


def row_id() -> sa.types.TypeEngine[int]:
    """64 bits everywhere; in SQLite only a plain INTEGER is the row's own number."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def by_bytes() -> sa.types.TypeEngine[str]:
    """Text compared by code point in every database, so that a prefix is a range."""
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
