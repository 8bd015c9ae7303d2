"""A Noticeboard on loopback that keeps what it is sent. YOURS: the platform's real protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.api import Clock
from bot.testing.scaffold.rules import LONGEST, length
from bot.testing.simulator import Handler, Simulator

TOKEN = "simulated-token"


@dataclass(kw_only=True)
class Notice:
    """A stored post; ``at`` is when it came into being."""

    id: str
    text: str
    at: str
    removed: bool = False


class NoticeboardSimulator(Simulator):
    """State in attributes, handlers in `routes`; failing on demand is inherited."""

    publishes = "POST /notices"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.notices: list[Notice] = []
        self.pictures = 0

    def routes(self) -> Mapping[str, Handler]:
        handlers: dict[str, Handler] = {
            "GET /me": self._me,
            "POST /notices": self._create,
            "GET /notices": self._list,
            "DELETE /notices/{id}": self._remove,
            "POST /pictures": self._upload,
        }
        return {endpoint: self._guarded(handler) for endpoint, handler in handlers.items()}

    def visible(self) -> Mapping[str, str]:
        return {n.id: n.text for n in self.notices if not n.removed}

    def _guarded(self, handler: Handler) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            if request.headers.get("authorization") != f"Bearer {TOKEN}":
                return web.json_response({"error": "unknown token"}, status=401)
            return await handler(request)

        return handle

    async def _me(self, request: web.Request) -> web.Response:
        return web.json_response({"id": "1", "name": "acme"})

    async def _create(self, request: web.Request) -> web.Response:
        body: dict[str, Any] = await request.json()
        if length(body["text"]) > LONGEST:
            return web.json_response({"error": f"at most {LONGEST} characters"}, status=422)
        notice = Notice(id=f"n{len(self.notices) + 1}", text=body["text"], at=self.clock.now().isoformat())
        self.notices.append(notice)
        return web.json_response({"id": notice.id}, status=201)

    async def _list(self, request: web.Request) -> web.Response:
        shown = [{"id": n.id, "text": n.text, "at": n.at} for n in self.notices if not n.removed]
        return web.json_response({"notices": shown[::-1][:50]})

    async def _remove(self, request: web.Request) -> web.Response:
        for notice in self.notices:
            if notice.id == request.match_info["id"] and not notice.removed:
                notice.removed = True
                return web.json_response({})
        return web.json_response({"error": "no such notice"}, status=404)

    async def _upload(self, request: web.Request) -> web.Response:
        self.pictures += 1
        return web.json_response({"id": f"p{self.pictures}"}, status=201)
