"""A door for other processes: they do and see what a test in this process would, as JSON.

``POST /control/do`` takes ``{"do": "command", "with": {"user": "U1", …}}``; ``POST /control/storm`` types
commands at a steady rate and tells how long each acknowledgement took.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from bot.clock import SystemClock
from bot.testing.chats.slack.clicking import CannotDo
from bot.testing.chats.slack.delivery import Delivery
from bot.testing.chats.slack.state import Channel, Group, Json, Person, Refuse, View
from bot.testing.chats.slack.workspace import Workspace

DOING = frozenset(
    (
        *("add_user", "add_group", "add_channel", "command", "press", "press_view", "submit", "close"),
        *("suggest", "shortcut", "react", "unreact", "mention", "say", "open_home", "kick", "invite"),
        *("archive", "erase", "regroup", "go_wrong", "heal", "cut", "mend", "revoke", "restore"),
        *("messages", "message", "thread", "direct", "ephemerals", "modal", "home", "buttons", "words"),
        *("called",),
    )
)


class Control:
    """What may be asked of a workspace from outside."""

    def __init__(self, world: Workspace) -> None:
        self._world = world
        self._clock = SystemClock()

    async def do(self, request: web.Request) -> web.StreamResponse:
        """Any of `DOING`; errors are answered with status 400 and their sentence."""
        told = json.loads(await request.read())
        if told.get("do") not in DOING:
            return web.json_response({"error": f"there is no {told.get('do')!r}"}, status=404)
        try:
            result = getattr(self._world, told["do"])(**told.get("with", {}))
            if asyncio.iscoroutine(result):
                result = await result
        except (CannotDo, Refuse, LookupError, TypeError) as no:
            return web.json_response({"error": f"{type(no).__name__}: {no}"}, status=400)
        return web.json_response({"result": told_as_json(result)})

    async def report(self, request: web.Request) -> web.StreamResponse:
        """Connections, acknowledgements, breaches, calls."""
        world = self._world
        calls: dict[str, int] = {}
        for call in world.calls:
            calls[call.path] = calls.get(call.path, 0) + 1
        return web.json_response(
            {
                "connections": len(world.sockets.lines),
                "acks": world.acks,
                "unacked": [d.name for d in world.post.deliveries if not d.ok],
                "breaches": [f"{b.method} {b.channel}".strip() for b in world.breaches],
                "calls": calls,
            }
        )

    async def forget(self, request: web.Request) -> web.StreamResponse:
        """Begin anew with the accounting."""
        self._world.post.deliveries.clear()
        self._world.breaches.clear()
        self._world.calls.clear()
        return web.json_response({})

    async def storm(self, request: web.Request) -> web.StreamResponse:
        """``rate`` commands a second for ``seconds``, by ``users`` in ``channels``; each ack's latency."""
        told = json.loads(await request.read())
        rate, count = float(told["rate"]), int(told["rate"] * told["seconds"])
        users, channels, texts = told["users"], told["channels"], told["texts"]
        start = self._clock.monotonic()

        async def one(number: int) -> float | None:
            await self._clock.sleep(start + number / rate - self._clock.monotonic())
            user, channel = users[number % len(users)], channels[number % len(channels)]
            text = texts[number % len(texts)].format(number=number)
            delivery = await self._world.command(user, channel, text)
            return delivery.latency if delivery.ok else None

        latencies = await asyncio.gather(*(one(number) for number in range(count)))
        lost = sum(1 for latency in latencies if latency is None)
        return web.json_response({"latencies": [x for x in latencies if x is not None], "lost": lost})


def told_as_json(value: Any) -> Any:
    """What a test would get, as far as JSON can say it."""
    match value:
        case Delivery():
            return {"ok": value.ok, "latency": value.latency if value.ok else None, "fault": value.fault}
        case View():
            told: Json = {"id": value.id, "title": value.title, "content": value.content}
            return told | {"errors": value.errors, "trouble": value.trouble}
        case Person() | Group() | Channel():
            return {"id": value.id}
        case _:
            return value


class Controlled(Workspace):
    """A workspace with that door."""

    def routes(self) -> dict[str, Any]:
        control = Control(self)
        return {
            "POST /control/do": control.do,
            "GET /control/report": control.report,
            "POST /control/forget": control.forget,
            "POST /control/storm": control.storm,
            **super().routes(),
        }
