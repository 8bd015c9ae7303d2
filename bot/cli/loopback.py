"""A web server for one visit: the browser that comes back from a platform's consent page.

It listens on 127.0.0.1 only, reads the first line of a request and nothing else, and answers
with one sentence. What does not carry our ``state`` is refused and the waiting goes on, so that
a stray or hostile page can neither connect anything nor end the waiting.
"""

from __future__ import annotations

import asyncio
import html
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qsl, urlsplit

from bot.errors import BadInput

HOST, PORT, PATH = "127.0.0.1", 8787, "/callback"
"""Platforms want the address registered beforehand, so it is the same every time."""

LONGEST_LINE = 16 * 1024
PATIENT = 5.0
"""Seconds a browser may take to send its request's first line."""

PAGE = (
    "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\nconnection: close\r\n"
    "cache-control: no-store\r\nreferrer-policy: no-referrer\r\n\r\n"
    "<!doctype html><title>Clarion</title><p style='font:1.2em sans-serif;margin:3em'>{words}</p>\n"
)

Foreign = Callable[[Mapping[str, str]], str]


class Visit:
    """What is waited for: the query with which the browser comes back to ``redirect``."""

    def __init__(self) -> None:
        self.redirect = ""
        self._foreign: Foreign | None = None
        self._query: asyncio.Future[Mapping[str, str]] = asyncio.get_running_loop().create_future()

    async def query(self, foreign: Foreign) -> Mapping[str, str]:
        """The first query that is ours; ``foreign`` says what is wrong with one, or nothing."""
        self._foreign = foreign
        return await self._query

    def close(self) -> None:
        """Nobody waits any more."""
        self._query.cancel()

    def answer(self, line: bytes) -> tuple[str, str]:
        """The status and the words for a request's first line."""
        method, _, rest = line.decode("latin-1").partition(" ")
        target = rest.partition(" ")[0]
        if method != "GET" or urlsplit(target).path != PATH or self._foreign is None:
            return "404 Not Found", "There is nothing here."
        query = read_query(target)
        why = self._foreign(query)
        if why:
            return "400 Bad Request", why
        if not self._query.done():
            self._query.set_result(query)
        if "code" in query:
            return "200 OK", "Thank you. You can close this window and go back to the terminal."
        return "200 OK", "Nothing was connected. You can close this window; the terminal says why."


@asynccontextmanager
async def listening(port: int = PORT) -> AsyncIterator[Visit]:
    """Serve until the block ends; raises `BadInput` when somebody else has the port."""
    visit = Visit()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENT):
                line = await reader.readuntil(b"\r\n")
            status, words = visit.answer(line)
            writer.write(PAGE.format(status=status, words=html.escape(words)).encode())
            await writer.drain()
        except (TimeoutError, OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    try:
        server = await asyncio.start_server(serve, HOST, port, limit=LONGEST_LINE)
    except (OSError, OverflowError):
        raise BadInput(
            f"I cannot listen on port {port}: another program uses it, or it is none. "
            "Close that program, or give --port another one that the app knows."
        ) from None
    try:
        visit.redirect = f"http://{HOST}:{server.sockets[0].getsockname()[1]}{PATH}"
        yield visit
    finally:
        server.close()
        await server.wait_closed()
        visit.close()


def read_query(address: str) -> dict[str, str]:
    """The query of an address as a browser shows it; of a repeated name the first value counts."""
    found: dict[str, str] = {}
    with suppress(ValueError):
        for name, value in parse_qsl(urlsplit(address.strip()).query, max_num_fields=50):
            found.setdefault(name, value)
    return found
