"""A server that speaks three of X's paths, written from X's public documents and without our simulator.

``POST /2/tweets``, ``GET /2/users/me`` and ``GET /2/users/:id/tweets`` (docs.x.com x-api, 2026-08-22);
everything else is 404. Each create takes the next planned `Mood`; without one it simply works.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

USER = "2244994945"


@dataclass(frozen=True, kw_only=True)
class Mood:
    """How one create goes: ``keep`` stores the post; then an answer, no answer, or none for long."""

    status: int = 201
    headers: Callable[[], Mapping[str, str]] = dict
    body: str = ""
    kind: str = "application/json"
    keep: bool = False
    drop: bool = False
    hold: bool = False


@dataclass
class ForeignX:
    """``creates`` counts the calls, ``posts`` is what exists."""

    moods: list[Mood] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    creates: int = 0
    unsigned: int = 0
    url: str = ""
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if not request.headers.get("Authorization", "").startswith("OAuth "):
            self.unsigned += 1
            return web.json_response({"title": "Unauthorized", "status": 401}, status=401)
        match request.method, request.path:
            case "POST", "/2/tweets":
                return await self._create(request)
            case "GET", "/2/users/me":
                return web.json_response({"data": {"id": USER, "name": "Acme", "username": "acme_hq"}})
            case "GET", path if path == f"/2/users/{USER}/tweets":
                return self._timeline(request)
        return web.json_response({"title": "Not Found Error", "status": 404}, status=404)

    async def _create(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        text, answers = body["text"], body.get("reply", {}).get("in_reply_to_tweet_id")
        self.creates += 1
        mood = self.moods.pop(0) if self.moods else Mood(keep=True)
        if mood.keep:
            id_ = str(1000 + len(self.posts))
            self.posts.append({"id": id_, "text": text, "created_at": stamp(), "answers": answers})
        self.asked.set()
        if mood.hold:
            await self.let_go.wait()
        if mood.drop or mood.hold:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if mood.status == 201:
            return web.json_response({"data": {"id": self.posts[-1]["id"], "text": text}}, status=201)
        return web.Response(
            status=mood.status, headers=mood.headers(), text=mood.body, content_type=mood.kind
        )

    def _timeline(self, request: web.Request) -> web.Response:
        wanted = {"id", "text", *request.query.get("tweet.fields", "").split(",")}
        newest = [{k: v for k, v in post.items() if k in wanted} for post in reversed(self.posts)]
        return web.json_response({"data": newest, "meta": {"result_count": len(newest)}})


def stamp() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000Z"


def reset_in(seconds: float) -> Callable[[], Mapping[str, str]]:
    """Headers of a 429 whose window ends so much later."""
    return lambda: {
        "x-rate-limit-limit": "100",
        "x-rate-limit-remaining": "0",
        "x-rate-limit-reset": str(int(time.time() + seconds + 0.999)),
    }


@asynccontextmanager
async def foreign_x(*moods: Mood) -> AsyncIterator[ForeignX]:
    """Serve on loopback."""
    server = ForeignX(moods=list(moods))
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", server.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        server.url = f"http://{host}:{port}"
        yield server
    finally:
        server.let_go.set()
        await runner.cleanup()
