"""Reading a link's page: what is shown of it, and everything that must not be reached by it."""

from __future__ import annotations

import asyncio
import gzip
import random
import ssl
import zlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot import fetch
from bot.errors import Transient
from bot.fetch import Guard, Pages
from bot.http import PinnedHttp
from bot.media.files import FileMedia
from bot.testing.picture import png

HTML = "text/html; charset=utf-8"
PAGE = """<!doctype html><html><head><title>Plain  title</title>
<meta property="og:title" content="Why we &amp; they built it"><meta property="og:description" content="A
 story"><meta property="og:image" content="/card.png"><meta property="og:image:alt" content="Three cards">
</head><body><meta property="og:title" content="not this"></body></html>"""

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Site:
    """A real server on loopback; ``pages`` by path. ``seen`` is what it was asked: host and path."""

    pages: dict[str, Answer] = field(default_factory=dict)
    seen: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0
    hold: asyncio.Event | None = None
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.serving.add(task)
        task.add_done_callback(self.serving.discard)
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split(" ")[1]
        host = next(line[6:] for line in head.split("\r\n") if line.lower().startswith("host: "))
        self.seen.append((host, path))
        if self.hold is not None:
            await self.hold.wait()
        status, headers, body = self.pages.get(path, (404, {}, b""))
        lines = [f"HTTP/1.1 {status} X", "connection: close", *(f"{k}: {v}" for k, v in headers.items())]
        try:
            writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
            await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    def put(self, path: str, body: bytes | str, kind: str = HTML, status: int = 200, **headers: str) -> None:
        raw = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = (status, {"content-type": kind, **named}, raw)


@asynccontextmanager
async def serving() -> AsyncIterator[Site]:
    site = Site()
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0)
    site.port = server.sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        server.close()
        if site.hold is not None:
            site.hold.set()
        await asyncio.gather(*site.serving)
        await server.wait_closed()


async def loopback(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


def reader(site: Site, *, allows: Callable[[str], bool] = lambda address: True) -> tuple[Pages, str]:
    """Reads from the site as if it were www.example.com, and the site's address under that name."""
    guard = Guard(allows=allows, ports=frozenset({80, 443, site.port}), resolve=loopback)
    return Pages(PinnedHttp(), guard=guard), f"http://www.example.com:{site.port}"


async def test_a_page_says_what_its_card_shows(tmp_path: Path) -> None:
    async with serving() as site:
        pages, base = reader(site)
        site.put("/why", PAGE)
        site.put("/card.png", png(40, 30), "image/png")
        card, note = await pages.card(f"{base}/why", FileMedia(tmp_path))
        assert (card.title, card.description, note) == ("Why we & they built it", "A story", "")
        assert card.image is not None
        assert (card.image.width, card.image.height, card.image.alt) == (40, 30, "Three cards")
        assert await FileMedia(tmp_path).read(card.image) == png(40, 30)
        assert site.seen == [(f"www.example.com:{site.port}", p) for p in ("/why", "/card.png")]


async def test_redirects_are_followed_three_times_and_each_is_checked(tmp_path: Path) -> None:
    async with serving() as site:
        asked: list[str] = []

        async def resolve(host: str, port: int) -> Sequence[str]:
            asked.append(host)
            return ["10.0.0.7" if host == "inside.example.com" else "127.0.0.1"]

        guard = Guard(
            allows=lambda address: address == "127.0.0.1", ports=frozenset({site.port}), resolve=resolve
        )
        pages = Pages(PinnedHttp(), guard=guard)
        base = f"http://www.example.com:{site.port}"
        for number in range(5):
            site.put(f"/{number}", "", status=302, location=f"/{number + 1}")
        site.put("/5", "<title>Far</title>")
        assert (await pages.card(f"{base}/2", FileMedia(tmp_path)))[0].title == "Far"
        card, note = await pages.card(f"{base}/1", FileMedia(tmp_path))
        assert (card.title, note) == ("example.com", "it leads from one address to the next")
        site.put("/in", "", status=307, location=f"http://inside.example.com:{site.port}/secret")
        seen = len(site.seen)
        card, note = await pages.card(f"{base}/in", FileMedia(tmp_path))
        assert (note, asked[-1]) == ("it is not on the open internet", "inside.example.com")
        assert len(site.seen) == seen + 1
        for bad in (
            "file:///etc/passwd",
            "http://user:pw@www.example.com/",
            "http://www.example.com:22/",
            "//[",
        ):
            site.put("/bad", "", status=301, location=bad)
            _, note = await pages.card(f"{base}/bad", FileMedia(tmp_path))
            assert note
            assert len(site.seen) == seen + 2
            seen += 1


async def test_no_redirect_breaks_the_reader(tmp_path: Path) -> None:
    dice = random.Random(7)
    signs = [*"/:?#[]@!%\\ .0aZé", "http://", "https://", "//", "%00", "xn--", "\t"]
    async with serving() as site:
        pages, base = reader(site)
        for _ in range(60):
            where = "".join(dice.choices(signs, k=dice.randint(1, 12)))
            site.put("/", "", status=302, location=where.replace("é", "e"))
            card, _ = await pages.card(f"{base}/", FileMedia(tmp_path))
            assert card.title == "example.com"


async def test_a_name_that_changes_its_mind_is_connected_to_where_it_was_checked(tmp_path: Path) -> None:
    """DNS rebinding: the second answer of the name's server is never asked for."""
    async with serving() as site:
        answers = iter([["127.0.0.1"], ["169.254.169.254"]])

        async def resolve(host: str, port: int) -> Sequence[str]:
            return next(answers)

        guard = Guard(allows=lambda a: a == "127.0.0.1", ports=frozenset({site.port}), resolve=resolve)
        pages = Pages(PinnedHttp(), guard=guard)
        site.put("/", "<title>Safe</title>")
        assert (await pages.card(f"http://rebind.invalid:{site.port}/", FileMedia(tmp_path)))[
            0
        ].title == "Safe"
        assert site.seen == [(f"rebind.invalid:{site.port}", "/")]
        _, note = await pages.card(f"http://rebind.invalid:{site.port}/", FileMedia(tmp_path))
        assert note == "it is not on the open internet"
        assert len(site.seen) == 1


async def test_one_bad_address_among_good_ones_is_enough(tmp_path: Path) -> None:
    async with serving() as site:

        async def resolve(host: str, port: int) -> Sequence[str]:
            return ["127.0.0.1", "10.0.0.1"]

        guard = Guard(allows=lambda a: a == "127.0.0.1", ports=frozenset({site.port}), resolve=resolve)
        _, note = await Pages(PinnedHttp(), guard=guard).card(
            f"http://x.com:{site.port}", FileMedia(tmp_path)
        )
        assert note == "it is not on the open internet"
        assert site.seen == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://127.1/",
        "http://0/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://100.100.100.200/",
        "http://10.0.0.1/",
        "http://192.168.0.1/",
        "http://224.0.0.1/",
        "http://127.0.0.1:80/",
    ],
)
async def test_our_own_network_is_not_asked(tmp_path: Path, url: str) -> None:
    """With the real guard and the system's own resolver."""

    class Nobody:
        async def get(self, url: str, *, address: str, limit: int, timeout: float) -> object:
            raise AssertionError(f"{url} was asked at {address}")

    card, note = await Pages(Nobody()).card(url, FileMedia(tmp_path))  # type: ignore[arg-type]  # it never answers
    assert note in ("it is not on the open internet", "its name is not known")
    assert card.image is None


