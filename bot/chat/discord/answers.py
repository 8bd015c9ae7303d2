"""Answers to interactions: told in time, promised first, then edited in or said beside.

docs.discord.com/developers, interactions/receiving-and-responding: the first answer within 3 s, the
interaction's token good for 15 minutes, a modal only as the first answer. These endpoints do not
count against the bot's 50 calls a second, so they have a session of their own and never wait behind
posts. The token stands in the address; neither is ever logged or raised.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

import aiohttp
import discord
from discord.http import Route
from discord.webhook.async_ import AsyncWebhookAdapter

from bot.chat.discord.calls import TROUBLE, Calls, form_of
from bot.chat.discord.inbound import FOLLOW_UP, ORIGINAL
from bot.chat.discord.refusals import ANSWERED, Refused, classified
from bot.errors import ChatError

REPLY, PROMISE, PROMISE_EDIT, UPDATE, SUGGEST, MODAL = 4, 5, 6, 7, 8, 9
"""Types of first answers."""

EPHEMERAL = 1 << 6
IN_TIME, LATER = 2.8, 60.0
"""Seconds: after the first nobody waits for a first answer any more."""

REMEMBERED = 2_000


class Told(Enum):
    """How a first answer went: taken; there before, from another delivery or instance; too late."""

    NOW = "now"
    BEFORE = "before"
    NOT = "not"


class Answers:
    """Everything that needs an interaction's token."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._adapter = AsyncWebhookAdapter()  # type: ignore[no-untyped-call]  # the library's
        self._spoken: dict[str, bool] = {}
        self._route = type("Route", (Route,), {"BASE": calls.settings.api})

    async def first(self, data: Mapping[str, Any], kind: int, body: Mapping[str, Any] | None = None) -> Told:
        """The first answer, which there can be once; never raises."""
        payload: dict[str, Any] = {"type": kind, **({"data": dict(body)} if body is not None else {})}
        route = self._route(
            "POST",
            "/interactions/{webhook_id}/{webhook_token}/callback",
            webhook_id=int(data["id"]),
            webhook_token=str(data["token"]),
        )
        try:
            async with asyncio.timeout(IN_TIME):
                try:
                    await self._request(route, payload)
                except (OSError, aiohttp.ClientError):
                    await self._request(route, payload)  # twice does no harm: the second is refused
        except TROUBLE as error:
            known = classified(error, what="interaction", now=self._calls.clock.now())
            if isinstance(known, Refused) and known.code == ANSWERED:
                return Told.BEFORE
            self._calls.log.warning("interaction_not_answered", error=known.detail)
            return Told.NOT
        return Told.NOW

    async def say(self, hook: str, body: Mapping[str, Any], files: Sequence[discord.File] = ()) -> bool:
        """Tell the person alone, by a hook; False when its time is over. Raises the `ChatError` family."""
        way, token = _read(hook)
        if self._spoken.get(hook) is False:
            return False  # a dead address must not be called again (topics/rate-limits)
        payload = dict(body)
        if way == ORIGINAL and hook not in self._spoken:
            method, path = "PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/@original"
        else:
            method, path = "POST", "/webhooks/{webhook_id}/{webhook_token}"
            payload["flags"] = int(payload.get("flags") or 0) | EPHEMERAL
        try:
            await self._webhook(method, path, token, payload, files)
        except Refused as error:
            if not gone(error):
                raise
            self._remember(hook, alive=False)
            return False
        self._remember(hook, alive=True)
        return True

    async def tidy(self, hook: str) -> None:
        """Take a promise back that nobody kept: there was nothing to say. Never raises."""
        way, token = _read(hook)
        if way != ORIGINAL or hook in self._spoken:
            return
        self._remember(hook, alive=True)
        try:
            await self._webhook("DELETE", "/webhooks/{webhook_id}/{webhook_token}/messages/@original", token)
        except ChatError as error:
            self._calls.log.debug("promise_stands", error=error.detail)

    def _remember(self, hook: str, *, alive: bool) -> None:
        self._spoken[hook] = alive
        if len(self._spoken) > REMEMBERED:
            del self._spoken[next(iter(self._spoken))]

    async def _webhook(
        self,
        method: str,
        path: str,
        token: str,
        payload: Mapping[str, Any] | None = None,
        files: Sequence[discord.File] = (),
    ) -> None:
        app = (await self._calls.connection()).application_id
        route = self._route(method, path, webhook_id=app, webhook_token=token)
        try:
            async with asyncio.timeout(LATER):
                await self._request(route, payload, files)
        except TROUBLE as error:
            raise classified(error, what=f"{method} {path}", now=self._calls.clock.now()) from None

    async def _request(
        self, route: Route, payload: Mapping[str, Any] | None, files: Sequence[discord.File] = ()
    ) -> None:
        session = await self._calls.session()
        body = None if payload is None else dict(payload)
        if files:
            await self._adapter.request(route, session, multipart=form_of(body, files), files=files)
        else:
            await self._adapter.request(route, session, payload=body)


def gone(error: Refused) -> bool:
    """Whether the interaction's time is over, or its answer was dismissed."""
    return error.code in (10008, 10015, 10062, 50027)


def _read(hook: str) -> tuple[str, str]:
    way, _, rest = hook.partition(":")
    return (way, rest.partition(":")[2]) if way in (ORIGINAL, FOLLOW_UP) else ("", "")
