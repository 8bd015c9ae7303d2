"""A Murmur on loopback that keeps what it is sent. Known keys create nothing new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from bot.api import Clock
from bot.testing.simulator import Handler, Simulator

from clarion_murmur.rules import LONGEST, length

TOKEN = "simulated-token"


@dataclass(kw_only=True)
class Notice:
    """A stored post; ``at`` is when it came into being."""

    id: str
    text: str
    at: str
    key: str = ""
    parent: str | None = None
    removed: bool = False

    def shown(self) -> dict[str, Any]:
        """As Murmur answers it."""
        counts = {"favourites_count": 0, "reblogs_count": 0, "replies_count": 0}
        return {"id": self.id, "text": self.text, "created_at": self.at, **counts}


class MurmurSimulator(Simulator):
    """State in attributes, handlers in `routes`; failing on demand is inherited."""

    publishes = "POST /api/v1/statuses"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.notices: list[Notice] = []
        self.pictures = 0

    def routes(self) -> Mapping[str, Handler]:
        handlers: dict[str, Handler] = {
            "GET /api/v1/accounts/verify_credentials": self._me,
            "POST /api/v1/statuses": self._create,
            "GET /api/v1/accounts/self/statuses": self._list,
            "GET /api/v1/statuses/{id}": self._show,
            "DELETE /api/v1/statuses/{id}": self._remove,
            "POST /api/v2/media": self._upload,
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
        return web.json_response({"id": "1", "username": "acme"})

    async def _create(self, request: web.Request) -> web.Response:
        body: dict[str, Any] = await request.json()
        if length(body["status"]) > LONGEST:
            return web.json_response({"error": f"at most {LONGEST} characters"}, status=422)
        key = request.headers.get("idempotency-key", "")
        for known in self.notices:
            if key and known.key == key:
                return web.json_response(known.shown())
        notice = Notice(id=f"{len(self.notices) + 1}", text=body["status"], at=self.clock.now().isoformat())
        notice.key, notice.parent = key, body.get("in_reply_to_id")
        self.notices.append(notice)
        return web.json_response(notice.shown())

    async def _list(self, request: web.Request) -> web.Response:
        return web.json_response([n.shown() for n in self.notices if not n.removed][::-1][:40])

    async def _show(self, request: web.Request) -> web.Response:
        for notice in self.notices:
            if notice.id == request.match_info["id"] and not notice.removed:
                return web.json_response(notice.shown())
        return web.json_response({"error": "Record not found"}, status=404)

    async def _remove(self, request: web.Request) -> web.Response:
        for notice in self.notices:
            if notice.id == request.match_info["id"] and not notice.removed:
                notice.removed = True
                return web.json_response({})
        return web.json_response({"error": "no such notice"}, status=404)

    async def _upload(self, request: web.Request) -> web.Response:
        self.pictures += 1
        return web.json_response({"id": f"p{self.pictures}"}, status=201)
