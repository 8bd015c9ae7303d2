"""The store on PostgreSQL: transactions in parallel, rows locked where it matters."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import StoreError
from bot.ports import Tx
from bot.store.faults import TAKES_NO_WRITES, WROTE_WHILE_READING, is_collision, translate
from bot.store.tx import SqlTx
from bot.store.upserts import Upserts

T = TypeVar("T")

TIME = sa.select(sa.func.clock_timestamp())

TRIES = 3
"""How often a unit is run when PostgreSQL ends its transaction in favour of another one."""


class PostgresStore:
    """`bot.ports.Store` on a PostgreSQL database; made by `bot.store.open_store`.

    Writes see what is committed (READ COMMITTED, rows locked by `claim`, `lock` and
    `Attempts.open`), reads one snapshot (REPEATABLE READ, READ ONLY).
    """

    def __init__(self, engine: AsyncEngine, upserts: Upserts) -> None:
        self._engine = engine
        self._reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._upserts = upserts
        self._closed = False
        self._active = 0
        self._ended = asyncio.Event()

    async def write(self, unit: Callable[[Tx], T]) -> T:
        for left in reversed(range(TRIES)):
            try:
                return await self._run(self._engine, unit)
            except sa.exc.SQLAlchemyError as error:
                if not (left and is_collision(error)):
                    raise translate(error) from error
        raise AssertionError("unreachable")

    async def read(self, unit: Callable[[Tx], T]) -> T:
        try:
            return await self._run(self._reading, unit)
        except sa.exc.SQLAlchemyError as error:
            better = translate(error)
            raise StoreError(WROTE_WHILE_READING) if str(better) == TAKES_NO_WRITES else better from error

    async def now(self) -> datetime:
        """The server's wall time, aware UTC: what all processes on this database go by."""
        self._check_open()
        try:
            async with self._engine.connect() as connection:
                found = (await connection.execute(TIME)).scalar_one()
        except sa.exc.SQLAlchemyError as error:
            raise translate(error) from error
        assert isinstance(found, datetime)
        return found.astimezone(UTC)

    async def aclose(self) -> None:
        """Let what was asked for land, then close; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        if self._active:
            await self._ended.wait()
        await self._engine.dispose()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError("The database is closed because Clarion is stopping; start it again first.")

    async def _run(self, engine: AsyncEngine, unit: Callable[[Tx], T]) -> T:
        self._check_open()
        self._active += 1
        try:
            async with engine.begin() as connection:
                return await connection.run_sync(lambda sync: _run_unit(SqlTx(sync, self._upserts), unit))
        finally:
            self._active -= 1
            if self._closed and not self._active:
                self._ended.set()


def _run_unit(tx: SqlTx, unit: Callable[[Tx], T]) -> T:
    result = unit(tx)
    tx.finish()
    return result
