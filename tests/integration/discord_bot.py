"""A whole bot on Discord: the guild, the real adapter, the real core, simulated platforms."""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.app import App, build, make_log, run
from bot.chat.discord.declare import declared
from bot.clock import SystemClock
from bot.commands import all_commands
from bot.config import read_config
from bot.domain.approval import Vote
from bot.domain.delivery import Delivery
from bot.testing.chats.discord import Guild
from tests.integration.discord_world import ALICE, BOB, CAROL, GUILD_ROOM, guilded, soon

CONFIG = """
[chat]
use = ["discord"]
discord = {{ base_url = "{base}", gateway_url = "{gateway}" }}

[people]
alice = ["discord:{alice}"]
bob = ["discord:{bob}"]
carol = ["discord:{carol}"]

[brand.acme]
timezone = "Europe/Lisbon"
channels = ["discord:{room}"]
roles = {{ create = ["alice"], approve = {approve}, admin = ["dana"] }}
approval = {{ mode = "any", needed = {needed}, author_may_approve = false, expires = "48h" }}
"""


@dataclass
class Team:
    """A running bot and the guild it is in."""

    guild: Guild
    app: App
    log: io.StringIO

    async def card(self, status: str = "") -> dict[str, Any]:
        """The newest card, once its status says that."""
        try:
            await soon(lambda: bool(self.cards()) and status in self.guild.words(self.cards()[-1]), 25.0)
        except TimeoutError:
            shown = [self.guild.words(card) for card in self.cards()]
            raise AssertionError(f"{status} is on none of {shown}") from None
        return self.cards()[-1]

    def cards(self) -> list[dict[str, Any]]:
        """The cards of posts; what else the bot says in the channel comes whenever it comes."""
        said = self.guild.messages(GUILD_ROOM)
        return [one for one in said if re.search(r"\bP\d+ ·", self.guild.words(one).replace("\\", ""))]

    async def post(self, text: str = "Launch day", **options: Any) -> str:
        """Alice drafts; the card's message once it can be decided on."""
        before = len(self.cards())
        await self.guild.command(ALICE, GUILD_ROOM, "clarion post", {"text": text, **options})
        try:
            await soon(lambda: len(self.cards()) > before, 25.0)
        except TimeoutError:
            raise AssertionError(self.heard(ALICE)) from None
        return str((await self.card("IN REVIEW"))["id"])

    async def told(self, user: str, words: str) -> None:
        """Somebody was told that, for themselves alone."""
        await soon(lambda: any(words in one for one in self.heard(user)), 25.0)

    def heard(self, user: str) -> list[str]:
        """Everything that only this person was told."""
        return [self.guild.words(one) for one in (*self.guild.ephemerals(user), *self.guild.direct(user))]

    def under(self, ref: str) -> list[str]:
        """What stands in the thread of a card."""
        return [self.guild.words(one) for one in self.guild.thread(GUILD_ROOM, ref)]

    async def deliveries(self, post: int = 1) -> tuple[Delivery, ...]:
        return await self.app.services.store.read(lambda tx: tuple(tx.deliveries.of_post(post)))

    async def votes(self, post: int = 1) -> tuple[Vote, ...]:
        return await self.app.services.store.read(lambda tx: tuple(tx.votes.of_post(post)))


def configured(
    guild: Guild, folder: Path, *, needed: int = 1, approve: Sequence[str] = ("bob", "carol")
) -> Path:
    """The file that a team would write."""
    file = folder / "config.toml"
    people = {"alice": ALICE, "bob": BOB, "carol": CAROL, "room": GUILD_ROOM, "needed": needed}
    people["approve"] = json.dumps(list(approve))
    file.write_text(CONFIG.format(base=guild.base_url, gateway=guild.gateway_url, **people))
    return file


@asynccontextmanager
async def teamed(
    guild: Guild, folder: Path, *, needed: int = 1, approve: Sequence[str] = ("bob", "carol")
) -> AsyncIterator[Team]:
    """The bot over the database in ``folder``; leaving is the end of the process."""
    file = configured(guild, folder, needed=needed, approve=approve)
    env, log = {"DISCORD_TOKEN": guild.token}, io.StringIO()
    config, problems = read_config(file, env=env)
    async with build(
        config,
        problems=problems,
        clock=SystemClock(),
        env=env,
        chats=[],
        log=make_log(log),
        team_chats=True,
    ) as app:
        serving = asyncio.get_running_loop().create_task(run(app, linger=None), name="bot under test")
        try:
            await guild.connected()
            yield Team(guild, app, log)
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
    assert guild.token not in log.getvalue()


@asynccontextmanager
async def staffed() -> AsyncIterator[Guild]:
    """A guild where Clarion's commands are registered."""
    async with guilded() as guild:
        guild.declare(declared(all_commands(())))
        yield guild
