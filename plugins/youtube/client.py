"""One channel's door to YouTube: the address, the token, what a lost answer means, waits. It never repeats
a call that YouTube may have taken."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from bot.api import AuthExpired, Deps, RateLimited, Reply, Transient, Uncertain
from plugins.youtube.errors import NO_CHANNEL, reason_of, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from plugins.youtube.settings import YouTubeSettings

CALL_SECONDS, COMMIT_SECONDS = 30.0, 25.0
"""Of a call, and of the one that publishes: below the manifest's ``commit_timeout``."""

SEND_SECONDS = 300.0
"""YouTube may hold back the answer to the last bytes while it puts the file together."""

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)


class Client:
    """Sends requests as one account. Holds no connection of its own."""

    def __init__(self, settings: YouTubeSettings, deps: Deps) -> None:
        self._settings = settings
        self._deps = deps
        self._hits: dict[str, tuple[int, datetime]] = {}
        """How often in a row YouTube said "too fast", and when it last did."""

    async def ready(self) -> None:
        """Renew what is nearly over now, and not when a post waits for it."""
        await self._token()

    async def scopes(self) -> frozenset[str] | None:
        """What the account's owner allowed; None where nobody knows."""
        return None if self._deps.tokens is None else await self._deps.tokens.scopes()

    async def call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        json: Mapping[str, Any] | None = None,
        creates: bool = False,
        base: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One call to ``path``; whatever was answered comes back.

        An answer that got lost is `Transient`, unless the call ``creates``: then `Uncertain` passes.
        """
        url = (base or self._settings.base) + path + (f"?{urlencode(query)}" if query else "")
        seconds = COMMIT_SECONDS if creates else CALL_SECONDS
        more = dict(headers or {})
        try:
            return await self._sent(method, url, more, json=dict(json) if json else None, timeout=seconds)
        except Uncertain as error:
            if creates:
                raise
            raise Transient(
                "YouTube's answer is missing; asking again does no harm.", detail=error.detail
            ) from None

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], content: Callable[[], Any]
    ) -> Reply:
        """Bytes to an address of YouTube's; ``content`` makes them anew for each try.

        Raises `Transient` when the answer is missing: bytes that arrived twice are stored once.
        """
        if not self._trusts(url):
            raise Transient("YouTube named a strange place for the upload.", detail="foreign upload host")
        try:
            return await self._sent(method, url, headers, content=content, timeout=SEND_SECONDS)
        except Uncertain as error:
            raise Transient("The upload to YouTube broke off.", detail=error.detail) from None

    async def fetch(self, url: str) -> Reply:
        """What lies at an address that YouTube named. Raises `Transient` when the answer is missing."""
        if not self._trusts(url):
            raise Transient("YouTube named a strange place for its report.", detail="foreign host")
        try:
            return await self._sent("GET", url, {}, timeout=CALL_SECONDS)
        except Uncertain as error:
            raise Transient("YouTube's report did not come whole.", detail=error.detail) from None

    def at(self, path: str, query: Mapping[str, str]) -> str:
        """An address of the Data API, for `send`."""
        return f"{self._settings.base}{path}?{urlencode(query)}"

    def read(self, reply: Reply, endpoint: str) -> dict[str, Any]:
        """The JSON object of a success; raises what the answer means otherwise."""
        self.expect(reply, endpoint)
        body = reply.json()
        if not isinstance(body, dict):
            raise Transient("YouTube has trouble at the moment.", detail=f"status={reply.status} not JSON")
        return body

    def items(self, reply: Reply, endpoint: str) -> list[dict[str, Any]]:
        """The items of a list. Nothing at all where a list should be proves nothing: `Transient`."""
        body = self.read(reply, endpoint)
        items = body.get("items", [] if str(body.get("kind", "")).endswith("Response") else None)
        if not isinstance(items, list):
            raise Transient("YouTube has trouble at the moment.", detail=f"status={reply.status} no items")
        return [item for item in items if isinstance(item, dict)]

    def expect(self, reply: Reply, endpoint: str, *, creates: bool = False) -> None:
        """Raise what the answer means unless it is a success; ``endpoint`` is what waits are counted by."""
        if 200 <= reply.status < 300:
            self._hits.pop(endpoint, None)
            return
        now = self._deps.clock.now()
        hits, last = self._hits.get(endpoint, (0, now))
        hits = hits if now - last < LONGEST_WAIT * 2 else 0
        wait = min(FIRST_WAIT * 2 ** min(hits, 10), LONGEST_WAIT)
        error = refusal(reply, now, creates=creates, wait=wait)
        if isinstance(error, RateLimited) and error.until == now + wait:
            self._hits[endpoint] = (hits + 1, now)
        raise error

    async def _sent(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        *,
        content: Callable[[], Any] | None = None,
        **how: Any,
    ) -> Reply:
        """One request; a second one only where YouTube did not know the token, which did nothing."""
        token = await self._token()
        reply = await self._once(method, url, token, headers, content, how)
        if self._deps.tokens is None or reply.status != 401 or reason_of(reply) == NO_CHANNEL:
            return reply
        token = await self._deps.tokens.renewed(token)
        return await self._once(method, url, token, headers, content, how)

    async def _once(
        self,
        method: str,
        url: str,
        token: str,
        headers: Mapping[str, str],
        content: Callable[[], Any] | None,
        how: Mapping[str, Any],
    ) -> Reply:
        more = {} if content is None else {"content": content()}
        sent = {"authorization": f"Bearer {token}", **headers}
        reply = await self._deps.http.request(method, url, headers=sent, **more, **how)
        path = urlsplit(url).path
        self._deps.log.debug("youtube.call", call=f"{method} {path}", status=reply.status)
        return reply

    async def _token(self) -> str:
        if self._deps.tokens is not None:
            return await self._deps.tokens.bearer()
        if self._settings.access_token is None:
            raise AuthExpired("This account is not connected to YouTube. Run `clarion connect youtube`.")
        return self._settings.access_token.reveal()

    def _trusts(self, url: str) -> bool:
        """Whether the token may go there: the host we speak to, or another of Google's own."""
        target, base = urlsplit(url), urlsplit(self._settings.base)
        host = target.hostname or ""
        if (target.scheme, target.netloc) == (base.scheme, base.netloc):
            return True
        return target.scheme == "https" and host.endswith((".googleapis.com", ".youtube.com"))
