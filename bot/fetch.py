"""Reading pages that a person pasted a link to, without being sent into our own network.

A server that fetches addresses for others can be used to reach what only it can reach
(server-side request forgery). So: only http and https on their own ports; the name is
resolved here and every address it has must be public; the connection goes to exactly the
address that was looked at, so that a second answer of the name's server changes nothing; every
redirect starts over. And little is read: of time, of bytes, of what they unpack to.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from bot.domain.extras import site_of
from bot.domain.page import About, about, decoded
from bot.domain.post import Link, Media
from bot.errors import BadInput, PublishError, StoreFull
from bot.ports import MediaStore, Reply, Web

SECONDS = 8.0
PAGE, PICTURE = 1024 * 1024, 5 * 1000 * 1000
"""Bytes read of a page, and the largest picture for a card."""

HOPS = 3
PORTS = frozenset({80, 443})
PAGE_TYPES = ("text/html", "application/xhtml+xml")

UNICAST = ipaddress.IPv6Network("2000::/3")
"""The only block of IPv6 that is handed out (IANA, IPv6 address space); the rest is for special use."""


class Unreadable(Exception):
    """Why a page gives no card, in words; never leaves this module."""


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet, also where it wraps another."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not (ip.is_multicast or ip.is_reserved)
    if ip.scope_id is not None:
        return False
    if ip.ipv4_mapped is not None:
        return is_public(str(ip.ipv4_mapped))
    inside = [ip.sixtofour, *(ip.teredo or ())]
    return ip in UNICAST and ip.is_global and all(is_public(str(v4)) for v4 in inside if v4 is not None)


async def resolve(host: str, port: int) -> Sequence[str]:
    """Every address of a name, as the system knows it."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


@dataclass(frozen=True, kw_only=True)
class Guard:
    """What may be reached. A test that serves on loopback says so here and nowhere else."""

    allows: Callable[[str], bool] = is_public
    ports: frozenset[int] = PORTS
    resolve: Callable[[str, int], Awaitable[Sequence[str]]] = resolve


class Pages:
    """Implements `bot.ports.Pages`."""

    def __init__(self, web: Web, *, guard: Guard | None = None) -> None:
        self._web = web
        self._guard = guard or Guard()

    async def card(self, url: str, media: MediaStore) -> tuple[Link, str]:
        """What the page at ``url`` says about itself, and why it is less than hoped for, if it is."""
        host = site_of(url)
        bare, deadline = Link(url=url, title=host), asyncio.get_running_loop().time() + SECONDS
        try:
            async with asyncio.timeout_at(deadline):
                where, reply = await self._get(url, PAGE)
                found = self._read(reply)
        except TimeoutError:
            return bare, "it took too long to answer"
        except Unreadable as why:
            return bare, str(why)
        link = Link(url=url, title=found.title or host, description=found.description)
        if not found.image:
            return link, ""
        try:
            async with asyncio.timeout_at(deadline):
                picture = await self._picture(urljoin(where, found.image), found.image_alt, media)
        except (TimeoutError, Unreadable) as why:
            return link, f"its picture could not be used: {why or 'it took too long'}"
        return Link(url=url, title=link.title, description=link.description, image=picture), ""

    def _read(self, reply: Reply) -> About:
        kind = reply.headers.get("content-type", "")
        if kind.partition(";")[0].strip().casefold() not in PAGE_TYPES:
            raise Unreadable("it is not a web page")
        return about(decoded(reply.body[:PAGE], kind))

    async def _picture(self, url: str, alt: str, media: MediaStore) -> Media:
        _, reply = await self._get(url, PICTURE)
        if len(reply.body) > PICTURE:
            raise Unreadable("it is larger than 5 MB")
        if not reply.headers.get("content-type", "").casefold().startswith("image/"):
            raise Unreadable("it is not a picture")
        with tempfile.TemporaryDirectory(prefix="clarion-card-") as folder:
            file = Path(folder) / "card"
            await asyncio.to_thread(file.write_bytes, reply.body)
            try:
                return await media.add(file, alt=alt)
            except (BadInput, StoreFull) as error:
                raise Unreadable(str(error)) from None

    async def _get(self, url: str, limit: int) -> tuple[str, Reply]:
        """Follow a few redirects, each as carefully as the first; the last address and its answer."""
        for _ in range(HOPS + 1):
            address = await self._address(url)
            try:
                reply = await self._web.get(url, address=address, limit=limit, timeout=SECONDS)
            except PublishError as error:
                raise Unreadable(f"it could not be reached ({error.detail})") from None
            if reply.status not in (301, 302, 303, 307, 308):
                if reply.status != 200:
                    raise Unreadable(f"it answered {reply.status}")
                return url, reply
            try:
                url = urljoin(url, reply.headers.get("location", ""))
            except ValueError:
                raise Unreadable("it leads to no address") from None
        raise Unreadable("it leads from one address to the next")

    async def _address(self, url: str) -> str:
        """The address to connect to, which is public like all others of its name."""
        try:
            parts = urlsplit(url)
            port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
        except ValueError:
            raise Unreadable("it leads to no address") from None
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            raise Unreadable("it is not an address of the web")
        if port not in self._guard.ports:
            raise Unreadable("it is on a port that web pages do not use")
        try:
            found = await self._guard.resolve(parts.hostname, port)
        except (OSError, UnicodeError):
            raise Unreadable("its name is not known") from None
        if not found or not all(map(self._guard.allows, found)):
            raise Unreadable("it is not on the open internet")
        return found[0]
