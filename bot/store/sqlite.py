"""The store on SQLite: one writer, commits in groups, reads on a snapshot.

A statement takes SQLite some 10 µs, less than handing it to a thread and back (8 statements:
0.2 ms here, 2.4 ms through a thread per statement; with a busy event loop the threads wait for
each other for milliseconds). So statements run where they are asked for, and only what may really
wait goes to a thread: the lock of another program, and COMMIT with its fsync.

While one commit is under way, units queue; then all of them share the next BEGIN IMMEDIATE …
COMMIT, each inside a savepoint of its own, so that one which fails takes nothing with it.
Nothing here is driven by a task: whoever is cancelled leaves the others' transaction alone.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar, cast

import sqlalchemy as sa

from bot.errors import StoreBusy, StoreError
from bot.ports import Tx
from bot.store.faults import READ_ONLY, WROTE_WHILE_READING, is_busy, translate
from bot.store.quick import Quick
from bot.store.tx import SqlTx
from bot.store.upserts import Upserts

T = TypeVar("T")

GROUP = 64
"""Units in one transaction; more would keep the first one waiting for little gain."""


class Lost(Exception):
    """The transaction ended without this unit, through no fault of its own."""


class Turn:
    """One unit's place in the queue: told when its transaction has begun, and when it landed."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, alone: bool) -> None:
        self.alone = alone
        self.begun: asyncio.Future[Group] = loop.create_future()
        self.landed: asyncio.Future[BaseException | None] = loop.create_future()

    def refuse(self, error: BaseException) -> None:
        if not self.begun.done():
            self.begun.set_exception(error)

    def land(self, error: BaseException | None) -> None:
        if not self.landed.done():
            self.landed.set_result(error)


class Group:
    """The units of one transaction; it ends when nobody in it is ``pending`` any more.

    ``gone``: SQLite has rolled all of it back by itself, as it may when the disk is full.
    """

    def __init__(self) -> None:
        self.pending = 0
        self.ran: list[Turn] = []
        self.gone = False


