"""A receiver on loopback, as one would write it: it checks every signature and makes one post for a key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from bot.api import Clock
from bot.testing.simulator import Handler, Simulator

from clarion_webhook.rules import LONGEST
from clarion_webhook.signing import is_signed

SECRET = "whsec_c2ltdWxhdGVkLXNlY3JldC1vbmx5"
TOPICS = ("news", "jobs")


@dataclass(kw_only=True)
class Stored:
    """A post that was taken."""

    id: str
    key: str
    text: str
    files: tuple[str, ...]
    removed: bool = False

    @property
    def shown(self) -> Mapping[str, Any]:
        return {"id": self.id, "url": f"https://hooks.example/p/{self.id}", "views": 0}


class WebhookSimulator(Simulator):
    """State in attributes, handlers in `routes`; failing on demand is inherited."""

    publishes = "POST /posts"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.posts: list[Stored] = []
        self.files: set[str] = set()

    def routes(self) -> Mapping[str, Handler]:
        handlers: dict[str, Handler] = {
            "GET /": self._who,
            "PUT /files/{sha256}": self._file,
            "POST /posts": self._create,
            "GET /posts/{id}": self._show,
            "DELETE /posts/{id}": self._remove,
            "GET /keys/{key}": self._by_key,
        }
        return {endpoint: self._checked(handler) for endpoint, handler in handlers.items()}

    def visible(self) -> Mapping[str, str]:
        return {post.id: post.text for post in self.posts if not post.removed}

    def _checked(self, handler: Handler) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            # a file is signed by its digest, which is its name; everything else by its body
            content = request.match_info.get("sha256") or await request.text()
            now = int(self.clock.now().timestamp())
            if not is_signed(SECRET, request.headers, content, now=now):
                return web.json_response({"error": "wrong signature"}, status=401)
            return await handler(request)

        return handle

    async def _who(self, request: web.Request) -> web.Response:
        return web.json_response({"id": "hook-1", "name": "Acme's hook", "topics": list(TOPICS)})

    async def _file(self, request: web.Request) -> web.Response:
        name, digest = request.match_info["sha256"], hashlib.sha256(await request.read()).hexdigest()
        if digest != name:
            return web.json_response({"error": "the file is not the one it is named after"}, status=422)
        self.files.add(name)
        return web.json_response({}, status=201)

    async def _create(self, request: web.Request) -> web.Response:
        key, body = request.headers["webhook-id"], json.loads(await request.text())
        known = next((post for post in self.posts if post.key == key), None)
        if known is not None:
            return web.json_response(dict(known.shown))
        files = tuple(file["sha256"] for file in body["files"])
        if not self.files.issuperset(files):
            return web.json_response({"error": "a file is missing"}, status=422)
        if len(body["text"]) > LONGEST:
            return web.json_response({"error": f"at most {LONGEST} characters"}, status=422)
        post = Stored(id=f"w{len(self.posts) + 1}", key=key, text=body["text"], files=files)
        self.posts.append(post)
        return web.json_response(dict(post.shown), status=201)

    async def _show(self, request: web.Request) -> web.Response:
        return self._answer(lambda post: post.id == request.match_info["id"])

    async def _by_key(self, request: web.Request) -> web.Response:
        return self._answer(lambda post: post.key == request.match_info["key"])

    async def _remove(self, request: web.Request) -> web.Response:
        for post in self.posts:
            if post.id == request.match_info["id"] and not post.removed:
                post.removed = True
                return web.json_response({})
        return web.json_response({"error": "unknown"}, status=404)

    def _answer(self, wanted: Any) -> web.Response:
        found = next((post for post in self.posts if wanted(post) and not post.removed), None)
        if found is None:
            return web.json_response({"error": "unknown"}, status=404)
        return web.json_response(dict(found.shown))
