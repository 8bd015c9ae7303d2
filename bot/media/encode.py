"""One ffmpeg child at a time: told how far it is, bounded, and gone when it is no longer wanted."""

from __future__ import annotations

import asyncio
import os
import selectors
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from bot.errors import BadInput, StoreFull
from bot.media import ffmpeg

PATIENCE, PER_SECOND = 60.0, 12.0
"""Seconds that a rendition may take, and more for each second of the video."""

POLITE, FIRM = 0.5, 1.0
"""Seconds between asking a child to end, telling it to, and ending it.

Short, for nothing of what it made is kept: an encoder that is asked first encodes what it holds, which
takes seconds on a busy machine (measured 2026-11: two to more than eight).
"""

RING = 65_536
"""Bytes of what ffmpeg said that are kept, the last ones."""

TICK = 0.1
"""Seconds after which it is looked whether a child is still wanted."""

MOST = 8 * 1024**3
"""Bytes a child may write where nothing else bounds it: twice what the store takes."""


async def run(
    arguments: Sequence[str],
    *,
    seconds: float,
    most_bytes: int = 0,
    told: Callable[[float], None] | None = None,
) -> str:
    """Run ffmpeg to its end and return what it said last.

    ``seconds``: how long the result will be, for the share that ``told`` hears (0 to 1, once a second)
    and for how long we wait. Raises `BadInput` when it fails or takes too long, `StoreFull` when the disk is.
    When the task is cancelled the child is ended first, within `POLITE` + `FIRM` seconds.
    """
    loop, stop = asyncio.get_running_loop(), threading.Event()

    def tell(share: float) -> None:
        if told is not None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(told, share)

    line = ffmpeg.bounded(arguments, most_bytes=2 * most_bytes or MOST)
    watch = Watch(stop=stop, now=loop.time, ends=loop.time() + PATIENCE + PER_SECOND * seconds)
    # With a child of asyncio's own, a loop that ended meanwhile was seen to wait for ever (Python 3.11).
    work = loop.run_in_executor(None, _work, line, watch, seconds, tell)
    try:
        code, said = await asyncio.shield(work)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait({work})
        raise
    if code is None:
        raise BadInput("Making this file fit took too long for this machine. Export it smaller, or trim it.")
    if code != 0:
        raise _failure(code, said)
    return said


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Until when a child may run: ``stop`` is set when nobody wants it, ``ends`` is a time of ``now``."""

    stop: threading.Event
    now: Callable[[], float]
    ends: float

    @property
    def over(self) -> bool:
        return self.stop.is_set() or self.now() > self.ends


def _work(
    line: Sequence[str], watch: Watch, seconds: float, tell: Callable[[float], None]
) -> tuple[int | None, str]:
    """In a thread: its exit code and what it said; no code when it was ended before it was done."""
    with subprocess.Popen(
        line,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ffmpeg.environment(),
        start_new_session=True,
    ) as child:
        try:
            said = _listen(child, watch, seconds, tell)
            with suppress(subprocess.TimeoutExpired):
                child.wait(POLITE)
            code = child.poll()
        finally:
            _end(child)
    return code, said


def _listen(
    child: subprocess.Popen[bytes], watch: Watch, seconds: float, tell: Callable[[float], None]
) -> str:
    """Hear both of its voices until they end or it is over; the end of what it complained of.

    ffmpeg reports lines of ``key=value`` (``-progress``); times are in microseconds.
    """
    assert child.stdout is not None
    assert child.stderr is not None
    ring, line = b"", b""
    with selectors.DefaultSelector() as ears:
        ears.register(child.stdout, selectors.EVENT_READ)
        ears.register(child.stderr, selectors.EVENT_READ)
        while ears.get_map() and not watch.over:
            for key, _ in ears.select(TICK):
                piece = os.read(key.fd, RING)
                if not piece:
                    ears.unregister(key.fileobj)
                elif key.fileobj is child.stderr:
                    ring = (ring + piece)[-RING:]
                else:
                    *whole, line = (line + piece)[-RING:].split(b"\n")
                    for each in whole:
                        name, _, value = each.decode("ascii", "replace").strip().partition("=")
                        if name == "out_time_us" and seconds > 0 and value.lstrip("-").isdigit():
                            tell(min(1.0, max(0.0, int(value) / 1e6 / seconds)))
    return ring.decode("utf-8", "replace")


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the child and whatever it started, ever less politely; does nothing when it is gone."""
    for sign, patience in ((signal.SIGINT, POLITE), (signal.SIGTERM, FIRM), (signal.SIGKILL, None)):
        if child.poll() is not None:
            return
        _signal(child, sign)
        with suppress(subprocess.TimeoutExpired):
            child.wait(patience)


def _signal(child: subprocess.Popen[bytes], sign: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, sign)


def _failure(code: int, said: str) -> BadInput | StoreFull:
    if "No space left on device" in said:
        return StoreFull("There is no room on the disk for the new file.")
    if "File too large" in said or code in (-signal.SIGXFSZ, 128 + signal.SIGXFSZ):
        return BadInput("The file grew beyond what can be handled. Trim it.")
    if "Cannot allocate memory" in said or code in (-signal.SIGKILL, 137):
        return BadInput("The video needs more memory than there is. Export it smaller.")
    return BadInput("The video could not be read to its end: it is damaged. Export it anew, as MP4 (H.264).")
