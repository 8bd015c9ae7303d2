"""uvicorn inside the bot's own loop: no thread, no signal handlers, no access log."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Generator
from pathlib import Path
from socket import socket
from typing import Any

import uvicorn

from bot.ports import Clock, Log
from bot.web.app import make_app
from bot.web.links import Keys

GRACE = 3.0
"""Seconds for answers that are under way when we are asked to end."""

BUSY = 256
"""Connections at the same time; whoever comes then is told 503 and comes again."""

SILENT = 15
"""Seconds that somebody may be connected without having asked for anything; uvicorn itself has no bound."""

LOGGER = "uvicorn.error"


class OwnLoopServer(uvicorn.Server):
    """Leaves the process's signals to the bot, and wakes up once a second, not ten times."""

    def __init__(self, config: uvicorn.Config, *, silent: int) -> None:
        super().__init__(config)
        self._ending = asyncio.Event()
        self._silent: dict[Any, int] = {}
        self._most = silent

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def main_loop(self) -> None:
        while not await self.on_tick(0):
            self._cut_silent()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), 1.0)

    def _cut_silent(self) -> None:
        """Called once a second: whoever only holds a connection makes room for others."""
        waiting = {c: self._silent.get(c, 0) + 1 for c in self.server_state.connections if _is_silent(c)}
        for connection, seconds in waiting.items():
            if seconds > self._most:
                connection.transport.abort()
        self._silent = dict(waiting)

    def end(self) -> None:
        """Shut down as soon as possible."""
        self.should_exit = True
        self._ending.set()


def _is_silent(connection: object) -> bool:
    """Whether its first request has not come yet."""
    return getattr(connection, "cycle", None) is None


class IntoLog(logging.Handler):
    """What uvicorn has to say goes where our own lines go, without tracebacks: they may hold an address."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0] if record.exc_info else None
        self._log.warning("web", said=record.getMessage().strip(), error=error.__name__ if error else "")


class WebServer:
    """Serves on a socket that listens already, until `aclose`; `serve` belongs in a task of the caller's."""

    def __init__(
        self,
        listening: socket,
        folder: Path,
        keys: Keys,
        clock: Clock,
        log: Log,
        *,
        patience: int = SILENT,
    ) -> None:
        self._socket, self._log = listening, log
        self._server = OwnLoopServer(
            uvicorn.Config(
                make_app(folder, keys, clock),
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                http="h11",
                proxy_headers=False,
                server_header=False,
                limit_concurrency=BUSY,
                timeout_keep_alive=5,
            ),
            silent=patience,
        )
        self._ended = asyncio.Event()

    async def serve(self) -> None:
        """Answer until `aclose` is called."""
        handler, logger = IntoLog(self._log), logging.getLogger(LOGGER)
        before = logger.propagate
        logger.addHandler(handler)
        logger.propagate = False
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            logger.removeHandler(handler)
            logger.propagate = before
            self._ended.set()

    async def aclose(self, grace: float = GRACE) -> None:
        """Take nobody new, give what runs ``grace`` seconds, then cut it. Returns when `serve` has ended."""
        self._server.end()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), grace)
        for connection in list(self._server.server_state.connections):
            connection.transport.abort()
        await self._ended.wait()
