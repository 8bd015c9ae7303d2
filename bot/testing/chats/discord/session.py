"""One gateway session: what it wants to hear, what it was told, and how to tell it again."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from aiohttp import web

from bot.testing.chats.discord.packing import Pack

GUILDS, MEMBERS, PRESENCES, CONTENT = 1 << 0, 1 << 1, 1 << 8, 1 << 15
PRIVILEGED: Mapping[str, int] = MappingProxyType(
    {"members": MEMBERS, "presences": PRESENCES, "content": CONTENT}
)
KNOWN = (1 << 26) - 1
"""Every intent bit that exists (events/gateway, "List of Intents"); others are answered with 4013."""

WANTED: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        **dict.fromkeys(("GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE"), (1 << 0, 0)),
        **dict.fromkeys(("GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE", "GUILD_ROLE_DELETE"), (1 << 0, 0)),
        **dict.fromkeys(("CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE"), (1 << 0, 0)),
        **dict.fromkeys(("THREAD_CREATE", "THREAD_UPDATE", "THREAD_DELETE"), (1 << 0, 0)),
        **dict.fromkeys(("GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE", "GUILD_MEMBER_REMOVE"), (1 << 1, 0)),
        **dict.fromkeys(("MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE"), (1 << 9, 1 << 12)),
        **dict.fromkeys(("MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE"), (1 << 10, 1 << 13)),
        **dict.fromkeys(("MESSAGE_REACTION_REMOVE_ALL", "MESSAGE_REACTION_REMOVE_EMOJI"), (1 << 10, 1 << 13)),
    }
)
"""Event → the intent for it in a guild, and in a direct channel."""

HIDDEN = ("content", "embeds", "attachments", "components")


@dataclass(eq=False)
class Line:
    """One open socket; ``sends`` are the times its client spoke, ``gone`` is set when it is over."""

    socket: web.WebSocketResponse
    pack: Pack | None
    sends: deque[float] = field(default_factory=deque)
    transport: asyncio.Transport | None = None
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def say(self, payload: Mapping[str, Any]) -> None:
        """One frame; what a dead connection does not take is kept by its session."""
        async with self._turn:
            if self.socket.closed:
                return
            text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
            try:
                if self.pack is None:
                    await self.socket.send_str(text)
                else:
                    await self.socket.send_bytes(self.pack(text.encode()))
            except ConnectionError:
                return

    def abort(self) -> None:
        """Let the connection drop without a goodbye."""
        if self.transport is not None:
            self.transport.abort()


@dataclass
class Session:
    """``log`` holds every event it got, for a RESUME; ``line`` is None while nobody is connected."""

    id: str
    intents: int
    bot: str
    shard: tuple[int, int] = (0, 1)
    seq: int = 0
    log: list[dict[str, Any]] = field(default_factory=list)
    line: Line | None = None

    def wants(self, kind: str, data: Mapping[str, Any]) -> bool:
        """Whether its intents ask for this event; some come always."""
        if kind not in WANTED:
            return True
        in_guild, directly = WANTED[kind]
        return bool(self.intents & (in_guild if "guild_id" in data or not directly else directly))

    def cut_down(self, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        """The event without a message's content where this session may not read it."""
        if not kind.startswith("MESSAGE_") or "content" not in data or self.intents & CONTENT:
            return data
        mine = data.get("author", {}).get("id") == self.bot
        if mine or "guild_id" not in data or any(u["id"] == self.bot for u in data.get("mentions", ())):
            return data
        return {**data, **{key: "" if key == "content" else [] for key in HIDDEN}}

    def note(self, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        """Number an event and keep it; the frame to send."""
        self.seq += 1
        frame = {"op": 0, "t": kind, "s": self.seq, "d": self.cut_down(kind, data)}
        self.log.append(frame)
        return frame
