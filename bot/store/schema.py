"""Bringing a database up to date, and refusing one that is ahead of this code."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bot.errors import StoreError, StoreTooNew

LOCK = 0x636C6172696F6E
"""PostgreSQL's advisory lock that one migration at a time holds; "clarion" in ASCII."""


@dataclass(frozen=True)
class Schema:
    """``head`` is the newest revision in ``folder``; kept here so that a start needs no Alembic."""

    folder: Path
    head: str


SCHEMA = Schema(folder=Path(__file__).parent / "migrations", head="0010")


def revision(connection: sa.Connection) -> str | None:
    """The revision the database is at, or None for an empty one.

    Raises `StoreError` for an SQLite file that belongs to another program.
    """
    if connection.dialect.name != "sqlite":
        known = connection.exec_driver_sql("SELECT to_regclass('alembic_version')").scalar_one()
        if known is None:
            return None
    else:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_schema").scalars().all()
        if not names:
            return None
        if "alembic_version" not in names:
            raise StoreError(
                "The database file belongs to another program; give [store] url the path of a new file."
            )
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one_or_none()
    return None if found is None else str(found)


def is_current(connection: sa.Connection, schema: Schema) -> bool:
    """Whether there is nothing to do; raises `StoreTooNew` when the database is ahead."""
    found = revision(connection)
    if found is not None and found > schema.head:
        raise StoreTooNew(
            f"The database was written by a newer Clarion (schema {found}, this one knows {schema.head});"
            " start that version again, or restore the copy made before its migration."
        )
    return found == schema.head


def upgrade(connection: sa.Connection, schema: Schema) -> None:
    """Run what is missing inside the transaction that ``connection`` is in."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
    if is_current(connection, schema):
        return
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(schema.folder).replace("%", "%%"))
    command.upgrade(config, schema.head)


def copy_aside(path: Path, schema: Schema) -> Path:
    """Copy an SQLite database beside itself, whole or not at all; returns the copy's path."""
    copy = path.with_name(f"{path.name}.before-{schema.head}")
    unfinished = copy.with_name(f"{copy.name}.part")
    with (
        contextlib.closing(sqlite3.connect(path)) as source,
        contextlib.closing(sqlite3.connect(unfinished)) as target,
    ):
        source.backup(target)
    os.replace(unfinished, copy)
    return copy
