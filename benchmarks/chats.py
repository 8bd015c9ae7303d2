"""Team chats in processes of their own: a workspace and a guild, the people in them, the bot beside them."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.server import ROOT
from benchmarks.stored import BRAND, PLATFORM
from bot.app import App, build, make_log
from bot.clock import SystemClock
from bot.config import Config
from bot.config.load import AccountConfig
from bot.domain.people import Brand, Policy, Role
from bot.http import HttpClient
from bot.registry import load

PEOPLE, CHANNELS = 20, 20
RATE = 50
"""Commands a second."""
COMMANDS = ("queue", "status", "help", "slots", "whoami")


@dataclass(frozen=True, kw_only=True)
class Service:
    """One simulated service. ``told``: the first line it wrote; ``env`` and ``table`` are for the bot,
    ``typed`` is what a storm's people type."""

    name: str
    told: Mapping[str, Any]
    env: Mapping[str, str]
    table: Mapping[str, Any]
    users: tuple[str, ...]
    channels: tuple[str, ...]
    typed: Mapping[str, Any]
    client: HttpClient = field(repr=False)

    async def ask(self, door: str, body: Any = None, *, timeout: float = 30.0) -> Any:
        """One of its control doors; raises `AssertionError` with what it says against it."""
        method = "GET" if body is None else "POST"
        url = f"{self.told['url']}/control/{door}"
        reply = await self.client.request(method, url, json=body, timeout=timeout)
        answer = reply.json()
        assert reply.status == 200, answer
        return answer

    async def do(self, act: str, **values: Any) -> Any:
        return (await self.ask("do", {"do": act, "with": values}))["result"]


@contextlib.contextmanager
def process(module: str, *arguments: str) -> Iterator[Mapping[str, Any]]:
    """A simulator of ours in a process of its own; gives what its first line says."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            yield json.loads(child.stdout.readline())
        finally:
            child.terminate()


@asynccontextmanager
async def slack() -> AsyncIterator[Service]:
    """A workspace with `PEOPLE` and `CHANNELS`, over Socket Mode."""
    client = HttpClient()
    try:
        with process("bot.testing.chats.slack") as told:
            service = Service(
                name="slack",
                told=told,
                env={"SLACK_BOT_TOKEN": told["bot_token"], "SLACK_APP_TOKEN": told["app_token"]},
                table={"base_url": told["base_url"]},
                users=tuple(f"U0PERSON{n:02}" for n in range(PEOPLE)),
                channels=tuple(f"C0CHANNEL{n:02}" for n in range(CHANNELS)),
                typed={"texts": COMMANDS},
                client=client,
            )
            for number, user in enumerate(service.users):
                await service.do("add_user", id=user, name=f"person{number}")
            for number, channel in enumerate(service.channels):
                await service.do(
                    "add_channel", id=channel, name=f"channel{number}", members=list(service.users)
                )
            yield service
    finally:
        await client.aclose()


@asynccontextmanager
async def discord() -> AsyncIterator[Service]:
    """A guild with as many, which has the bot's commands."""
    from bot.chat.discord.declare import declared
    from bot.commands import all_commands

    client, commands = HttpClient(), declared(all_commands())
    try:
        with process("bot.testing.chats.discord") as told:
            service = Service(
                name="discord",
                told=told,
                env={"DISCORD_TOKEN": told["token"]},
                table={"base_url": told["base_url"], "gateway_url": told["gateway_url"]},
                users=tuple(str(80351110224670000 + n) for n in range(PEOPLE)),
                channels=tuple(str(1187026123847310000 + n) for n in range(CHANNELS)),
                typed={"commands": [[_found(commands, name), {}] for name in COMMANDS]},
                client=client,
            )
            for number, user in enumerate(service.users):
                await service.do("add_member", id=user, name=f"person{number}")
            for number, channel in enumerate(service.channels):
                await service.do("add_channel", id=channel, name=f"channel{number}")
            await service.do("declare", commands=commands)
            yield service
    finally:
        await client.aclose()


def _found(commands: Sequence[Mapping[str, Any]], name: str) -> str:
    """What a person types for a command that is perhaps in a group."""
    groups = [c["name"] for c in commands if name in [o["name"] for o in c.get("options", ())]]
    return f"{groups[0]} {name}" if groups else name


async def connected(service: Service) -> None:
    """Return when somebody listens there."""
    while not (await service.ask("report"))["connections"]:  # noqa: ASYNC110 - it is another process
        await asyncio.sleep(0.05)


@asynccontextmanager
async def slack_echo(service: Service) -> AsyncIterator[None]:
    """A bolt app that acknowledges and does nothing else, in this process."""
    from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
    from slack_bolt.app.async_app import AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

    app = AsyncApp(client=AsyncWebClient(service.told["bot_token"], base_url=service.told["base_url"]))

    async def acknowledge(ack: Any) -> None:
        await ack()

    app.command("/clarion")(acknowledge)
    handler = AsyncSocketModeHandler(app, service.told["app_token"])
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        await connected(service)
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


@asynccontextmanager
async def discord_echo(service: Service) -> AsyncIterator[None]:
    """A discord.py client that defers every command and does nothing else, in this process."""
    from discord import Client, Intents, Interaction
    from discord.gateway import DiscordWebSocket
    from discord.http import Route
    from yarl import URL

    class Echo(Client):
        async def on_interaction(self, interaction: Interaction) -> None:
            await interaction.response.defer(ephemeral=True)

    usual = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = service.told["base_url"], URL(service.told["gateway_url"])
    client = Echo(intents=Intents(guilds=True), chunk_guilds_at_startup=False, guild_ready_timeout=0.1)
    await client.login(service.told["token"])
    running = asyncio.ensure_future(client.connect())
    try:
        await client.wait_until_ready()
        yield
    finally:
        await client.close()
        await asyncio.gather(running, return_exceptions=True)
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = usual


@asynccontextmanager
async def bot_in(folder: Path, accounts: Sequence[str], url: str, service: Service) -> AsyncIterator[App]:
    """The bot as it runs in production, in one service, its accounts on the platform at ``url``."""
    names = [f"person{number}" for number in range(len(service.users))]
    brand = Brand(
        name=BRAND,
        channels=tuple(f"{service.name}:{channel}" for channel in service.channels),
        roles={Role.ADMIN: tuple(names)},
        policy=Policy(mode="none"),
    )
    rows = tuple(
        AccountConfig(name=name, brand=BRAND, platform=PLATFORM, table={"base_url": url, "name": name})
        for name in accounts
    )
    log = make_log(io.StringIO())
    people = {f"{service.name}:{user}": name for user, name in zip(service.users, names, strict=True)}
    async with build(
        Config(
            path=folder / "config.toml",
            brands=(brand,),
            accounts=rows,
            chat_use=(service.name,),
            chat_tables={service.name: service.table},
            people=people,
        ),
        clock=SystemClock(),
        env=service.env,
        chats=[],
        team_chats=True,
        log=log,
        registry=load(log=log, builtins="bot.testing.platforms", entry_points=()),
    ) as app:
        yield app
