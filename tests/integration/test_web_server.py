"""The media server over real sockets: what a platform's fetcher asks for, and what a stranger tries."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import hashlib
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from bot.app.web import bind, open_web
from bot.config import Config
from bot.config.web import WebConfig
from bot.domain.post import Media, MediaKind
from bot.errors import ConfigError
from bot.ports import MediaLinks, Reply
from bot.testing.clock import FakeClock
from bot.testing.contract.lent import RememberedLog, WatchedHttp
from bot.web.server import WebServer

KEY = b"k" * 32
DATA = bytes(range(256)) * 400
GIGABYTE = 1 << 30


@dataclass(kw_only=True)
class Site:
    """A door on loopback, one file behind it."""

    links: MediaLinks
    media: Media
    folder: Path
    clock: FakeClock
    log: RememberedLog
    http: WatchedHttp
    stack: AsyncExitStack

    @property
    def url(self) -> str:
        return self.links.url(self.media, seconds=600)

    async def get(self, url: str = "", method: str = "GET", **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.request(method, url or self.url, headers=named)

    def keep(self, data: bytes) -> Media:
        digest = hashlib.sha256(data).hexdigest()
        (self.folder / digest).write_bytes(data)
        return Media(sha256=digest, name="x.jpg", mime="image/jpeg", kind=MediaKind.IMAGE, size=len(data))


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    clock, log = FakeClock(), RememberedLog()
    async with AsyncExitStack() as stack:
        links = open_web(
            Config(), stack, simulated=True, keys=lambda: (KEY,), folder=tmp_path, clock=clock, log=log
        )
        assert links is not None
        http = WatchedHttp(clock)
        stack.push_async_callback(http.aclose)
        made = Site(
            links=links,
            media=Media(sha256="", name="", mime="", kind=MediaKind.IMAGE, size=0),
            folder=tmp_path,
            clock=clock,
            log=log,
            http=http,
            stack=stack,
        )
        made.media = made.keep(DATA)
        yield made


async def test_the_whole_file_with_what_a_fetcher_wants_to_know(site: Site) -> None:
    got = await site.get()
    assert (got.status, got.body) == (200, DATA)
    assert got.headers["content-type"] == "image/jpeg"
    assert got.headers["content-length"] == str(len(DATA))
    assert got.headers["accept-ranges"] == "bytes"
    assert got.headers["etag"] == f'"{site.media.sha256}"'
    assert got.headers["cache-control"].startswith("private")
    assert "content-encoding" not in got.headers


async def test_head_says_the_same_without_the_file(site: Site) -> None:
    got, head = await site.get(), await site.get(method="HEAD")
    assert (head.status, head.body) == (200, b"")
    same = ("content-type", "content-length", "etag", "accept-ranges", "last-modified")
    assert [head.headers[name] for name in same] == [got.headers[name] for name in same]


async def test_a_part_of_it(site: Site) -> None:
    for asked, first, last in (
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=102390-", 102390, 102399),
        ("bytes=-5", 102395, 102399),
        ("bytes=0-999999", 0, 102399),
    ):
        got = await site.get(range=asked)
        assert (got.status, got.body) == (206, DATA[first : last + 1])
        assert got.headers["content-range"] == f"bytes {first}-{last}/{len(DATA)}"
        assert got.headers["content-length"] == str(last + 1 - first)


async def test_a_part_that_is_not_there(site: Site) -> None:
    got = await site.get(range="bytes=999999-")
    assert (got.status, got.headers["content-range"]) == (416, f"bytes */{len(DATA)}")


async def test_several_parts_at_once(site: Site) -> None:
    got = await site.get(range="bytes=0-3,100-103")
    assert got.status == 206
    assert got.headers["content-type"].startswith("multipart/byteranges")
    assert DATA[0:4] in got.body
    assert DATA[100:104] in got.body


async def test_a_part_only_of_the_file_they_know(site: Site) -> None:
    known = await site.get(range="bytes=5-9", if_range=f'"{site.media.sha256}"')
    other = await site.get(range="bytes=5-9", if_range='"something else"')
    assert (known.status, known.body) == (206, DATA[5:10])
    assert (other.status, other.body) == (200, DATA)


async def test_who_has_it_gets_nothing_again(site: Site) -> None:
    got = await site.get(if_none_match=f'"x", "{site.media.sha256}"')
    assert (got.status, got.body) == (304, b"")


async def test_an_address_that_has_run_out(site: Site) -> None:
    url = site.url
    site.clock.advance(600)
    got = await site.get(url)
    assert got.status == 410
    assert DATA[:4] not in got.body


async def test_nobody_gets_in_without_a_signature(site: Site) -> None:
    base, sha = site.url.partition("/m/")[0], site.media.sha256
    for path in (
        "/m/",
        "/m",
        "/m/..%2f..%2fetc%2fpasswd",
        "/m/../../etc/passwd",
        f"/m/{sha}",
        f"/m/{sha}.jpg",
        f"/m/7fffffff-{'A' * 43}-{sha}.jpg",
        f"/{sha}",
        "/docs",
        "/openapi.json",
        "/",
    ):
        got = await site.get(base + path)
        assert got.status in (403, 404), path
        assert DATA[:16] not in got.body
        assert sha.encode() not in got.body


async def test_a_link_that_was_tampered_with(site: Site) -> None:
    other = site.keep(b"the other file")
    for url in (
        site.url.replace(site.media.sha256, other.sha256),
        site.url.replace(".jpg", ".mp4"),
        site.url.replace("/m/", "/m/0"),
    ):
        assert (await site.get(url)).status == 403


async def test_a_file_that_is_gone_or_is_none(site: Site) -> None:
    gone = site.keep(b"soon gone")
    (site.folder / gone.sha256).unlink()
    assert (await site.get(site.links.url(gone, seconds=60))).status == 404
    (site.folder / gone.sha256).mkdir()
    assert (await site.get(site.links.url(gone, seconds=60))).status == 404


async def test_only_reading(site: Site) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        got = await site.get(method=method)
        assert got.status == 405
        assert sorted(got.headers["allow"].split(", ")) == ["GET", "HEAD"]


async def test_it_says_that_it_is_well(site: Site) -> None:
    base = site.url.partition("/m/")[0]
    got = await site.get(f"{base}/healthz")
    assert (got.status, got.json()["status"]) == (200, "ok")
    assert site.media.sha256.encode() not in got.body
    assert (await site.get(f"{base}/healthz", method="HEAD")).status == 200


async def test_no_address_is_ever_logged(site: Site) -> None:
    url = site.url
    await site.get(url)
    await site.get(url[:-6] + "x.jpg")
    reader, writer = await raw(url, b"NONSENSE\r\n\r\n")
    await reader.read()
    writer.close()
    secret = url.rpartition("/")[2].split("-")[1]
    assert not any(secret in line or site.media.sha256 in line for line in site.log.lines)
    assert any("Invalid HTTP request" in line for line in site.log.lines)


async def raw(url: str, request: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection with a request on its way; by default a GET of the address."""
    host, _, path = url.removeprefix("http://").partition("/")
    name, _, port = host.partition(":")
    reader, writer = await asyncio.open_connection(name, int(port), limit=1 << 16)
    writer.write(request or f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    await writer.drain()
    return reader, writer


async def test_a_gigabyte_does_not_show_in_the_memory(site: Site) -> None:
    digest = "5" * 64
    with (site.folder / digest).open("wb") as file:
        file.truncate(GIGABYTE)
    big = Media(sha256=digest, name="x", mime="video/mp4", kind=MediaKind.VIDEO, size=GIGABYTE)
    await site.get()
    gc.collect()
    process = psutil.Process(os.getpid())
    idle, most, got = process.memory_info().rss, 0, 0
    reader, writer = await raw(site.links.url(big, seconds=60))
    await reader.readuntil(b"\r\n\r\n")
    while piece := await reader.read(1 << 20):
        got += len(piece)
        if got % (64 << 20) < len(piece):
            most = max(most, process.memory_info().rss)
    writer.close()
    assert got == GIGABYTE
    assert most - idle < 32 << 20


async def test_many_at_once(site: Site) -> None:
    url = site.url
    got = await asyncio.gather(*(site.get(url) for _ in range(100)))
    assert all(one.body == DATA for one in got)
    connections = await asyncio.gather(*(raw(url) for _ in range(60)))
    bodies = await asyncio.gather(*(reader.read() for reader, _ in connections))
    for _, writer in connections:
        writer.close()
    assert all(body.endswith(DATA) for body in bodies)


async def test_a_client_that_never_reads_does_not_keep_it_from_ending(tmp_path: Path) -> None:
    digest = "6" * 64
    with (tmp_path / digest).open("wb") as file:
        file.truncate(64 << 20)
    big = Media(sha256=digest, name="x", mime="video/mp4", kind=MediaKind.VIDEO, size=64 << 20)
    log = RememberedLog()
    async with AsyncExitStack() as stack:
        links = open_web(
            Config(), stack, simulated=True, keys=lambda: (KEY,), folder=tmp_path, clock=FakeClock(), log=log
        )
        assert links is not None
        reader, writer = await raw(links.url(big, seconds=60))
        await reader.readuntil(b"\r\n\r\n")
        began = asyncio.get_running_loop().time()
    took = asyncio.get_running_loop().time() - began
    writer.transport.abort()
    assert 0.5 < took < 8
    assert [t for t in asyncio.all_tasks() if t.get_name() == "web"] == []


async def test_who_connects_and_says_nothing_is_let_go(tmp_path: Path) -> None:
    listening = bind("127.0.0.1", 0)
    server = WebServer(listening, tmp_path, lambda: (KEY,), FakeClock(), RememberedLog(), patience=1)
    serving = asyncio.create_task(server.serve())
    host, port = listening.getsockname()
    silent = [await asyncio.open_connection(host, port) for _ in range(3)]
    slow, writer = await asyncio.open_connection(host, port)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: ")
    async with asyncio.timeout(8):
        for reader in (*(r for r, _ in silent), slow):
            with contextlib.suppress(ConnectionResetError):
                assert await reader.read() == b""
    for _, each in (*silent, (slow, writer)):
        each.close()
    await server.aclose()
    await serving


async def test_it_leaves_the_signals_alone(site: Site) -> None:
    before = [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)]
    assert (await site.get()).status == 200
    assert [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)] == before


async def test_a_door_that_nobody_knocked_at_closes_at_once(tmp_path: Path, clarion_guard: None) -> None:
    async with AsyncExitStack() as stack:
        links = open_web(
            Config(),
            stack,
            simulated=True,
            keys=lambda: (KEY,),
            folder=tmp_path,
            clock=FakeClock(),
            log=RememberedLog(),
        )
        assert links is not None
    assert [t for t in asyncio.all_tasks() if t.get_name() == "web"] == []


async def test_a_port_that_is_taken_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        web = WebConfig(public_url="https://bot.example.com", port=taken.getsockname()[1])
        async with AsyncExitStack() as stack:
            with pytest.raises(ConfigError, match=r"web.listen: 127.0.0.1:\d+ cannot be listened on"):
                open_web(
                    Config(web=web),
                    stack,
                    simulated=False,
                    keys=lambda: (KEY,),
                    folder=tmp_path,
                    clock=FakeClock(),
                    log=RememberedLog(),
                )


async def test_without_web_a_real_bot_has_no_door(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        links = open_web(
            Config(),
            stack,
            simulated=False,
            keys=lambda: (KEY,),
            folder=tmp_path,
            clock=FakeClock(),
            log=RememberedLog(),
        )
    assert links is None
