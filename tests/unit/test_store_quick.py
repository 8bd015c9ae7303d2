"""The quick way answers as SQLAlchemy's own way does, and leaves to it what it cannot do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import pytest
import sqlalchemy as sa

from bot.store.columns import Instant, JsonText, Named
from bot.store.quick import Quick
from bot.testing.clock import START


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


THINGS = sa.Table(
    "things",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("at", Instant()),
    sa.Column("facts", JsonText()),
    sa.Column("colour", Named(Colour), nullable=False),
    sa.Column("good", sa.Boolean, nullable=False),
)
t = THINGS.c
INSERT = sa.insert(THINGS)
RETURNING = sa.insert(THINGS).returning(t.id)
BY_NAME = sa.select(THINGS).where(t.name == sa.bindparam("a_name"))
AMONG = sa.select(t.name).where(t.name.in_(sa.bindparam("names", expanding=True))).order_by(t.id)
FIRST = sa.select(t.name).order_by(t.id).limit(1)
LABELLED = sa.select(t.name, sa.exists().where(t.id == 0).label("ghost")).order_by(t.id)
REPAINT = (
    sa.update(THINGS)
    .where(t.colour == Colour.RED, t.at <= sa.bindparam("now", type_=t.at.type))
    .values(colour=Colour.BLUE)
)
REPAINT_RETURNING = REPAINT.returning(t.name, t.at)
FORGET = sa.delete(THINGS)


def thing(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "at": START,
        "facts": {"n": [1, None]},
        "colour": Colour.RED,
        "good": True,
        **changes,
    }


@pytest.fixture
def connections() -> Iterator[tuple[sa.Connection, Quick]]:
    """One connection, asked in both ways."""
    engine = sa.create_engine("sqlite+pysqlite://", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        THINGS.create(connection)
        yield connection, Quick(connection)
    engine.dispose()


@pytest.mark.parametrize("name", ["a", "nobody"])
def test_rows_are_the_same(connections: tuple[sa.Connection, Quick], name: str) -> None:
    slow, quick = connections
    for row in (thing("a", facts=None), thing("b", at=None, good=False)):
        quick.execute(INSERT, row)
    for statement, values in ((BY_NAME, {"a_name": name}), (FIRST, None), (LABELLED, None)):
        expected = slow.execute(statement, values).all()
        for _ in range(2):
            found = quick.execute(statement, values).all()
            assert found == expected
            assert [row._mapping for row in found] == [row._mapping for row in expected]


def test_what_is_written_comes_back_converted(connections: tuple[sa.Connection, Quick]) -> None:
    _, quick = connections
    assert quick.execute(RETURNING, thing("a")).scalar_one() == 1
    row = quick.execute(BY_NAME, {"a_name": "a"}).one()
    assert (row.at, row.facts, row.colour, row.good) == (START, {"n": [1, None]}, Colour.RED, True)
    assert quick.execute(BY_NAME, {"a_name": "b"}).one_or_none() is None


def test_the_statements_own_values_are_kept(connections: tuple[sa.Connection, Quick]) -> None:
    _, quick = connections
    for name, hours in (("a", 0), ("b", 1), ("c", 5)):
        quick.execute(INSERT, thing(name, at=START + timedelta(hours=hours)))
    now = START + timedelta(hours=1)
    (painted,) = quick.execute(REPAINT_RETURNING, {"now": START})
    assert (painted.name, painted.at) == ("a", START)
    done = quick.execute(REPAINT, {"now": now})
    assert isinstance(done, sa.Result)
    assert done.rowcount == 1  # type: ignore[attr-defined]  # the driver's count
    assert quick.execute(FORGET).rowcount == 3  # type: ignore[attr-defined]  # the driver's count


def test_lists_several_rows_and_other_keys_take_the_long_way(
    connections: tuple[sa.Connection, Quick],
) -> None:
    _, quick = connections
    quick.execute(INSERT, [thing("a"), thing("b"), thing("c")])
    assert quick.execute(AMONG, {"names": ["c", "a"]}).scalars().all() == ["a", "c"]
    assert quick.execute(AMONG, {"names": ["b"]}).scalars().all() == ["b"]
    quick.execute(INSERT, thing("d"))
    quick.execute(INSERT, thing("e", id=50))
    assert quick.execute(BY_NAME, {"a_name": "e"}).one().id == 50


def test_errors_are_the_drivers(connections: tuple[sa.Connection, Quick]) -> None:
    _, quick = connections
    quick.execute(INSERT, thing("a"))
    with pytest.raises(sqlite3.IntegrityError):
        quick.execute(INSERT, thing("a"))
    with pytest.raises(ValueError, match="without a zone"):
        quick.execute(INSERT, thing("b", at=datetime(2026, 11, 21)))  # noqa: DTZ001 - that is the point
