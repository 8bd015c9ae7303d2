"""One real video through the real studio to two platforms, at a console; also killed in between."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

from tests.unit.preparing_world import clip

CONFIG = """
[chat]
use = ["console"]
[brand.acme]
timezone = "Europe/Lisbon"
channels = ["console:main"]
roles = { create = ["alice"], approve = ["bob"], admin = ["dana"] }
approval = { mode = "any", needed = 1 }
"""
ROOT = Path(__file__).parents[2]


async def start(folder: Path) -> asyncio.subprocess.Process:
    (folder / "config.toml").write_text(CONFIG)
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run", "--config", "config.toml", "--simulate", "--wait", "60"),
        *("--log", "clarion.log"),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def run(folder: Path, *lines: str) -> str:
    """Type the lines and let the bot come to an end by itself."""
    child = await start(folder)
    out, _ = await asyncio.wait_for(child.communicate("\n".join(lines).encode() + b"\n"), 120)
    assert child.returncode == 0, out.decode()
    return out.decode()


def stages(folder: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(folder / "clarion-simulated.db")) as connection:
        found = connection.execute("SELECT stage, source_hash FROM preparations").fetchall()
    return [(str(stage), str(source)) for stage, source in found]


def states(folder: Path) -> dict[str, str]:
    with closing(sqlite3.connect(folder / "clarion-simulated.db")) as connection:
        return dict(connection.execute("SELECT account, state FROM deliveries").fetchall())


def encoding(folder: Path) -> None:
    """Back once a rendition has begun to be written."""
    ends = time.monotonic() + 60
    while not [p for p in (folder / "studio" / "making").glob("*/made*") if p.stat().st_size]:
        assert time.monotonic() < ends, "nothing was ever encoded"
        time.sleep(0.02)


async def test_a_video_is_prepared_approved_and_live(tmp_path: Path) -> None:
    video, to = clip(2.0, "128x72"), "acme-x,acme-bs"
    post = f'/post "Launch" --media {video} --alt "A test card" --to {to} --set fit=blur --set shape=9:16'
    said = await run(tmp_path, "as alice", post)
    assert "preparing 0 %" in said
    assert "9:16 by blurred fill" in said
    assert set(states(tmp_path).values()) == {"in_review"}
    assert {stage for stage, _ in stages(tmp_path)} == {"done"}
    assert {p.suffix for p in (tmp_path / "previews").iterdir()} == {".txt", ".jpg"}
    said = await run(tmp_path, "as bob", "/approve P1", "/diff P1")
    assert set(states(tmp_path).values()) == {"live"}


async def test_a_killed_bot_goes_on_where_it_was(tmp_path: Path) -> None:
    video = clip(8.0, "640x360")
    child = await start(tmp_path)
    assert child.stdin is not None
    assert child.stdout is not None
    line = f'as alice\n/post "Launch" --media {video} --to acme-x --set fit=blur --set shape=9:16\n'
    child.stdin.write(line.encode())
    await child.stdin.drain()
    seen = b""
    while not re.search(rb"preparing \d+ %", seen):
        seen += await asyncio.wait_for(child.stdout.read(1000), 60)
    await asyncio.to_thread(encoding, tmp_path)
    child.send_signal(signal.SIGKILL)
    await child.communicate()
    assert states(tmp_path) == {"acme-x": "draft"}
    said = await run(tmp_path, "as bob", "/queue")
    assert states(tmp_path) == {"acme-x": "in_review"}
    assert len(stages(tmp_path)) == 1
    assert "IN REVIEW" in said
    making = tmp_path / "studio" / "making"
    assert [p for p in making.iterdir() if p.is_dir()] == [], "what the dead one left is swept"
