"""The one door to httpx: a client that never retries, and says whether a request may have arrived."""

from __future__ import annotations

import json as json_
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ssl import SSLContext
from typing import Any

import httpx

from bot.domain.post import Json
from bot.errors import Rejected, Transient, Uncertain
from bot.ports import Reply

CONNECTIONS = 8
"""Open connections per client; httpx's pool costs grow with the square of it (encode/httpx#3215)."""

AGENT = "Mozilla/5.0 (compatible; Clarion link card)"
"""Whom a page sees when its card is read; many answer only to what calls itself a browser."""

NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.InvalidURL,
)


def make_tls() -> SSLContext:
    """The certificates we trust. Reading them costs some 50 ms, so one is made for a whole process."""
    return httpx.create_ssl_context(trust_env=False)


class HttpReply(Reply):
    """A `Reply` that knows how to read its body."""

    def json(self) -> Any:
        try:
            return json_.loads(self.body)
        except ValueError:
            return None


class PinnedHttp:
    """Implements `bot.ports.Web`: one GET to an address that was chosen beforehand, little of it read."""

    def __init__(self, *, tls: SSLContext | None = None) -> None:
        self._tls = tls

    async def get(self, url: str, *, address: str, limit: int, timeout: float) -> Reply:
        self._tls = self._tls or make_tls()
        try:
            target = httpx.URL(url)
            # The name goes into the request and the certificate's check, the address into the socket.
            headers = {"host": target.netloc.decode("ascii"), "accept-encoding": "gzip", "user-agent": AGENT}
            extensions = {"sni_hostname": target.raw_host.decode("ascii")}
            transport = httpx.AsyncHTTPTransport(verify=self._tls, retries=0, trust_env=False)
            async with (
                httpx.AsyncClient(transport=transport, follow_redirects=False, trust_env=False) as client,
                client.stream(
                    "GET",
                    target.copy_with(host=address),
                    headers=headers,
                    extensions=extensions,
                    timeout=timeout,
                ) as answer,
            ):
                body = await _unpacked(answer, limit)
        except NOT_SENT as error:
            raise Transient("The page could not be reached.", detail=type(error).__name__) from None
        except httpx.HTTPError as error:
            raise Uncertain("The page's answer is missing.", detail=type(error).__name__) from None
        return HttpReply(status=answer.status_code, headers=dict(answer.headers), body=body)


async def _unpacked(answer: httpx.Response, limit: int) -> bytes:
    """At most ``limit`` + 1 bytes of the body, whatever they unpack to."""
    packed = answer.headers.get("content-encoding", "").strip().casefold()
    if packed not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise Rejected("The page is packed in a way I do not read.", detail=f"content-encoding {packed[:20]}")
    unpack = zlib.decompressobj(wbits=47) if packed not in ("", "identity") else None
    body = b""
    try:
        async for piece in answer.aiter_raw():
            room = limit + 1 - len(body)
            body += unpack.decompress(piece, room) if unpack else piece[:room]
            if len(body) > limit:
                break
    except zlib.error:
        raise Rejected("The page could not be unpacked.", detail="zlib") from None
    return body


class HttpClient:
    """Implements `bot.ports.Http`.

    ``transport`` replaces the socket layer in tests. ``trust_env`` stays off, so that a
    proxy from the environment never sees a token by accident. ``tls`` is shared by all
    clients of a process, see `make_tls`.
    """

    def __init__(
        self,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        wrap: Callable[[Any], Any] | None = None,
        tls: SSLContext | None = None,
    ) -> None:
        limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        inner = transport or httpx.AsyncHTTPTransport(
            verify=tls or make_tls(), retries=0, limits=limits, trust_env=False
        )
        # Several accounts share a client; what a server asks one to remember is not for the others.
        forgetful = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
        self._client = httpx.AsyncClient(
            transport=wrap(inner) if wrap else inner,
            cookies=forgetful,
            follow_redirects=False,
            trust_env=False,
        )

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Json = None,
        content: bytes | AsyncIterator[bytes] | None = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        timeout: float = 30.0,
    ) -> Reply:
        try:
            answer = await self._client.request(
                method,
                url,
                headers=headers,
                json=json,
                content=content,
                data=form,
                files=files,
                timeout=httpx.Timeout(timeout, connect=min(timeout, 10.0), pool=60.0),
            )
        except NOT_SENT as error:
            raise Transient("The platform could not be reached.", detail=type(error).__name__) from None
        except httpx.HTTPError as error:
            raise Uncertain("The platform's answer is missing.", detail=type(error).__name__) from None
        return HttpReply(status=answer.status_code, headers=dict(answer.headers), body=answer.content)

    async def aclose(self) -> None:
        await self._client.aclose()
