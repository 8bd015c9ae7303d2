"""What Discord is asked: reactions on a card, who has a role, who somebody is, what lies in a file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.chat.discord.calls import TROUBLE, Calls
from bot.chat.discord.parcel import safe_name
from bot.chat.discord.refusals import (
    LISTING,
    NO_ACCESS,
    NO_PERMISSION,
    UNKNOWN_GUILD,
    UNKNOWN_MEMBER,
    UNKNOWN_MESSAGE,
    UNKNOWN_USER,
    Closed,
    Refused,
    classified,
)
from bot.domain.message import Attachment, Target, fold_emoji
from bot.errors import ChatRefused
from bot.ports import Profile

MEANT = frozenset("✅❌⏸♻")
"""Signs that mean something on a card, without skin tones and variants; the rest is not asked for, each
costs a call of its own."""

MESSAGE = "/channels/{channel_id}/messages/{message_id}"
PAGE, MEMBERS = 100, 1_000
LARGEST = 512 * 1024 * 1024
"""Bytes; a file of Discord's best boosted servers (reference, uploading files)."""

CHUNK = 1 << 18
DOWNLOADING = 300.0


@dataclass
class Turn:
    """Readings of one message, numbered: the last that began, the last that ended, what it found."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    begun: int = 0
    finished: int = 0
    found: Sequence[tuple[str, str]] | None = None
    waiting: int = 0


class Reading:
    """Everything that changes nothing."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._turns = dict[tuple[str, str], Turn]()

    async def reactions(self, to: Target, ref: str) -> Sequence[tuple[str, str]] | None:
        """All (emoji, user) on a message now, bots left out; None when it is not there to be read.

        Whoever asks while it is being read shares the next reading, which begins after they asked: a
        hundred reactions at once cost two or three.
        """
        turn = self._turns.setdefault((to.channel, ref), Turn())
        wanted = turn.begun + 1
        turn.waiting += 1
        try:
            async with turn.lock:
                if turn.finished < wanted:
                    turn.begun += 1
                    turn.found = await self._standing(to, ref)
                    turn.finished = turn.begun
                return turn.found
        finally:
            turn.waiting -= 1
            if not turn.waiting:
                self._turns.pop((to.channel, ref), None)

    async def _standing(self, to: Target, ref: str) -> Sequence[tuple[str, str]] | None:
        try:
            message = await self._calls("GET", MESSAGE, channel_id=to.channel, message_id=ref)
        except (Refused, Closed) as error:
            if error.code in (UNKNOWN_MESSAGE, NO_ACCESS, NO_PERMISSION):
                return None
            raise
        found = list[tuple[str, str]]()
        for reaction in message.get("reactions") or ():
            emoji = reaction["emoji"]
            if emoji.get("id") is None and fold_emoji(str(emoji["name"])) in MEANT:
                found += [(str(emoji["name"]), user) async for user in self._who(to, ref, str(emoji["name"]))]
        return found

    async def _who(self, to: Target, ref: str, emoji: str) -> AsyncIterator[str]:
        after = "0"
        while True:
            page = await self._calls(
                "GET",
                f"{MESSAGE}/reactions/{{emoji}}",
                query={"limit": PAGE, "after": after},
                channel_id=to.channel,
                message_id=ref,
                emoji=emoji,
            )
            for user in page:
                if not user.get("bot"):
                    yield str(user["id"])
            if len(page) < PAGE:
                return
            after = max((str(user["id"]) for user in page), key=int)

    async def group(self, name: str) -> Sequence[str] | None:
        """The ids of everybody who has a role, by its id or name; None when there is no such role.

        A name is looked for only while the bot is on one server: on another one anybody could make a
        role of that name. Raises `ChatRefused` there, `Closed` where the members cannot be listed.
        """
        guilds = await self._calls("GET", "/users/@me/guilds")
        for guild in guilds:
            for role in await self._calls("GET", "/guilds/{guild_id}/roles", guild_id=str(guild["id"])):
                if str(role["id"]) == name:
                    return await self._having(str(guild["id"]), name)
                if not name.isdigit() and str(role["name"]).casefold() == name.lstrip("@").casefold():
                    if len(guilds) > 1:
                        raise ChatRefused(
                            f"I am on {len(guilds)} Discord servers, so write the role {name!r} as its id: "
                            "@discord:… and the number that Copy Role ID gives."
                        )
                    return await self._having(str(guild["id"]), str(role["id"]))
        return None

    async def _having(self, guild: str, role: str) -> Sequence[str]:
        found, after = list[str](), "0"
        while True:
            try:
                page = await self._calls(
                    "GET",
                    "/guilds/{guild_id}/members",
                    query={"limit": MEMBERS, "after": after},
                    guild_id=guild,
                )
            except Closed as error:
                if error.code in (NO_ACCESS, NO_PERMISSION):
                    raise Closed(error.code, LISTING, detail=error.detail) from None
                raise
            # everybody has the role that has the server's own id
            found += [
                str(member["user"]["id"])
                for member in page
                if (role == guild or role in map(str, member["roles"])) and not member["user"].get("bot")
            ]
            if len(page) < MEMBERS:
                return found
            after = max((str(member["user"]["id"]) for member in page), key=int)

    async def profile(self, user: str) -> Profile | None:
        """Who that is; None when Discord does not know. It tells nobody's time zone."""
        try:
            found: dict[str, Any] = await self._calls("GET", "/users/{user_id}", user_id=user)
        except (Refused, Closed) as error:
            if error.code in (UNKNOWN_USER, UNKNOWN_MEMBER, UNKNOWN_GUILD) or not user.isdigit():
                return None
            raise
        name = str(found.get("global_name") or found.get("username") or user)
        return Profile(id=str(found["id"]), name=name, bot=bool(found.get("bot")))

    async def download(self, file: Attachment, into: Path) -> Path:
        """Fetch a file from where Discord keeps it. Raises `ChatRefused` for any other place, for what is
        too large and for what is gone; `ChatError` when it does not come through."""
        place = urlsplit(file.ref)
        known = place.netloc in self._calls.settings.file_hosts
        if not known or place.scheme not in ("https", "http" if self._calls.settings.base_url else "https"):
            raise ChatRefused(f"{file.name} does not lie on Discord's servers; attach it again.")
        if file.size > LARGEST:
            raise ChatRefused(f"{file.name} is too large: at most {LARGEST // 2**20} MB can be handled.")
        session = await self._calls.session()
        path = into / safe_name(file.name)
        try:
            wait = aiohttp.ClientTimeout(total=DOWNLOADING)
            async with session.get(file.ref, timeout=wait, allow_redirects=False) as answer:
                if answer.status != 200:
                    raise ChatRefused(
                        f"Discord does not hand out {file.name} any more; attach it again.",
                        detail=f"download: {answer.status}",
                    )
                got = 0
                with path.open("wb") as out:
                    async for chunk in answer.content.iter_chunked(CHUNK):
                        got += len(chunk)
                        if got > LARGEST:
                            raise ChatRefused(
                                f"{file.name} is too large: at most {LARGEST // 2**20} MB can be handled."
                            )
                        await asyncio.to_thread(out.write, chunk)
        except TROUBLE as error:
            path.unlink(missing_ok=True)
            raise classified(error, what="download", now=self._calls.clock.now()) from None
        except ChatRefused:
            path.unlink(missing_ok=True)
            raise
        return path
