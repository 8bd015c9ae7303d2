"""A whole bot with one account on a simulated TikTok."""

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
from plugins.tiktok.simulator import TOKEN, TikTokSimulator
from tests.unit.demo_world import BRAND, Room, Wall, World

ACCOUNT = "acme-tt"
PUBLIC = "--set privacy=PUBLIC_TO_EVERYONE"
DRAFT = "--set privacy=IN_APP --set mode=inbox"


@dataclass(kw_only=True)
class TikTokBot(World):
    """The bot and TikTok."""

    tt: TikTokSimulator
    folder: Path

    def clip(self, name: str) -> str:
        """A real video's path; each name is another file."""
        file = self.folder / f"{name}.mp4"
        extra = name.encode()
        file.write_bytes(mp4() + (len(extra) + 8).to_bytes(4, "big") + b"free" + extra)
        return str(file)

    async def publish(self, text: str, more: str = PUBLIC, *, name: str = "clip") -> None:
        """Post a video, have it approved, and let everything that is due happen."""
        await self.say("alice", f'/post "{text}" --to {ACCOUNT} --at now --media {self.clip(name)} {more}')
        await self.say("bob", "/approve latest")

    async def delivery(self, post_id: int) -> Delivery:
        return (await self.rows(post_id))[ACCOUNT]

    async def words(self, post_id: int) -> str:
        """What the card says about the target."""
        card = await self.card(post_id)
        return next(f.value for f in card.fields if f.name == "TikTok")

    async def fresh(self) -> None:
        """A new morning: the account is well, nothing is planned, what was left is dropped."""
        self.tt.heal()
        self.tt.world.breaks.clear()
        well = AccountState(name=ACCOUNT, brand="acme", platform="tiktok")
        await self.app.services.store.write(lambda tx: tx.accounts.save(well))
        for row in await self.app.services.store.read(lambda tx: tx.deliveries.unfinished("acme")):
            if row.state in (State.SCHEDULED, State.HELD):
                await self.say("bob", f"/cancel P{row.post_id}")
        day = datetime.combine(self.clock.now().date() + timedelta(days=1), datetime.min.time(), UTC)
        self.clock.advance(day + timedelta(hours=9) - self.clock.now())
        await self.app.settle()


@asynccontextmanager
async def tiktok_bot(folder: Path) -> AsyncIterator[TikTokBot]:
    """A bot on a database in ``folder``; its account is configured like a real one."""
    clock, room, wall, text = FakeClock(), Room(), Wall(), io.StringIO()
    async with AsyncExitStack() as stack:
        sim = await stack.enter_async_context(TikTokSimulator(clock).running())
        table = {"base_url": sim.url, "access_token": {"env": "TOKEN"}}
        account = AccountConfig(name=ACCOUNT, brand="acme", platform="tiktok", table=table)
        config = Config(
            path=folder / "config.toml",
            brands=(replace(BRAND, name="acme"),),
            accounts=(account,),
            store_url="sqlite+aiosqlite:///tiktok.db",
        )
        app = await stack.enter_async_context(
            build(
                config,
                clock=clock,
                env={"TOKEN": TOKEN},
                chats=[lambda first: room],
                log=make_log(text),
                wrap_http=wall.wrap,
            )
        )
        yield TikTokBot(
            app=app,
            clock=clock,
            room=room,
            file=folder / "tiktok.db",
            sims={},
            log=text,
            wall=wall,
            tt=sim,
            folder=folder,
        )
