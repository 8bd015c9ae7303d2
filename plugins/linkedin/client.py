"""How we talk to LinkedIn: settings, headers on every call, what a lost answer means, waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit
from zlib import crc32

from bot.api import Deps, RateLimited, Reply, Secret, Transient, Uncertain
from plugins.linkedin.errors import refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

CREATE_TIMEOUT = 25.0
"""Seconds for the create; below the manifest's ``commit_timeout``, so that we see the end of it."""

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=60), timedelta(minutes=15)
BURST_WINDOW = timedelta(hours=1)
"""A throttle that lasts longer than this is the daily one, which ends at 00:00 UTC."""


@dataclass(frozen=True, kw_only=True)
class LinkedInSettings:
    """What ``[accounts.X]`` says about a LinkedIn account.

    ``author``: ``urn:li:organization:…`` or ``urn:li:person:…``; empty is the member the token
    belongs to. ``version``: LinkedIn's API version, YYYYMM. ``resend_when_absent``: find out
    about a lost answer by sending the same post once more (see the publisher's `confirm`).
    """

    access_token: Secret | None = None
    author: str = ""
    client_id: Secret | None = None
    client_secret: Secret | None = None
    base_url: str = "https://api.linkedin.com"
    version: str = "202609"
    visibility: str = "PUBLIC"
    resend_when_absent: bool = False


def encoded(urn: str) -> str:
    """A URN for a path or a query value: everything percent-encoded (Rest.li 2.0)."""
    return quote(urn, safe="")


class Throttle:
    """How long to wait for a platform that does not say it.

    LinkedIn sends neither ``Retry-After`` nor quota headers (shared/api-guide/concepts/
    rate-limits, 2026): 60 s, doubled up to 15 min for an hour, then until the daily counters
    reset at 00:00 UTC, spread over a minute by ``seed``. A call that gets through resets it, and
    so do a new day and an hour in which nobody tried.
    """

    def __init__(self, seed: str) -> None:
        self._spread = timedelta(seconds=crc32(seed.encode()) % 60)
        self._hits: dict[str, tuple[datetime, datetime, int]] = {}

    def hit(self, endpoint: str, now: datetime) -> tuple[datetime, str]:
        """When to come back, and what is limited."""
        first, until, count = self._hits.get(endpoint, (now, now, 0))
        if first.date() != now.date() or now - until > BURST_WINDOW:
            first, count = now, 0
        daily = now - first >= BURST_WINDOW
        if daily:
            until = datetime.combine(now.date() + timedelta(days=1), time(), UTC) + self._spread
        else:
            until = now + min(FIRST_WAIT * 2 ** min(count, 10), LONGEST_WAIT)
        self._hits[endpoint] = (first, until, count + 1)
        return until, "its daily limit" if daily else "its limit"

    def clear(self, endpoint: str) -> None:
        """A call got through."""
        self._hits.pop(endpoint, None)


