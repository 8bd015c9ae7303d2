"""How soon a bot with Slack and Discord hears its team after a start, and what it weighs then."""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.chats import Service, discord, slack
from benchmarks.table import Figure, spread

ROUNDS = 5
APART = 5.5
"""Seconds between two starts: Discord takes one IDENTIFY in five (gateway, rate limits)."""

WARM, WEIGHT = 2.5, 150.0
"""The bars: seconds until both services were answered, megabytes of resident memory."""


async def measure() -> list[Figure]:
    """``clarion run`` in a process of its own between both simulators, each in its own."""
    async with slack() as workspace, discord() as guild:
        with tempfile.TemporaryDirectory() as text:
            folder = Path(text)
            (folder / "config.toml").write_text(_config(workspace, guild), "utf-8")
            starts = [await _start(folder, workspace, guild) for _ in range(ROUNDS + 1)][1:]
    seconds, megabytes = zip(*starts, strict=True)
    note = (
        "teams: one process with Slack (Socket Mode), Discord and all platforms' simulators; from its start "
        f"until a command in each was acknowledged; warm, median of {ROUNDS}"
    )
    return [
        Figure(
            name="start to first acks, Slack and Discord",
            bar=f"≤ {WARM} s",
            measured=f"{spread(seconds, '.2f')} s",
            met=statistics.median(seconds) <= WARM,
            notes=(note,),
        ),
        Figure(
            name="memory (RSS) then, Slack and Discord",
            bar=f"≤ {WEIGHT:.0f} MB",
            measured=f"{spread(megabytes, '.0f')} MB",
            met=statistics.median(megabytes) <= WEIGHT,
        ),
    ]


def _config(workspace: Service, guild: Service) -> str:
    tables = "\n".join(
        f"[chat.{service.name}]\n" + "\n".join(f'{key} = "{value}"' for key, value in service.table.items())
        for service in (workspace, guild)
    )
    return f"""
{tables}
[chat]
use = ["slack", "discord"]
[brand.acme]
channels = ["slack:{workspace.channels[0]}", "discord:{guild.channels[0]}"]
roles = {{ create = ["slack:{workspace.users[0]}"], approve = ["discord:{guild.users[0]}"] }}
"""


async def _start(folder: Path, workspace: Service, guild: Service) -> tuple[float, float]:
    """Seconds until both services had an answer to a command, and megabytes then."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env = {**kept, **workspace.env, **guild.env, "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    command = [sys.executable, "-m", "bot", "run", "--log", str(folder / "log.txt")]
    await asyncio.sleep(APART)
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=env, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        for service in (workspace, guild):
            await _answered(service)
        seconds = time.perf_counter() - began
        return seconds, psutil.Process(process.pid).memory_info().rss / 1e6
    finally:
        process.terminate()
        await process.wait()


async def _answered(service: Service) -> None:
    """Type until somebody listens."""
    for _ in range(1_000):
        if (await service.ask("report"))["connections"]:
            storm = {"rate": 1, "seconds": 1, "users": service.users[:1], "channels": service.channels[:1]}
            await service.ask("storm", {**storm, **service.typed})
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"nobody listens to {service.name}")
