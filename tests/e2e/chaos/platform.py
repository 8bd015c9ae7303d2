"""The judge: the demo platform in a process of its own, which takes its time and notices who hangs up."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.clock import SystemClock
from bot.testing.platforms._demo_server import CREATE, DemoSimulator
from bot.testing.simulator import Handler
from tests.e2e.chaos.order import Order

STEP = 0.01
"""Seconds between two looks at a connection."""


class ChaosPlatform(DemoSimulator):
    """Every effect is counted. A call lasts up to ``longest`` seconds, before and after its effect.

    A request that was read whole takes effect even when nobody waits for the answer any more,
    half of the time: some platforms notice, some do not.
    """

    def __init__(self, *, seed: int, longest: float) -> None:
        super().__init__(SystemClock())
        self._random = random.Random(seed)
        self._longest = longest
        self.broken = 0

    def routes(self) -> Mapping[str, Handler]:
        return {
            **super().routes(),
            CREATE: self._slowly,
            "GET /report": self._report,
            "POST /calm": self._calm,
        }

    async def _slowly(self, request: web.Request) -> web.StreamResponse:
        total = self._random.uniform(0.3, 1.0) * self._longest
        early = self._random.random() * total
        heard = await self._wait(request, early)
        if not heard:
            self.broken += 1
            if self._random.random() < 0.5:
                return web.Response(status=503)
        answer = await super()._create(request)
        if heard and not await self._wait(request, total - early):
            self.broken += 1
        return answer

    async def _wait(self, request: web.Request, seconds: float) -> bool:
        """False as soon as the one who asked is gone."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while True:
            if request.transport is None or request.transport.is_closing():
                return False
            left = end - loop.time()
            if left <= 0:
                return True
            await asyncio.sleep(min(STEP, left))

    async def _calm(self, _request: web.Request) -> web.Response:
        """The storm is over: answer at once from now on."""
        self._longest = 0.0
        return web.json_response({})

    async def _report(self, request: web.Request) -> web.Response:
        found: dict[str, Any] = {"broken": self.broken, "calls": self.count(CREATE)}
        if "posts" in request.query:
            found["posts"] = [vars(post) for post in self.posts]
        return web.json_response(found)


def serve(order: Order, address: Path) -> None:
    """Run until killed; the address is in the file as soon as it answers."""

    async def forever() -> None:
        simulator = await ChaosPlatform(seed=order.seed, longest=order.call).start()
        fresh = address.with_suffix(".new")
        fresh.write_text(simulator.url)
        os.replace(fresh, address)
        await asyncio.Event().wait()

    asyncio.run(forever())
