"""A publisher for X, its simulator and small files, for the tests of this folder."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.api import (
    Call,
    Checkpoint,
    Deps,
    Media,
    MediaKind,
    More,
    Part,
    Platform,
    Publisher,
    Ready,
    Receipt,
    Ref,
    Secret,
    Wait,
)
from bot.domain.post import part_hash
from bot.http import HttpClient
from bot.testing.clock import FakeClock
from plugins.twitter import register_platforms
from plugins.twitter.simulator import TwitterSimulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.ports import Clock

CREATE, ME, TIMELINE = "POST /2/tweets", "GET /2/users/me", "GET /2/users/{id}/tweets"
UPLOAD, DESCRIBE, DELETE = "POST /2/media/upload", "POST /2/media/metadata", "DELETE /2/tweets/{id}"


@dataclass
class Files:
    """A media store in memory."""

    contents: dict[str, bytes] = field(default_factory=dict)

    def put(
        self, content: bytes, *, alt: str = "", kind: MediaKind = MediaKind.IMAGE, mime: str = "image/png"
    ) -> Media:
        sha = hashlib.sha256(content).hexdigest()
        self.contents[sha] = content
        return Media(sha256=sha, name="launch.png", mime=mime, kind=kind, size=len(content), alt=alt)

    async def add(self, source: Path, *, alt: str = "") -> Media:
        return self.put(await asyncio.to_thread(source.read_bytes), alt=alt)

    async def look(self, source: Path, *, alt: str = "") -> Media:
        return await self.add(source, alt=alt)

    async def read(self, media: Media) -> bytes:
        return self.contents[media.sha256]

    async def check(self, media: Media) -> None:
        assert len(self.contents[media.sha256]) == media.size

    async def stream(
        self, media: Media, *, start: int = 0, length: int | None = None
    ) -> AsyncIterator[bytes]:
        end = media.size if length is None else start + length
        for at in range(start, end, 1 << 20):
            yield self.contents[media.sha256][at : min(end, at + (1 << 20))]

    def path(self, media: Media) -> Path:
        return Path(media.sha256)


@dataclass
class Lines:
    """A log in memory."""

    written: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def _write(self, event: str, **facts: Any) -> None:
        self.written.append((event, facts))

    debug = info = warning = error = _write


def platform() -> Platform[Any]:
    (found,) = register_platforms()
    return found


@dataclass
class World:
    """Everything one test needs."""

    sim: TwitterSimulator
    clock: FakeClock
    files: Files
    log: Lines
    http: HttpClient
    publisher: Publisher

    def call(self, part: Part, *parents: Ref, ref: Ref | None = None) -> Call:
        return Call(
            key="k", started_at=self.clock.now(), request_hash=part_hash(part), ref=ref, parents=parents
        )

    async def publish(self, part: Part, *parents: Ref) -> Receipt:
        """Stage and commit; X answers at once, so it is a receipt."""
        receipt = await self.publisher.commit(part, await self.staged(part), self.call(part, *parents))
        assert isinstance(receipt, Receipt)
        return receipt

    async def staged(self, part: Part) -> Checkpoint:
        return (await stage_all(self.publisher, part, clock=self.clock))[-1]


async def stage_all(
    publisher: Publisher, part: Part, checkpoint: Checkpoint | None = None, clock: FakeClock | None = None
) -> list[Checkpoint]:
    """Call `stage` until it is ready; every checkpoint on the way."""
    seen = [checkpoint or Checkpoint()]
    while len(seen) < 30:
        answer = await publisher.stage(part, seen[-1])
        seen.append(answer.checkpoint)
        if isinstance(answer, Ready):
            return seen
        if isinstance(answer, Wait):
            assert clock is not None, "who waits needs a clock"
            clock.advance(answer.until - clock.now())
        else:
            assert isinstance(answer, More)
    raise AssertionError("staging never ends")


def connect(url: str, http: HttpClient, clock: Clock, files: Files, log: Lines, **more: Any) -> Publisher:
    """A publisher with the simulated account's keys."""
    manifest = platform()
    assert manifest.simulated is not None
    keys = {name: Secret(value) for name, value in manifest.simulated.secrets.items()}
    settings = manifest.settings(**{**keys, **manifest.simulated.settings, "base_url": url, **more})
    return manifest.connect(settings, Deps(http=http, clock=clock, media=files, log=log))


@asynccontextmanager
async def world(**settings: Any) -> AsyncIterator[World]:
    """A running simulator and a publisher that talks to it over real HTTP."""
    clock, files, log, http = FakeClock(), Files(), Lines(), HttpClient()
    async with TwitterSimulator(clock).running() as sim:
        try:
            publisher = connect(sim.url, http, clock, files, log, **settings)
            yield World(sim=sim, clock=clock, files=files, log=log, http=http, publisher=publisher)
            await publisher.aclose()
            await publisher.aclose()
        finally:
            await http.aclose()
