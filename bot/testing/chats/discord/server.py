"""The HTTP side: who may call, how often, what breaks, and Discord's way of answering."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from email.message import Message
from email.parser import BytesParser
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.testing.chats.discord.faults import FAULTS
from bot.testing.chats.discord.gateway import Gateway
from bot.testing.chats.discord.rates import Rates
from bot.testing.chats.discord.refusals import INVALID_JSON, NOT_FOUND, UNAUTHORIZED, Refusal
from bot.testing.chats.discord.scene import Answer, Call, Route
from bot.testing.chats.discord.world import File, World
from bot.testing.simulator import Failure, SeenCall

if TYPE_CHECKING:
    from bot.ports import Clock

API = "/api/v10"
OPEN = ("POST /interactions/", "GET /attachments/", "GET /gateway")
VIA = MappingProxyType({"Via": "1.1 google"})
"""Discord's answers came through its front; a 429 without it is Cloudflare's ban."""


class Server:
    """Serves routes and the gateway on loopback; ``calls`` are the requests as they arrived.

    ``down``: every request is cut off unheard.
    """

    def __init__(self, clock: Clock, world: World, rates: Rates, gateway: Gateway) -> None:
        self.clock, self.world, self.rates, self.gateway = clock, world, rates, gateway
        self.calls: list[SeenCall] = []
        self.url = ""
        self.down = False
        self._plans: list[tuple[str, Failure, int, int]] = []
        self._counts: Counter[str] = Counter()
        self._runner: web.AppRunner | None = None

    def fail(self, endpoint: str, fault: str | Failure, *, nth: int = 1, times: int = 1) -> None:
        """Break the nth next call of an endpoint and those after it, ``times`` in all (0: for ever).

        An endpoint is the method and the route as declared, ``"POST /channels/{channel}/messages"``;
        ``"*"`` is any.
        """
        failure = FAULTS[fault] if isinstance(fault, str) else fault
        first = self._counts[endpoint] + nth
        self._plans.append((endpoint, failure, first, first + times - 1 if times else 0))

    def heal(self) -> None:
        """Forget every planned failure."""
        self._plans.clear()

    def count(self, endpoint: str) -> int:
        """How many calls an endpoint has seen."""
        return sum(1 for call in self.calls if call.endpoint == endpoint)

    async def serve(self, routes: Mapping[str, Route], port: int = 0) -> None:
        """Serve on 127.0.0.1; ``url`` and the gateway's are known afterwards."""
        app = web.Application(client_max_size=64 << 20)
        for endpoint, route in routes.items():
            method, path = endpoint.split(" ", 1)
            prefix = "" if path.startswith("/attachments/") else API
            app.router.add_route(method, prefix + path, self._wrapped(endpoint, route))
        app.router.add_get("/gateway/", self.gateway.serve)
        app.router.add_get("/gateway", self.gateway.serve)
        self._extend(app)
        app.router.add_route("*", "/{rest:.*}", self._wrapped("unknown", _unknown))
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        host, real_port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{real_port}"
        self.gateway.url = f"ws://{host}:{real_port}/gateway/"

    def _extend(self, app: web.Application) -> None:
        """More routes, for who serves more than Discord does."""

    async def aclose(self) -> None:
        await self.gateway.aclose()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _wrapped(self, endpoint: str, route: Route) -> Any:
        async def handle(request: web.Request) -> web.StreamResponse:
            if self.down:
                return hang_up(request)
            self._note(endpoint, request, await request.read())
            failure = self._plan(endpoint)
            if failure is None:
                return await self._answer(endpoint, route, request)
            if failure.delay:
                await self.clock.sleep(failure.delay)
                return await self._answer(endpoint, route, request)
            if failure.effect:
                await self._answer(endpoint, route, request)
            if failure.drop:
                return hang_up(request)
            self.rates.answered(failure.status, failure.headers.get("X-RateLimit-Scope", ""))
            via = {} if "x-no-via" in failure.headers else VIA
            return reply(failure.status, failure.body, {**via, **failure.headers})

        return handle

    def _note(self, endpoint: str, request: web.Request, body: bytes) -> None:
        self.calls.append(
            SeenCall(
                endpoint=endpoint,
                path=request.path,
                query=request.query_string,
                headers={key.lower(): value for key, value in request.headers.items()},
                body=body,
            )
        )

    def _plan(self, endpoint: str) -> Failure | None:
        found = None
        for name in (endpoint, "*"):
            self._counts[name] += 1
            for wanted, failure, first, last in self._plans:
                due = self._counts[name] >= first and (last == 0 or self._counts[name] <= last)
                if wanted == name and due:
                    found = found or failure
        return found

    async def _answer(self, endpoint: str, route: Route, request: web.Request) -> web.StreamResponse:
        names = dict(request.match_info)
        verdict = self.rates.judge(endpoint, names)
        headers = {**VIA, **verdict.headers}
        if verdict.body is not None:
            self.rates.answered(429)
            return reply(429, verdict.body, headers)
        try:
            self._admit(endpoint, request)
            body, files = await _read(request)
            call = Call(endpoint=endpoint, names=names, query=request.query, body=body, files=files)
            answer = await route(call)
        except Refusal as refusal:
            self.rates.answered(refusal.status)
            return reply(refusal.status, refusal.body, {**headers, **refusal.headers})
        if answer.raw is not None:
            return web.Response(body=answer.raw, content_type=answer.kind)
        return reply(answer.status, answer.body, headers)

    def _admit(self, endpoint: str, request: web.Request) -> None:
        if endpoint.startswith(OPEN) and endpoint != "GET /gateway/bot":
            return
        if "/webhooks/" in endpoint:
            return
        if request.headers.get("Authorization") != f"Bot {self.world.token}":
            raise Refusal(UNAUTHORIZED)


def hang_up(request: web.Request) -> web.StreamResponse:
    """Drop the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def reply(status: int, body: Any, headers: Mapping[str, str]) -> web.Response:
    """An answer as Discord writes it: JSON without a charset."""
    told = {key: value for key, value in headers.items() if key != "x-no-via"}
    if status == 204:
        return web.Response(status=status, headers=told)
    if isinstance(body, bytes):
        return web.Response(status=status, headers=told, body=body)
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return web.Response(status=status, headers={**told, "Content-Type": "application/json"}, body=raw)


async def _unknown(call: Call) -> Answer:
    raise Refusal(NOT_FOUND)


async def _read(request: web.Request) -> tuple[Any, list[File]]:
    """The JSON of a body, and its files where it is multipart (reference, "Uploading Files")."""
    raw = await request.read()
    if request.content_type == "multipart/form-data":
        message = Message()
        message["content-type"] = request.headers["content-type"]
        return _read_parts(raw, str(message.get_boundary()))
    return (_parsed(raw) if raw else None), []


def _read_parts(raw: bytes, boundary: str) -> tuple[Any, list[File]]:
    """``payload_json`` and the files of a multipart body; a file's id is the number in its field's name."""
    body: Any = {}
    files: list[File] = []
    for part in raw.split(f"--{boundary}".encode())[1:-1]:
        head, _, data = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = BytesParser().parsebytes(head)
        data = data.removesuffix(b"\r\n")
        field = str(headers.get_param("name", header="content-disposition"))
        name = headers.get_filename()
        if name is not None:
            number = field.removeprefix("files[").removesuffix("]")
            files.append(File(id=number, channel="", name=name, data=data, kind=headers.get_content_type()))
        elif field == "payload_json":
            body = _parsed(data)
    return body, files


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        raise Refusal(INVALID_JSON) from None
