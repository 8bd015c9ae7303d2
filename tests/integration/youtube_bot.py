"""A whole bot with one channel on a simulated YouTube."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import build, make_log
from bot.config import AccountConfig, Config
from bot.domain.delivery import Delivery, State
from bot.domain.records import AccountState
from bot.testing.clip import mp4
from bot.testing.clock import FakeClock
from plugins.youtube import SIMULATED
from plugins.youtube.failures import PROCESSED
from plugins.youtube.simulator import YouTubeSimulator
from tests.unit.demo_world import BRAND, Room, Wall, World

ACCOUNT = "acme-yt"
SAID = "--set made_for_kids=no"


@dataclass(kw_only=True)
class YouTubeBot(World):
    """The bot and YouTube."""

    yt: YouTubeSimulator
    folder: Path
    posts: int = 0

    def clip(self, name: str) -> str:
        """A real video's path; each name is another file."""
        file = self.folder / f"{name}.mp4"
        extra = name.encode()
        file.write_bytes(mp4() + (len(extra) + 8).to_bytes(4, "big") + b"free" + extra)
        return str(file)

    async def publish(self, text: str, more: str = "", *, at: str = "now") -> int:
        """Post a video, have it approved, and let everything that is due happen; the post's number."""
        self.posts += 1
        clip = self.clip(f"clip {self.posts}")
        await self.say("alice", f'/post "{text}" --to {ACCOUNT} --at {at} --media "{clip}" {SAID} {more}')
        await self.say("bob", f"/approve P{self.posts}")
        return self.posts

    async def delivery(self, post_id: int) -> Delivery:
        return (await self.rows(post_id))[ACCOUNT]

    async def words(self, post_id: int) -> str:
        """What the card says about the target."""
        card = await self.card(post_id)
        return next(f.value for f in card.fields if f.name == "YouTube")

    async def fresh(self) -> None:
        """A new morning: the account is well, nothing is planned, what was left is dropped."""
        self.yt.heal()
        self.yt.channel.ends, self.yt.channel.processing = PROCESSED, timedelta(0)
        well = AccountState(name=ACCOUNT, brand="acme", platform="youtube")
        await self.app.services.store.write(lambda tx: tx.accounts.save(well))
        for row in await self.app.services.store.read(lambda tx: tx.deliveries.unfinished("acme")):
            if row.state in (State.SCHEDULED, State.HELD):
                await self.say("bob", f"/cancel P{row.post_id}")
        day = datetime.combine(self.clock.now().date() + timedelta(days=1), datetime.min.time(), UTC)
        self.clock.advance(day + timedelta(hours=9) - self.clock.now())
        await self.app.settle()


@asynccontextmanager
async def youtube_bot(folder: Path) -> AsyncIterator[YouTubeBot]:
    """A bot on a database in ``folder``; its account is configured like a real one."""
    clock, room, wall, text = FakeClock(), Room(), Wall(), io.StringIO()
    async with AsyncExitStack() as stack:
        sim = await stack.enter_async_context(YouTubeSimulator(clock).running())
        table = {"base_url": sim.url, "access_token": {"env": "TOKEN"}}
        account = AccountConfig(name=ACCOUNT, brand="acme", platform="youtube", table=table)
        config = Config(
            path=folder / "config.toml",
            brands=(replace(BRAND, name="acme"),),
            accounts=(account,),
            store_url="sqlite+aiosqlite:///youtube.db",
        )
        app = await stack.enter_async_context(
            build(
                config,
                clock=clock,
                env={"TOKEN": SIMULATED.secrets["access_token"]},
                chats=[lambda first: room],
                log=make_log(text),
                wrap_http=wall.wrap,
            )
        )
        yield YouTubeBot(
            app=app,
            clock=clock,
            room=room,
            file=folder / "youtube.db",
            sims={},
            log=text,
            wall=wall,
            yt=sim,
            folder=folder,
        )
