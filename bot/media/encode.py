"""One ffmpeg child at a time: told how far it is, bounded, and gone when it is no longer wanted."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress

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
    child = await asyncio.create_subprocess_exec(
        *ffmpeg.bounded(arguments, most_bytes=2 * most_bytes or MOST),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=ffmpeg.environment(),
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(PATIENCE + PER_SECOND * seconds):
            _, said = await asyncio.gather(_hear(child, seconds, told), _keep(child))
            code = await child.wait()
    except TimeoutError:
        raise BadInput(
            "Making this file fit took too long for this machine. Export it smaller, or trim it."
        ) from None
    finally:
        await _end(child)
    if code != 0:
        raise _failure(code, said)
    return said


async def _hear(
    child: asyncio.subprocess.Process, seconds: float, told: Callable[[float], None] | None
) -> None:
    """ffmpeg reports lines of ``key=value`` (``-progress``); times are in microseconds."""
    assert child.stdout is not None
    while line := await child.stdout.readline():
        key, _, value = line.decode("ascii", "replace").strip().partition("=")
        if key == "out_time_us" and told is not None and seconds > 0 and value.lstrip("-").isdigit():
            told(min(1.0, max(0.0, int(value) / 1e6 / seconds)))


async def _keep(child: asyncio.subprocess.Process) -> str:
    assert child.stderr is not None
    ring = b""
    while piece := await child.stderr.read(RING):
        ring = (ring + piece)[-RING:]
    return ring.decode("utf-8", "replace")


async def _end(child: asyncio.subprocess.Process) -> None:
    """End the child and whatever it started, ever less politely; does nothing when it is gone."""
    try:
        for sign, patience in ((signal.SIGINT, POLITE), (signal.SIGTERM, FIRM)):
            if child.returncode is not None:
                return
            _signal(child, sign)
            with suppress(TimeoutError):
                await asyncio.wait_for(child.wait(), patience)
    finally:
        if child.returncode is None:
            _signal(child, signal.SIGKILL)
            await child.wait()


def _signal(child: asyncio.subprocess.Process, sign: signal.Signals) -> None:
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
