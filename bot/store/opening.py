"""From a URL to a store whose schema is up to date."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import sqlalchemy as sa

from bot.errors import StoreError
from bot.store.faults import translate
from bot.store.schema import SCHEMA, Schema, copy_aside, is_current, revision, upgrade
from bot.store.sqlite import SqliteStore, raw
from bot.store.upserts import upserts

if TYPE_CHECKING:
    from bot.store.postgres import PostgresStore

SqlStore: TypeAlias = "SqliteStore | PostgresStore"

PATIENCE = 5.0
"""Seconds to wait for a lock that another program holds."""

IDLE_MS = 10_000
"""Milliseconds after which PostgreSQL ends a transaction whose process is frozen, so that its rows are
free for others; ours wait for nothing but the server (PostgreSQL manual, 19.11, 2026-11)."""

BAD_URL = "[store] url must look like sqlite+aiosqlite:///clarion.db or postgresql+psycopg://host/database."


async def open_store(url: str, *, patience: float = PATIENCE, schema: Schema = SCHEMA) -> SqlStore:
    """Open the database at ``url``, made or migrated as needed.

    An SQLite file is copied to ``NAME.before-REVISION`` before it is migrated. ``patience``:
    seconds to wait for another program's lock.

    Raises:
        StoreTooNew: A newer Clarion has migrated the database.
        StoreBusy: Another program holds its lock.
        StoreFull: It cannot be written.
        StoreError: It cannot be reached or is none of ours.
    """
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise StoreError(BAD_URL) from None
    try:
        match parsed.get_backend_name():
            case "sqlite" if parsed.database and parsed.database != ":memory:":
                return await _open_sqlite(Path(parsed.database), patience, schema)
            case "postgresql":
                return await _open_postgres(parsed.set(drivername="postgresql+psycopg"), patience, schema)
    except sa.exc.SQLAlchemyError as error:
        raise translate(error) from error
    raise StoreError(BAD_URL)


async def _open_sqlite(path: Path, patience: float, schema: Schema) -> SqliteStore:
    from sqlalchemy.dialects.sqlite import insert

    engine = sa.create_engine(
        sa.URL.create("sqlite+pysqlite", database=str(path)),
        poolclass=sa.NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"timeout": patience, "check_same_thread": False},
        hide_parameters=True,
    )
    sa.event.listen(engine, "connect", _configure)
    await asyncio.to_thread(_prepare, engine, path, schema)
    return SqliteStore(engine, upserts(insert, row_locks=False))


def _configure(connection: object, _record: object) -> None:
    """FULL: a commit is on the disk before a socket is opened on the strength of it.

    16 MiB of pages at the most for each connection: SQLite's own 2 MB are fewer than the index
    pages that a busy minute with 100,000 stored rows keeps coming back to.
    """
    assert hasattr(connection, "execute")
    for pragma in ("foreign_keys = ON", "synchronous = FULL", "cache_size = -16384"):
        connection.execute(f"PRAGMA {pragma}")


def _prepare(engine: sa.Engine, path: Path, schema: Schema) -> None:
    with engine.connect() as connection:
        driver = raw(connection)
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            if not is_current(connection, schema):
                if revision(connection) is not None:
                    copy_aside(path, schema)
                upgrade(connection, schema)
            connection.exec_driver_sql("COMMIT")
        finally:
            if driver.in_transaction:
                driver.execute("ROLLBACK")


async def _open_postgres(url: sa.URL, patience: float, schema: Schema) -> PostgresStore:
    from sqlalchemy.dialects.postgresql import insert
    from sqlalchemy.ext.asyncio import create_async_engine

    from bot.store.postgres import PostgresStore

    limits = f"-c lock_timeout={round(patience * 1000)} -c idle_in_transaction_session_timeout={IDLE_MS}"
    options = " ".join([str(url.query["options"]), limits]) if "options" in url.query else limits
    if importlib.util.find_spec("psycopg") is None:
        raise StoreError(
            "PostgreSQL needs one more package: install clarion with its extra, `clarion[postgres]`."
        )
    engine = create_async_engine(
        url,
        pool_size=10,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"options": options},
    )
    async with contextlib.AsyncExitStack() as undo:
        undo.push_async_callback(engine.dispose)
        async with engine.begin() as connection:
            await connection.run_sync(upgrade, schema)
        undo.pop_all()
    return PostgresStore(engine, upserts(insert, row_locks=True))
