"""The parent's side of the crash test: warm processes, one run at one point, and what must hold after it."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from bot.store import open_store
from bot.testing.clock import FakeClock
from bot.testing.platforms._demo_server import DemoSimulator
from tests.e2e.crash_child import PARTS

ROOT = Path(__file__).parents[2]
PROCESSES = 4


@dataclass(frozen=True)
class Outcome:
    """One run. ``killed``: the point was there to be reached; ``points``: the number reached."""

    points: int
    killed: bool
    killed_again: bool
    cut: int
    asked: int
    wrong: tuple[str, ...]


@dataclass
class World:
    """One simulated platform in this process, and warm processes that fork the bots."""

    folder: Path
    simulator: DemoSimulator
    image: Path
    idle: asyncio.Queue[asyncio.subprocess.Process]
    runs: int = 0

    async def warm(self, number: int) -> None:
        """One whole story in a process that only forks afterwards."""
        name = f"warm-{number}"
        job = self.job(self.folder / name, "lookup", "thread", name)
        await self.child({**job, "do": "recover", "kill_at": 0})

    async def child(self, job: dict[str, Any]) -> int:
        """Fork, run the job, and tell the exit code; −9 is killed."""
        process = await self.idle.get()
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(job).encode() + b"\n")
            code = int(json.loads(await process.stdout.readline()))
        finally:
            self.idle.put_nowait(process)
        assert code in (0, -signal.SIGKILL), lines(Path(job["folder"], "error.txt"))
        return code

    async def crash(self, mode: str, variant: str, at: int, again_at: int = 0) -> Outcome:
        """Publish, die at point ``at``; take it up, perhaps die at ``again_at`` and take it up again."""
        name = f"{mode}-{variant}-{at}-{again_at}"
        folder = self.folder / name
        job = self.job(folder, mode, variant, name)
        killed = await self.child({**job, "do": "publish", "kill_at": at}) != 0
        cut = open_calls(folder)
        killed_again = False
        if again_at:
            killed_again = await self.child({**job, "do": "recover", "kill_at": again_at}) != 0
            if killed_again:
                cut |= open_calls(folder)
                # seconds for the restart, and what the clock of the dead process had moved on
                job["later"] = 200
        code = await self.child({**job, "do": "recover", "kill_at": 0}) if killed_again or not again_at else 0
        assert code == 0
        found = json.loads((folder / "recover.json").read_text())
        where = f"{name}: killed at {last_line(folder / 'publish.trace')!r}"
        if again_at:
            where += f", then at {last_line(folder / 'recover.trace')!r}"
        points = lines(folder / "publish.trace")
        wrong = tuple(f"{where}: {fault}" for fault in self.faults(mode, name, PARTS[variant], found, cut))
        if not wrong:
            shutil.rmtree(folder)
        return Outcome(
            points=len(points),
            killed=killed,
            killed_again=killed_again,
            cut=len(cut),
            asked=len(asks(found["first"])),
            wrong=wrong,
        )

    async def number_of(self, mode: str, variant: str, event: str) -> int:
        """The point at which something happens in an undisturbed run."""
        folder = self.folder / f"{mode}-{variant}-counted-{self.runs}"
        await self.child({**self.job(folder, mode, variant, folder.name), "do": "publish", "kill_at": 0})
        (at,) = [n for n, name in enumerate(lines(folder / "publish.trace"), 1) if name.endswith(event)]
        return at

    def job(self, folder: Path, mode: str, variant: str, name: str) -> dict[str, Any]:
        """What a child has to know; its folder is made, with a database nobody has used."""
        self.runs += 1
        folder.mkdir()
        shutil.copy(self.folder / "template.db", folder / "clarion.db")
        return {
            "folder": str(folder),
            "url": self.simulator.url,
            "mode": mode,
            "variant": variant,
            "name": name,
            "image": str(self.image),
            "later": 1,
        }

    def faults(
        self, mode: str, name: str, texts: tuple[str, ...], found: dict[str, Any], cut: set[int]
    ) -> list[str]:
        """Everything that must not be."""
        faults: list[str] = []
        there = [post for post in self.simulator.posts if post.account == name]
        times = Counter(post.text for post in there)
        for text in texts:
            if times[text] > 1:
                faults.append(f"DOUBLE: {text!r} is there {times[text]} times")
            if times[text] < 1:
                faults.append(f"LOST: {text!r} is not there")
        if set(times) - set(texts):
            faults.append(f"DOUBLE: something nobody wrote: {sorted(times)}")
        parents = {post.text: post.parent for post in there}
        ids = {post.text: post.id for post in there}
        for before, after in pairwise(texts):
            known = {part["ref"] for part in found["last"]["parts"]}
            if parents.get(after) != ids.get(before) and json.dumps(ids.get(before)) in known:
                faults.append(f"{after!r} does not answer {before!r}")
        asked = asks(found["first"])
        for row in found["first"]["deliveries"]:
            told = row["state"] == "unconfirmed" and row["wake_at"] is None and asked
            if row["state"] != "live" and not told:
                faults.append(f"STUCK: {row['state']}, {row['reason']!r}, nobody asked")
        if len(found["first"]["deliveries"]) != 1:
            faults.append(f"{len(found['first']['deliveries'])} deliveries")
        if len(asked) > len(cut):
            faults.append(f"{len(asked)} people asked for {len(cut)} calls cut")
        if mode == "own_key" and asked:
            faults.append("asked although the platform knows our key")
        for when in ("first", "last"):
            faults += unproved(found[when], there, len(texts))
        if found["again"]:
            faults.append(f"NOT IDEMPOTENT: {found['again']}")
        if [row["state"] for row in found["last"]["deliveries"]] != ["live"]:
            faults.append(f"not live in the end: {found['last']['deliveries']}")
        return faults


def unproved(state: dict[str, Any], there: list[Any], parts: int) -> list[str]:
    """Parts that count as out without a proof that holds on the platform."""
    faults, refs = [], {json.dumps(post.id) for post in there}
    out = [part for part in state["parts"] if part["state"] == "out"]
    for part in out:
        if part["proof"] is None:
            faults.append(f"NO PROOF: part {part['idx']}")
        if part["proof"] in ("receipt", "read_back") and part["ref"] not in refs:
            faults.append(f"NO PROOF: part {part['idx']} claims {part['ref']}, which is not there")
    if any(row["state"] == "live" for row in state["deliveries"]) and len(out) != parts:
        faults.append(f"NO PROOF: live with {len(out)} of {parts} parts out")
    return faults


def asks(state: dict[str, Any]) -> set[str]:
    return {row["key"] for row in state["notices"] if row["key"].startswith("ask:")}


def open_calls(folder: Path) -> set[int]:
    """Calls that were under way, or whose answer was not written down, when the process died."""
    with closing(sqlite3.connect(folder / "clarion.db")) as connection:
        rows = connection.execute("SELECT id FROM attempts WHERE state IN ('calling', 'unknown')")
        return {row[0] for row in rows}


def lines(trace: Path) -> list[str]:
    return trace.read_text().splitlines() if trace.exists() else []


def last_line(trace: Path) -> str:
    reached = lines(trace)
    return f"{len(reached)} {reached[-1]}" if reached else "nothing"


@asynccontextmanager
async def crash_world(folder: Path, image: Path) -> AsyncIterator[World]:
    """Everything warm; the template is a migrated database that no bot has used."""
    await (await open_store(f"sqlite+aiosqlite:///{folder / 'template.db'}")).aclose()
    idle: asyncio.Queue[asyncio.subprocess.Process] = asyncio.Queue()
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.e2e.crash_child",
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(PROCESSES)
    ]
    for process in processes:
        idle.put_nowait(process)
    try:
        async with DemoSimulator(FakeClock()).running() as simulator:
            world = World(folder=folder, simulator=simulator, image=image, idle=idle)
            await asyncio.gather(*(world.warm(number) for number in range(PROCESSES)))
            yield world
    finally:
        for process in processes:
            assert process.stdin is not None
            process.stdin.close()
        await asyncio.gather(*(process.wait() for process in processes))
