"""A platform in a process of its own: takes the demo platform's posts and answers each after a while.

    python -m benchmarks.server SECONDS

It prints its address and serves until it is ended. ``POST /posts`` creates; ``GET /seen`` tells
what came, as ``[arrived, answered, account, text]`` in the order of arrival, by the system's wall
clock; ``DELETE /seen`` forgets it. There is no framework in it, so that it is never what is measured.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


class Book:
    """Everything that was created."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.seen: list[list[Any]] = []


class Connection(asyncio.Protocol):
    """HTTP/1.1 with Content-Length, one request after the other, which is all our client sends."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].decode("latin-1").split("\r\n")
        fields = (line.partition(":") for line in head[1:])
        length = next((int(value) for name, _, value in fields if name.lower() == "content-length"), 0)
        if len(self._buffer) < end + 4 + length:
            return
        body = bytes(self._buffer[end + 4 : end + 4 + length])
        del self._buffer[: end + 4 + length]
        method, path, _ = head[0].split(" ", 2)
        self._serve(method, path, body)

    def _serve(self, method: str, path: str, body: bytes) -> None:
        match method, path:
            case "POST", "/posts":
                post = json.loads(body)
                row = [time.time(), 0.0, post["account"], post["text"]]
                self._book.seen.append(row)
                number = len(self._book.seen)
                loop = asyncio.get_running_loop()
                loop.call_later(self._book.delay, self._created, row, number)
            case "GET", "/seen":
                self._answer("200 OK", self._book.seen)
            case "DELETE", "/seen":
                self._book.seen = []
                self._answer("200 OK", {})
            case _:
                self._answer("404 Not Found", {"error": "no such thing"})

    def _created(self, row: list[Any], number: int) -> None:
        row[1] = time.time()
        self._answer("201 Created", {"id": f"b{number}"})

    def _answer(self, status: str, value: object) -> None:
        body = json.dumps(value).encode()
        head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        if self._transport is not None:
            self._transport.write(head.encode() + body)


async def serve(delay: float) -> None:
    """Serve on a free port of 127.0.0.1 until cancelled."""
    book = Book(delay)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(book), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    async with server:
        await server.serve_forever()


@contextlib.contextmanager
def running(delay: float) -> Iterator[str]:
    """A server in a process of its own; gives its address."""
    command = [sys.executable, "-m", "benchmarks.server", str(delay)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(float(sys.argv[1])))
