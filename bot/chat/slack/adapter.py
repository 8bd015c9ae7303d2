"""Slack as a chat: opens the door, and lends every verb of the port to whoever does it here."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from bot.chat.slack.api import WebApi
from bot.chat.slack.check import problems
from bot.chat.slack.directory import Directory
from bot.chat.slack.door import PING, Door, HttpDoor, SocketDoor, bolt_app
from bot.chat.slack.download import Downloads
from bot.chat.slack.listen import Ear
from bot.chat.slack.outbound import Voice
from bot.chat.slack.settings import PATH, SlackSettings
from bot.config.secret import Secret
from bot.domain.message import Attachment, Message, Target
from bot.errors import ChatBusy, ChatClosed, ChatError, StoreError
from bot.ports import Clock, Inbox, Log, Profile

GRACE = 5.0
"""Seconds that what is being done is given when the chat closes."""

WAITS = (1.0, 2.0, 5.0, 15.0, 60.0)
"""Seconds between two tries to find out who we are."""


class SlackChat:
    """Implements `bot.ports.TeamChat` for one workspace. ``ping``: seconds between two on the socket."""

    def __init__(self, settings: SlackSettings, *, clock: Clock, log: Log, ping: float = PING) -> None:
        self.name = "slack"
        self._settings = settings
        self._clock = clock
        self._log = log
        self._ping = ping
        self._api = WebApi(settings, clock=clock, log=log)
        self._voice = Voice(self._api, clock=clock, log=log, command=settings.command)
        self._directory = Directory(self._api, clock=clock)
        self._downloads = Downloads(self._api, token=settings.bot_token)
        self._door: Door | None = None
        self._open = asyncio.Event()
        self._closing = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()

    @property
    def url(self) -> str:
        """Where Slack has to send its events; empty before the door is open, and with Socket Mode."""
        if not isinstance(self._door, HttpDoor) or not self._open.is_set():
            return ""
        return f"http://{self._settings.address[0]}:{self._door.port}{PATH}"

    async def ready(self) -> None:
        """Return when requests can come in."""
        await self._open.wait()

    async def run(self, inbox: Inbox) -> None:
        """Hand everything said to ``inbox`` until the chat closes or is cancelled.

        A token that is refused is told in the log and tried again: another chat must not stop for it.
        Raises `ChatClosed` where nothing can be listened on.
        """
        self._ended.clear()
        ear = Ear(inbox, api=self._api, voice=self._voice, directory=self._directory, log=self._log)
        try:
            async with asyncio.TaskGroup() as group:
                living = group.create_task(self._live(ear))
                closing = group.create_task(self._closing.wait())
                await asyncio.wait({living, closing}, return_when=asyncio.FIRST_COMPLETED)
                living.cancel()
                closing.cancel()
        except* ChatClosed as errors:
            raise errors.exceptions[0] from None
        finally:
            self._open.clear()
            door, self._door = self._door, None
            try:
                if door is not None:
                    await door.close()
                await ear.finish(GRACE)
            finally:
                self._ended.set()

    async def _live(self, ear: Ear) -> None:
        await self._identify()
        app = bolt_app(self._settings, api=self._api, ear=ear)
        if self._settings.app_token:
            self._door = SocketDoor(app, self._settings.app_token, api=self._api, ear=ear, ping=self._ping)
        else:
            secret = self._settings.signing_secret or Secret("")
            self._door = HttpDoor(app, self._settings.address, secret, api=self._api)
        await self._door.open()
        self._open.set()
        if isinstance(self._door, HttpDoor):
            try:
                await ear.connected()
            except (ChatError, StoreError) as error:
                self._log.warning("slack_not_read_again", error=type(error).__name__)
        await self._closing.wait()

    async def _identify(self) -> None:
        """Until Slack tells who we are: nothing that we said ourselves may be taken for somebody's word."""
        tries = 0
        while True:
            wait = WAITS[min(tries, len(WAITS) - 1)]
            try:
                await self._api.identify()
                return
            except ChatBusy as error:
                wait = max(wait, (error.until - self._clock.now()).total_seconds())
            except ChatError as error:
                self._log.error("slack_closed", error=error.detail, said=str(error))
            tries += 1
            await self._clock.sleep(wait)

    async def send(self, to: Target, message: Message, *, key: str) -> str:
        return await self._voice.send(to, message, key=key)

    async def resend(self, to: Target, message: Message, *, key: str, since: datetime) -> str:
        return await self._voice.resend(to, message, key=key, since=since)

    async def edit(self, to: Target, ref: str, message: Message) -> str:
        return await self._voice.edit(to, ref, message)

    async def whisper(self, to: Target, user: str, message: Message) -> None:
        await self._voice.whisper(to, user, message)

    async def reactions(self, to: Target, ref: str) -> Sequence[tuple[str, str]] | None:
        return await self._voice.reactions(to, ref)

    async def group(self, name: str) -> Sequence[str] | None:
        return await self._directory.group(name)

    async def profile(self, user: str) -> Profile | None:
        return await self._directory.profile(user)

    async def download(self, file: Attachment, into: Path) -> Path:
        return await self._downloads.fetch(file, into)

    async def check(self, channels: Sequence[str]) -> Sequence[str]:
        return await problems(self._settings, self._api, channels, voice=self._voice)

    async def aclose(self) -> None:
        """Close the door, let what is being done end, and close every connection."""
        self._closing.set()
        await self._ended.wait()
        await self._api.aclose()
