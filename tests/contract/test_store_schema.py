"""From an empty database to the newest schema, never backwards, with a copy before each step."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.errors import StoreError, StoreTooNew
from bot.store import open_store
from bot.store.opening import open_store as open_with
from bot.store.schema import SCHEMA, Schema
from bot.store.tables import OPEN_ATTEMPT, STALE_CARD, UNFINISHED, UNSAID, metadata
from tests.contract.store_rows import add, new

HERE, AHEAD = SCHEMA.head, f"{int(SCHEMA.head) + 1:04d}"

NEXT = f'''"""A later step."""
import sqlalchemy as sa
from alembic import op

revision = "{AHEAD}"
down_revision = "{HERE}"


def upgrade():
    op.add_column("posts", sa.Column("colour", sa.Text))
    {{more}}
'''


def engine_of(url: str) -> sa.Engine:
    return sa.create_engine(url.replace("+aiosqlite", ""), poolclass=sa.NullPool)


def ahead(folder: Path, more: str = "") -> Schema:
    """The schema of a later version: one more step."""
    shutil.copytree(SCHEMA.folder, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / f"v{AHEAD}_next.py").write_text(NEXT.format(more=more))
    return Schema(folder=folder, head=AHEAD)


def rows(file: Path, query: str) -> list[Any]:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


def test_the_newest_revision_is_the_one_the_code_names() -> None:
    script = ScriptDirectory(str(SCHEMA.folder))
    assert script.get_heads() == [SCHEMA.head]
    assert [step.revision for step in script.walk_revisions()] == sorted(
        (step.revision for step in script.walk_revisions()), reverse=True
    )


async def test_the_migrations_make_exactly_the_tables(url: str) -> None:
    await (await open_store(url)).aclose()
    with engine_of(url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        inspector = sa.inspect(connection)
        assert set(inspector.get_table_names()) == {*metadata.tables, "alembic_version"}
        found = {
            index["name"]: (index["unique"], tuple(index["column_names"]))
            for table in metadata.tables
            for index in inspector.get_indexes(table)
            if not index.get("duplicates_constraint")
        }
    assert found == {
        index.name: (index.unique, tuple(column.name for column in index.columns))
        for table in metadata.tables.values()
        for index in table.indexes
    }


async def test_partial_indexes_have_the_conditions_of_the_tables(tmp_path: Path) -> None:
    await (await open_store(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}")).aclose()
    made = dict(rows(tmp_path / "x.db", "SELECT name, sql FROM sqlite_schema WHERE type = 'index'"))
    partial = {
        str(index.name): str(condition)
        for table in metadata.tables.values()
        for index in table.indexes
        if (condition := index.dialect_options["sqlite"]["where"]) is not None
    }
    assert {UNFINISHED, OPEN_ATTEMPT, STALE_CARD, UNSAID} <= set(partial.values())
    for name, condition in partial.items():
        assert made[name].endswith(f"WHERE {condition}")


async def test_an_up_to_date_database_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'clarion.db'}"
    for _ in range(2):
        await (await open_store(url)).aclose()
    assert os.listdir(tmp_path) == ["clarion.db"]


def test_a_start_without_a_migration_needs_no_alembic(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys\n"
        "from bot.store import open_store\n"
        "async def main():\n"
        f"    await (await open_store('sqlite+aiosqlite:///{tmp_path / 'clarion.db'}')).aclose()\n"
        "asyncio.run(main())\n"
        "print('alembic' in sys.modules)\n"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[2],
        )
        for _ in range(2)
    ]
    assert [done.stdout.strip() for done in said] == ["True", "False"]
    assert [done.stderr for done in said] == ["", ""]


async def test_an_older_database_is_copied_then_migrated(tmp_path: Path) -> None:
    file = tmp_path / "100% clarion.db"
    url = f"sqlite+aiosqlite:///{file}"
    store = await open_store(url)
    await add(store, new())
    await store.aclose()
    store = await open_with(url, schema=ahead(tmp_path / "100% later"))
    assert len(await store.read(lambda tx: tx.deliveries.unfinished())) == 1
    await store.aclose()
    copy = tmp_path / f"{file.name}.before-{AHEAD}"
    assert rows(file, "SELECT version_num, colour FROM alembic_version, posts") == [(AHEAD, None)]
    assert rows(copy, "SELECT version_num FROM alembic_version") == [(HERE,)]
    assert rows(copy, "SELECT brief FROM posts") == [("hello",)]
    assert {n for n in os.listdir(tmp_path) if ".db" in n} == {file.name, copy.name}
    with pytest.raises(StoreTooNew, match=rf"newer Clarion \(schema {AHEAD}, this one knows {HERE}\)"):
        await open_store(url)


async def test_a_migration_that_breaks_changes_nothing(url: str, tmp_path: Path) -> None:
    store = await open_store(url)
    await add(store, new())
    await store.aclose()
    later = ahead(tmp_path / "later", "op.execute('CREATE TABLE nonsense')")
    with pytest.raises(StoreError, match="the log names the error"):
        await open_with(url, schema=later)
    store = await open_store(url)
    assert len(await store.read(lambda tx: tx.deliveries.unfinished())) == 1
    await store.aclose()


async def test_a_newer_database_is_refused(url: str) -> None:
    await (await open_store(url)).aclose()
    with engine_of(url).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0107'")
    with pytest.raises(StoreTooNew, match=rf"schema 0107, this one knows {HERE}\); start that version again"):
        await open_store(url)
    with engine_of(url).connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "0107"
