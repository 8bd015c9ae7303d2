"""The parent's side of the platforms' crash test: one run at one point, and what must hold after it."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.domain.platform import Facts, Feature
from bot.domain.post import Part, Variant
from bot.log import make_log
from bot.ports import Platform
from bot.registry import load
from bot.store import open_store
from bot.testing.clip import mp4
from bot.testing.picture import png
from bot.testing.simulator import Simulator
from tests.e2e.crash_world import PROCESSES, ROOT, asks, last_line, lines, open_calls
from tests.e2e.shared_clock import FollowingClock, make_page

ENDED = frozenset({"live", "unconfirmed", "held", "handed_over"})
"""Where a post may stand when nothing moves any more: out, or on a card that asks."""


def platforms() -> Mapping[str, Platform[Any]]:
    """Every platform of the house that can publish."""
    found = load(log=make_log(), builtins="plugins", entry_points=()).platforms
    return {name: p for name, p in found.items() if p.simulate is not None and p.simulated is not None}


def kinds_of(platform: Platform[Any]) -> tuple[str, ...]:
    """What it can be given: words alone, a picture, a video."""
    features = platform.features
    kinds = [k for k, f in (("picture", Feature.IMAGE), ("video", Feature.VIDEO)) if f in features]
    rules = platform.media and platform.media(
        Variant(account="a", platform=platform.name, parts=(Part(text=""),)), Facts()
    )
    return (*(() if rules and rules.needed else ("text",)), *kinds)


@dataclass(frozen=True)
class Outcome:
    """One run. ``points``: how many there are; ``state``: where the post stands in the end."""

    points: int
    kills: int
    cut: int
    asked: int
    state: str
    wrong: tuple[str, ...]


@dataclass
class World:
    """Warm processes that fork the bots; each run has a simulator and a clock of its own."""

    folder: Path
    idle: asyncio.Queue[asyncio.subprocess.Process]
    platforms: Mapping[str, Platform[Any]]
    runs: int = 0

    async def crash(self, name: str, kind: str, at: int, again_at: int = 0) -> Outcome:
        """Publish, die at point ``at``; take it up, perhaps die at ``again_at`` and take it up again."""
        self.runs += 1
        folder = self.folder / f"{name}-{kind}-{at}-{again_at}-{self.runs}"
        folder.mkdir()
        shutil.copy(self.folder / "template.db", folder / "clarion.db")
        make_page(folder / "clock")
        clock = FollowingClock(folder / "clock")
        platform = self.platforms[name]
        assert platform.simulate is not None
        simulator: Any = await platform.simulate(clock)
        assert isinstance(simulator, Simulator)
        try:
            return await self._run(folder, simulator, name, kind, at, again_at)
        finally:
            await simulator.aclose()
            clock.close()

    async def _run(
        self, folder: Path, simulator: Simulator, name: str, kind: str, at: int, again_at: int
    ) -> Outcome:
        job = self.job(folder, simulator, name, kind)
        killed = await self.child({**job, "do": "publish", "kill_at": at}) != 0
        cut = open_calls(folder)
        again = bool(again_at) and await self.child({**job, "do": "recover", "kill_at": again_at}) != 0
        if again:
            cut |= open_calls(folder)
        assert await self.child({**job, "do": "recover", "kill_at": 0}) == 0
        found = json.loads((folder / "recover.json").read_text())
        where = f"{folder.name}: killed at {last_line(folder / 'publish.trace')!r}"
        wrong = tuple(f"{where}: {fault}" for fault in faults(simulator, found, cut))
        points = len(lines(folder / "publish.trace"))
        states = [row["state"] for row in found["first"]["deliveries"]]
        if not wrong:
            shutil.rmtree(folder)
        return Outcome(
            points=points,
            kills=killed + again,
            cut=len(cut),
            asked=len(asks(found["first"])),
            state=states[0] if states else "none",
            wrong=wrong,
        )

    def job(self, folder: Path, simulator: Simulator, name: str, kind: str) -> dict[str, Any]:
        """What a child has to know."""
        files = {"text": "", "picture": f" --media {self.folder / 'picture.png'} --alt bread"}
        files["video"] = f" --media {self.folder / 'clip.mp4'} --alt bread"
        choices = "".join(f" {words}" for words in chosen(self.platforms[name]))
        return {
            "folder": str(folder),
            "clock": str(folder / "clock"),
            "url": simulator.url,
            "platform": name,
            "port": free_port(),
            "line": f'"Hello from the road" --to acme --at now{files[kind]}{choices}',
        }

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
        assert code in (0, -signal.SIGKILL), "\n".join(lines(Path(job["folder"], "error.txt"))[-30:])
        return code


def free_port() -> int:
    """A port on which nobody listens now; the bot serves its files there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def chosen(platform: Platform[Any]) -> list[str]:
    """What a person has to choose there, as it is typed."""
    found = []
    for option in platform.options:
        if option.required:
            value = option.choices[0][0] if option.choices else "no"
            found.append(f"--set {platform.name}.{option.name}={value}")
    return found


def faults(simulator: Simulator, found: dict[str, Any], cut: set[int]) -> list[str]:
    """Everything that must not be."""
    wrong: list[str] = []
    there = simulator.visible()
    state = found["first"]
    asked = asks(state)
    if len(there) > 1:
        wrong.append(f"DOUBLE: {len(there)} times {sorted(there)}")
    if len(state["deliveries"]) != 1:
        return [*wrong, f"{len(state['deliveries'])} deliveries: {found['said'][-300:]}"]
    (row,) = state["deliveries"]
    if row["state"] not in ENDED:
        wrong.append(f"STUCK: {row['state']}, {row['reason']!r}")
    if row["state"] == "unconfirmed" and (row["wake_at"] is not None or not asked):
        wrong.append(f"STUCK: unconfirmed, nobody asked, {row['reason']!r}")
    if row["state"] == "held" and there:
        wrong.append("LOST: it is out and counts as held")
    if row["state"] == "live":
        if not there:
            wrong.append("NO PROOF: live, and it is not there")
        for part in state["parts"]:
            if part["proof"] is None or (part["ref"] and json.loads(part["ref"]) is None):
                wrong.append("NO PROOF: a part is out without one")
            elif str(json.loads(part["ref"])) not in there:
                wrong.append(f"NO PROOF: it claims {part['ref']}, and there is {sorted(there)}")
    if len(asked) > len(cut):
        wrong.append(f"{len(asked)} people asked for {len(cut)} calls cut")
    if found["again"]:
        wrong.append(f"NOT IDEMPOTENT: {found['again'][:300]}")
    return wrong


@asynccontextmanager
async def platform_world(folder: Path, *, processes: int = PROCESSES) -> AsyncIterator[World]:
    """Everything warm; the template is a migrated database that no bot has used."""
    await (await open_store(f"sqlite+aiosqlite:///{folder / 'template.db'}")).aclose()
    (folder / "picture.png").write_bytes(png(640, 640))
    (folder / "clip.mp4").write_bytes(await asyncio.to_thread(mp4))
    idle: asyncio.Queue[asyncio.subprocess.Process] = asyncio.Queue()
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.e2e.platform_child",
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(processes)
    ]
    for process in started:
        idle.put_nowait(process)
    try:
        world = World(folder=folder, idle=idle, platforms=platforms())
        await asyncio.gather(*(world.crash("twitter", "text", 0) for _ in started))
        yield world
    finally:
        for process in started:
            assert process.stdin is not None
            process.stdin.close()
        await asyncio.gather(*(process.wait() for process in started))
