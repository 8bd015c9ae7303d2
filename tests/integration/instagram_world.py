"""An Instagram account, its simulator, our media server, and everything a test wants to hold in its hands."""

from __future__ import annotations

import hashlib
import io
import os
import struct
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image

from bot.app.web import open_web
from bot.config import Config, Secret
from bot.domain.platform import Call, Checkpoint, Confirmed, Live, Pending, Ready, Ref, Wait
from bot.domain.post import Media, MediaKind, Part, PartRole, part_hash
from bot.media.files import FileMedia
from bot.ports import Deps, MediaLinks
from bot.testing.clock import FakeClock
from bot.testing.contract.lent import RememberedLog, WatchedHttp
from plugins.instagram import InstagramPublisher, InstagramSettings
from plugins.instagram.settings import FACEBOOK, INSTAGRAM
from plugins.instagram.simulated import INSTAGRAM_TOKEN, SIMULATED_ACCOUNT, SIMULATED_SECRET, SIMULATED_TOKEN
from plugins.instagram.simulator import InstagramSimulator

CREATE = "POST /{version}/{ig}/media"
PUBLISH = "POST /{version}/{ig}/media_publish"
NODE = "GET /{version}/{id}"
UPLOAD = "POST /ig-api-upload/{version}/{container}"
LIMIT = "GET /{version}/{ig}/content_publishing_limit"
LIST = "GET /{version}/{ig}/media"
COMMENT = "POST /{version}/{media}/comments"
COMMENTS = "GET /{version}/{media}/comments"


