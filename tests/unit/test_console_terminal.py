"""Lines from real descriptors: a pipe, a file, a terminal, and nobody left waiting."""

from __future__ import annotations

import asyncio
import os
import pty
import threading
import tty
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

import pytest

from bot.chat.terminal import CHUNK, stdin_lines


class Pipe:
    """A pipe whose reading end is a text stream, like standard input."""

    def __init__(self) -> None:
        reader, self.writer = os.pipe()
        self.stream: TextIO = os.fdopen(reader, encoding="utf-8")

    def type(self, data: bytes) -> None:
        os.write(self.writer, data)

    def end(self) -> None:
        os.close(self.writer)
        self.writer = -1


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    made.stream.close()
    if made.writer >= 0:
        made.end()


async def test_lines_of_a_pipe(pipe: Pipe) -> None:
    read = stdin_lines(pipe.stream)
    pipe.type("one\r\nzwölf".encode())
    assert await read() == "one"
    pipe.type(b"\n\nlast")
    assert [await read(), await read()] == ["zwölf", ""]
    pipe.end()
    assert [await read(), await read(), await read()] == ["last", None, None]


async def test_waiting_does_not_stop_the_loop(pipe: Pipe) -> None:
    read = stdin_lines(pipe.stream)
    async with asyncio.TaskGroup() as group:
        line = group.create_task(read())
        await asyncio.sleep(0)
        assert not line.done()
        pipe.type(b"now\n")
    assert line.result() == "now"


async def test_a_wait_that_is_cancelled_loses_nothing_and_leaves_nothing(pipe: Pipe) -> None:
    read = stdin_lines(pipe.stream)
    pipe.type(b"half a ")
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(read())
        await asyncio.sleep(0)
        waiting.cancel()
    assert waiting.cancelled()
    assert asyncio.get_running_loop().remove_reader(pipe.stream.fileno()) is False
    pipe.type(b"line\n")
    assert await read() == "half a line"


async def test_the_descriptor_stays_as_it_was(pipe: Pipe) -> None:
    pipe.type(b"x\n")
    assert await stdin_lines(pipe.stream)() == "x"
    assert os.get_blocking(pipe.stream.fileno())


async def test_what_is_not_utf8_is_shown_as_unknown(pipe: Pipe) -> None:
    pipe.type(b"a\xffb\n")
    assert await stdin_lines(pipe.stream)() == "a\ufffdb"


async def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_bytes(b"first\n" + b"x" * CHUNK + b"\nlast")
    with path.open(encoding="utf-8") as stream:
        read = stdin_lines(stream)
        assert await read() == "first"
        assert await read() == "x" * CHUNK
        assert [await read(), await read()] == ["last", None]


async def test_nothing_at_all() -> None:
    with os.fdopen(os.open(os.devnull, os.O_RDONLY), encoding="utf-8") as stream:
        assert await stdin_lines(stream)() is None


async def test_threads_for_a_file_end(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_bytes(b"first\n")
    with path.open(encoding="utf-8") as stream:
        read = stdin_lines(stream)
        while await read() is not None:
            pass
    for thread in threading.enumerate():
        if thread.name == "clarion-stdin":
            thread.join(1)
            assert not thread.is_alive()


async def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with (tmp_path / "written").open("w", encoding="utf-8") as stream:
        assert isinstance(stream, TextIOWrapper)
        with pytest.raises(OSError, match="Bad file descriptor"):
            await stdin_lines(stream)()


async def test_a_terminal() -> None:
    keyboard, screen = pty.openpty()
    try:
        tty.setraw(screen)
        with os.fdopen(os.dup(screen), encoding="utf-8") as stream:
            assert stream.isatty()
            os.write(keyboard, "/queue ✅\n".encode())
            assert await stdin_lines(stream)() == "/queue ✅"
    finally:
        os.close(keyboard)
        os.close(screen)


async def test_a_terminal_that_goes_away_is_the_end() -> None:
    keyboard, screen = pty.openpty()
    with os.fdopen(screen, encoding="utf-8") as stream:
        read = stdin_lines(stream)
        os.close(keyboard)
        assert await read() is None
