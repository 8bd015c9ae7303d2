"""A Bluesky account, a server for it, and everything a test wants to hold in its hands."""

from __future__ import annotations

import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.clock import SystemClock
from bot.config import Secret
from bot.domain.platform import Call, Checkpoint, Ready, Receipt, Ref, Wait
from bot.domain.post import Media, MediaKind, Part, part_hash
from bot.http import HttpClient
from bot.media.files import FileMedia
from bot.ports import Clock, Deps, Reply
from bot.testing.clip import mp4
from bot.testing.clock import FakeClock
from bot.testing.picture import png
from plugins.bluesky import SIMULATED, BlueskyPublisher, BlueskySettings
from plugins.bluesky.simulator import BlueskySimulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.ports import Http

PUT = "POST /xrpc/com.atproto.repo.putRecord"
GET = "GET /xrpc/com.atproto.repo.getRecord"
LOGIN = "POST /xrpc/com.atproto.server.createSession"
RENEW = "POST /xrpc/com.atproto.server.refreshSession"
BLOB = "POST /xrpc/com.atproto.repo.uploadBlob"
VIDEO = "POST /xrpc/app.bsky.video.uploadVideo"
JOB = "GET /xrpc/app.bsky.video.getJobStatus"


@dataclass
class Journal:
    """A log that remembers."""

    lines: list[str] = field(default_factory=list)

    def debug(self, event: str, **facts: Any) -> None:
        self.lines.append(f"{event} {facts!r}")

    info = warning = error = debug


@dataclass(kw_only=True)
class Hands:
    """One account, what it was lent, and the hands to work it as the core does."""

    settings: BlueskySettings
    http: Http
    clock: Clock
    media: FileMedia
    log: Journal
    folder: Path
    publisher: BlueskyPublisher
    calls: int = 0

    def another(self, *, http: Http | None = None, **changes: Any) -> BlueskyPublisher:
        """The same account as another process has it; settings may differ."""
        deps = Deps(http=http or self.http, clock=self.clock, media=self.media, log=self.log)
        return BlueskyPublisher(replace(self.settings, **changes), deps)

    def call(self, part: Part, *parents: Ref, ref: Ref | None = None) -> Call:
        self.calls += 1
        return Call(
            key=f"key-{self.calls}",
            started_at=self.clock.now(),
            request_hash=part_hash(part),
            ref=ref,
            parents=parents,
        )

    async def picture(self, *, alt: str = "a gradient", size: tuple[int, int] = (64, 36)) -> Media:
        source = self.folder / "picture.png"
        source.write_bytes(png(*size))
        return await self.media.add(source, alt=alt)

    async def clip(self, *, alt: str = "a test picture", more: bytes = b"") -> Media:
        """A small real video; ``more`` is put behind it in a box that players skip."""
        source = self.folder / "clip.mp4"
        source.write_bytes(mp4() + (len(more) + 8).to_bytes(4, "big") + b"free" + more)
        return await self.media.add(source, alt=alt)

    async def captions(self, text: str, language: str = "en") -> Media:
        """Subtitles as they lie in the media store."""
        source = self.folder / "captions.vtt"
        source.write_text(text)
        made = await self.media.add(source)
        return replace(made, kind=MediaKind.CAPTIONS, language=language)

    async def staged(self, part: Part, publisher: BlueskyPublisher | None = None) -> Checkpoint:
        """Stage as the core does, waiting by the clock."""
        checkpoint = Checkpoint()
        for _ in range(60):
            step = await (publisher or self.publisher).stage(part, checkpoint)
            checkpoint = step.checkpoint
            if isinstance(step, Ready):
                return checkpoint
            if isinstance(step, Wait):
                await self._until(step)
        raise AssertionError("staging does not end")

    async def published(self, part: Part, *parents: Ref) -> Receipt:
        return await self.publisher.commit(part, await self.staged(part), self.call(part, *parents))

    async def _until(self, step: Wait) -> None:
        wait = (step.until - self.clock.now()).total_seconds()
        assert wait > 0
        if isinstance(self.clock, FakeClock):
            self.clock.advance(wait)
        else:
            await self.clock.sleep(wait)


@dataclass(kw_only=True)
class World(Hands):
    """An account at the simulator."""

    clock: FakeClock
    sim: BlueskySimulator

    def record(self, ref: Ref) -> dict[str, Any]:
        return self.sim.repository.records[str(ref)].value


class Deaf:
    """The core's client over a wire that loses every answer from ``lose`` on; the work is done."""

    def __init__(self, inner: Http, lose: str) -> None:
        self._inner = inner
        self.lose = lose

    async def request(self, method: str, url: str, **how: Any) -> Reply:
        from bot.errors import Uncertain

        reply = await self._inner.request(method, url, **how)
        if self.lose and self.lose in url:
            raise Uncertain("The platform's answer is missing.", detail="lost")
        return reply


@asynccontextmanager
async def world(**changes: Any) -> AsyncIterator[World]:
    """The simulated account at a fresh simulator."""
    clock = FakeClock()
    async with BlueskySimulator(clock).running() as sim:
        settings = BlueskySettings(
            identifier=str(SIMULATED.settings["identifier"]),
            app_password=Secret(SIMULATED.secrets["app_password"]),
            base_url=sim.url,
        )
        async with hands(replace(settings, **changes), clock) as made:
            yield World(**{**vars(made), "sim": sim})


@asynccontextmanager
async def hands(settings: BlueskySettings, clock: Clock | None = None) -> AsyncIterator[Hands]:
    """An account anywhere, with the system's clock unless another is given."""
    clock, http, log = clock or SystemClock(), HttpClient(), Journal()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        media = FileMedia(folder / "media")
        publisher = BlueskyPublisher(settings, Deps(http=http, clock=clock, media=media, log=log))
        try:
            yield Hands(
                settings=settings,
                http=http,
                clock=clock,
                media=media,
                log=log,
                folder=folder,
                publisher=publisher,
            )
        finally:
            await publisher.aclose()
            await http.aclose()
