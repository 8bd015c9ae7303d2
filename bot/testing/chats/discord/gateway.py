"""The gateway (v10): hello, heartbeats, identify, resume, dispatches, and every way it goes wrong."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from bot.testing.chats.discord import views
from bot.testing.chats.discord.packing import packer
from bot.testing.chats.discord.rates import Rates
from bot.testing.chats.discord.session import KNOWN, PRIVILEGED, Line, Session
from bot.testing.chats.discord.world import World

HEARTBEAT_MS = 41_250
BEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT, MEMBERS, INVALID, HELLO, ACK = (1, 2, 3, 4, *range(6, 12))
UNKNOWN_OP, UNDECODABLE, UNAUTHENTICATED, BAD_TOKEN, AGAIN, BAD_SEQ, TOO_FAST = (
    *range(4001, 4006),
    4007,
    4008,
)
BAD_SHARD, BAD_VERSION, BAD_INTENTS, FORBIDDEN_INTENTS = 4010, 4012, 4013, 4014
FINAL = frozenset({WSCloseCode.OK, WSCloseCode.GOING_AWAY})
"""A client that closes so ends its session; with any other code it may resume."""

Order = Callable[[Sequence[tuple[str, dict[str, Any]]]], Sequence[tuple[str, dict[str, Any]]]]


class Gateway:
    """Every session of the bot; ``dispatch`` reaches all that want the event, as Discord does.

    ``repeat``: each event is delivered so many times. ``drops``: event → how many of the next ones
    nobody hears. ``rewind``: a RESUME plays back so many events that the client had already.
    ``deaf``: heartbeats get no answer. ``closes`` holds the codes we closed with.
    """

    def __init__(self, world: World, rates: Rates) -> None:
        self.world, self.rates = world, rates
        self.url = ""
        self.sessions: dict[str, Session] = {}
        self.lines: set[Line] = set()
        self.repeat = 1
        self.drops: Counter[str] = Counter()
        self.rewind = 0
        self.deaf = False
        self.heartbeat_ms = HEARTBEAT_MS
        self.closes: list[int] = []
        self.identified = 0
        self.resumed = 0
        self._open = asyncio.Event()
        self._open.set()
        self._refuse = False
        self._held: list[tuple[str, dict[str, Any]]] | None = None
        self._ready = asyncio.Event()

    @property
    def connected(self) -> bool:
        """Whether anybody listens now."""
        return any(session.line is not None for session in self.sessions.values())

    async def until_connected(self) -> None:
        """Returns once somebody listens; whoever waits bounds it."""
        while not self.connected:
            self._ready.clear()
            await self._ready.wait()

    async def dispatch(self, kind: str, data: dict[str, Any]) -> None:
        """Tell everybody who wants to hear it."""
        if not self._visible(kind, data):
            return
        if self.drops[kind] > 0:
            self.drops[kind] -= 1
        elif self._held is not None:
            self._held.append((kind, data))
        else:
            for _ in range(self.repeat):
                await self._deliver(kind, data)

    def _visible(self, kind: str, data: Mapping[str, Any]) -> bool:
        """Whether the bot may know: of the guild only while it is in it, of messages only where it looks."""
        if kind in {"INTERACTION_CREATE", "GUILD_DELETE"} or "guild_id" not in data:
            return True
        channel = self.world.channels.get(str(data.get("channel_id")))
        if channel is None:
            return self.world.bot.id in self.world.members
        return self.world.may(self.world.bot.id, "view_channel", channel)

    async def _deliver(self, kind: str, data: dict[str, Any]) -> None:
        guild = int(self.world.id)
        for session in tuple(self.sessions.values()):
            here = "guild_id" not in data or (guild >> 22) % session.shard[1] == session.shard[0]
            if here and session.wants(kind, data):
                frame = session.note(kind, data)
                if session.line is not None:
                    await session.line.say(frame)

    def hold(self) -> None:
        """Keep back every event until `release`."""
        self._held = self._held if self._held is not None else []

    async def release(self, order: Order = tuple) -> None:
        """Deliver what was kept back, in an order of the caller's choice (`reversed`, say)."""
        held, self._held = self._held or [], None
        for kind, data in order(held):
            await self.dispatch(kind, data)

    async def cut(self, *, refuse: bool = False) -> None:
        """Drop every connection. New ones hang, or are ``refuse``d, until `restore`."""
        self._open.clear()
        self._refuse = refuse
        lines = tuple(self.lines)
        for line in lines:
            line.abort()
        for line in lines:
            await line.gone.wait()

    def restore(self) -> None:
        self._refuse = False
        self._open.set()

    async def reconnect(self) -> None:
        """Ask every client to connect anew and resume (op 7)."""
        for line in tuple(self.lines):
            await line.say({"op": RECONNECT, "d": None})

    async def invalidate(self, *, resumable: bool = False) -> None:
        """Tell every client that its session is over (op 9); a resumable one may come back."""
        lines = tuple(self.lines)
        if not resumable:
            self.forget()
        for line in lines:
            await line.say({"op": INVALID, "d": resumable})

    def forget(self) -> None:
        """Lose every session: the next RESUME gets op 9 and what happened meanwhile is gone."""
        self.sessions.clear()

    async def hang_up(self, code: int) -> None:
        """Close every connection with a code."""
        for line in tuple(self.lines):
            await self._close(line, code)

    async def _close(self, line: Line, code: int) -> None:
        self.closes.append(code)
        await line.socket.close(code=code)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection, from the handshake to the end."""
        if self._refuse:
            raise web.HTTPServiceUnavailable
        await self._open.wait()
        socket = web.WebSocketResponse(compress=False, max_msg_size=1 << 20)
        try:
            pack = packer(request.query.get("compress", ""))
        except LookupError as error:
            raise web.HTTPBadRequest(text=f"compression {error} is not offered") from None
        await socket.prepare(request)
        line = Line(socket=socket, pack=pack, transport=request.transport)
        self.lines.add(line)
        try:
            if request.query.get("v") != "10" or request.query.get("encoding", "json") != "json":
                await self._close(line, BAD_VERSION)
                return socket
            await line.say({"op": HELLO, "d": {"heartbeat_interval": self.heartbeat_ms, "_trace": []}})
            await self._listen(line)
        finally:
            self.lines.discard(line)
            line.gone.set()
            for session in tuple(self.sessions.values()):
                if session.line is line:
                    session.line = None
                    if socket.close_code in FINAL:
                        self.sessions.pop(session.id, None)
        return socket

    async def _listen(self, line: Line) -> None:
        session: Session | None = None
        async for frame in line.socket:
            if frame.type is not WSMsgType.TEXT:
                await self._close(line, UNDECODABLE)
                return
            if not self.rates.sent(line.sends):
                await self._close(line, TOO_FAST)
                return
            try:
                said = json.loads(frame.data)
                op, data = said["op"], said.get("d")
            except (ValueError, KeyError, TypeError):
                await self._close(line, UNDECODABLE)
                return
            if op == BEAT:
                if not self.deaf:
                    await line.say({"op": ACK, "d": None})
            elif op in {IDENTIFY, RESUME}:
                if session is not None:
                    await self._close(line, AGAIN)
                    return
                begin = self._identify if op == IDENTIFY else self._resume
                session = await begin(line, data if isinstance(data, dict) else {})
            elif session is None:
                await self._close(line, UNAUTHENTICATED)
                return
            elif op == MEMBERS:
                await self._chunk(session, line, data)
            elif op not in {PRESENCE, VOICE}:
                await self._close(line, UNKNOWN_OP)
                return

    async def _identify(self, line: Line, data: dict[str, Any]) -> Session | None:
        intents, shard = data.get("intents"), data.get("shard") or [0, 1]
        fits = self.rates.identify()
        if data.get("token") != self.world.token or not fits:
            await self._close(line, BAD_TOKEN)
        elif not isinstance(intents, int) or intents & ~KNOWN:
            await self._close(line, BAD_INTENTS)
        elif any(intents & bit for name, bit in PRIVILEGED.items() if name not in self.world.privileged):
            await self._close(line, FORBIDDEN_INTENTS)
        elif not (len(shard) == 2 and 0 <= shard[0] < shard[1]):
            await self._close(line, BAD_SHARD)
        elif self.rates.crowded():
            await line.say({"op": INVALID, "d": False})
        else:
            session = Session(
                id=secrets.token_hex(16), intents=intents, bot=self.world.bot.id, shard=(shard[0], shard[1])
            )
            self.identified += 1
            session.line = line
            await self._welcome(session, line)
            self.sessions[session.id] = session
            self._ready.set()
            return session
        return None

    async def _welcome(self, session: Session, line: Line) -> None:
        member = self.world.bot.id in self.world.members
        await line.say(
            session.note(
                "READY",
                {
                    "v": 10,
                    "user": views.user_view(self.world.bot),
                    "guilds": [{"id": self.world.id, "unavailable": True}] if member else [],
                    "session_id": session.id,
                    "resume_gateway_url": self.url,
                    "shard": list(session.shard),
                    "application": {
                        "id": self.world.app,
                        "flags": views.application_view(self.world)["flags"],
                    },
                    "private_channels": [],
                    "relationships": [],
                    "session_type": "normal",
                },
            )
        )
        if member and session.wants("GUILD_CREATE", {"guild_id": self.world.id}):
            await line.say(session.note("GUILD_CREATE", views.guild_create(self.world)))

    async def _resume(self, line: Line, data: dict[str, Any]) -> Session | None:
        session = self.sessions.get(str(data.get("session_id")))
        if data.get("token") != self.world.token:
            await self._close(line, BAD_TOKEN)
            return None
        if session is None:
            await line.say({"op": INVALID, "d": False})
            return None
        seq = data.get("seq")
        if not isinstance(seq, int) or seq > session.seq:
            self.sessions.pop(session.id, None)
            await self._close(line, BAD_SEQ)
            return None
        self.resumed += 1
        for frame in session.log[max(0, seq - self.rewind) :]:
            if frame["t"] not in {"READY", "RESUMED"}:
                await line.say(frame)
        self.rewind = 0
        await line.say(session.note("RESUMED", {"_trace": []}))
        session.line = line
        self._ready.set()
        return session

    async def _chunk(self, session: Session, line: Line, asked: Any) -> None:
        """Answer a request for members: all of them, those with a name, or those with an id."""
        asked = asked if isinstance(asked, dict) else {}
        query, ids = str(asked.get("query") or "").lower(), asked.get("user_ids")
        wanted = {str(one) for one in (ids if isinstance(ids, list) else [ids])} if ids else None
        found = [
            views.member_view(member)
            for member in self.world.members.values()
            if (member.user.id in wanted if wanted else member.user.name.lower().startswith(query))
        ]
        limit = asked.get("limit") or len(found)
        data = {
            "guild_id": self.world.id,
            "members": found[:limit],
            "chunk_index": 0,
            "chunk_count": 1,
            "nonce": asked.get("nonce"),
        }
        await line.say(session.note("GUILD_MEMBERS_CHUNK", data))

    async def aclose(self) -> None:
        """End every connection, those that still hang too."""
        self._refuse = True
        self._open.set()
        for line in tuple(self.lines):
            await line.socket.close(code=WSCloseCode.GOING_AWAY)
        self.sessions.clear()
