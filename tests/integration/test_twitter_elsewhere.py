"""X's publisher against a server that only knows how to post, who we are, and a timeline."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from bot.api import AppMisconfigured, Call, Checkpoint, Live, Part, Publisher, Receipt, Uncertain, Unclear
from bot.domain.post import part_hash
from bot.http import HttpClient
from bot.testing.clock import FakeClock
from bot.testing.simulator import LOST_REPLY, Handler, Simulator
from tests.integration.twitter_world import CREATE, Files, Lines, connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

TEXT = Part(text="Q&A: read example.com/why")


class Minimal(Simulator):
    """Three paths, ids that tell no time, texts stored as they come, every parameter ignored."""

    posts: list[dict[str, Any]]
    dated = True
    filters = False

    def routes(self) -> Mapping[str, Handler]:
        self.posts = []
        return {
            CREATE: self._create,
            "GET /2/users/me": self._me,
            "GET /2/users/{id}/tweets": self._timeline,
        }

    async def _create(self, request: web.Request) -> web.StreamResponse:
        post = {"id": str(1000 + len(self.posts)), "text": (await request.json())["text"]}
        stamp = {"created_at": self.clock.now().isoformat()} if self.dated else {}
        self.posts.insert(0, post | stamp)
        return web.json_response({"data": post}, status=201)

    async def _me(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"data": {"id": "7", "username": "acme"}})

    async def _timeline(self, request: web.Request) -> web.StreamResponse:
        since = int(request.query.get("since_id", "0")) if self.filters else 0
        return web.json_response({"data": [p for p in self.posts if int(p["id"]) > since]})


@pytest.fixture
async def server() -> AsyncIterator[Minimal]:
    async with Minimal(FakeClock()).running() as sim:
        yield sim


@pytest.fixture
async def publisher(server: Minimal) -> AsyncIterator[Publisher]:
    http = HttpClient()
    yield connect(server.url + "/", http, server.clock, Files(), Lines(), handle="")
    await http.aclose()


def call_at(server: Minimal, **more: Any) -> Call:
    return Call(key="k", started_at=server.clock.now(), request_hash=part_hash(TEXT), **more)


async def test_publishing_needs_one_path(server: Minimal, publisher: Publisher) -> None:
    receipt = await publisher.commit(TEXT, Checkpoint(), call_at(server))
    assert isinstance(receipt, Receipt)
    assert (receipt.ref, receipt.url) == ("1000", "https://x.com/i/status/1000")
    assert len(server.calls) == 1


@pytest.mark.parametrize("filters", [False, True])
async def test_a_lost_answer_is_found(server: Minimal, publisher: Publisher, filters: bool) -> None:
    server.filters = filters
    server.fail(CREATE, LOST_REPLY)
    call = call_at(server)
    with pytest.raises(Uncertain):
        await publisher.commit(TEXT, Checkpoint(), call)
    found = await publisher.confirm(TEXT, Checkpoint(), call)
    assert isinstance(found, Live)
    assert (found.ref, found.url) == ("1000", "https://x.com/acme/status/1000")
    assert server.count(CREATE) == 1


async def test_yesterdays_twin_is_no_proof(server: Minimal, publisher: Publisher) -> None:
    await publisher.commit(TEXT, Checkpoint(), call_at(server))
    assert isinstance(server.clock, FakeClock)
    server.clock.advance(timedelta(days=1))
    assert isinstance(await publisher.confirm(TEXT, Checkpoint(), call_at(server)), Unclear)


async def test_what_cannot_be_dated_is_for_a_person(server: Minimal, publisher: Publisher) -> None:
    server.dated = False
    await publisher.commit(TEXT, Checkpoint(), call_at(server))
    found = await publisher.confirm(TEXT, Checkpoint(), call_at(server))
    assert isinstance(found, Unclear)
    assert found.look_at == "https://x.com/acme/status/1000"


async def test_a_known_id_is_found_on_the_timeline(server: Minimal, publisher: Publisher) -> None:
    await publisher.commit(TEXT, Checkpoint(), call_at(server))
    assert isinstance(await publisher.confirm(TEXT, Checkpoint(), call_at(server, ref="1000")), Live)
    assert isinstance(await publisher.confirm(TEXT, Checkpoint(), call_at(server, ref="1001")), Unclear)


async def test_an_address_without_x(server: Minimal) -> None:
    http = HttpClient()
    try:
        lost = connect(server.url + "/nowhere", http, server.clock, Files(), Lines())
        with pytest.raises(AppMisconfigured, match="base_url"):
            await lost.commit(TEXT, Checkpoint(), call_at(server))
    finally:
        await http.aclose()
