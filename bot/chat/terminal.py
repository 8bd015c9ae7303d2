"""Lines from a terminal, a pipe or a file, without ever blocking the event loop."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

CHUNK = 65536
"""Bytes read at once; what a pipe holds on Linux (pipe(7))."""


def stdin_lines(stream: TextIO) -> Callable[[], Coroutine[Any, Any, str | None]]:
    """A function that waits for the next line of ``stream`` and gives None at its end.

    Reads the descriptor itself: nothing else may read the stream meanwhile. The descriptor
    stays as it is, blocking: it may share its settings with standard output. Lines are
    UTF-8, without their end; what is not UTF-8 becomes U+FFFD. A wait may be cancelled at any
    time and leaves nothing behind.
    """
    fd = stream.fileno()
    rest = bytearray()
    ended = False

    async def read_line() -> str | None:
        nonlocal ended
        while b"\n" not in rest and not ended:
            chunk = await _chunk(fd)
            rest.extend(chunk)
            ended = not chunk
        if not rest:
            return None
        end = rest.find(b"\n")
        line = bytes(rest[:end] if end >= 0 else rest)
        del rest[: end + 1 or len(rest)]
        return line.decode("utf-8", "replace").removesuffix("\r")

    return read_line


async def _chunk(fd: int) -> bytes:
    """The next bytes, as soon as there are some; none at the end."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()

    def wake() -> None:
        if not ready.done():
            ready.set_result(None)

    try:
        loop.add_reader(fd, wake)
    except (PermissionError, NotImplementedError):
        # epoll refuses regular files and /dev/null, and Windows has no readers at all
        return await _chunk_by_thread(fd, loop)
    try:
        await ready
    finally:
        loop.remove_reader(fd)
    try:
        return os.read(fd, CHUNK)
    except OSError as error:
        if error.errno == errno.EIO:  # the terminal was closed
            return b""
        raise


async def _chunk_by_thread(fd: int, loop: asyncio.AbstractEventLoop) -> bytes:
    answer: asyncio.Future[bytes] = loop.create_future()

    def settle(chunk: bytes, error: OSError | None) -> None:
        if answer.done():
            return
        if error is None:
            answer.set_result(chunk)
        else:
            answer.set_exception(error)

    def read() -> None:
        chunk, failure = b"", None
        try:
            chunk = os.read(fd, CHUNK)
        except OSError as error:
            failure = error
        # nobody is waiting any more once the loop is closed
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, chunk, failure)

    threading.Thread(target=read, daemon=True, name="clarion-stdin").start()
    return await answer
