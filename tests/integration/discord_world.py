"""A guild, the adapter connected to it through discord.py, and an inbox that writes everything down."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.app import make_log
from bot.chat.discord.adapter import DiscordChat
from bot.chat.discord.settings import DiscordSettings
from bot.clock import SystemClock
from bot.config.secret import Secret
from bot.domain.asks import Form
from bot.domain.message import Action, Button, Field, Inbound, Invocation, Message, Press, Reaction, Target
from bot.errors import ChatError
from bot.ports import Clock
from bot.testing.chats.discord import Guild
from bot.testing.guards import running_tasks
from tests.integration.discord_spec import asked_otherwise

GUILD_ROOM = "1187026123847319552"
ALICE, BOB, CAROL, MALLORY = (
    "80351110224678912",
    "53908232506183680",
    "66192955777486848",
    "99908232506183680",
)
LEADS = "41771983423143936"
ROOM = Target(chat="discord", channel=GUILD_ROOM)
PATIENCE = 5.0

COMMANDS: list[dict[str, Any]] = [
    {
        "type": 1,
        "name": "clarion",
        "description": "Everything",
        "options": [
            {
                "type": 1,
                "name": "post",
                "description": "Draft a post",
                "options": [
                    {"type": 3, "name": "text", "description": "What to say", "required": True},
                    {"type": 3, "name": "to", "description": "Where", "autocomplete": True},
                    {"type": 4, "name": "repeat", "description": "How often"},
                    {"type": 5, "name": "draft", "description": "Do not ask yet"},
                    {"type": 11, "name": "media", "description": "A file"},
                    {"type": 11, "name": "media-2", "description": "Another file"},
                ],
            },
            {"type": 1, "name": "queue", "description": "What waits"},
        ],
    },
    {"type": 1, "name": "queue", "description": "What waits"},
    {"type": 3, "name": "Make this a post"},
]


def card(version: int = 1, text: str = "Launch day", **more: Any) -> Message:
    """A card as the core paints it."""
    return Message(
        title="P42 · acme · by alice",
        status="IN REVIEW  1 of 2",
        text=text,
        fields=(Field(name="X", value="@acme ✓ 61/280"),),
        buttons=(
            Button(
                label="Approve",
                action=Action(verb="approve", kind="post", id=42, version=version),
                primary=True,
            ),
            Button(
                label="Reject", action=Action(verb="reject", kind="post", id=42, version=version), asks="Why?"
            ),
            Button(
                label="Take down",
                action=Action(verb="take-down", kind="post", id=42, version=version),
                danger=True,
            ),
        ),
        footer=f"v{version}",
        **more,
    )


@dataclass
class Notebook:
    """An inbox: deduplicates by key as the core does, remembers, and does what it is told to do."""

    said: list[Inbound] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    forms: Callable[[Invocation | Press], Form | None] = lambda said: None
    react: Callable[[Inbound], Any] | None = None
    offered: Sequence[str] = ()
    reconnections: int = 0
    hold: asyncio.Event | None = None
    refuse: Exception | None = None
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, said: Inbound) -> None:
        if self.react is not None:
            await self.react(said)
        self.said.append(said)
        self.news.set()

    async def ask(self, said: Invocation | Press) -> Form | None:
        return self.forms(said)

    async def accept(self, said: Inbound) -> bool:
        if self.hold is not None:
            await self.hold.wait()
        if self.refuse is not None:
            raise self.refuse
        if said.key and said.key in self.keys:
            return False
        self.keys.add(said.key)
        return True

    async def suggest(self, command: str, option: str, typed: str, said: Invocation) -> Sequence[str]:
        return [one for one in self.offered if typed in one]

    async def home(self, user: str, chat: str) -> Message:
        return Message(title="Clarion")

    async def reconnected(self, chat: str) -> None:
        self.reconnections += 1
        self.news.set()

    async def until(self, reached: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Returns once it is so; looked at whenever something was said. Raises `TimeoutError`."""
        async with asyncio.timeout(seconds):
            while not reached():
                self.news.clear()
                await self.news.wait()

    @property
    def presses(self) -> list[Press]:
        return [one for one in self.said if isinstance(one, Press)]

    @property
    def commands(self) -> list[Invocation]:
        return [one for one in self.said if isinstance(one, Invocation)]

    @property
    def reactions(self) -> list[Reaction]:
        return [one for one in self.said if isinstance(one, Reaction)]


@dataclass
class Scene:
    """What a test has in hand. ``failure`` is what ended `run`, if anything did."""

    guild: Guild
    chat: DiscordChat
    inbox: Notebook
    log: io.StringIO
    failure: BaseException | None = None
    running: asyncio.Task[None] | None = None

    async def run(self) -> None:
        try:
            await self.chat.run(self.inbox)
        except ChatError as error:
            self.failure = error
        self.inbox.news.set()

    async def stop(self) -> None:
        """The process goes away: what was being done is cut."""
        if self.running is not None:
            self.running.cancel()
            await asyncio.gather(self.running, return_exceptions=True)
        await self.chat.aclose()


async def soon(reached: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Returns once it is so in the guild, which tells nobody of it. Raises `TimeoutError`."""
    async with asyncio.timeout(seconds):
        while not reached():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def settings_for(guild: Guild, **more: Any) -> DiscordSettings:
    return DiscordSettings(
        token=Secret(guild.token), base_url=guild.base_url, gateway_url=guild.gateway_url, **more
    )


def make_chat(guild: Guild, log: io.StringIO, clock: Clock | None = None, **more: Any) -> DiscordChat:
    return DiscordChat(settings_for(guild, **more), clock=clock or SystemClock(), log=make_log(log))


@asynccontextmanager
async def guilded(*, clock: Clock | None = None) -> AsyncIterator[Guild]:
    """A guild with people and commands; no bot connected yet."""
    guild = Guild(clock)
    guild.add_role(LEADS, "Marketing")
    for id_, name, roles in (
        (ALICE, "alice", ()),
        (BOB, "bob", (LEADS,)),
        (CAROL, "carol", (LEADS,)),
        (MALLORY, "mallory", ()),
    ):
        guild.add_member(id_, name, roles, shown=name.capitalize())
    guild.add_channel(GUILD_ROOM, "launch")
    async with guild.running():
        guild.declare(COMMANDS)
        yield guild


@asynccontextmanager
async def connected(
    guild: Guild,
    *,
    inbox: Notebook | None = None,
    serve: bool = True,
    clock: Clock | None = None,
    **more: Any,
) -> AsyncIterator[Scene]:
    """The adapter over that guild, serving; no task of its own is left at the end."""
    log = io.StringIO()
    before = set(running_tasks(asyncio.get_running_loop()))
    scene = Scene(guild, make_chat(guild, log, clock, **more), inbox or Notebook(), log)
    try:
        if serve:
            scene.running = asyncio.get_running_loop().create_task(scene.run(), name="discord under test")
            await guild.connected()
            await scene.inbox.until(lambda: scene.inbox.reconnections > 0)
        yield scene
    finally:
        await scene.stop()
    left = [name for name in running_tasks(asyncio.get_running_loop()) if name not in before]
    assert not [name for name in left if "discord" in name.lower()], left
    secrets = [guild.token, *(one.token for one in guild.interactions.by_id.values())]
    assert not [secret for secret in secrets if secret in log.getvalue()]
    assert not asked_otherwise(guild.calls)
