"""A live video in a test of its title, with viewers who like one title better than another."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from bot.domain.alarms import Alert, Kind
from bot.domain.message import Message
from bot.domain.revising import begins, day_of
from bot.domain.trial import Experiment, Shown
from bot.ports import Tx
from bot.services.alerting.announce import announce, close
from bot.testing.picture import png
from plugins.youtube.budget import PACIFIC
from tests.integration.youtube_bot import ACCOUNT, SAID, YouTubeBot, youtube_bot

FIRST, OTHER = "Release 4.2", "What we learned in a year"


@dataclass
class Trialled:
    """One post with a test; ``rate``: how often whoever sees a title clicks it."""

    bot: YouTubeBot
    rate: Callable[[str], float]
    shown: int = 4_000
    seed: int = 1

    @property
    def title(self) -> str:
        """What people read now."""
        return str(self.bot.yt.channel.videos[0].snippet["title"])

    async def experiment(self, number: int = 1) -> Experiment:
        found = await self.bot.app.services.store.read(lambda tx: tx.experiments.get(number))
        assert found is not None
        return found

    async def blocks(self, number: int = 1) -> tuple[Shown, ...]:
        return await self.bot.app.services.store.read(lambda tx: tx.experiments.blocks(number))

    def said(self, part: str) -> list[Message]:
        return [m for m in self.bot.room.said if part in m.text]

    async def index(self) -> int:
        """The day of the test, from 0."""
        return (await self.experiment()).day_index(day_of(self.bot.clock.now(), PACIFIC))

    async def planned(self) -> str:
        """The title that the plan wants today."""
        found = await self.experiment()
        return found.texts[found.plan.blocks[await self.index()].variant]

    async def later(self, minutes: int) -> None:
        """Let minutes pass."""
        await self.at(self.bot.clock.now() + timedelta(minutes=minutes))

    def picture(self) -> str:
        """A picture's path."""
        file = self.bot.folder / "thumbnail.png"
        file.write_bytes(png(640, 360))
        return str(file)

    async def with_thumbnail(self) -> bytes:
        """Another post, with a thumbnail of its own; the bytes of that."""
        file = self.bot.folder / "first.png"
        file.write_bytes(png(1280, 720))
        clip, bot = self.bot.clip("another"), self.bot
        await bot.say("alice", f'/post "Another film" --to {ACCOUNT} --at now --media "{clip}" {SAID}')
        await bot.say("alice", f'/cover P2 --file "{file}"')
        await bot.say("bob", "/approve P2")
        return self.bot.yt.channel.videos[1].cover

    async def spike(self, post_id: int) -> None:
        """An alert says that the post takes off."""
        (row,) = (await self.bot.rows(post_id)).values()
        alert = Alert(
            key=f"spike:{post_id}",
            brand="acme",
            kind=Kind.SPIKE,
            text="It takes off.",
            opened_at=self.bot.clock.now(),
            account=row.account,
            platform=row.platform,
            post_id=post_id,
            delivery_id=row.id,
        )
        services = self.bot.app.services
        await services.store.write(lambda tx: announce(services, tx, alert))

    async def calm(self) -> None:
        """The alert is over."""
        services = self.bot.app.services

        def unit(tx: Tx) -> None:
            for alert in tx.alerts.open("acme", (Kind.SPIKE,)):
                close(services, tx, alert)

        await services.store.write(unit)

    async def to_day(self, days: int = 1, *, past: timedelta = timedelta(minutes=1)) -> date:
        """Let midnights pass in California; a day's viewers come to what is shown as it begins."""
        for _ in range(days):
            today = day_of(self.bot.clock.now(), PACIFIC)
            self.viewers(today)
            await self.at(begins(today + timedelta(days=1), PACIFIC) + past)
        return day_of(self.bot.clock.now(), PACIFIC)

    async def at(self, instant: datetime) -> None:
        left = instant - self.bot.clock.now()
        if left > timedelta(0):
            self.bot.clock.advance(left)
        await self.bot.app.settle()

    def viewers(self, day: date) -> None:
        """Who came on a day, by the title that is shown."""
        rng = np.random.default_rng((self.seed, day.toordinal()))
        age = (day - self.bot.yt.channel.videos[0].uploaded_at.date()).days
        shown = int(rng.poisson(self.shown * np.exp(-0.04 * age + rng.normal(0, 0.2))))
        clicked = int(rng.binomial(shown, self.rate(self.title)))
        self.bot.yt.reports.reach[(self.bot.yt.channel.videos[0].id, day)] = (shown, clicked)


@asynccontextmanager
async def trialled(
    folder: Path, *, lift: float = 0.0, other: str = OTHER, more: str = "--days 14", start: bool = True
) -> AsyncIterator[Trialled]:
    """A live video, and a test of another title that waits for approval."""
    async with youtube_bot(folder) as bot:
        made = Trialled(bot, lambda title: 0.05 * (1 + lift * (title == other)))
        await bot.publish(f"{FIRST}\nWhat is new, and why it took us a year")
        await bot.app.services.accounts["acme-yt"].publisher.check()
        if start:
            said = await bot.say("alice", f'/experiment start P1 --variant "{other}" --metric ctr {more}')
            assert "E1 waits for approval" in said, said
        yield made
