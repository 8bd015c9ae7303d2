"""A LinkedIn account, its simulator and everything a test wants to hold in its hands."""

from __future__ import annotations

import hashlib
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.config import Secret
from bot.domain.platform import Call, Checkpoint, Live, Ready, Receipt, Wait
from bot.domain.post import Media, MediaKind, Part, part_hash
from bot.http import HttpClient
from bot.ports import Deps
from bot.testing.clock import FakeClock
from plugins.linkedin import LinkedInPublisher, LinkedInSettings
from plugins.linkedin.gate import MEMBER_TOKEN
from plugins.linkedin.rules import SIMULATED_AUTHOR, SIMULATED_TOKEN
from plugins.linkedin.simulator import LinkedInSimulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

CREATE = "POST /rest/posts"
FIND = "GET /rest/posts"
PAGE = SIMULATED_AUTHOR
PERSON = "urn:li:person:AbC123"
PNG = b"\x89PNG\r\n\x1a\n not really a picture"


@dataclass
class Files:
    """A media store of one shelf."""

    contents: dict[str, bytes] = field(default_factory=dict)

    def put(self, content: bytes, *, alt: str = "", mime: str = "image/png") -> Media:
        name = hashlib.sha256(content).hexdigest()
        self.contents[name] = content
        return Media(
            sha256=name, name="launch.png", mime=mime, kind=MediaKind.IMAGE, size=len(content), alt=alt
        )

    async def add(self, source: Path, *, alt: str = "") -> Media:
        raise AssertionError("a publisher adds no files")

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
    sim: LinkedInSimulator
    files: Files
    log: Journal
    http: HttpClient
    settings: LinkedInSettings
    publisher: LinkedInPublisher

    def account(self, **changes: Any) -> LinkedInPublisher:
        """Another account at the same simulator, or the same one after a restart."""
        deps = Deps(http=self.http, clock=self.clock, media=self.files, log=self.log)
        return LinkedInPublisher(replace(self.settings, **changes), deps)

    def member(self, **changes: Any) -> LinkedInPublisher:
        """A member's account with self-serve permissions: it may write and not read."""
        return self.account(access_token=Secret(MEMBER_TOKEN), author="", **changes)

    def call(self, part: Part, *, at: datetime | None = None, ref: str | None = None) -> Call:
        """The ledger's row for one irreversible call."""
        return Call(
            key=f"key-{part_hash(part)[:8]}",
            started_at=at or self.clock.now(),
            request_hash=part_hash(part),
            ref=ref,
        )

    async def staged(self, part: Part, publisher: LinkedInPublisher | None = None) -> Checkpoint:
        """Stage as the core does, waiting on the fake clock."""
        checkpoint = Checkpoint()
        for _ in range(20):
            step = await (publisher or self.publisher).stage(part, checkpoint)
            checkpoint = step.checkpoint
            if isinstance(step, Ready):
                return checkpoint
            if isinstance(step, Wait):
                assert step.until > self.clock.now()
                self.clock.advance(step.until - self.clock.now())
        raise AssertionError("staging does not end")

    async def published(self, part: Part, publisher: LinkedInPublisher | None = None) -> Receipt:
        """Stage and commit; a page's post with files is looked at before it counts."""
        publisher = publisher or self.publisher
        checkpoint = await self.staged(part, publisher)
        call = self.call(part)
        answer = await publisher.commit(part, checkpoint, call)
        if isinstance(answer, Receipt):
            return answer
        assert answer.check_at > self.clock.now()
        found = await publisher.confirm(part, checkpoint, replace(call, ref=answer.ref))
        assert isinstance(found, Live)
        return Receipt(ref=found.ref, url=found.url)


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    """A page's account at a fresh simulator."""
    clock = FakeClock()
    http = HttpClient()
    sim = LinkedInSimulator(clock)
    async with sim.running():
        settings = LinkedInSettings(
            access_token=Secret(SIMULATED_TOKEN), author=SIMULATED_AUTHOR, base_url=sim.url
        )
        files, log = Files(), Journal()
        publisher = LinkedInPublisher(settings, Deps(http=http, clock=clock, media=files, log=log))
        try:
            yield World(clock, sim, files, log, http, settings, publisher)
        finally:
            await publisher.aclose()
            await http.aclose()
