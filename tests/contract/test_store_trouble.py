"""A database that does not do what it should: every trouble has a sentence with the way out."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from bot.domain.records import AuditEntry
from bot.errors import Conflict, StoreBusy, StoreError, StoreFull
from bot.store import SqlStore, open_store
from bot.store.sqlite import SqliteStore
from bot.testing.clock import START
from tests.contract.conftest import Opener, Postgres
from tests.contract.store_rows import add, attempt, claim, keep, new, post

NOBODY = 65534


def file_of(folder: Path) -> Path:
    return folder / "clarion.db"


def url_of(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{file_of(folder)}"


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program holds the write lock."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


async def test_a_lock_held_by_another_program(tmp_path: Path) -> None:
    store = await open_store(url_of(tmp_path), patience=0.05)
    await add(store, new())
    with locked(file_of(tmp_path)):
        found = await asyncio.gather(*(add(store, new()) for _ in range(3)), return_exceptions=True)
        assert [type(error) for error in found] == [StoreBusy] * 3
        assert "locked by another program" in str(found[0])
        assert len(await store.read(lambda tx: tx.deliveries.unfinished())) == 1
        with pytest.raises(StoreBusy, match="locked by another program"):
            await open_store(url_of(tmp_path), patience=0.05)
    await add(store, new())
    await store.aclose()


async def test_a_lock_that_is_let_go_in_time(tmp_path: Path) -> None:
    store = await open_store(url_of(tmp_path), patience=30)
    with locked(file_of(tmp_path)):
        writing = asyncio.ensure_future(add(store, new()))
        for _ in range(5):
            assert await store.read(lambda tx: tx.deliveries.unfinished()) == ()
        assert not writing.done()
    assert len(await writing) == 1
    await store.aclose()


async def test_a_file_locked_for_reading_too(tmp_path: Path) -> None:
    store = await open_store(url_of(tmp_path), patience=0.05)
    await store.aclose()
    with contextlib.closing(sqlite3.connect(file_of(tmp_path), isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreBusy):
            await open_store(url_of(tmp_path), patience=0.05)


async def test_a_full_disk(tmp_path: Path) -> None:
    store = await open_store(url_of(tmp_path))
    assert isinstance(store, SqliteStore)
    await add(store, new())
    pages = store._raw.execute("PRAGMA page_count").fetchone()[0]
    store._raw.execute(f"PRAGMA max_page_count = {pages + 2}")
    writes = [add(store, new(text="long" * 50_000)), *(add(store, new(text=str(n))) for n in range(3))]
    found = await asyncio.gather(*writes, return_exceptions=True)
    assert isinstance(found[0], StoreFull)
    assert str(found[0]) == "The disk that holds the database is full; free some room, then try again."
    assert [len(rows) for rows in found[1:] if not isinstance(rows, BaseException)] == [1, 1, 1]
    store._raw.execute("PRAGMA max_page_count = 100000")
    await add(store, new(text="long" * 50_000))
    assert len(await store.read(lambda tx: tx.deliveries.unfinished())) == 5
    await store.aclose()


class Failing:
    """The driver's connection, with a disk that fills up in the middle of one COMMIT."""

    def __init__(self, real: sqlite3.Connection, left: int) -> None:
        self._real = real
        self.left = left

    @property
    def in_transaction(self) -> bool:
        return self._real.in_transaction

    def execute(self, sql: str) -> sqlite3.Cursor:
        if sql == "COMMIT" and self.left:
            self.left -= 1
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        return self._real.execute(sql)


