"""Discord as a chat of Clarion: what is heard goes to the inbox, what is said goes out."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bot.chat.discord.answers import Answers
from bot.chat.discord.calls import Calls
from bot.chat.discord.check import proven, unregistered
from bot.chat.discord.hearing import INTERESTING, Hearing
from bot.chat.discord.inbound import ORIGINAL
from bot.chat.discord.outbound import Outbound
from bot.chat.discord.parcel import pack
from bot.chat.discord.reading import Reading
from bot.chat.discord.refusals import EMPTY, INVALID_FORM, NO_DM, TOO_LARGE, Refused
from bot.chat.discord.settings import DiscordSettings
from bot.commands.spec import Command
from bot.domain.message import Attachment, Message, Target
from bot.errors import ChatRefused
from bot.ports import Clock, Inbox, Log, Profile

DIRECT_CHANNELS = 2_000


class DiscordChat:
    """Implements `bot.ports.TeamChat` with discord.py's client."""

    name = "discord"

    def __init__(self, settings: DiscordSettings, *, clock: Clock, log: Log) -> None:
        self._log = log
        self._calls = Calls(settings, clock=clock, log=log, hear=self._heard)
        self._answers = Answers(self._calls)
        self._out = Outbound(self._calls)
        self._reading = Reading(self._calls)
        self._direct = dict[str, str]()
        self._group: asyncio.TaskGroup | None = None
        self._hearing: Hearing | None = None

    async def run(self, inbox: Inbox) -> None:
        """Serve until cancelled. Raises the `ChatError` family when Discord cannot be logged in to, or
        does not let us in."""
        connection = await self._calls.connection()
        self._hearing = Hearing(self._calls, self._answers, inbox)
        failure = None
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                # returned, not raised: what is being worked on is finished first
                (failure,) = await asyncio.gather(connection.connect(), return_exceptions=True)
        finally:
            self._group = None
        if failure is not None:
            raise failure

    def _heard(self, raw: str) -> None:
        if self._group is not None and INTERESTING.search(raw):
            self._group.create_task(self._apart(raw))

    async def _apart(self, raw: str) -> None:
        """What goes wrong with one event stays with it."""
        assert self._hearing is not None
        (failure,) = await asyncio.gather(self._hearing.hear(raw), return_exceptions=True)
        if isinstance(failure, Exception):
            self._log.error("event_broke", chat="discord", error=type(failure).__name__, exc_info=failure)

    async def send(self, to: Target, message: Message, *, key: str) -> str:
        return await self._out.send(to, message, key=key)

    async def resend(self, to: Target, message: Message, *, key: str, since: datetime) -> str:
        return await self._out.resend(to, message, key=key, since=since)

    async def edit(self, to: Target, ref: str, message: Message) -> str:
        return await self._out.edit(to, ref, message)

    async def whisper(self, to: Target, user: str, message: Message) -> None:
        """For the person alone: beside what they did, else in a direct message. What is about a card may
        stand in its thread where they take none, without a name. Raises `ChatRefused` when nothing of
        that can be."""
        if not user:
            return
        if to.hook and await self._beside(to.hook, message):
            return
        try:
            await self._directly(user, message)
        except Refused as error:
            about_a_card = bool(to.under) and not to.hook.startswith(ORIGINAL)
            if error.code != NO_DM or not about_a_card:
                raise
            await self._out.send(to, replace(message, mentions=()), key=f"aloud:{secrets.token_hex(8)}")

    async def _beside(self, hook: str, message: Message) -> bool:
        parcel = await pack(message)
        try:
            return await self._answers.say(hook, parcel.body(), parcel.files())
        except Refused as error:
            if error.code not in (INVALID_FORM, EMPTY, TOO_LARGE):
                raise
        plain = await pack(message, plainly=True)
        return await self._answers.say(hook, plain.bare.body())

    async def _directly(self, user: str, message: Message) -> None:
        if not user.isdigit():
            raise ChatRefused(f"There is nobody with the id {user!r} on Discord.")
        channel = self._direct.get(user)
        if channel is None:
            made = await self._calls("POST", "/users/@me/channels", json={"recipient_id": user})
            channel = self._direct[user] = str(made["id"])
            if len(self._direct) > DIRECT_CHANNELS:
                del self._direct[next(iter(self._direct))]
        await self._out.say(channel, message)

    async def reactions(self, to: Target, ref: str) -> Sequence[tuple[str, str]] | None:
        return await self._reading.reactions(to, ref)

    async def group(self, name: str) -> Sequence[str] | None:
        return await self._reading.group(name)

    async def profile(self, user: str) -> Profile | None:
        return await self._reading.profile(user) if user.isdigit() else None

    async def download(self, file: Attachment, into: Path) -> Path:
        return await self._reading.download(file, into)

    async def check(self, channels: Sequence[str]) -> Sequence[str]:
        return await proven(self._calls, channels)

    async def unregistered(self, channels: Sequence[str], commands: Iterable[Command]) -> Sequence[str]:
        """How the commands that Discord shows differ from these: one sentence for each."""
        return await unregistered(self._calls, channels, commands)

    async def aclose(self) -> None:
        await self._calls.aclose()