class Client:
    """One account's door to ``/rest`` and ``/v2``; never repeats a call."""

    def __init__(self, settings: LinkedInSettings, deps: Deps) -> None:
        self._settings = settings
        self._deps = deps
        self._base = settings.base_url.rstrip("/")
        self._throttle = Throttle(settings.author)

    async def call(
        self,
        method: str,
        path: str,
        *,
        restli_method: str = "",
        json: Mapping[str, Any] | None = None,
        creates: bool = False,
    ) -> Reply:
        """One call to ``path`` (with its query, already encoded); any status but 429 comes back.

        Raises `RateLimited`; `Transient` for an answer that got lost, unless the call
        ``creates``: then `Uncertain` passes.
        """
        headers = {
            "LinkedIn-Version": self._settings.version,
            "X-Restli-Protocol-Version": "2.0.0",
        }
        if restli_method:
            headers["X-RestLi-Method"] = restli_method
        timeout = CREATE_TIMEOUT if creates else 20.0
        endpoint = f"{method} {'/'.join(path.partition('?')[0].split('/')[:3])}"
        try:
            reply = await self._send(method, self._base + path, headers, json=json, timeout=timeout)
        except Uncertain as error:
            if creates:
                raise
            raise Transient(
                "LinkedIn's answer is missing; asking again does no harm.", detail=error.detail
            ) from None
        return self._noted(endpoint, reply)

    async def upload(
        self, url: str, content: bytes | Callable[[], AsyncIterator[bytes]], mime: str, *, size: int = 0
    ) -> Reply:
        """PUT the bytes where LinkedIn said; the token goes only to LinkedIn or our own base.

        ``content`` is made anew for every try; ``size`` is how much it makes.
        """
        send = self._send if self._trusts(url) else self._plainly
        headers = {"Content-Type": mime} | ({"Content-Length": str(size)} if size else {})
        try:
            reply = await send("PUT", url, headers, content=content, timeout=120.0)
        except Uncertain as error:
            raise Transient("The upload to LinkedIn broke off.", detail=error.detail) from None
        return self._noted("PUT upload", reply)

    def read(self, reply: Reply, *, author: str = "") -> dict[str, Any]:
        """The JSON object of a successful read; raises what the answer means otherwise."""
        self.expect(reply, author=author)
        body = reply.json()
        if not isinstance(body, dict):
            raise Transient("LinkedIn has trouble at the moment.", detail=f"status={reply.status} not JSON")
        return body

    def expect(self, reply: Reply, *, creates: bool = False, author: str = "") -> None:
        """Raise what the answer means unless it is a success."""
        if not 200 <= reply.status < 300:
            raise refusal(reply, creates=creates, author=author, version=self._settings.version)

    async def ready(self) -> None:
        """Renew what is nearly over now, and not when a post waits for it."""
        if self._deps.tokens is not None:
            await self._deps.tokens.bearer()

    async def _send(self, method: str, url: str, headers: Mapping[str, str], **how: Any) -> Reply:
        """One request; a second one only where LinkedIn did not know the token, which did nothing."""
        tokens, fixed = self._deps.tokens, self._settings.access_token
        token = await tokens.bearer() if tokens is not None else (fixed.reveal() if fixed else "")
        reply = await self._plainly(method, url, {**_bearer(token), **headers}, **how)
        if tokens is None or reply.status != 401:
            return reply
        token = await tokens.renewed(token)
        return await self._plainly(method, url, {**_bearer(token), **headers}, **how)

    async def _plainly(self, method: str, url: str, headers: Mapping[str, str], **how: Any) -> Reply:
        content = how.get("content")
        if callable(content):
            how = {**how, "content": content()}
        return await self._deps.http.request(method, url, headers=headers, **how)

    def _trusts(self, url: str) -> bool:
        target, base = urlsplit(url), urlsplit(self._base)
        host = target.hostname or ""
        ours = host == base.hostname and target.scheme == base.scheme
        return ours or (target.scheme == "https" and host.endswith(".linkedin.com"))

    def _noted(self, endpoint: str, reply: Reply) -> Reply:
        now = self._deps.clock.now()
        request = reply.headers.get("x-li-uuid", "")
        self._deps.log.debug("linkedin.call", endpoint=endpoint, status=reply.status, request=request)
        if reply.status != 429:
            if reply.status < 400:
                self._throttle.clear(endpoint)
            return reply
        until, scope = self._throttle.hit(endpoint, now)
        said = retry_after(reply, now)
        raise RateLimited(
            said or until, scope=scope, detail=f"status=429 endpoint={endpoint} request={request}"
        )


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def retry_after(reply: Reply, now: datetime) -> datetime | None:
    """The instant a ``Retry-After`` names (RFC 9110 §10.2.3: seconds or a date), at most a day ahead."""
    text = reply.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return now + min(timedelta(seconds=int(text[:9])), timedelta(days=1))
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return min(max(at if at.tzinfo else at.replace(tzinfo=UTC), now), now + timedelta(days=1))
