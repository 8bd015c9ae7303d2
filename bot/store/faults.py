"""What a database's error means to a person: one sentence with the way out, no SQL, no address."""

from __future__ import annotations

import sqlite3

import sqlalchemy as sa

from bot.errors import BotError, Conflict, StoreBusy, StoreError, StoreFull

BUSY = "The database is locked by another program; close that program or wait for it, then try again."
FULL = "The disk that holds the database is full; free some room, then try again."
READ_ONLY = "The database cannot be written; make its file and folder writable for this user, then try again."
TAKES_NO_WRITES = (
    "The database server takes no writes at the moment; ask whoever looks after it, then try again."
)
BROKEN_DISK = "The disk that holds the database failed to read or write; check the disk and its free room."
NOT_OPEN = "The database file cannot be opened; check that its folder exists and is readable and writable."
DAMAGED = "The database file is damaged or is no database; restore a copy, or give [store] url another path."
UNREACHABLE = "The database server cannot be reached or refused us; check that it runs and check [store] url."
WROTE_WHILE_READING = (
    "Something tried to write while it was only allowed to read; that is a fault in Clarion."
)
TWICE = "This part has an open attempt already; find out what became of it first."
OTHER = "The database could not do that; the log names the error."


def translate(error: Exception) -> BotError | ValueError:
    """The error to raise instead of SQLAlchemy's or a driver's, which becomes its cause."""
    cause: BaseException = error
    if isinstance(error, sa.exc.StatementError) and error.orig is not None:
        cause = error.orig
    if isinstance(cause, ValueError):
        return cause
    if isinstance(cause, sa.exc.TimeoutError):
        return StoreBusy(BUSY)
    if isinstance(cause, sqlite3.Error):
        return _from_sqlite(cause)
    return _from_postgres(cause)


def is_busy(error: BaseException) -> bool:
    """Whether SQLite says that somebody else holds the lock."""
    return _primary(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_collision(error: BaseException) -> bool:
    """Whether PostgreSQL chose this transaction to end: a deadlock or a failed serialization."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) in ("40001", "40P01")


def _primary(error: BaseException) -> int:
    """SQLite's primary result code (sqlite.org/rescode.html, 2026-11): the low byte; 0 if unknown."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _from_sqlite(error: sqlite3.Error) -> BotError:
    match _primary(error):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreBusy(BUSY)
        case sqlite3.SQLITE_FULL:
            return StoreFull(FULL)
        case sqlite3.SQLITE_READONLY:
            return StoreFull(READ_ONLY)
        case sqlite3.SQLITE_IOERR:
            return StoreFull(BROKEN_DISK)
        case sqlite3.SQLITE_CANTOPEN:
            return StoreFull(NOT_OPEN)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return StoreError(DAMAGED)
    if "attempts.delivery_id, attempts.part" in str(error) or "ux_attempts_open" in str(error):
        return Conflict(TWICE)
    return StoreError(OTHER)


def _from_postgres(error: BaseException) -> BotError:
    """By SQLSTATE (PostgreSQL manual, appendix A, 2026-11); psycopg keeps it on its errors."""
    state = str(getattr(error, "sqlstate", None) or "")
    constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
    match state:
        case "23505" if constraint == "ux_attempts_open":
            return Conflict(TWICE)
        case "55P03" | "40P01" | "40001":
            return StoreBusy(BUSY)
        case "53100":
            return StoreFull(FULL)
        case "25006":
            return StoreFull(TAKES_NO_WRITES)
    lost = type(error).__name__ in ("OperationalError", "ConnectionTimeout") and not state
    if lost or state.startswith(("08", "28", "3D", "57P")):
        return StoreError(UNREACHABLE)
    return StoreError(OTHER)
