"""The one door to the network: what surely was not sent, what may have arrived, and never twice."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from aiohttp import web

from bot.errors import PublishError, Transient, Uncertain
from bot.http import CONNECTIONS, HttpClient, make_tls

SECRET = "t0ps3cret"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Server:
    """Counts what arrived; ``url`` is where it listens."""

    url: str = ""
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    release: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def serving(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[Server]:
    server = Server()

    async def handle(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        server.seen.append((request.method, request.path_qs, dict(request.headers), body))
        return await handler(request)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", handle)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield server
    finally:
        await runner.cleanup()


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.aclose()


async def fine(request: web.Request) -> web.StreamResponse:
    return web.json_response({"ok": True}, headers={"X-Request-Id": "r1", "Retry-After": "3"})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def told(error: PublishError) -> str:
    """Everything a person or a log may see of it."""
    seen = [str(error), repr(error), error.detail, *map(repr, error.args)]
    if error.__cause__ is not None or not error.__suppress_context__:
        seen.append(repr(error.__cause__ or error.__context__))
    return " ".join(seen)


async def refused(http: HttpClient, url: str, *, timeout: float = 5.0) -> PublishError:
    """The error of one request that carries a secret wherever a request can."""
    with pytest.raises((Transient, Uncertain)) as caught:
        await http.request(
            "POST",
            f"{url}/posts?token={SECRET}",
            headers={"authorization": f"Bearer {SECRET}"},
            json={"text": SECRET},
            timeout=timeout,
        )
    assert SECRET not in told(caught.value)
    return caught.value


async def test_a_whole_answer_is_a_reply_with_lower_case_headers(http: HttpClient) -> None:
    async with serving(fine) as server:
        reply = await http.request(
            "POST", f"{server.url}/posts?a=1", headers={"X-Own": "1"}, json={"text": "é"}
        )
    assert (reply.status, reply.json()) == (200, {"ok": True})
    assert reply.headers["x-request-id"] == "r1"
    assert reply.headers["retry-after"] == "3"
    assert all(name == name.lower() for name in reply.headers)
    ((method, path, headers, body),) = server.seen
    assert (method, path, headers["X-Own"]) == ("POST", "/posts?a=1", "1")
    assert headers["Content-Type"] == "application/json"
    assert body == '{"text":"é"}'.encode()


async def test_forms_files_and_bytes_are_sent_as_such(http: HttpClient) -> None:
    async def stream() -> AsyncIterator[bytes]:
        yield b"one "
        yield b"two"

    async with serving(fine) as server:
        await http.request("POST", server.url, form={"a": "b c"})
        await http.request(
            "POST", server.url, files={"media": ("a.png", b"\x00\x01", "image/png")}, form={"k": "v"}
        )
        await http.request("PUT", server.url, content=b"raw")
        await http.request("PUT", server.url, content=stream())
    bodies = [body for *_, body in server.seen]
    assert bodies[0] == b"a=b+c"
    assert b'filename="a.png"' in bodies[1]
    assert b"image/png" in bodies[1]
    assert b'name="k"' in bodies[1]
    assert bodies[2:] == [b"raw", b"one two"]


@pytest.mark.parametrize("body", [b"<html>busy</html>", b"", b'{"cut": ', b"\xff\xfe"])
async def test_what_is_not_json_is_none_and_never_an_error(http: HttpClient, body: bytes) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body)

    async with serving(answer) as server:
        reply = await http.request("GET", server.url)
    assert (reply.json(), reply.body) == (None, body)


async def test_nobody_there_is_surely_not_sent(http: HttpClient) -> None:
    error = await refused(http, f"http://127.0.0.1:{free_port()}")
    assert type(error) is Transient
    assert str(error) == "The platform could not be reached."
    assert error.detail == "ConnectError"


@pytest.mark.parametrize("url", ["nonsense", "ftp://127.0.0.1", "http://[::1", "https://127.0.0.1:1"])
async def test_an_address_that_leads_nowhere_is_surely_not_sent(http: HttpClient, url: str) -> None:
    assert type(await refused(http, url)) is Transient


async def test_a_server_that_speaks_no_tls_got_nothing(http: HttpClient) -> None:
    async with serving(fine) as server:
        assert type(await refused(http, server.url.replace("http:", "https:"))) is Transient
        assert server.seen == []


async def test_a_header_that_cannot_be_sent_is_not_sent(http: HttpClient) -> None:
    async with serving(fine) as server:
        with pytest.raises(Transient) as caught:
            await http.request("POST", server.url, headers={"x-bad": f"{SECRET}\r\nx-more: 1"})
        assert SECRET not in told(caught.value)
        assert server.seen == []


async def test_a_connection_that_closes_before_the_answer_leaves_it_open(http: HttpClient) -> None:
    async def hang_up(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with serving(hang_up) as server:
        error = await refused(http, server.url)
        assert type(error) is Uncertain
        assert str(error) == "The platform's answer is missing."
        assert len(server.seen) == 1, "it was asked once and never again"


async def test_a_body_that_is_cut_off_leaves_it_open(http: HttpClient) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=201, headers={"content-length": "100"})
        await response.prepare(request)
        await response.write(b'{"id": "1"')
        assert request.transport is not None
        request.transport.close()
        return response

    async with serving(cut) as server:
        assert type(await refused(http, server.url)) is Uncertain
        assert len(server.seen) == 1


async def test_a_chunked_body_that_never_ends_properly_leaves_it_open(http: HttpClient) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=201)
        response.enable_chunked_encoding()
        await response.prepare(request)
        await response.write(b'{"id": "1"}')
        assert request.transport is not None
        request.transport.close()
        return response

    async with serving(cut) as server:
        assert type(await refused(http, server.url)) is Uncertain


async def test_a_body_in_a_broken_encoding_leaves_it_open(http: HttpClient) -> None:
    async def broken(request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"not gzip at all", headers={"content-encoding": "gzip"})

    async with serving(broken) as server:
        assert type(await refused(http, server.url)) is Uncertain


async def test_what_is_no_http_at_all_leaves_it_open(http: HttpClient) -> None:
    arrived: list[bytes] = []

    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.append(await reader.read(10))
        writer.write(b"SSH-2.0-hello\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    listener = await asyncio.start_server(babble, "127.0.0.1", 0)
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        assert type(await refused(http, f"http://127.0.0.1:{port}")) is Uncertain
    assert len(arrived) == 1


async def test_an_answer_that_does_not_come_in_time_leaves_it_open(http: HttpClient) -> None:
    released = asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        await released.wait()
        return web.Response()

    async with serving(slow) as server:
        error = await refused(http, server.url, timeout=0.05)
        assert (type(error), error.detail) == (Uncertain, "ReadTimeout")
        assert len(server.seen) == 1
        released.set()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_answer_and_not_followed(http: HttpClient, status: int) -> None:
    async def elsewhere(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"location": "/elsewhere"})

    async with serving(elsewhere) as server:
        reply = await http.request("POST", server.url, json={})
        assert (reply.status, reply.headers["location"]) == (status, "/elsewhere")
        assert len(server.seen) == 1


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
async def test_an_error_status_is_an_answer_and_never_repeated(http: HttpClient, status: int) -> None:
    """T4: verbs that create something are never replayed by the transport."""

    async def no(request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": "no"}, status=status)

    async with serving(no) as server:
        reply = await http.request("POST", server.url, json={})
        assert (reply.status, reply.json()) == (status, {"error": "no"})
        assert len(server.seen) == 1


async def test_cookies_of_one_account_do_not_travel_with_another(http: HttpClient) -> None:
    async def bake(request: web.Request) -> web.StreamResponse:
        return web.Response(headers={"set-cookie": "session=alice"})

    async with serving(bake) as server:
        await http.request("GET", server.url)
        await http.request("GET", server.url)
    assert "Cookie" not in server.seen[1][2]


async def test_a_proxy_from_the_environment_sees_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    client = HttpClient()
    async with serving(fine) as server:
        assert (await client.request("GET", server.url)).status == 200
    await client.aclose()


async def test_no_more_connections_than_agreed_are_open_at_once(http: HttpClient) -> None:
    open_, most = 0, 0
    full = asyncio.Event()

    async def count(request: web.Request) -> web.StreamResponse:
        nonlocal open_, most
        open_ += 1
        most = max(most, open_)
        if open_ == CONNECTIONS:
            full.set()
        await full.wait()
        open_ -= 1
        return web.Response()

    async with serving(count) as server:
        await asyncio.gather(*(http.request("GET", server.url) for _ in range(CONNECTIONS * 2)))
    assert most == CONNECTIONS


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectTimeout, Transient),
        (httpx.PoolTimeout, Transient),
        (httpx.ConnectError, Transient),
        (httpx.ReadError, Uncertain),
        (httpx.WriteError, Uncertain),
        (httpx.WriteTimeout, Uncertain),
        (httpx.CloseError, Uncertain),
        (httpx.RemoteProtocolError, Uncertain),
        (httpx.ProxyError, Uncertain),
    ],
)
async def test_every_failure_of_the_sockets_is_sorted(
    error: type[httpx.TransportError], kind: type[PublishError]
) -> None:
    class Broken(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            raise error(f"because of {SECRET}")

    client = HttpClient(transport=Broken())
    found = await refused(client, "http://127.0.0.1")
    assert (type(found), found.detail) == (kind, error.__name__)
    await client.aclose()


async def test_a_hook_around_the_sockets_sees_every_request() -> None:
    seen: list[str] = []

    class Hook(httpx.AsyncBaseTransport):
        def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
            self.inner = inner

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            seen.append(request.url.path)
            return await self.inner.handle_async_request(request)

        async def aclose(self) -> None:
            await self.inner.aclose()

    client = HttpClient(wrap=Hook, tls=make_tls())
    async with serving(fine) as server:
        await client.request("GET", f"{server.url}/one")
    await client.aclose()
    assert seen == ["/one"]