async def test_little_is_read_whatever_it_unpacks_to(tmp_path: Path) -> None:
    async with serving() as site:
        pages, base = reader(site)
        bomb = gzip.compress(b"<title>Bomb</title>" + b" " * 60_000_000)
        site.put("/gzip", bomb, content_encoding="gzip")
        site.put("/deflate", zlib.compress(b"<title>Small</title>"), content_encoding="deflate")
        site.put("/long", b"<title>Long</title>" + b"x" * 3_000_000)
        site.put("/brotli", b"\x8b\x00\x80", content_encoding="br")
        site.put("/broken", b"not gzip at all", content_encoding="gzip")
        assert (await pages.card(f"{base}/gzip", FileMedia(tmp_path)))[0].title == "Bomb"
        assert (await pages.card(f"{base}/deflate", FileMedia(tmp_path)))[0].title == "Small"
        assert (await pages.card(f"{base}/long", FileMedia(tmp_path)))[0].title == "Long"
        for path in ("/brotli", "/broken"):
            card, note = await pages.card(base + path, FileMedia(tmp_path))
            assert (card.title, bool(note)) == ("example.com", True)
        reply = await PinnedHttp().get(f"{base}/gzip", address="127.0.0.1", limit=1000, timeout=5)
        assert len(reply.body) == 1001


async def test_what_is_no_page_or_no_picture_costs_only_the_card(tmp_path: Path) -> None:
    async with serving() as site:
        pages, base = reader(site)
        site.put("/pdf", b"%PDF", "application/pdf")
        site.put("/gone", "", status=410)
        assert (await pages.card(f"{base}/pdf", FileMedia(tmp_path)))[1] == "it is not a web page"
        assert (await pages.card(f"{base}/gone", FileMedia(tmp_path)))[1] == "it answered 410"
        assert "reached" in (await pages.card("http://www.example.com:80/", FileMedia(tmp_path)))[1]
        for path, body, kind in (
            ("/large", b"\x89PNG" + b"x" * 5_000_001, "image/png"),
            ("/text", b"hello", "text/plain"),
            ("/svg", b"<svg/>", "image/svg+xml"),
            ("/broken", b"\x89PNG\r\n\x1a\n????", "image/png"),
            ("/metadata", b"", "image/png"),
        ):
            site.put(path, body, kind)
            site.put("/page", f'<title>T</title><meta property="og:image" content="{path}">')
            card, note = await pages.card(f"{base}/page", FileMedia(tmp_path))
            assert (card.title, card.image) == ("T", None)
            assert note.startswith("its picture could not be used")
        assert not await asyncio.to_thread(lambda: list(tmp_path.glob("*.part")))


async def test_a_slow_page_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "SECONDS", 0.2)
    async with serving() as site:
        pages, base = reader(site)
        site.hold = asyncio.Event()
        card, note = await pages.card(f"{base}/why", FileMedia(tmp_path))
        assert (card.title, note) == ("example.com", "it took too long to answer")


def certificate(name: str, folder: Path) -> Path:
    """A certificate for ``name`` that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return file


async def test_the_certificate_is_the_names_although_the_address_is_pinned(tmp_path: Path) -> None:
    file = await asyncio.to_thread(certificate, "www.example.com", tmp_path)
    ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ours.load_cert_chain(file)
    site = Site()
    site.put("/", "<title>Safe</title>")
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0, ssl=ours)
    port = server.sockets[0].getsockname()[1]
    web = PinnedHttp(tls=ssl.create_default_context(cafile=str(file)))
    try:
        url = f"https://www.example.com:{port}/"
        reply = await web.get(url, address="127.0.0.1", limit=99, timeout=60)
        assert (reply.status, site.seen) == (200, [(f"www.example.com:{port}", "/")])
        with pytest.raises(Transient):
            await web.get(f"https://evil.example.com:{port}/", address="127.0.0.1", limit=99, timeout=60)
        assert len(site.seen) == 1
    finally:
        server.close()
        await asyncio.gather(*site.serving)
        await server.wait_closed()
