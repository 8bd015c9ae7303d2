"""A whole bot with a simulated account on every platform of the house, and looks at their numbers."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.app import build, make_log
from bot.config import AccountConfig, Config
from bot.domain.outcomes import PostOutcome
from bot.domain.people import Brand
from bot.domain.snapshot import Snapshot, Watch
from bot.registry import load
from bot.services.measuring.outcomes import outcomes, series
from bot.services.measuring.rounds import hand_out
from bot.testing.clip import mp4
from bot.testing.clock import FakeClock
from tests.integration.instagram_world import jpeg
from tests.unit.demo_world import BRAND, Room, Wall, World

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(kw_only=True)
class Six(World):
    """The bot and the simulators of its platforms, by name."""

    at: Mapping[str, Any]
    folder: Path

    async def publish(self, line: str) -> None:
        """Post, have it approved, and let everything that is due happen."""
        await self.say("alice", line)
        await self.say("bob", "/approve latest")

    async def look(self, after: timedelta = timedelta(0)) -> None:
        """Let time pass and everything that is due be read."""
        self.clock.advance(after)
        await hand_out(self.app.services)
        await self.app.services.engine.idle()
        await self.app.settle()

    async def read(self, delivery_id: int = 1) -> tuple[Snapshot, ...]:
        return await series(self.app.services, delivery_id)

    async def watch(self, delivery_id: int = 1) -> Watch:
        found = await self.app.services.store.read(lambda tx: tx.snapshots.watched(delivery_id))
        assert found is not None, "nobody looks at it"
        return found

    async def outcomes(self) -> tuple[PostOutcome, ...]:
        return await outcomes(self.app.services, "acme")

    def keep(self, name: str, content: bytes) -> str:
        path = self.folder / name
        path.write_bytes(content)
        return str(path)

    @property
    def video(self) -> str:
        return self.keep("clip.mp4", mp4())

    @property
    def picture(self) -> str:
        return self.keep("view.jpg", jpeg(400, 400))


@asynccontextmanager
async def six(
    folder: Path,
    *,
    brand: Brand = BRAND,
    clock: FakeClock | None = None,
    accounts: tuple[AccountConfig, ...] = (),
    env: Mapping[str, str] | None = None,
    only: str = "",
    given: Mapping[str, object] | None = None,
) -> AsyncIterator[Six]:
    """A bot on a database in ``folder``; without ``accounts`` all its accounts are simulated. ``only``: with
    this platform alone."""
    registry = load(log=make_log(io.StringIO()), given=given or {})
    for name in [name for name in registry.platforms if only not in ("", name)]:
        del registry.platforms[name]
    clock, room, wall, text = clock or FakeClock(), Room(), Wall(), io.StringIO()
    config = Config(
        path=folder / "config.toml",
        brands=(brand,),
        accounts=accounts,
        store_url="sqlite+aiosqlite:///six.db",
    )
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(
            build(
                config,
                clock=clock,
                env=dict(env or {}),
                chats=[lambda first: room],
                log=make_log(text),
                wrap_http=wall.wrap,
                registry=registry,
            )
        )
        yield Six(
            app=app,
            clock=clock,
            room=room,
            file=folder / "six.db",
            sims={},
            log=text,
            wall=wall,
            at=app.simulators,
            folder=folder,
        )
