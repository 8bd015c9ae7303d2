"""The Slack adapter in front of a simulated workspace; whoever it talks to remembers what it said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.chat.slack.adapter import SlackChat
from bot.chat.slack.settings import SlackSettings
from bot.clock import SystemClock
from bot.config.secret import Secret
from bot.domain.asks import Form
from bot.domain.message import Action, Button, Inbound, Invocation, Message, Press, Target
from bot.errors import BadInput, StoreError
from bot.ports import Clock
from bot.testing.chats.slack import Workspace
from bot.testing.clock import FakeClock
from bot.testing.contract.lent import RememberedLog

HALL = "C0HALL"
HERE = Target(chat="slack", channel=HALL)
APPROVE = Action(verb="approve", kind="post", id=42, version=3)
CARD = Message(
    title="P42 · acme · by alice",
    status="IN REVIEW",
    text="Launch day",
    buttons=(
        Button(label="Approve", action=APPROVE, primary=True),
        Button(label="Reject", action=Action(verb="reject", kind="post", id=42, version=3), asks="Why?"),
    ),
)


@dataclass
class Recorder:
    """An inbox that remembers. ``work``: what it does with something new; ``form``: what it asks first."""

    said: list[Inbound] = field(default_factory=list)
    copies: list[Inbound] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    reconnects: int = 0
    form: Callable[[Invocation | Press], Form | None] = lambda said: None
    work: Callable[[Inbound], Awaitable[None]] | None = None
    refuse: str = ""
    broken: StoreError | None = None
    slow: asyncio.Event | None = None
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __call__(self, said: Inbound) -> None:
        if self.work is not None:
            await self.work(said)
        async with self.changed:
            self.said.append(said)
            self.changed.notify_all()

    async def ask(self, said: Invocation | Press) -> Form | None:
        if self.refuse:
            raise BadInput(self.refuse)
        return self.form(said)

    async def accept(self, said: Inbound) -> bool:
        self.copies.append(said)
        if self.broken is not None:
            raise self.broken
        if self.slow is not None:
            await self.slow.wait()
        new = said.key not in self.keys
        self.keys.add(said.key)
        return new

    async def suggest(self, command: str, option: str, typed: str, said: Invocation) -> Sequence[str]:
        return [f"{typed}{n}" for n in range(3)]

    async def home(self, user: str, chat: str) -> Message:
        return Message(title="Yours", text=f"nothing waits for {user}")

    async def reconnected(self, chat: str) -> None:
        async with self.changed:
            self.reconnects += 1
            self.changed.notify_all()

    async def until(self, true: Callable[[], bool]) -> None:
        """Return when something holds; fails after ten real seconds."""
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(true)

    async def heard(self, count: int) -> list[Inbound]:
        await self.until(lambda: len(self.said) >= count)
        return self.said


@dataclass
class World:
    """Everything at hand."""

    slack: Workspace
    chat: SlackChat
    inbox: Recorder
    log: RememberedLog
    clock: Clock

    @property
    def earlier(self) -> datetime:
        """Five minutes ago, when a first try may have been made."""
        return self.clock.now() - timedelta(minutes=5)


def settings(slack: Workspace, *, http: bool = False) -> SlackSettings:
    """What an administrator would have written down for this workspace."""
    return SlackSettings(
        bot_token=Secret(slack.state.bot_token),
        app_token=None if http else Secret(slack.state.app_token),
        signing_secret=Secret(slack.state.signing_secret),
        base_url=slack.base_url,
        listen="127.0.0.1:0",
    )


def people(slack: Workspace) -> None:
    """Two members, a stranger, one channel."""
    slack.add_user("U1", "alice")
    slack.add_user("U2", "bob", tz="Europe/Berlin")
    slack.add_user("U9", "guest", team="T0ELSE")
    slack.add_channel(HALL, "launch", ["U1", "U2", "U9"], shared=True)


class SwiftClock(FakeClock):
    """Whoever sleeps by it wakes at once, and it is that much later for everybody."""

    async def sleep(self, seconds: float) -> None:
        self.advance(max(0.0, seconds))
        await asyncio.sleep(0)


async def until(true: Callable[[], bool]) -> None:
    """Return when something holds that the workspace shows; fails after five real seconds."""
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - a simulated workspace shows, it does not tell
            await asyncio.sleep(0)


@asynccontextmanager
async def nothing_running() -> AsyncIterator[None]:
    """Fails when a task is left behind."""
    before = asyncio.all_tasks()
    yield
    left = {task for task in asyncio.all_tasks() - before if not task.done()}
    assert not left, f"still running: {left}"


@asynccontextmanager
async def serving(slack: Workspace) -> AsyncIterator[Workspace]:
    """The workspace's server, running."""
    await slack.start()
    try:
        people(slack)
        yield slack
    finally:
        await slack.aclose()


@asynccontextmanager
async def quiet(clock: Clock | None = None) -> AsyncIterator[World]:
    """A chat that may speak; nobody listens. Without a clock none waits in earnest."""
    clock = clock or SwiftClock()
    async with nothing_running(), serving(Workspace(clock)) as slack:
        log = RememberedLog()
        chat = SlackChat(settings(slack), clock=clock, log=log)
        try:
            yield World(slack, chat, Recorder(), log, clock)
        finally:
            await chat.aclose()


@asynccontextmanager
async def talking(
    *, http: bool = False, clock: Clock | None = None, workspace: Workspace | None = None
) -> AsyncIterator[World]:
    """A chat that listens, by Socket Mode or by HTTP."""
    async with nothing_running(), serving(workspace or Workspace(clock)) as slack:
        log, inbox, clock = RememberedLog(), Recorder(), clock or SystemClock()
        chat = SlackChat(settings(slack, http=http), clock=clock, log=log, ping=0.2)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(chat.run(inbox))
            try:
                async with asyncio.timeout(10):
                    await chat.ready()
                    if http:
                        slack.pages.url = chat.url
                    await inbox.until(lambda: inbox.reconnects > 0)
                yield World(slack, chat, inbox, log, clock)
            finally:
                await chat.aclose()
                with suppress(asyncio.CancelledError):
                    await asyncio.wait({running}, timeout=10)
