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
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Visit:
    """What can be waited for: the query with which the browser came back."""

    redirect: str
    query: asyncio.Future[Mapping[str, str]]


@asynccontextmanager
async def listening(foreign: Foreign, *, port: int = PORT) -> AsyncIterator[Visit]:
    """Serve until the block ends; ``foreign`` says what is wrong with a query, or nothing.

    Raises `BadInput` when somebody else has the port.
    """
    arrived: asyncio.Future[Mapping[str, str]] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENT):
                line = await reader.readuntil(b"\r\n")
            status, words = _answer(line, foreign, arrived)
            writer.write(PAGE.format(status=status, words=html.escape(words)).encode())
            await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    try:
        server = await asyncio.start_server(serve, HOST, port, limit=LONGEST_LINE)
    except OSError:
        raise BadInput(
            f"Another program uses port {port}. Close it, or give --port another one that the app knows."
        ) from None
    try:
        real = server.sockets[0].getsockname()[1]
        yield Visit(f"http://{HOST}:{real}{PATH}", arrived)
    finally:
        server.close()
        await server.wait_closed()
        arrived.cancel()


def _answer(line: bytes, foreign: Foreign, arrived: asyncio.Future[Mapping[str, str]]) -> tuple[str, str]:
    """The status and the words for a request's first line; a good one fulfils ``arrived``."""
    method, _, rest = line.decode("latin-1").partition(" ")
    target = rest.partition(" ")[0]
    if method != "GET" or urlsplit(target).path != PATH:
        return "404 Not Found", "There is nothing here."
    query = read_query(target)
    why = foreign(query)
    if why:
        return "400 Bad Request", why
    if not arrived.done():
        arrived.set_result(query)
    if "code" in query:
        return "200 OK", "Thank you. You can close this window and go back to the terminal."
    return "200 OK", "Nothing was connected. You can close this window; the terminal says why."


def read_query(address: str) -> dict[str, str]:
    """The query of an address as a browser shows it; of a repeated name the first value counts."""
    found: dict[str, str] = {}
    with suppress(ValueError):
        for name, value in parse_qsl(urlsplit(address.strip()).query, max_num_fields=50):
            found.setdefault(name, value)
    return found
