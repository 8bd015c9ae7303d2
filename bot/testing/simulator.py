"""A platform's server on loopback that keeps state, obeys a clock and breaks on demand."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from aiohttp import web

from bot.ports import Clock

REMEMBERED = 64 << 20
"""Bytes of request bodies that a simulator keeps in `Simulator.calls`; of later large ones only the head."""

HEAD = 1 << 16
"""Bytes of a body that are always kept."""

BODY = web.RequestKey("arrived", bytes)
"""What came with a resumable call: `aiohttp` gives a body once, so its handler reads it here."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, kw_only=True)
class Failure:
    """How one call goes wrong.

    ``effect``: the server does the work first. ``drop``: the connection closes without an
    answer. ``truncate``: the answer's body is cut off in the middle. ``delay``: seconds by
    the simulator's clock before anything happens. Otherwise ``status``, ``headers`` and
    ``body`` (JSON if not bytes) are the answer.
    """

    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = b""
    effect: bool = False
    drop: bool = False
    truncate: bool = False
    delay: float = 0.0


LOST_REPLY = Failure(effect=True, drop=True)
"""The worst case: the work is done and nobody is told."""

CUT = Failure(drop=True)
"""The connection closes before anything was done."""


@dataclass(frozen=True, kw_only=True)
class SeenCall:
    """One request as it arrived; ``endpoint`` is the route ("POST /2/tweets")."""

    endpoint: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Simulator:
    """Subclass, add routes in `routes`, keep state in attributes.

    ``fail(endpoint, failure, nth=1, times=1)`` breaks the nth next call of an endpoint and
    the ones after it, ``times`` in all (0 = for ever). An endpoint is the method and the
    route as declared: ``"POST /2/tweets"``, ``"DELETE /2/tweets/{id}"``; ``"*"`` is any.
    """

    publishes: ClassVar[str] = ""
    """The endpoint of the one irreversible call."""

    resumable: ClassVar[frozenset[str]] = frozenset()
    """Endpoints that keep what had come when a connection broke; `broken_off` hears of it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.url = ""
        self.calls: list[SeenCall] = []
        self._kept = 0
        self._plans: list[tuple[str, Failure, int, int]] = []
        self._counts: Counter[str] = Counter()
        self._runner: web.AppRunner | None = None

    def routes(self) -> Mapping[str, Handler]:
        """Endpoint → handler; to be overridden."""
        raise NotImplementedError

    def visible(self) -> Mapping[str, str]:
        """What anybody could see on the platform now: ``str(ref)`` → its text; to be overridden."""
        raise NotImplementedError

    def fail(self, endpoint: str, failure: Failure, *, nth: int = 1, times: int = 1) -> None:
        first = self._counts[endpoint] + nth
        self._plans.append((endpoint, failure, first, first + times - 1 if times else 0))

    def heal(self) -> None:
        """Forget every planned failure."""
        self._plans.clear()

    def count(self, endpoint: str) -> int:
        """How many calls an endpoint has seen."""
        return sum(1 for c in self.calls if c.endpoint == endpoint)

    async def start(self, port: int = 0) -> Self:
        """Serve on 127.0.0.1; ``url`` is known afterwards."""
        app = web.Application(client_max_size=1 << 30)
        for endpoint, handler in self.routes().items():
            method, path = endpoint.split(" ", 1)
            app.router.add_route(method, path, self._wrapped(endpoint, handler))
        app.router.add_route("*", "/{rest:.*}", self._wrapped("unknown", self._unknown))
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        host, real_port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{real_port}"
        return self

    async def aclose(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """``async with sim.running():`` for tests."""
        await self.start()
        try:
            yield self
        finally:
            await self.aclose()

    def broken_off(self, request: web.Request, body: bytes) -> None:
        """``body`` came before the connection of a resumable call broke; to be overridden."""

    async def _read(self, endpoint: str, request: web.Request) -> bytes:
        if endpoint not in self.resumable:
            return await request.read()
        body = bytearray()
        try:
            while piece := await request.content.readany():
                body += piece
        except (OSError, web.RequestPayloadError):
            self.broken_off(request, bytes(body))
            raise
        request[BODY] = bytes(body)
        return request[BODY]

    def _remembered(self, body: bytes) -> bytes:
        """A gigabyte that is uploaded in pieces must not stay in the memory."""
        if len(body) <= HEAD or self._kept + len(body) <= REMEMBERED:
            self._kept += len(body)
            return body
        return body[:HEAD]

    async def _unknown(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"title": "Not Found", "status": 404}, status=404)

    def _plan(self, endpoint: str) -> Failure | None:
        found = None
        for name in (endpoint, "*"):
            self._counts[name] += 1
            for wanted, failure, first, last in self._plans:
                if (
                    wanted == name
                    and self._counts[name] >= first
                    and (last == 0 or self._counts[name] <= last)
                ):
                    found = found or failure
        return found

    def _wrapped(self, endpoint: str, handler: Handler) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            body = await self._read(endpoint, request)
            self.calls.append(
                SeenCall(
                    endpoint=endpoint,
                    path=request.path,
                    query=request.query_string,
                    headers={k.lower(): v for k, v in request.headers.items()},
                    body=self._remembered(body),
                )
            )
            failure = self._plan(endpoint)
            if failure is None:
                return await handler(request)
            if failure.delay:
                await self.clock.sleep(failure.delay)
            answer = await handler(request) if failure.effect else None
            if failure.drop:
                return self._hang_up(request)
            if failure.truncate:
                return await self._cut_short(request, answer, failure)
            if answer is not None and failure.delay and failure.status == 500 and not failure.body:
                return answer
            raw = failure.body if isinstance(failure.body, bytes) else json.dumps(failure.body).encode()
            kind = (
                {} if isinstance(failure.body, bytes) else {"content-type": "application/json; charset=utf-8"}
            )
            return web.Response(status=failure.status, headers={**kind, **failure.headers}, body=raw)

        return handle

    def _hang_up(self, request: web.Request) -> web.StreamResponse:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _cut_short(
        self, request: web.Request, answer: web.StreamResponse | None, failure: Failure
    ) -> web.StreamResponse:
        body = (
            bytes(answer.body)
            if isinstance(answer, web.Response) and isinstance(answer.body, bytes)
            else b'{"data":'
        )
        status = answer.status if answer is not None else failure.status
        response = web.StreamResponse(status=status, headers={"content-length": str(len(body) + 64)})
        await response.prepare(request)
        await response.write(body[: max(1, len(body) // 2)])
        await asyncio.sleep(0)
        if request.transport is not None:
            request.transport.abort()
        return response
