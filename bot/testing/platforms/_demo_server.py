"""The demo platform's server: it keeps what it is given and forgets nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.ports import Clock
from bot.testing.simulator import Handler, Simulator

CREATE = "POST /posts"


@dataclass(kw_only=True)
class DemoPost:
    id: str
    account: str
    text: str
    media: tuple[str, ...]
    parent: str | None
    key: str | None
    removed: bool = False


class DemoSimulator(Simulator):
    """``posts`` is everything ever created, in order; a known key creates nothing new."""

    publishes = CREATE

    def __init__(self, clock: Clock, *, delay: float = 0.0) -> None:
        super().__init__(clock)
        self.delay = delay
        self.posts: list[DemoPost] = []
        self.media: list[bytes] = []

    def routes(self) -> Mapping[str, Handler]:
        return {
            CREATE: self._create,
            "GET /posts": self._list,
            "DELETE /posts/{id}": self._remove,
            "GET /keys/{key}": self._by_key,
            "POST /media": self._upload,
            "GET /me": self._me,
        }

    def visible(self) -> Mapping[str, str]:
        return {p.id: p.text for p in self.posts if not p.removed}

    async def _create(self, request: web.Request) -> web.Response:
        body: dict[str, Any] = await request.json()
        key = request.headers.get("idempotency-key")
        known = next((p for p in self.posts if key is not None and p.key == key), None)
        if known is None:
            known = DemoPost(
                id=f"d{len(self.posts) + 1}",
                account=body["account"],
                text=body["text"],
                media=tuple(body["media"]),
                parent=body["parent"],
                key=key,
            )
            self.posts.append(known)
        if self.delay:
            await self.clock.sleep(self.delay)
        return web.json_response({"id": known.id}, status=201)

    async def _list(self, request: web.Request) -> web.Response:
        account = request.query.get("account")
        shown = [p for p in self.posts if p.account == account and not p.removed]
        return web.json_response({"posts": [{"id": p.id, "text": p.text, "parent": p.parent} for p in shown]})

    async def _by_key(self, request: web.Request) -> web.Response:
        known = next((p for p in self.posts if p.key == request.match_info["key"]), None)
        if known is None:
            return web.json_response({"error": "no such key"}, status=404)
        return web.json_response({"id": known.id})

    async def _upload(self, request: web.Request) -> web.Response:
        self.media.append(await request.read())
        return web.json_response({"id": f"m{len(self.media)}"}, status=201)

    async def _remove(self, request: web.Request) -> web.Response:
        for post in self.posts:
            if post.id == request.match_info["id"]:
                post.removed = True
                return web.json_response({})
        return web.json_response({"error": "no such post"}, status=404)

    async def _me(self, request: web.Request) -> web.Response:
        return web.json_response({"name": "demo"})
