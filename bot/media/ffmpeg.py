"""The one door to ffmpeg, a program of its own that runs as a child: where it is and how it is bounded.

What people give is hostile until proven otherwise: only demuxers of single files may open it, and only
through the file protocol, so that a playlist in disguise reads no other file and no network.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Sequence

from bot.errors import BadInput

DEMUXERS = "mov,matroska,gif,webp_anim,webp_pipe,png_pipe,jpeg_pipe,avi,wav,mp3,aac,ogg"
"""Formats of single files; not among them: hls, concat, dash, image2 and whatever else names other files."""

GUARDS = ("-protocol_whitelist", "file,pipe", "-format_whitelist", DEMUXERS)
"""Stand before every input that a person gave."""

ADDRESS_SPACE = 3 * 1024**3
"""Bytes of address space a child may take; 1080p needs a third of it (measured 2026-11)."""

NICE = 10


@functools.cache
def executable() -> str:
    """The path of ffmpeg: ``FFMPEG_BINARY``, else the wheel's, else the system's.

    Raises `BadInput` where there is none.
    """
    if (named := os.environ.get("FFMPEG_BINARY", "")) and shutil.which(named):
        return named
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        return str(get_ffmpeg_exe())
    except (ImportError, RuntimeError, OSError):
        found = shutil.which("ffmpeg")
    if found is None:
        raise BadInput(
            "ffmpeg is missing here, so videos cannot be looked into or changed. "
            "Whoever runs this installs it: pip install imageio-ffmpeg."
        )
    return found


def bounded(arguments: Sequence[str], *, most_bytes: int) -> list[str]:
    """The command line of a child with bounds on memory and on the size of what it writes, and low priority.

    The shell sets the bounds and becomes ffmpeg; nothing of ``arguments`` is read by it.
    """
    limits = f"ulimit -v {ADDRESS_SPACE // 1024}; ulimit -f {max(1, most_bytes // 512)}; "
    line = limits + f'exec nice -n {NICE} "$0" "$@"'
    return ["/bin/sh", "-c", line, executable(), *arguments]


def environment() -> dict[str, str]:
    """What a child is told: nothing of ours but where programs lie."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "MALLOC_ARENA_MAX": "2"}


def look(arguments: Sequence[str], *, timeout: float, most_bytes: int = 64 * 1024**2) -> tuple[bytes, str]:
    """Run a short child to its end in this thread; what it wrote, and the end of what it said.

    Raises `BadInput` when it takes longer than ``timeout`` seconds, or ffmpeg is missing.
    """
    line = bounded(arguments, most_bytes=most_bytes)
    try:
        done = subprocess.run(
            line,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            check=False,
            env=environment(),
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        raise BadInput(f"Looking into the file took longer than {timeout:.0f} s. Save it anew.") from None
    except OSError as error:
        raise BadInput(f"ffmpeg could not be started ({error.strerror}).") from None
    return done.stdout, done.stderr[-65_536:].decode("utf-8", "replace")
