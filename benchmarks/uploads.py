"""A gigabyte on its way to each platform: how much memory that takes, and what a cut costs."""

from __future__ import annotations

import hashlib
import json
import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.simulated import ROOT, platform_named, platforms, running
from benchmarks.table import Figure
from bot.domain.platform import Feature
from bot.testing.clip import mp4

SIZE = 1_000_000_000
SMALL = 3_000_000
LESS = {"bluesky": 52_000_000}
"""What a platform's simulated server keeps, where that is less than the platform itself takes."""

MOST_MEMORY = 64 * 1024 * 1024
IN_FLIGHT = 8 * 1024 * 1024
"""Where the whole file goes in one stream: bytes that may be on the wire when it is cut, and go twice."""

AROUND = 1 / 200
"""Share of the file that may come around it: headers, forms, questions how far it is."""


def names() -> list[str]:
    """The built-in platforms that take videos and bring a simulator."""
    found = platforms().items()
    return [name for name, p in found if Feature.VIDEO in p.features and p.simulate is not None]


async def measure() -> list[Figure]:
    """Every platform in turn: simulator and publisher each in a process of its own."""
    return [figure for name in names() for figure in of_platform(name)]


def of_platform(name: str) -> list[Figure]:
    """One platform: memory, what was sent again, and how fast it was."""
    title = platform_named(name).title
    with tempfile.TemporaryDirectory() as folder, running(name) as remote:
        command = [sys.executable, "-m", "benchmarks.uploader", name, remote.url, folder]
        size = min(SIZE, LESS.get(name, SIZE), int(_said([*command, "", ""])["most"]))
        small, large = (_film(Path(folder), wanted) for wanted in (SMALL, size))
        with subprocess.Popen(
            [*command, small, large],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            if process.stdout.readline() != "ready\n":
                return [_failed(title, process)]
            before, _ = remote.taken
            remote.cut_after(size // 2)
            _go(process)
            line = process.stdout.readline()
            if not line:
                return [_failed(title, process)]
            seen: dict[str, Any] = json.loads(line)
            taken, cuts = remote.taken
    return _figures(title, size, seen, taken - before, cuts)


def _figures(title: str, size: int, seen: dict[str, Any], taken: int, cuts: int) -> list[Figure]:
    live = seen["said"] in ("live", "HandedOver")
    again = taken - size
    piece = seen["largest"] if seen["largest"] < size // 2 else IN_FLIGHT
    return [
        Figure(
            name=f"upload to {title}, {size / 1e6:,.0f} MB: memory above idle",
            bar="≤ 64 MiB",
            measured=f"{seen['above_idle'] / 2**20:.1f} MiB",
            met=live and seen["above_idle"] <= MOST_MEMORY,
            notes=(
                "uploads: simulator and publisher each in a process of its own, over a wire that is cut once "
                "half way; idle is after a first upload of 3 MB; random bytes; peak is the kernel's; "
                "client limit is the largest body; the wire also carries headers and forms, up to 0.5 %",
            ),
        ),
        Figure(
            name=f"upload to {title}: more on the wire than the file, after a cut",
            bar="≤ one piece",
            measured=f"{again / 2**20:+.1f} MiB, {cuts} cut",
            limit=f"{piece / 2**20:.1f} MiB piece",
            # a publisher may take a break for a wait of its own: what went twice shows the cut then
            met=live and (seen["broke"] > 0 or again > 0) and again <= piece + size * AROUND,
        ),
        Figure(
            name=f"upload to {title}: speed on loopback",
            bar="told",
            measured=f"{size / 1e6 / seen['seconds']:.0f} MB/s, ended {seen['said']}",
        ),
    ]


def _failed(title: str, process: subprocess.Popen[str]) -> Figure:
    process.kill()
    assert process.stderr is not None
    said = (process.stderr.read().strip().splitlines() or ["without a word"])[-1]
    return Figure(name=f"upload to {title}", bar="goes out", measured=f"ended: {said[:90]}", met=False)


def _go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def _said(command: list[str]) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(subprocess.check_output(command, cwd=ROOT, text=True))
    return answer


def _film(folder: Path, size: int) -> str:
    """A real clip with random bytes in a box that players skip (ISO/IEC 14496-12, 8.1.2), under its hash."""
    clip = mp4()
    left = size - len(clip)
    made, digest = folder / "made", hashlib.sha256()
    with made.open("wb") as file:
        for piece in (clip, struct.pack(">I4sQ", 1, b"free", left), *_noise(left - 16)):
            digest.update(piece)
            file.write(piece)
    made.rename(folder / digest.hexdigest())
    return digest.hexdigest()


def _noise(size: int) -> Iterator[bytes]:
    for at in range(0, size, 1 << 20):
        yield os.urandom(min(1 << 20, size - at))
