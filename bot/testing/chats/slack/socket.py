"""Socket Mode: envelopes over the app's own connections.

Source: docs.slack.dev/apis/events-api/using-socket-mode (hello, envelopes, acknowledgements,
disconnect with ``warning`` about ten seconds ahead, at most ten connections of which any one gets a
payload); slackapi/bolt-python issue 1484 (``retry_attempt``, ``retry_reason``).
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from bot.clock import SystemClock
from bot.testing.chats.slack.delivery import EVENTS, PATIENCE, Attempt, Delivery, within
from bot.testing.chats.slack.state import Json, State

MOST = 10
WARNING = 10.0
"""Seconds between the warning and the end of a connection."""


@dataclass(eq=False)
class Line:
    """One connection of the app."""

    request: web.Request
    ws: web.WebSocketResponse
    waiting: dict[str, asyncio.Future[tuple[float, Json]]] = field(default_factory=dict)
    leaving: bool = False


class Sockets:
    """All connections; ``refused``: nobody gets in."""

    def __init__(self, state: State) -> None:
        self.lines: list[Line] = []
        self.refused = False
        self.connected = asyncio.Event()
        self._state = state
        self._real = SystemClock()
        self._turn = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """``GET /link/``: one connection from hello to its end."""
        ticket = request.query.get("ticket", "")
        if self.refused:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if ticket not in self._state.tickets:
            return web.Response(status=403, text="invalid ticket")
        self._state.tickets.discard(ticket)
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        if len(self.lines) >= MOST:
            await ws.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await ws.close()
            return ws
        line = Line(request, ws)
        self.lines.append(line)
        try:
            await ws.send_json(self._hello())
            self.connected.set()
            async for message in ws:
                if message.type == WSMsgType.TEXT:
                    self._heard(line, message.data)
        finally:
            self._gone(line)
        return ws

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.lines),
            "connection_info": {"app_id": self._state.app},
            "debug_info": {"host": "simulated", "build_number": 1, "approximate_connection_time": 18060},
        }

    def _heard(self, line: Line, text: str) -> None:
        told = json.loads(text)
        waiting = line.waiting.pop(str(told.get("envelope_id")), None)
        if waiting is not None and not waiting.done():
            waiting.set_result((self._real.monotonic(), told.get("payload") or {}))

    def _gone(self, line: Line) -> None:
        if line in self.lines:
            self.lines.remove(line)
        if not self.lines:
            self.connected.clear()
        for waiting in line.waiting.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError("the socket was closed"))

    async def carry(self, delivery: Delivery, attempt: Attempt, reason: str) -> None:
        """One envelope on any one connection."""
        attempt.via = "socket"
        ready = [line for line in self.lines if not line.leaving] or self.lines
        if not ready:
            attempt.fault = "connection_failed"
            return
        self._turn += 1
        line = ready[self._turn % len(ready)]
        envelope: Json = {
            "envelope_id": self._state.id("envelope"),
            "type": delivery.kind,
            "accepts_response_payload": delivery.kind != EVENTS,
            "payload": delivery.payload,
        }
        if delivery.kind == EVENTS:
            envelope |= {"retry_attempt": attempt.number, "retry_reason": reason}
        acked: asyncio.Future[tuple[float, Json]] = asyncio.get_running_loop().create_future()
        line.waiting[envelope["envelope_id"]] = acked
        since = self._real.monotonic()
        try:
            await line.ws.send_str(json.dumps(envelope))
            if await within(self._state.clock, PATIENCE, acked) and not acked.cancelled():
                at, attempt.answer = acked.result()
                attempt.latency = at - since
            else:
                attempt.fault = "timeout"
        except (ConnectionError, RuntimeError):
            attempt.fault = "connection_failed"
        finally:
            line.waiting.pop(envelope["envelope_id"], None)

    async def refresh(self, *, wait: float = WARNING) -> None:
        """Slack renews the connections: a warning, the wait by the clock, then the end."""
        old = list(self.lines)
        for line in old:
            line.leaving = True
            await self._disconnect(line, "warning")
        await self._state.clock.sleep(wait)
        for line in old:
            if not line.ws.closed:
                await self._disconnect(line, "refresh_requested")
                await line.ws.close()

    async def _disconnect(self, line: Line, reason: str) -> None:
        try:
            debug = {"host": "simulated"}
            await line.ws.send_json({"type": "disconnect", "reason": reason, "debug_info": debug})
        except (ConnectionError, RuntimeError):
            line.leaving = True

    def cut(self) -> None:
        """Every connection breaks without a goodbye, and none comes up until `mend`."""
        self.refused = True
        for line in tuple(self.lines):
            if line.request.transport is not None:
                line.request.transport.abort()
            self._gone(line)

    def mend(self) -> None:
        self.refused = False

    async def aclose(self) -> None:
        for line in tuple(self.lines):
            await line.ws.close()
