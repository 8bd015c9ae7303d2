"""One account on a simulated TikTok: real HTTP, real files, a clock of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.config import Secret
from bot.domain.platform import Call, Checkpoint, Confirmed, Live, Pending, Ready, Receipt, Wait
from bot.domain.post import Media, Part, Variant, part_hash
from bot.http import HttpClient
from bot.media.files import FileMedia
from bot.ports import Deps
from bot.testing.clip import mp4
from bot.testing.clock import FakeClock
from bot.testing.contract.served import ServedMedia
from bot.testing.picture import jpeg
from plugins.tiktok.publisher import TikTokPublisher
from plugins.tiktok.settings import TikTokSettings
from plugins.tiktok.simulator import TOKEN, TikTokSimulator

CREATOR = "POST /v2/post/publish/creator_info/query/"
INIT = "POST /v2/post/publish/video/init/"
DRAFT = "POST /v2/post/publish/inbox/video/init/"
PHOTOS = "POST /v2/post/publish/content/init/"
STATUS = "POST /v2/post/publish/status/fetch/"
PUT = "PUT /upload/video/"
QUERY, LIST, ME = "POST /v2/video/query/", "POST /v2/video/list/", "GET /v2/user/info/"

EVERYBODY = {"privacy": "PUBLIC_TO_EVERYONE"}
INBOX = {"privacy": "IN_APP", "mode": "inbox"}


@dataclass
class Journal:
    """A log in memory."""

    lines: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def debug(self, event: str, **facts: Any) -> None:
        self.lines.append((event, facts))

    info = warning = error = debug


@dataclass(kw_only=True)
class World:
    """One publisher at one simulator."""

    clock: FakeClock
    sim: TikTokSimulator
    files: FileMedia
    links: ServedMedia
    log: Journal
    http: HttpClient
    settings: TikTokSettings
    folder: Path

    def publisher(self, *, links: bool = True, tokens: Any = None, **changes: Any) -> TikTokPublisher:
        """The account as another process has it; settings may differ."""
        deps = Deps(
            http=self.http,
            clock=self.clock,
            media=self.files,
            log=self.log,
            links=self.links if links else None,
            tokens=tokens,
        )
        return TikTokPublisher(replace(self.settings, **changes), deps)

    async def clip(self, size: int = 0) -> Media:
        """A real video; a free box at its end makes it ``size`` bytes long (ISO/IEC 14496-12 §8.1.2)."""
        source, content = self.folder / "clip.mp4", mp4()
        with source.open("wb") as out:
            out.write(content)
            if size:
                out.write((size - len(content)).to_bytes(4, "big") + b"free")
                out.truncate(size)
        return await self.files.add(source)

    async def photo(self, width: int = 64) -> Media:
        source = self.folder / f"photo-{width}.jpg"
        source.write_bytes(jpeg(width, 96))
        return await self.files.add(source, alt="a gradient")

    def part(self, text: str, *media: Media, options: Mapping[str, Any] = EVERYBODY) -> Part:
        return Part(text=text, media=media, options=dict(options))

    def variant(self, part: Part) -> Variant:
        return Variant(account="acme-tt", platform="tiktok", parts=(part,))

    def call(self, part: Part, ref: Any = None) -> Call:
        digest = part_hash(part)
        return Call(key=f"key-{digest[:8]}", started_at=self.clock.now(), request_hash=digest, ref=ref)

    async def staged(self, part: Part, checkpoint: Checkpoint | None = None, **changes: Any) -> Checkpoint:
        """Stage as the core does, each step in another process; a checkpoint that lapsed is dropped."""
        checkpoint = checkpoint or Checkpoint()
        for _ in range(100):
            if checkpoint.expires_at is not None and checkpoint.expires_at <= self.clock.now():
                checkpoint = Checkpoint()
            step = await self.publisher(**changes).stage(part, checkpoint)
            checkpoint = step.checkpoint
            if isinstance(step, Ready):
                return checkpoint
            if isinstance(step, Wait):
                self.clock.advance(step.until - self.clock.now())
        raise AssertionError("staging does not end")

    async def confirmed(self, part: Part, checkpoint: Checkpoint, call: Call, **changes: Any) -> Confirmed:
        """What `confirm` says in the end."""
        for _ in range(100):
            found = await self.publisher(**changes).confirm(part, checkpoint, call)
            if not isinstance(found, Pending):
                return found
            assert found.check_at > self.clock.now()
            self.clock.advance(found.check_at - self.clock.now())
        raise AssertionError("it is never known")

    async def published(self, part: Part, **changes: Any) -> Confirmed:
        """Stage, commit and look until it is known."""
        checkpoint, call = await self.staged(part, **changes), self.call(part)
        answer = await self.publisher(**changes).commit(part, checkpoint, call)
        assert not isinstance(answer, Receipt)
        self.clock.advance(answer.check_at - self.clock.now())
        return await self.confirmed(part, checkpoint, replace(call, ref=answer.ref), **changes)

    async def live(self, part: Part, **changes: Any) -> Live:
        found = await self.published(part, **changes)
        assert isinstance(found, Live), found
        return found

    def bodies(self, endpoint: str) -> list[Any]:
        """What was sent to an endpoint."""
        return [c.json() for c in self.sim.calls if c.endpoint == endpoint]


@asynccontextmanager
async def world(folder: Path) -> AsyncIterator[World]:
    """A public creator at a fresh simulator, with an audited app."""
    clock, http = FakeClock(), HttpClient()
    files = FileMedia(folder / "media")
    links = await ServedMedia(files).start()
    sim = TikTokSimulator(clock)
    async with sim.running():
        settings = TikTokSettings(access_token=Secret(TOKEN), base_url=sim.url)
        try:
            yield World(
                clock=clock,
                sim=sim,
                files=files,
                links=links,
                log=Journal(),
                http=http,
                settings=settings,
                folder=folder,
            )
        finally:
            await links.aclose()
            await http.aclose()
