"""One publisher in a process of its own: it sends a small video, rests, then sends a large one.

    python -m benchmarks.uploader PLATFORM ADDRESS FOLDER SMALL LARGE

SMALL and LARGE are files of FOLDER, named by their SHA-256. It prints ``ready``, waits for a line, uploads,
and prints what it saw as JSON. After a cut it goes on as another process would: with a new publisher and
the checkpoint that was saved.
"""

from __future__ import annotations

import asyncio
import gc
import io
import json
import resource
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from benchmarks.simulated import platform_named
from bot.app import make_log
from bot.clock import SystemClock
from bot.config import Secret, read_settings
from bot.domain.platform import (
    Call,
    Checkpoint,
    Facts,
    Live,
    OptionKind,
    Pending,
    PostOption,
    Ready,
    Receipt,
    Wait,
)
from bot.domain.post import Json, Media, MediaKind, Part, Stream, Variant, part_hash
from bot.errors import Transient, Uncertain
from bot.http import HttpClient
from bot.media.files import FileMedia
from bot.ports import Deps, Platform, Publisher, Reply

SECONDS = 150.0
"""How long the video says it is."""

MORE: dict[str, dict[str, Json]] = {"twitter": {"premium": True}}
"""Settings with which an account may post that long and that large."""

TRIES = 20


class CountingHttp:
    """The core's client, which remembers the largest body it was given to send, in bytes."""

    def __init__(self) -> None:
        self._client = HttpClient()
        self.largest = 0

    async def request(self, method: str, url: str, **how: Any) -> Reply:
        content = how.get("content")
        if isinstance(content, AsyncIterator):
            how["content"] = self._counted(content)
        else:
            files = how.get("files") or {}
            size = len(content or b"") + sum(len(file[1]) for file in files.values())
            self.largest = max(self.largest, size)
        return await self._client.request(method, url, **how)

    async def _counted(self, content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        size = 0
        async for piece in content:
            size += len(piece)
            self.largest = max(self.largest, size)
            yield piece

    async def aclose(self) -> None:
        await self._client.aclose()


class Bench:
    """The publisher at work."""

    def __init__(self, name: str, url: str, folder: Path) -> None:
        self.platform: Platform[Any] = platform_named(name)
        assert self.platform.simulated is not None
        secrets = {key: Secret(value) for key, value in self.platform.simulated.secrets.items()}
        table = {**self.platform.simulated.settings, **secrets, **MORE.get(name, {}), "base_url": url}
        self.settings = read_settings(self.platform.settings, table, where="bench", env={}, fallback={})
        self.http, self.media, self.clock = CountingHttp(), FileMedia(folder), SystemClock()
        self.log = make_log(io.StringIO())
        self.broke = 0

    def connect(self) -> Publisher:
        """A publisher as a new process would have it."""
        deps = Deps(http=self.http, clock=self.clock, media=self.media, log=self.log)
        return self.platform.connect(self.settings, deps)

    async def publish(self, name: str) -> str:
        """Send one video; how it ended."""
        facts = await self.connect().facts()
        part = Part(text=f"Bench {name[:8]}", media=(self._film(name),), options=self._options(facts))
        call = Call(key=f"bench-{name[:20]}", started_at=self.clock.now(), request_hash=part_hash(part))
        checkpoint = await self._staged(part)
        publisher = self.connect()
        answer: Any = await publisher.commit(part, checkpoint, call)
        while isinstance(answer, Pending):
            await self._until(answer.check_at)
            answer = await publisher.confirm(part, checkpoint, replace(call, ref=answer.ref))
        return "live" if isinstance(answer, Receipt | Live) else type(answer).__name__

    async def _staged(self, part: Part) -> Checkpoint:
        """With what was saved after every step; after a break by another publisher."""
        checkpoint, publisher = Checkpoint(), self.connect()
        while True:
            try:
                step = await publisher.stage(part, checkpoint)
            except (Transient, Uncertain):
                self.broke += 1
                if self.broke > TRIES:
                    raise
                publisher = self.connect()
                continue
            data = json.loads(json.dumps(dict(step.checkpoint.data)))
            checkpoint = Checkpoint(data=data, expires_at=step.checkpoint.expires_at)
            if isinstance(step, Ready):
                return checkpoint
            if isinstance(step, Wait):
                await self._until(step.until)

    async def _until(self, instant: Any) -> None:
        await asyncio.sleep(max((instant - self.clock.now()).total_seconds(), 0.01))

    def _film(self, name: str) -> Media:
        stream = Stream(container="mp4", video="h264", audio="aac", pixels="yuv420p", fps=30.0)
        return Media(
            sha256=name,
            name="film.mp4",
            mime="video/mp4",
            kind=MediaKind.VIDEO,
            size=self.media.path(Media(sha256=name, name="", mime="", kind=MediaKind.VIDEO, size=0))
            .stat()
            .st_size,
            width=720,
            height=1280,
            seconds=SECONDS,
            stream=stream,
        )

    def _options(self, facts: Facts) -> dict[str, Json]:
        return {option.name: _choice(option, facts) for option in self.platform.options if option.required}

    async def most(self) -> int:
        """Bytes of the largest video that the platform takes from this account."""
        facts = await self.connect().facts()
        assert self.platform.media is not None
        variant = Variant(
            account="bench", platform=self.platform.name, parts=(), options=self._options(facts)
        )
        rule = self.platform.media(variant, facts).video
        return rule.most_bytes if rule is not None else 0


def _choice(option: PostOption, facts: Facts) -> Json:
    if option.kind is OptionKind.FLAG:
        return False
    if option.kind is not OptionKind.CHOICE:
        return ["bench"] if option.kind is OptionKind.LIST else "bench"
    offered = facts.values.get(option.choices_from) if option.choices_from else option.choices
    first = (offered or [""])[0]
    return first if isinstance(first, str) else first[0]


def forget_peak() -> None:
    """Count the peak of the memory from now on (Linux; elsewhere it is that of the whole process)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak() -> int:
    """The most bytes of resident memory since `forget_peak`."""
    with suppress(OSError, StopIteration):
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


async def main(name: str, url: str, folder: str, small: str, large: str) -> None:
    bench = Bench(name, url, Path(folder))
    if not large:
        print(json.dumps({"most": await bench.most()}), flush=True)
        await bench.http.aclose()
        return
    await bench.publish(small)
    gc.collect()
    idle = psutil.Process().memory_info().rss
    bench.http.largest = bench.broke = 0
    forget_peak()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    began = time.perf_counter()
    said = await bench.publish(large)
    seen = {
        "said": said,
        "seconds": time.perf_counter() - began,
        "above_idle": peak() - idle,
        "largest": bench.http.largest,
        "broke": bench.broke,
    }
    print(json.dumps(seen), flush=True)
    await bench.http.aclose()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:6]))
