"""A bot in memory whose posts are read by hand: what was read is written as the measuring does it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.domain.delivery import PartProgress, PartState, State
from bot.domain.people import Brand
from bot.domain.periods import ReportTimes
from bot.domain.platform import Metrics, Proof
from bot.domain.post import Part, Post, Variant
from bot.domain.snapshot import Snapshot, Watch
from bot.ports import NewDelivery, Tx
from bot.services.alerting.announce import say_due
from bot.services.alerting.look import look
from bot.services.context import Services
from tests.unit.demo_world import BRAND, KEY, World, open_world

HOUR = timedelta(hours=1)
CALM = replace(BRAND, report=ReportTimes(weekly=False, monthly=False))
"""The brand without its report, so that all that is said is news."""


@dataclass
class Newsroom:
    """The world, with readings put in by hand."""

    world: World

    @property
    def svc(self) -> Services:
        return self.world.app.services

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    async def live(self, account: str = KEY, *, ago: timedelta = timedelta(0), text: str = "hello") -> int:
        """A post that came out so long ago; its delivery's number."""
        return await self.svc.store.write(lambda tx: self.live_in(tx, account, self.now - ago, text=text))

    def live_in(self, tx: Tx, account: str, out_at: datetime, *, text: str = "hello") -> int:
        platform = self.svc.accounts[account].platform.name
        variant = Variant(account=account, platform=platform, parts=(Part(text=text),))
        post = Post(
            id=0,
            brand="acme",
            author="alice",
            brief=text,
            wish="now",
            version=1,
            created_at=out_at,
        )
        row = NewDelivery(variant=variant, fingerprint="f" * 64, state=State.LIVE, due=out_at, wake_at=None)
        kept, (delivery,) = tx.posts.add(post, [row])
        part = PartProgress(
            index=0, state=PartState.OUT, ref=f"r{delivery.id}", proof=Proof.RECEIPT, out_at=out_at
        )
        tx.deliveries.save_part(delivery.id, part)
        tx.snapshots.watch(
            Watch(
                delivery_id=delivery.id,
                post_id=kept.id,
                brand="acme",
                account=account,
                platform=platform,
                content_type="text",
                out_at=out_at,
                look_at=None,
            )
        )
        return delivery.id

    async def read(self, delivery_id: int, views: int | None, account: str = KEY, **more: Any) -> None:
        """The platform says these counts now."""
        at: datetime = more.pop("at", self.now)
        gone: bool = more.pop("gone", False)
        await self.history(delivery_id, {at: Metrics(views=views, **more)}, account, gone=gone)

    async def history(
        self, delivery_id: int, counts: Mapping[datetime, Metrics], account: str = KEY, *, gone: bool = False
    ) -> None:
        rows = [
            Snapshot(delivery_id=delivery_id, account=account, at=at, metrics=metrics, gone=gone)
            for at, metrics in counts.items()
        ]
        await self.svc.store.write(lambda tx: tx.snapshots.put(rows))

    async def look(self, account: str = KEY, *, after: timedelta = timedelta(0)) -> list[str]:
        """Look at what is new and say what is due; what was said by that."""
        said = len(self.world.room.said)
        self.world.clock.advance(after)
        await look(self.svc, account)
        await say_due(self.svc)
        await self.world.app.settle()
        return [m.text for m in self.world.room.said[said:] if m.text]

    async def later(self, span: timedelta) -> list[str]:
        """Let time pass and say what has become due."""
        said = len(self.world.room.said)
        self.world.clock.advance(span)
        await say_due(self.svc)
        await self.world.app.settle()
        return [m.text for m in self.world.room.said[said:] if m.text]


@asynccontextmanager
async def newsroom(folder: Path, *, brand: Brand = CALM, **more: Any) -> AsyncIterator[Newsroom]:
    async with AsyncExitStack() as stack:
        yield Newsroom(await stack.enter_async_context(open_world(folder, brand=brand, **more)))