def jpeg(width: int = 400, height: int = 400, shade: int = 90) -> bytes:
    """A small real JPEG."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), (shade, 120, 60)).save(out, "JPEG")
    return out.getvalue()


def mp4(seconds: float = 5.0, *, front: bool = True, weight: int = 5000) -> bytes:
    """The boxes of an MP4 that lasts so long; what plays is noise."""

    def box(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content) + 8) + name + content

    length = struct.pack(">IIII", 0, 0, 1000, round(seconds * 1000))
    header = box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41")
    index = box(b"moov", box(b"mvhd", b"\0\0\0\0" + length + bytes(80)))
    data = box(b"mdat", hashlib.shake_256(b"%f" % seconds).digest(weight))
    return header + (index + data if front else data + index)


@dataclass(kw_only=True)
class World:
    """One publisher at one simulator, which fetches from our media server."""

    clock: FakeClock
    sim: InstagramSimulator
    files: FileMedia
    folder: Path
    log: RememberedLog
    http: WatchedHttp
    links: MediaLinks
    settings: InstagramSettings
    publisher: InstagramPublisher
    waited: list[timedelta] = field(default_factory=list)

    def deps(self, *, links: MediaLinks | None) -> Deps:
        return Deps(http=self.http, clock=self.clock, media=self.files, log=self.log, links=links)

    def account(self, *, reachable: bool = True, **changes: Any) -> InstagramPublisher:
        """Another account at the same simulator, or the same one after a restart."""
        links = self.links if reachable else None
        return InstagramPublisher(replace(self.settings, **changes), self.deps(links=links))

    def by_login(self, **changes: Any) -> InstagramPublisher:
        """The account by Instagram Login."""
        return self.account(door=INSTAGRAM, access_token=Secret(INSTAGRAM_TOKEN), user_id="", **changes)

    def keep(self, content: bytes, name: str, **facts: Any) -> Media:
        """A file in the media store."""
        digest = hashlib.sha256(content).hexdigest()
        self.folder.mkdir(exist_ok=True)
        (self.folder / digest).write_bytes(content)
        return Media(sha256=digest, name=name, size=len(content), **facts)

    def picture(self, alt: str = "a view", *, shade: int = 90, size: tuple[int, int] = (400, 400)) -> Media:
        return self.keep(
            jpeg(*size, shade),
            "view.jpg",
            mime="image/jpeg",
            kind=MediaKind.IMAGE,
            width=size[0],
            height=size[1],
            alt=alt,
        )

    def video(self, seconds: float = 5.0, **how: Any) -> Media:
        return self.keep(
            mp4(seconds, **how), "clip.mp4", mime="video/mp4", kind=MediaKind.VIDEO, seconds=seconds
        )

    def part(self, *media: Media, text: str = "Two views #team", **options: Any) -> Part:
        return Part(text=text, media=media, options=options, role=PartRole.POST)

    def call(
        self, part: Part, *, at: datetime | None = None, ref: Ref | None = None, parents: tuple[Ref, ...] = ()
    ) -> Call:
        """The ledger's row for one irreversible call."""
        return Call(
            key=f"key-{part_hash(part)[:8]}",
            started_at=at or self.clock.now(),
            request_hash=part_hash(part),
            ref=ref,
            parents=parents,
        )

    async def staged(
        self, part: Part, publisher: InstagramPublisher | None = None, checkpoint: Checkpoint | None = None
    ) -> Checkpoint:
        """Stage as the core does, waiting on the fake clock; what has lapsed is staged anew."""
        checkpoint = checkpoint or Checkpoint()
        for _ in range(200):
            if checkpoint.expires_at is not None and checkpoint.expires_at <= self.clock.now():
                checkpoint = Checkpoint()
            step = await (publisher or self.publisher).stage(part, checkpoint)
            checkpoint = step.checkpoint
            if isinstance(step, Ready):
                return checkpoint
            if isinstance(step, Wait):
                assert step.until > self.clock.now()
                self.waited.append(step.until - self.clock.now())
                self.clock.advance(step.until - self.clock.now())
        raise AssertionError("staging does not end")

    async def published(self, part: Part, publisher: InstagramPublisher | None = None) -> Live:
        """Stage, commit and confirm."""
        publisher = publisher or self.publisher
        checkpoint = await self.staged(part, publisher)
        call = self.call(part)
        answer = await publisher.commit(part, checkpoint, call)
        assert isinstance(answer, Pending)
        found = await self.settled(part, checkpoint, replace(call, ref=answer.ref), publisher)
        assert isinstance(found, Live)
        return found

    async def settled(
        self, part: Part, checkpoint: Checkpoint, call: Call, publisher: InstagramPublisher | None = None
    ) -> Confirmed:
        """What `confirm` says when it no longer says Pending."""
        for _ in range(60):
            found = await (publisher or self.publisher).confirm(part, checkpoint, call)
            if not isinstance(found, Pending):
                return found
            assert found.check_at > self.clock.now()
            self.clock.advance(found.check_at - self.clock.now())
        raise AssertionError("confirming does not end")


@asynccontextmanager
async def world(folder: Path) -> AsyncIterator[World]:
    """The account by Facebook Login at a fresh simulator."""
    clock, log, shelf = FakeClock(), RememberedLog(), folder / "media"
    key = os.urandom(32)
    async with AsyncExitStack() as stack:
        links = open_web(
            Config(), stack, simulated=True, keys=lambda: (key,), folder=shelf, clock=clock, log=log
        )
        assert links is not None
        http = WatchedHttp(clock)
        stack.push_async_callback(http.aclose)
        sim = await stack.enter_async_context(InstagramSimulator(clock).running())
        settings = InstagramSettings(
            access_token=Secret(SIMULATED_TOKEN),
            app_secret=Secret(SIMULATED_SECRET),
            door=FACEBOOK,
            user_id=SIMULATED_ACCOUNT,
            base_url=sim.url,
        )
        files = FileMedia(shelf)
        deps = Deps(http=http, clock=clock, media=files, log=log, links=links)
        made = World(
            clock=clock,
            sim=sim,
            files=files,
            folder=shelf,
            log=log,
            http=http,
            links=links,
            settings=settings,
            publisher=InstagramPublisher(settings, deps),
        )
        yield made
        await made.publisher.aclose()
