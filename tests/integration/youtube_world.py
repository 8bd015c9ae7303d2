"""A YouTube channel, its simulator and everything a test wants to hold in its hands."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from bot.config import Secret
from bot.domain.platform import Call, Checkpoint, Live, Ready, Receipt, Wait
from bot.domain.post import Media, MediaKind, Part, part_hash
from bot.errors import Rejected
from bot.http import HttpClient
from bot.ports import Deps
from bot.testing.clock import FakeClock
from plugins.youtube import SIMULATED
from plugins.youtube.publisher import YouTubePublisher
from plugins.youtube.settings import STEP, YouTubeSettings
from plugins.youtube.simulated import StoredVideo
from plugins.youtube.simulator import YouTubeSimulator

if TYPE_CHECKING:
    from pathlib import Path

    from bot.ports import Tokens

INIT, PUT, UPDATE = (
    "POST /upload/youtube/v3/videos",
    "PUT /upload/youtube/v3/videos",
    "PUT /youtube/v3/videos",
)
LIST, STATS = "GET /youtube/v3/videos", "GET /youtube/v3/videos:batchGetStats"
COVER, CAPTIONS = "POST /upload/youtube/v3/thumbnails/set", "POST /upload/youtube/v3/captions"
ITEMS, ADD, CHANNELS = (
    "GET /youtube/v3/playlistItems",
    "POST /youtube/v3/playlistItems",
    "GET /youtube/v3/channels",
)
TEXT = "Release 4.2\nWhat is new, and why it took us a year"
JPEG, SRT = b"\xff\xd8\xff\xe0 not really a picture", b"1\n00:00:00,000 --> 00:00:01,000\nHello\n"


@cache
def noise(size: int) -> bytes:
    """Bytes without a pattern, the same each time."""
    return hashlib.shake_128(b"noise").digest(size)


@dataclass
class Files:
    """A media store of one shelf, which counts the bytes it streams."""

    contents: dict[str, bytes] = field(default_factory=dict)
    read_bytes: int = 0

    def put(self, content: bytes, name: str, mime: str, kind: MediaKind, **more: Any) -> Media:
        sha = hashlib.sha256(content).hexdigest()
        self.contents[sha] = content
        return Media(sha256=sha, name=name, mime=mime, kind=kind, size=len(content), **more)

    def video(self, size: int = 700_000, **more: Any) -> Media:
        """Bytes that differ wherever one looks, so that a chunk in the wrong place shows."""
        shape = {"width": 1920, "height": 1080, "seconds": 61.0} | more
        return self.put(noise(size), "launch.mp4", "video/mp4", MediaKind.VIDEO, **shape)

    def cover(self, content: bytes = JPEG) -> Media:
        return self.put(content, "cover.jpg", "image/jpeg", MediaKind.IMAGE, width=1280, height=720)

    def captions(self, language: str = "en", content: bytes = SRT) -> Media:
        kind = MediaKind.CAPTIONS
        return self.put(content, f"{language}.srt", "application/x-subrip", kind, language=language)

    async def add(self, source: Path, *, alt: str = "") -> Media:
        raise AssertionError("a publisher adds no files")

    async def look(self, source: Path, *, alt: str = "") -> Media:
        return await self.add(source, alt=alt)

    async def read(self, media: Media) -> bytes:
        return self.contents[media.sha256]

    async def check(self, media: Media) -> None:
        if hashlib.sha256(self.contents[media.sha256]).hexdigest() != media.sha256:
            raise Rejected(f"{media.name} is not the file that was approved.", code="media")

    async def stream(
        self, media: Media, *, start: int = 0, length: int | None = None
    ) -> AsyncIterator[bytes]:
        content = self.contents[media.sha256]
        end = len(content) if length is None else start + length
        for at in range(start, end, 1 << 16):
            piece = content[at : min(at + (1 << 16), end)]
            self.read_bytes += len(piece)
            yield piece

    def path(self, media: Media) -> Path:
        raise AssertionError("nobody asked for a path")


@dataclass
class Journal:
    """A log that remembers."""

    lines: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def debug(self, event: str, **facts: Any) -> None:
        self.lines.append(("debug", event, facts))

    def info(self, event: str, **facts: Any) -> None:
        self.lines.append(("info", event, facts))

    def warning(self, event: str, **facts: Any) -> None:
        self.lines.append(("warning", event, facts))

    def error(self, event: str, **facts: Any) -> None:
        self.lines.append(("error", event, facts))


@dataclass
class World:
    """One publisher at one simulator."""

    clock: FakeClock
    sim: YouTubeSimulator
    files: Files
    log: Journal
    http: HttpClient
    settings: YouTubeSettings
    publisher: YouTubePublisher
    waited: timedelta = timedelta(0)

    @property
    def videos(self) -> list[StoredVideo]:
        """Everything that was ever uploaded."""
        return self.sim.channel.videos

    def account(self, *, tokens: Tokens | None = None, **changes: Any) -> YouTubePublisher:
        """Another account at the same simulator, or the same one after a restart."""
        deps = Deps(http=self.http, clock=self.clock, media=self.files, log=self.log, tokens=tokens)
        return YouTubePublisher(replace(self.settings, **changes), deps)

    def part(self, text: str = TEXT, *, media: Media | None = None, **options: Any) -> Part:
        """A post that may go out."""
        video = media or self.files.video()
        return Part(text=text, media=(video,), options={"made_for_kids": False, **options})

    def call(self, part: Part, *, at: datetime | None = None, ref: str | None = None) -> Call:
        """The ledger's row for one irreversible call."""
        return Call(
            key=f"key-{part_hash(part)[:8]}",
            started_at=at or self.clock.now(),
            request_hash=part_hash(part),
            ref=ref,
        )

    async def staged(
        self, part: Part, publisher: YouTubePublisher | None = None, checkpoint: Checkpoint | None = None
    ) -> Checkpoint:
        """Stage as the core does, waiting on the fake clock."""
        checkpoint = checkpoint or Checkpoint()
        for _ in range(60):
            step = await (publisher or self.publisher).stage(part, checkpoint)
            checkpoint = step.checkpoint
            if isinstance(step, Ready):
                return checkpoint
            if isinstance(step, Wait):
                assert step.until > self.clock.now()
                self.waited += step.until - self.clock.now()
                self.clock.advance(step.until - self.clock.now())
        raise AssertionError("staging does not end")

    async def published(self, part: Part, publisher: YouTubePublisher | None = None) -> Receipt:
        """Stage and commit."""
        publisher = publisher or self.publisher
        checkpoint = await self.staged(part, publisher)
        answer = await publisher.commit(part, checkpoint, self.call(part))
        if isinstance(answer, Receipt):
            return answer
        found = await publisher.confirm(part, checkpoint, replace(self.call(part), ref=answer.ref))
        assert isinstance(found, Live)
        return Receipt(ref=found.ref, url=found.url)


@asynccontextmanager
async def world(**changes: Any) -> AsyncIterator[World]:
    """A channel at a fresh simulator; its chunks are as small as they may be."""
    clock = FakeClock()
    http = HttpClient(tls=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    sim = YouTubeSimulator(clock)
    async with sim.running():
        token = Secret(SIMULATED.secrets["access_token"])
        settings = replace(YouTubeSettings(access_token=token, base_url=sim.url, chunk=STEP), **changes)
        files, log = Files(), Journal()
        publisher = YouTubePublisher(settings, Deps(http=http, clock=clock, media=files, log=log))
        try:
            yield World(clock, sim, files, log, http, settings, publisher)
        finally:
            await publisher.aclose()
            await http.aclose()
