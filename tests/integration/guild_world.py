"""A simulated guild and the real library, as it is, connected to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self

import aiohttp
import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.testing.chats.discord import Guild

ALICE, BOB, CAROL = "100", "101", "102"
APPROVERS, SOCIAL, OTHER = "300", "500", "501"
POST: dict[str, Any] = {
    "name": "post",
    "description": "Show what each platform will get",
    "options": [
        {"type": 3, "name": "text", "description": "What to say", "required": True, "max_length": 3000},
        {"type": 3, "name": "brand", "description": "Whose", "autocomplete": True},
        {"type": 11, "name": "file", "description": "A picture or a video"},
    ],
}
SHORTCUT: dict[str, Any] = {"name": "Make this a post", "type": 3}
INTENTS = discord.Intents(guilds=True, messages=True, reactions=True)


def acme(**given: Any) -> Guild:
    """Three people, a role that bob has, two channels, two commands."""
    guild = Guild(**given)
    guild.add_role(APPROVERS, "approvers")
    guild.add_member(ALICE, "alice")
    guild.add_member(BOB, "bob", [APPROVERS])
    guild.add_member(CAROL, "carol")
    guild.add_channel(SOCIAL, "social")
    guild.add_channel(OTHER, "other")
    guild.declare([POST, SHORTCUT])
    return guild


class Client(discord.Client):
    """The library's client, but for the five seconds it waits before every IDENTIFY after its first."""

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """A hook that the library offers for this."""


class Library:
    """discord.py's own client, logged in; ``heard`` is every event it understood."""

    def __init__(self, guild: Guild, patch: pytest.MonkeyPatch, intents: discord.Intents) -> None:
        patch.setattr(Route, "BASE", guild.base_url)
        patch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(guild.gateway_url))
        self.guild = guild
        self.client = Client(intents=intents, guild_ready_timeout=0.01, chunk_guilds_at_startup=False)
        self.heard: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        for name in ("interaction", "message", "raw_reaction_add", "raw_reaction_remove", "resumed", "ready"):
            self._listen(name)

    def _listen(self, name: str) -> None:
        async def hear(*given: Any) -> None:
            await self.heard.put((name, given[0] if given else None))

        hear.__name__ = f"on_{name}"
        self.client.event(hear)

    async def hear(self, name: str) -> Any:
        """The next event of that name."""
        async with asyncio.timeout(10):
            while True:
                got, value = await self.heard.get()
                if got == name:
                    return value

    @property
    def channel(self) -> discord.TextChannel:
        found = self.client.get_channel(int(SOCIAL))
        assert isinstance(found, discord.TextChannel)
        return found

    async def running(self) -> None:
        """Until the library gives up; raises why."""
        assert self._task is not None
        await self._task

    async def request(self, method: str, path: str, **given: Any) -> Any:
        """One request through the library's own HTTP layer."""
        return await self.client.http.request(Route(method, path), **given)

    async def __aenter__(self) -> Self:
        self._task = asyncio.ensure_future(self.client.start(self.guild.token))
        ready = asyncio.ensure_future(self.hear("ready"))
        done, _ = await asyncio.wait({self._task, ready}, return_when=asyncio.FIRST_COMPLETED)
        if self._task in done:
            ready.cancel()
            await asyncio.gather(ready, return_exceptions=True)
            await self.client.close()
            self._task.result()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.close()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)


@asynccontextmanager
async def connected(
    guild: Guild, patch: pytest.MonkeyPatch, intents: discord.Intents = INTENTS
) -> AsyncIterator[Library]:
    """The guild runs and the library listens."""
    async with guild.running(), Library(guild, patch, intents) as library:
        yield library


@asynccontextmanager
async def bare(guild: Guild) -> AsyncIterator[aiohttp.ClientSession]:
    """The guild runs, and somebody calls it who respects nothing."""
    headers = {"Authorization": f"Bot {guild.token}"}
    async with guild.running(), aiohttp.ClientSession(headers=headers) as session:
        yield session
