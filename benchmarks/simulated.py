"""A platform's simulator in a process of its own, behind a wire that can be cut.

    python -m benchmarks.simulated PLATFORM

It prints its address and serves until it is ended. A line ``cut BYTES`` on its standard input cuts every
connection once, after so many more bytes have come in. Every line is answered with the bytes that came in
so far, and with how many cuts there were.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from bot.clock import SystemClock
from bot.ports import Platform

ROOT = Path(__file__).parents[1]
PIECE = 1 << 16


def platforms() -> dict[str, Platform[Any]]:
    """The built-in platforms by their folder's name."""
    folders = sorted(p.parent.name for p in (ROOT / "plugins").glob("*/__init__.py"))
    brought = {name for name in folders if hasattr(import_module(f"plugins.{name}"), "register_platforms")}
    return {name: platform_named(name) for name in sorted(brought)}


def platform_named(name: str) -> Platform[Any]:
    """A built-in platform by its folder's name."""
    (found,) = import_module(f"plugins.{name}").register_platforms()
    assert isinstance(found, Platform)
    return found


class Wire:
    """Passes on what goes between a client and ``port``; counts what comes in, and can be cut."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: set[asyncio.StreamWriter] = set()
        self._cut_at: int | None = None
        self.taken = self.cuts = 0

    def cut_after(self, size: int) -> None:
        """Cut once, after ``size`` more bytes."""
        self._cut_at = self.taken + size

    async def join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client's connection."""
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        both = {writer, far_writer}
        self._open |= both
        with contextlib.suppress(OSError):
            await asyncio.gather(
                self._pass(reader, far_writer, counted=True), self._pass(far_reader, writer, counted=False)
            )
        for each in both:
            each.close()
        self._open -= both

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counted: bool
    ) -> None:
        while piece := await reader.read(PIECE):
            if counted:
                self.taken += len(piece)
                if self._cut_at is not None and self.taken >= self._cut_at:
                    self._cut_at, self.cuts = None, self.cuts + 1
                    for each in self._open:
                        each.transport.abort()
                    return
            writer.write(piece)
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()


async def serve(name: str) -> None:
    """Serve until standard input ends."""
    platform = platform_named(name)
    assert platform.simulate is not None
    simulator: Any = await platform.simulate(SystemClock())
    wire = Wire(urlsplit(simulator.url).port or 80)
    server = await asyncio.start_server(wire.join, "127.0.0.1", 0)
    # what the simulator says of its own addresses leads through the wire, too
    simulator.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    print(simulator.url, flush=True)
    async with server:
        while line := (await asyncio.to_thread(sys.stdin.readline)).split():
            if line[0] == "cut":
                wire.cut_after(int(line[1]))
            print(wire.taken, wire.cuts, flush=True)
    await simulator.aclose()


class Remote:
    """The other end of `serve`: its address, and its wire."""

    def __init__(self, url: str, to: IO[str], back: IO[str]) -> None:
        self.url = url
        self._to, self._back = to, back

    def cut_after(self, size: int) -> None:
        """As `Wire.cut_after`."""
        self._ask(f"cut {size}")

    @property
    def taken(self) -> tuple[int, int]:
        """Bytes that came in so far, with everything around the files, and the number of cuts."""
        taken, cuts = self._ask("taken").split()
        return int(taken), int(cuts)

    def _ask(self, line: str) -> str:
        self._to.write(line + "\n")
        self._to.flush()
        return self._back.readline()


@contextlib.contextmanager
def running(name: str) -> Iterator[Remote]:
    """A simulator in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.simulated", name]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # aiohttp complains there about the cut
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Remote(process.stdout.readline().strip(), process.stdin, process.stdout)
        finally:
            process.kill()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