class SqliteStore:
    """`bot.ports.Store` on an SQLite file; made by `bot.store.open_store`.

    ``engine`` opens connections that wait for another program's lock; here only a thread
    waits. A caller of `write` that is cancelled may find its unit committed all the same.
    """

    def __init__(self, engine: sa.Engine, upserts: Upserts) -> None:
        self._loop = asyncio.get_running_loop()
        self._engine = engine
        self._upserts = upserts
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="store")
        self._writer = engine.connect()
        self._reader = engine.connect()
        self._raw = raw(self._writer)
        self._patience_ms = int(self._raw.execute("PRAGMA busy_timeout").fetchone()[0])
        for connection in (self._writer, self._reader):
            raw(connection).execute("PRAGMA busy_timeout = 0")
        self._write_tx = SqlTx(_quick(self._writer), upserts)
        self._read_tx = SqlTx(_quick(self._reader), upserts)
        self._queue: deque[Turn] = deque()
        self._busy = False
        self._active = 0
        self._closed = False
        self._ended: asyncio.Future[None] = self._loop.create_future()

    async def write(self, unit: Callable[[Tx], T]) -> T:
        self._check_open()
        self._active += 1
        try:
            try:
                return await self._join(unit, alone=False)
            except Lost:
                return await self._join(unit, alone=True)
        finally:
            self._active -= 1
            self._settle()

    async def read(self, unit: Callable[[Tx], T]) -> T:
        await asyncio.sleep(0)  # a caller that reads in a loop must not keep everybody else from running
        self._check_open()
        try:
            return _on_snapshot(raw(self._reader), self._read_tx, unit)
        except StoreBusy:
            return await self._loop.run_in_executor(self._threads, self._read_patiently, unit)

    async def aclose(self) -> None:
        """Let what was asked for land, then close; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self._settle()
        await self._ended
        await self._loop.run_in_executor(self._threads, self._close_files)
        self._threads.shutdown()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError("The database is closed because Clarion is stopping; start it again first.")

    def _settle(self) -> None:
        if self._closed and not self._active and not self._busy and not self._ended.done():
            self._ended.set_result(None)

    def _close_files(self) -> None:
        self._reader.close()
        self._writer.close()
        self._engine.dispose()

    def _read_patiently(self, unit: Callable[[Tx], T]) -> T:
        with self._engine.connect() as connection:
            return _on_snapshot(raw(connection), SqlTx(connection, self._upserts), unit)

    async def _join(self, unit: Callable[[Tx], T], *, alone: bool) -> T:
        """Run the unit in the next transaction, in the caller's own frame, and wait for the commit."""
        turn = Turn(self._loop, alone=alone)
        self._queue.append(turn)
        if not self._busy:
            self._busy = True
            self._loop.call_soon(self._begin)
        try:
            group = await turn.begun
        except asyncio.CancelledError:
            if not turn.begun.cancelled() and turn.begun.exception() is None:
                self._leave(turn.begun.result())
            raise
        try:
            result = self._run(unit, group)
            group.ran.append(turn)
        finally:
            self._leave(group)
        error = await turn.landed
        if error is not None:
            raise error
        return result

    def _run(self, unit: Callable[[Tx], T], group: Group) -> T:
        if group.gone:
            raise Lost
        succeeded = False
        try:
            self._raw.execute("SAVEPOINT unit")
            result = unit(self._write_tx)
            self._write_tx.finish()
            self._raw.execute("RELEASE unit")
            succeeded = True
        except (sa.exc.SQLAlchemyError, sqlite3.Error) as error:
            raise translate(error) from error
        finally:
            if not succeeded:
                self._write_tx.forget()
                group.gone = not self._raw.in_transaction
                if not group.gone:
                    self._raw.execute("ROLLBACK TO unit")
                    self._raw.execute("RELEASE unit")
        return result

    def _begin(self) -> None:
        """Open a transaction for those who wait; the lock is free unless another program has it."""
        turns = self._take()
        if not turns:
            self._busy = False
            self._settle()
            return
        try:
            self._raw.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            if not is_busy(error):
                self._refuse(turns, error)
                return
            job = self._loop.run_in_executor(self._threads, self._begin_patiently)
            job.add_done_callback(partial(self._begun, turns))
        else:
            self._admit(turns)

    def _take(self) -> list[Turn]:
        turns: list[Turn] = []
        while self._queue and len(turns) < GROUP:
            if self._queue[0].alone and turns:
                break
            turn = self._queue.popleft()
            if turn.begun.cancelled():
                continue
            turns.append(turn)
            if turn.alone:
                break
        return turns

    def _begin_patiently(self) -> None:
        self._raw.execute(f"PRAGMA busy_timeout = {self._patience_ms}")
        try:
            self._raw.execute("BEGIN IMMEDIATE")
        finally:
            self._raw.execute("PRAGMA busy_timeout = 0")

    def _begun(self, turns: list[Turn], job: asyncio.Future[None]) -> None:
        error = job.exception()
        if error is None:
            self._admit(turns)
        else:
            self._refuse(turns, error)

    def _refuse(self, turns: list[Turn], error: BaseException) -> None:
        for turn in turns:
            turn.refuse(translated(error))
        self._loop.call_soon(self._begin)

    def _admit(self, turns: list[Turn]) -> None:
        group = Group()
        waiting = [turn for turn in turns if not turn.begun.cancelled()]
        group.pending = len(waiting) + 1
        for turn in waiting:
            turn.begun.set_result(group)
        self._leave(group)

    def _leave(self, group: Group) -> None:
        group.pending -= 1
        if group.pending:
            return
        if group.ran and not group.gone:
            job = self._loop.run_in_executor(self._threads, self._raw.execute, "COMMIT")
            job.add_done_callback(partial(self._landed, group))
            return
        if not group.gone:
            self._raw.execute("ROLLBACK")
        self._end(group, Lost())

    def _landed(self, group: Group, job: asyncio.Future[sqlite3.Cursor]) -> None:
        error = job.exception()
        if error is not None and self._raw.in_transaction:
            self._raw.execute("ROLLBACK")
        if error is None:
            self._end(group, None)
        else:
            self._end(group, translated(error) if len(group.ran) == 1 else Lost())

    def _end(self, group: Group, error: BaseException | None) -> None:
        for turn in group.ran:
            turn.land(error)
        self._loop.call_soon(self._begin)


def raw(connection: sa.Connection) -> sqlite3.Connection:
    """The driver's own connection, for what is not worth SQLAlchemy's care: BEGIN, SAVEPOINT, COMMIT."""
    found = connection.connection.dbapi_connection
    assert isinstance(found, sqlite3.Connection)
    return found


def translated(error: BaseException) -> BaseException:
    """`translate` for what a thread ended with, cause kept."""
    if not isinstance(error, sqlite3.Error):
        return error
    better = translate(error)
    better.__cause__ = error
    return better


def _quick(connection: sa.Connection) -> sa.Connection:
    """It is asked to execute constant statements only, which `Quick` does as well, and faster."""
    return cast(sa.Connection, Quick(connection))


def _on_snapshot(driver: sqlite3.Connection, tx: SqlTx, unit: Callable[[Tx], T]) -> T:
    """Run the unit in a transaction that sees one state and can change nothing."""
    try:
        driver.execute("PRAGMA query_only = ON")
        driver.execute("BEGIN")
        result = unit(tx)
        tx.finish()
        return result
    except (sa.exc.SQLAlchemyError, sqlite3.Error) as error:
        better = translate(error)
        raise StoreError(WROTE_WHILE_READING) if str(better) == READ_ONLY else better from error
    finally:
        tx.forget()
        if driver.in_transaction:
            driver.execute("ROLLBACK")