@pytest.mark.parametrize("failures", [1, 2, 9])
async def test_a_commit_that_fails_is_tried_once_more_by_each_alone(tmp_path: Path, failures: int) -> None:
    store = await open_store(url_of(tmp_path))
    assert isinstance(store, SqliteStore)
    store._raw = Failing(store._raw, failures)  # type: ignore[assignment]
    writes = (store.write(keep(str(n))) for n in range(3))
    found = await asyncio.gather(*writes, return_exceptions=True)
    lost = [n for n, result in enumerate(found) if isinstance(result, StoreFull)]
    assert lost == list(range(3))[: failures - 1]
    kept = await store.read(lambda tx: [n for n in range(3) if tx.meta.get(str(n))])
    assert kept == [n for n in range(3) if n not in lost]
    await store.aclose()


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that a user without rights can look into; root may write everywhere."""
    with tempfile.TemporaryDirectory(prefix="clarion-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


async def test_a_file_that_may_not_be_written(public_folder: Path) -> None:
    await (await open_store(url_of(public_folder))).aclose()
    os.chmod(file_of(public_folder), 0o444)
    os.chmod(public_folder, 0o555)
    with as_nobody(), pytest.raises(StoreFull, match=r"cannot be (written|opened)"):
        await open_store(url_of(public_folder))
    os.chmod(public_folder, 0o755)


async def test_a_file_that_becomes_read_only(tmp_path: Path) -> None:
    store = await open_store(url_of(tmp_path))
    assert isinstance(store, SqliteStore)
    store._raw.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreFull, match="make its file and folder writable"):
        await add(store, new())
    await store.aclose()


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreFull, match="check that its folder exists"):
        await open_store(url_of(tmp_path / "nowhere"))


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    file_of(tmp_path).write_text("dear diary, " * 100)
    with pytest.raises(StoreError, match="no database"):
        await open_store(url_of(tmp_path))
    assert file_of(tmp_path).read_text().startswith("dear diary")


async def test_a_file_of_another_program(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(file_of(tmp_path))) as other:
        other.execute("CREATE TABLE songs(name)")
    with pytest.raises(StoreError, match="another program"):
        await open_store(url_of(tmp_path))


@pytest.mark.parametrize(
    "url", ["", "clarion.db", "mysql://root:hunter2@db/x", "sqlite+aiosqlite://", "sqlite:///:memory:", "://"]
)
async def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(StoreError, match=r"must look like sqlite\+aiosqlite") as found:
        await open_store(url)
    assert "hunter2" not in str(found.value)


async def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be reached") as found:
        await open_store(f"postgresql+psycopg://clarion:hunter2@/clarion?host={tmp_path}")
    assert "hunter2" not in str(found.value)
    assert str(tmp_path) not in str(found.value)


@pytest.mark.postgres
async def test_rows_locked_by_another_session(postgres: Postgres, template: str) -> None:
    name, url = postgres.database(template)
    store = await open_store(url, patience=0.05)
    (row,) = await add(store, new())
    plain = postgres.uri.replace("/postgres?", f"/{name}?")
    with psycopg.connect(plain) as other:
        other.execute("UPDATE deliveries SET tries = 9")
        with pytest.raises(StoreBusy, match="locked by another program"):
            await store.write(lambda tx: tx.deliveries.save(row, fence=0))
        assert await store.write(claim) == ()
        other.rollback()
    assert len(await store.write(claim)) == 1
    await store.aclose()


@pytest.mark.postgres
async def test_a_session_that_the_server_ends(postgres: Postgres, template: str) -> None:
    name, url = postgres.database(template)
    store = await open_store(url)
    await add(store, new())
    with psycopg.connect(postgres.uri, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
    await add(store, new())
    assert len(await store.read(lambda tx: tx.deliveries.unfinished())) == 2
    await store.aclose()


def driver(url: str) -> sa.Engine:
    """Another program's way into the same database."""
    plain = url.replace("+aiosqlite", "")
    return sa.create_engine(plain, poolclass=sa.NullPool)


async def test_the_database_itself_refuses_a_second_open_attempt(store: SqlStore, url: str) -> None:
    await add(store, new())
    (mine,) = await store.write(claim)
    await store.write(lambda tx: tx.attempts.open(attempt(mine, "k1"), owner="me"))
    row = (
        "INSERT INTO attempts"
        " (delivery_id, part, fence, key, state, started_at, deadline, request_hash, error)"
        f" VALUES ({mine.id}, 0, 1, 'k2', 'unknown', 0, 0, '', '')"
    )
    with driver(url).connect() as other, pytest.raises(sa.exc.IntegrityError):
        other.exec_driver_sql(row)
    with driver(url).begin() as other:
        other.exec_driver_sql(row.replace("unknown", "failed"))
    (_, failed) = await store.read(lambda tx: tx.attempts.of_delivery(mine.id))
    with pytest.raises(Conflict, match="open attempt"):
        await store.write(lambda tx: tx.attempts.close(failed.id, attempt(mine, "x").state))


@pytest.mark.parametrize("change", ["DELETE FROM audit", "UPDATE audit SET who = 'nobody'"])
async def test_the_audit_trail_only_grows(store: SqlStore, url: str, change: str) -> None:
    kept, _ = await store.write(lambda tx: tx.posts.add(post(), ()))
    entry = AuditEntry(at=START, brand="acme", who="bob", what="approved", post_id=kept.id)
    await store.write(lambda tx: tx.audit.add(entry))
    with driver(url).connect() as other, pytest.raises(sa.exc.DBAPIError, match="only grows"):
        other.exec_driver_sql(change)
    assert await store.read(lambda tx: tx.audit.of_post(kept.id)) == (entry,)


async def test_two_stores_open_an_empty_database_at_once(opener: Opener) -> None:
    one, two = await asyncio.gather(opener(), opener())
    await add(one, new())
    await add(two, new())
    assert len(await one.read(lambda tx: tx.deliveries.unfinished())) == 2
