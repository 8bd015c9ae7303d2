"""A copy of a database to try things on; the original is only read.

The copy is always an SQLite file. What a bot would do to others can be taken out of it: chat
cards, messages that wait, what accounts were granted, calls that are under way.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import sqlalchemy as sa

from bot.domain.delivery import State
from bot.errors import StoreError
from bot.store.faults import translate
from bot.store.opening import open_store
from bot.store.tables import cards, deliveries, grants, meta, metadata, notices

CHUNK = 1_000


async def copy_database(url: str, target: Path) -> None:
    """Copy the database at ``url`` into a new SQLite file.

    Raises `StoreError` when it cannot be read.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        await asyncio.to_thread(_copy_file, Path(parsed.database or ""), target)
    store = await open_store(f"sqlite+aiosqlite:///{target}")
    await store.aclose()
    if parsed.get_backend_name() != "sqlite":
        await asyncio.to_thread(_copy_rows, parsed.set(drivername="postgresql+psycopg"), target)


async def tame(target: Path) -> None:
    """Take out of a copy what a bot would do to others."""
    await asyncio.to_thread(_tame, target)


def _copy_file(source: Path, target: Path) -> None:
    try:
        with (
            contextlib.closing(
                sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)
            ) as original,
            contextlib.closing(sqlite3.connect(target)) as copy,
        ):
            original.backup(copy)
    except sqlite3.Error as error:
        raise StoreError(f"{source.name} could not be read ({error}).") from None


def _copy_rows(source: sa.URL, target: Path) -> None:
    """Every table, in the order in which they refer to each other, from one snapshot."""
    original = sa.create_engine(source, poolclass=sa.NullPool, hide_parameters=True)
    copy = _engine(target)
    try:
        with original.connect() as there, copy.begin() as here:
            there = there.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            here.exec_driver_sql("PRAGMA foreign_keys = OFF")
            for table in metadata.sorted_tables:
                here.execute(sa.delete(table))
                rows = there.execution_options(stream_results=True).execute(sa.select(table)).mappings()
                for part in rows.partitions(CHUNK):
                    here.execute(sa.insert(table), [dict(row) for row in part])
    except sa.exc.ProgrammingError:
        raise StoreError(
            "The database was written by another version; start this one on it once, then simulate."
        ) from None
    except sa.exc.SQLAlchemyError as error:
        raise translate(error) from error
    finally:
        original.dispose()
        copy.dispose()


def _tame(target: Path) -> None:
    d = deliveries.c
    doubtful = sa.or_(d.state == State.PUBLISHING, d.state == State.UNCONFIRMED)
    engine = _engine(target)
    try:
        with engine.begin() as connection:
            connection.execute(sa.delete(cards))
            connection.execute(sa.delete(grants))
            connection.execute(sa.update(notices).values(sent=True))
            connection.execute(sa.delete(meta).where(meta.c.key == "kind"))
            connection.execute(
                sa.update(deliveries).where(doubtful).values(state=State.UNCONFIRMED, wake_at=None)
            )
            over = sa.update(deliveries).where(d.state == State.HANDED_OVER)
            connection.execute(over.values(wake_at=None))
            connection.execute(sa.update(deliveries).values(lease_owner=None, lease_until=None))
    finally:
        engine.dispose()


def _engine(target: Path) -> sa.Engine:
    return sa.create_engine(sa.URL.create("sqlite+pysqlite", database=str(target)), poolclass=sa.NullPool)
