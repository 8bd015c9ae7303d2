"""Simulators and large bodies: little is remembered, and what came before a cut is heard of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from bot.http import HttpClient
from bot.testing import simulator
from bot.testing.clock import FakeClock
from bot.testing.simulator import BODY, Handler, Simulator

KEPT, WHOLE = "PUT /kept", "PUT /whole"


class Shelf(Simulator):
    """Takes files; one of its two endpoints keeps what came before a cut."""

    resumable = frozenset({KEPT})

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.got: list[int] = []
        self.broken: list[int] = []
        self.heard = asyncio.Event()

    def routes(self) -> Mapping[str, Handler]:
        return {KEPT: self._kept_one, WHOLE: self._whole}

    def visible(self) -> Mapping[str, str]:
        return {}

    def broken_off(self, request: web.Request, body: bytes) -> None:
        self.broken.append(len(body))
        self.heard.set()

    async def _kept_one(self, request: web.Request) -> web.StreamResponse:
        self.got.append(len(request[BODY]))
        return web.Response()

    async def _whole(self, request: web.Request) -> web.StreamResponse:
        self.got.append(len(await request.read()))
        return web.Response()


@pytest.fixture
async def shelf() -> AsyncIterator[Shelf]:
    async with Shelf(FakeClock()).running() as running:
        yield running


async def test_large_bodies_are_not_all_remembered(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulator, "REMEMBERED", 500_000)
    monkeypatch.setattr(simulator, "HEAD", 1_000)
    http = HttpClient()
    for path in ("kept", "whole", "kept", "whole"):
        await http.request("PUT", f"{shelf.url}/{path}", content=b"x" * 200_000)
    await http.request("PUT", f"{shelf.url}/whole", content=b"small")
    await http.aclose()
    assert shelf.got == [200_000] * 4 + [5]
    assert [len(c.body) for c in shelf.calls] == [200_000, 200_000, 1_000, 1_000, 5]


async def test_what_came_before_a_cut_is_heard_of(shelf: Shelf) -> None:
    where = urlsplit(shelf.url)
    _, writer = await asyncio.open_connection(where.hostname, where.port)
    writer.write(b"PUT /kept HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + b"x" * 40_000)
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    async with asyncio.timeout(5):
        await shelf.heard.wait()
    assert (shelf.broken, shelf.got, shelf.calls) == ([40_000], [], [])
