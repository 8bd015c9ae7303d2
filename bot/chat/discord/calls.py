"""Calls of Discord's REST API through the library's HTTP layer, their failures classified."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from json import dumps
from typing import Any

import aiohttp
import discord
from discord.http import Route

from bot.chat.discord.connection import Connection
from bot.chat.discord.libraries import Forwarding
from bot.chat.discord.refusals import Closed, classified
from bot.chat.discord.settings import DiscordSettings
from bot.errors import ChatError
from bot.ports import Clock, Log

LONGEST = 90.0
"""Seconds for one call, the library's waits for limits and its own repeats on 5xx included."""

PER_SECOND, BURST = 30, 6
"""Calls of the bot in all, and how many of them at once: Discord allows 50 in any second
(topics/rate-limits), interactions not counted."""

STAY_AWAY = 30.0
"""Seconds without calls after Discord refused the token: 10,000 refusals in ten minutes ban an address."""

REPEATABLE = ("GET", "PUT", "PATCH", "DELETE")
UNREAD = "Discord did not answer; try again in a minute."

TROUBLE = (OSError, aiohttp.ClientError, TimeoutError, discord.DiscordException)


def nobody(raw: str) -> None:
    """Hears nothing."""


class Calls:
    """Logs in when it is first needed, and again after a failure. ``hear`` gets what the gateway says."""

    def __init__(
        self, settings: DiscordSettings, *, clock: Clock, log: Log, hear: Callable[[str], None] = nobody
    ) -> None:
        self.settings, self.clock, self.log = settings, clock, log
        self._hear = hear
        self._made: Connection | None = None
        self._making = asyncio.Lock()
        self._session: aiohttp.ClientSession | None = None
        self._shut: tuple[float, Closed] | None = None
        self._ended = False
        self._line = asyncio.Lock()
        self._turn = 0.0
        self._library = Forwarding(log)
        self._library.attach()

    async def connection(self) -> Connection:
        """The client, logged in. Raises the `ChatError` family."""
        async with self._making:
            self._knock()
            if self._ended:
                raise ChatError("The connection to Discord is closed.")
            if self._made is None:
                self._made = await self._logged_in()
            return self._made

    async def _logged_in(self) -> Connection:
        settings = self.settings
        made = Connection(
            api=settings.api,
            gateway=settings.gateway_url,
            members=settings.members_intent,
            hear=self._hear,
            pace=self._pace,
            clock=self.clock,
            log=self.log,
        )
        try:
            await asyncio.wait_for(made.login(settings.token.reveal()), LONGEST)
        except TROUBLE as error:
            await made.close()
            raise self._classified(error, "login") from None
        except asyncio.CancelledError:
            await made.close()
            raise
        return made

    async def __call__(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        files: Sequence[discord.File] = (),
        query: dict[str, Any] | None = None,
        **ids: str,
    ) -> Any:
        """Discord's answer. ``path`` has its ids in braces; with ``files`` the body goes as a form.

        Raises `Closed`, `Refused`, `ChatBusy`; a plain `ChatError` when no answer came and nobody
        knows whether the call arrived.
        """
        connection = await self.connection()
        route = Route(method, path, **ids)
        what = f"{method} {path.partition('?')[0]}"
        extra: dict[str, Any] = {} if query is None else {"params": query}
        if files:
            extra |= {"form": form_of(json, files), "files": files}
        elif json is not None:
            extra["json"] = json
        try:
            return await asyncio.wait_for(self._requested(connection, route, extra), LONGEST)
        except TROUBLE as error:
            found = self._classified(error, what)
            if method == "GET" and type(found) is ChatError:
                found = ChatError(UNREAD, detail=found.detail)
            raise found from None

    async def _requested(self, connection: Connection, route: Route, extra: dict[str, Any]) -> Any:
        """Once more where a connection broke and the same again does no harm: idle ones are closed on us."""
        try:
            return await connection.http.request(route, **extra)
        except (OSError, aiohttp.ClientError):
            if route.method not in REPEATABLE or "files" in extra:  # a file is read once
                raise
        return await connection.http.request(route, **extra)

    async def _pace(self) -> None:
        """Wait for a turn among all calls of this bot; the library keeps only the limits of single routes.

        Asked for when a request goes out, after its route's wait: routes that waited end together.
        """
        loop = asyncio.get_running_loop()
        async with self._line:  # first come, first served; nothing is reserved by those who wait behind,
            # so that after a pause of this process turns do not come all at once
            turn = max(self._turn + 1 / PER_SECOND, loop.time() - BURST / PER_SECOND)
            await asyncio.sleep(max(0.0, turn - loop.time()))
            self._turn = max(turn, loop.time() - BURST / PER_SECOND)

    def _classified(self, error: Exception, what: str) -> ChatError:
        found = classified(error, what=what, now=self.clock.now())
        if isinstance(found, Closed) and " 401" in found.detail:
            self._shut = self.clock.monotonic() + STAY_AWAY, found
        return found

    def _knock(self) -> None:
        """Raises what Discord said a moment ago, rather than asking again with a token it refuses."""
        if self._shut is not None:
            until, said = self._shut
            if self.clock.monotonic() < until:
                raise Closed(said.code, str(said), detail=said.detail)
            self._shut = None

    async def session(self) -> aiohttp.ClientSession:
        """For interactions and files: what has its own time limits does not queue behind posts."""
        if self._session is None:
            if self._ended:
                raise ChatError("The connection to Discord is closed.")
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    async def aclose(self) -> None:
        """Close everything; no call is possible any more."""
        self._ended = True
        async with self._making:
            made, self._made = self._made, None
            if made is not None:
                await made.close()
        session, self._session = self._session, None
        if session is not None:
            await session.close()
        self._library.detach()


def form_of(json: Any, files: Sequence[discord.File]) -> list[dict[str, Any]]:
    """A multipart body as Discord wants it (reference, uploading files)."""
    form: list[dict[str, Any]] = [
        {"name": "payload_json", "value": dumps(json), "content_type": "application/json"}
    ]
    form += [
        {
            "name": f"files[{index}]",
            "value": file.fp,
            "filename": file.filename,
            "content_type": "application/octet-stream",
        }
        for index, file in enumerate(files)
    ]
    return form
