"""A real video made from nothing, for stories and tests."""

from __future__ import annotations

import subprocess
import tempfile
from functools import cache
from pathlib import Path

SECONDS = 4
SIZE = (540, 960)
"""Pixels. Upright, long enough and large enough for every platform of the house, and small in bytes."""


@cache
def mp4() -> bytes:
    """An MP4 of four seconds: a test picture with a tone, H.264 and AAC, index in front; about 120 kB.

    Made once in a process, in about half a second.
    """
    import imageio_ffmpeg

    width, height = SIZE
    with tempfile.TemporaryDirectory(prefix="clarion-clip-") as folder:
        made = Path(folder, "clip.mp4")
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin"]
        command += ["-f", "lavfi", "-i", f"testsrc=s={width}x{height}:r=30:d={SECONDS}"]
        command += ["-f", "lavfi", "-i", f"sine=f=440:r=48000:d={SECONDS}"]
        command += [
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-crf",
            "32",
            "-pix_fmt",
            "yuv420p",
            "-g",
            "60",
        ]
        command += ["-c:a", "aac", "-ac", "2", "-b:a", "96k", "-movflags", "+faststart", "-threads", "1"]
        subprocess.run([*command, str(made)], check=True)
        return made.read_bytes()
