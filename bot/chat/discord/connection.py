"""discord.py's client: its gateway, its login, its rate limits, none of its views and caches.

Two things are changed, by subclassing and nowhere else: where the API and the gateway are, and the
loop that connects. The library's own loop waits up to a quarter of an hour after an outage of a
minute, breaks when its very first connection fails, and identifies as often as it is told to; this
one resumes within seconds and spaces what counts against Discord's 1,000 IDENTIFY a day
(docs.discord.com/developers, events/gateway).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import aiohttp
import discord
from discord.gateway import DiscordWebSocket, ReconnectWebSocket
from discord.http import HTTPClient, Route
from discord.state import ConnectionState
from yarl import URL

from bot.chat.discord.refusals import INTENTS, REVOKED, Closed
from bot.ports import Clock, Log

LONGEST_WAIT = 30.0
"""Seconds that the library may wait for a rate limit itself; its own least value."""

CONNECTING = 60.0
AGAIN = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds before the next connection, by how many have failed in a row."""

NEW_SESSION = (0.0, 5.0, 5.0, 15.0, 60.0, 120.0)
"""Seconds before the next IDENTIFY, by how many there were without a resumption: Discord wants 5 between two
(gateway, rate limits), and these are 720 a day at the most."""

GOODBYE, RESUMABLE, CLOSING = 1000, 4000, 3.0
"""Close codes: the first ends the session; and seconds for the other side to say the same."""

FINAL = (4004, 4010, 4011, 4012, 4013, 4014)
"""Close codes after which Discord wants no reconnection (topics/opcodes-and-status-codes)."""


class Transport(HTTPClient):
    """The library's HTTP with every path behind ``api``, and its first gateway at ``gateway``."""

    api: str = Route.BASE
    gateway: str = ""

    async def request(self, route: Route, **kwargs: Any) -> Any:
        if route.url.startswith(Route.BASE):
            route.url = self.api + route.url[len(Route.BASE) :]
        return await super().request(route, **kwargs)

    async def ws_connect(self, url: str, *, compress: int = 0) -> aiohttp.ClientWebSocketResponse:
        wanted = URL(url)
        if self.gateway and wanted.host == DiscordWebSocket.DEFAULT_GATEWAY.host:
            url = str(URL(self.gateway).with_query(wanted.query))
        return await super().ws_connect(url, compress=compress)


class Connection(discord.Client):
    """One login. ``hear`` gets every gateway payload as text, before the library has looked at it; ``pace``
    is awaited before every request.
    """

    def __init__(
        self,
        *,
        api: str,
        gateway: str,
        members: bool,
        hear: Callable[[str], None],
        pace: Callable[[], Awaitable[None]],
        clock: Clock,
        log: Log,
    ) -> None:
        self._api, self._gateway, self._pace = api, gateway, pace
        self._hear, self._clock, self._log = hear, clock, log
        self._failed = self._identified = 0
        # the library's own switches: that voice is missing is no news to a bot that only writes
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        intents = discord.Intents(guilds=True, messages=True, reactions=True, members=members)
        super().__init__(
            intents=intents,
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            guild_ready_timeout=0.0,
            enable_debug_events=True,
        )

    def _get_state(self, **options: Any) -> ConnectionState[Any]:
        # the one place where the library lets the transport be another before anybody has it
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(self._starting)
        transport = Transport(self.loop, max_ratelimit_timeout=LONGEST_WAIT, http_trace=trace)
        transport.api, transport.gateway = self._api, self._gateway
        self.http = transport
        return super()._get_state(**options)

    async def _starting(self, *_: object) -> None:
        """A request is about to go out, the library's own repeats too."""
        await self._pace()

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Everything the library reports; no handler of its own runs, so no task of its own is made."""
        if event == "socket_raw_receive":
            self._hear(args[0])
        elif event == "socket_event_type" and args[0] in ("READY", "RESUMED"):
            self._failed = 0
            self._identified = 0 if args[0] == "RESUMED" else self._identified

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Nothing: `connect` has waited before the socket was opened."""

    async def connect(self, *, reconnect: bool = True) -> None:
        """Stay connected until closed or cancelled. Raises `Closed` when Discord wants no reconnection."""
        kind = _noticing(self._opened, self._unread)
        resume, gateway = False, None
        try:
            while not self.is_closed():
                await self._wait(resume=resume)
                try:
                    opening = kind.from_client(
                        self,
                        initial=not resume,
                        gateway=gateway,
                        session=self.ws.session_id if resume else None,
                        sequence=self.ws.sequence if resume else None,
                        resume=resume,
                    )
                    await asyncio.wait_for(opening, CONNECTING)
                    while True:
                        await self.ws.poll_event()
                except ReconnectWebSocket as asked:
                    resume = asked.resume
                except discord.ConnectionClosed as closed:
                    if closed.code in FINAL:
                        raise _final(closed.code) from None
                    resume = True
                except (OSError, aiohttp.ClientError, TimeoutError, discord.HTTPException) as error:
                    self._log.info("discord_unreachable", error=type(error).__name__)
                    resume = True
                await self._hang_up()
                resume = resume and self.ws is not None and self.ws.session_id is not None
                gateway = self.ws.gateway if resume else None
        finally:
            await self._hang_up(GOODBYE)

    def _opened(self, ws: DiscordWebSocket) -> None:
        self.ws = ws

    def _unread(self, error: Exception) -> None:
        self._log.warning("event_unread", chat="discord", error=type(error).__name__)

    async def _wait(self, *, resume: bool) -> None:
        seconds = AGAIN[min(self._failed, len(AGAIN) - 1)]
        self._failed += 1
        if not resume:
            seconds = max(seconds, NEW_SESSION[min(self._identified, len(NEW_SESSION) - 1)])
            self._identified += 1
        if seconds:
            await self._clock.sleep(seconds)

    async def _hang_up(self, code: int = RESUMABLE) -> None:
        if self.ws is not None and self.ws.open:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.ws.close(code=code), CLOSING)


def _noticing(
    opened: Callable[[DiscordWebSocket], None], unread: Callable[[Exception], None]
) -> type[DiscordWebSocket]:
    """The library's socket, known to us from its first moment, so that it is closed whatever happens."""

    class Socket(DiscordWebSocket):
        def __init__(
            self, socket: aiohttp.ClientWebSocketResponse, *, loop: asyncio.AbstractEventLoop
        ) -> None:
            super().__init__(socket, loop=loop)
            opened(self)

        async def received_message(self, msg: Any, /) -> None:
            try:
                await super().received_message(msg)
            except (AttributeError, LookupError, TypeError, ValueError) as error:
                # what the library cannot read we may have read; its connection must not end over it
                unread(error)

    return Socket


def _final(code: int) -> Closed:
    if code in (4013, 4014):
        return Closed(code, INTENTS, detail=f"gateway: {code}")
    if code == 4004:
        return Closed(code, REVOKED, detail=f"gateway: {code}")
    return Closed(code, f"Discord's gateway does not let me in ({code}).", detail=f"gateway: {code}")
