"""A door for other processes: they do and see what a test in this process would, as JSON.

``POST /control/do`` takes ``{"do": "command", "with": {"user": "100", …}}``; ``POST /control/storm`` types
commands at a steady rate and tells how long each answer took.
"""

from __future__ import annotations

import asyncio
import base64
import inspect
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.clock import SystemClock
from bot.testing.chats.discord.filling import CannotDo, Upload
from bot.testing.chats.discord.guild import Guild
from bot.testing.chats.discord.interactions import Form, Interaction
from bot.testing.chats.discord.refusals import Refusal
from bot.testing.chats.discord.world import Channel, Member, Role

DOING = frozenset(
    (
        *("add_member", "add_user", "add_role", "add_channel", "declare", "give_roles", "regroup"),
        *("command", "autocomplete", "message_command", "shortcut", "press", "submit", "dismiss"),
        *("react", "unreact", "clear_reactions", "say", "mention", "whisper", "erase", "archive"),
        *("go_wrong", "heal", "cut", "mend", "revoke", "restore", "allow", "deny", "kick", "invite"),
        *("banish", "delete_channel", "close_dms", "called", "messages", "message", "thread", "direct"),
        *("ephemerals", "loading", "modal", "reactions", "buttons", "words"),
    )
)


class Control:
    """What may be asked of a guild from outside."""

    def __init__(self, guild: Guild) -> None:
        self._guild = guild
        self._clock = SystemClock()

    async def do(self, request: web.Request) -> web.StreamResponse:
        """Any of `DOING`; errors are answered with status 400 and their sentence."""
        told = json.loads(await request.read())
        if told.get("do") not in DOING:
            return web.json_response({"error": f"there is no {told.get('do')!r}"}, status=404)
        try:
            result = getattr(self._guild, told["do"])(**_given(told.get("with", {})))
            if inspect.isawaitable(result):
                result = await result
        except (CannotDo, Refusal, LookupError, TypeError, ValueError) as no:
            return web.json_response({"error": f"{type(no).__name__}: {no}"}, status=400)
        return web.json_response({"result": told_as_json(result)})

    async def report(self, request: web.Request) -> web.StreamResponse:
        """Connections, answers, breaches, calls."""
        guild = self._guild
        begun = guild.interactions.by_id.values()
        return web.json_response(
            {
                "connections": sum(1 for s in guild.gateway.sessions.values() if s.line is not None),
                "acks": [one.latency for one in begun if one.ok],
                "unacked": [one.id for one in begun if not one.ok],
                "breaches": guild.breaches,
                "calls": Counter(call.endpoint for call in guild.calls),
                "identified": guild.gateway.identified,
                "resumed": guild.gateway.resumed,
            }
        )

    async def forget(self, request: web.Request) -> web.StreamResponse:
        """Begin anew with the accounting."""
        self._guild.interactions.by_id.clear()
        self._guild.breaches.clear()
        self._guild.calls.clear()
        return web.json_response({})

    async def storm(self, request: web.Request) -> web.StreamResponse:
        """``rate`` commands a second for ``seconds``, by ``users`` in ``channels``; each answer's latency.

        ``commands``: pairs of a name and its options, taken in turn; ``{number}`` in a text is counted.
        """
        told = json.loads(await request.read())
        rate, count = float(told["rate"]), int(told["rate"] * told["seconds"])
        users, channels, commands = told["users"], told["channels"], told["commands"]
        start = self._clock.monotonic()

        async def one(number: int) -> float | None:
            await self._clock.sleep(start + number / rate - self._clock.monotonic())
            user, channel = users[number % len(users)], channels[number % len(channels)]
            name, options = commands[number % len(commands)]
            given = {k: v.format(number=number) if isinstance(v, str) else v for k, v in options.items()}
            begun = await self._guild.command(user, channel, name, given)
            return begun.latency if begun.ok else None

        latencies = await asyncio.gather(*(one(number) for number in range(count)))
        lost = sum(1 for latency in latencies if latency is None)
        return web.json_response({"latencies": [x for x in latencies if x is not None], "lost": lost})


def _given(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments from JSON; files come as name and base64."""
    given = dict(arguments)
    if isinstance(files := given.get("files"), dict):
        given["files"] = {
            key: Upload(name=one["name"], data=base64.b64decode(one["base64"])) for key, one in files.items()
        }
    return given


def told_as_json(value: Any) -> Any:
    """What a test would get, as far as JSON can say it."""
    match value:
        case Interaction():
            latency = value.latency if value.ok else None
            return {"id": value.id, "ok": value.ok, "latency": latency, "refused": value.refused}
        case Form():
            return {"custom_id": value.custom_id, "title": value.title, "components": value.components}
        case Member():
            return {"id": value.user.id}
        case Role() | Channel():
            return {"id": value.id}
        case _:
            return value


class Controlled(Guild):
    """A guild with that door."""

    def _extend(self, app: web.Application) -> None:
        control = Control(self)
        app.router.add_post("/control/do", control.do)
        app.router.add_get("/control/report", control.report)
        app.router.add_post("/control/forget", control.forget)
        app.router.add_post("/control/storm", control.storm)
