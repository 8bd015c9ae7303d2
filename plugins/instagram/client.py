"""How we talk to the Graph API: the token in a header, the proof beside it, what headers say of usage.

Sources: graph-api/guides/secure-requests (the proof travels as a parameter; there is no header for it),
graph-api/overview/rate-limiting (usage headers), 2026. Nothing here is ever repeated, except a call that
was refused for its token, which did nothing.
"""

from __future__ import annotations

import hmac
import json
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from bot.api import Deps, Media, PublishError, Transient, Uncertain
from plugins.instagram.causes import Course
from plugins.instagram.errors import Fault, fault_of, refusal
from plugins.instagram.limits import HOURLY
from plugins.instagram.settings import FACEBOOK, InstagramSettings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.api import Reply

READ_TIMEOUT, STAGE_TIMEOUT, PUSH_TIMEOUT = 20.0, 60.0, 300.0
PUBLISH_TIMEOUT = 50.0
"""Seconds; below the manifest's ``commit_timeout``, so that we see the end of it."""

BUSY, FULL = 80, 100
"""Percent of what Meta allows from which we ask less often, and at which it refuses."""

PAUSE = timedelta(minutes=5)
HOSTS = (".facebook.com", ".instagram.com")

Answer = dict[str, Any]


class Client:
    """One account's door to the Graph API."""

    def __init__(self, settings: InstagramSettings, deps: Deps) -> None:
        self._settings, self._deps = settings, deps
        self._root = f"{settings.base}/{settings.version}"
        self._until: datetime | None = None
        self.busy = False

    async def get(self, path: str, **query: str) -> Answer:
        """A read; raises what a refusal means."""
        return self._good(await self.ask("GET", path, query=query))

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        creates: bool = False,
        timeout: float = READ_TIMEOUT,
    ) -> Answer | Fault:
        """One call; a refusal comes back as it was read.

        Raises `Transient` for an answer that got lost, unless the call ``creates`` something that others
        see: then `Uncertain` passes. Raises what `bot.api.Tokens` raises.
        """
        try:
            reply = await self._send(method, path, query or {}, body, timeout)
        except Uncertain as error:
            if creates:
                raise
            raise _lost(error) from None
        return self._read(reply)

    async def push(self, uri: str, media: Media, offset: int) -> Answer | Fault:
        """Send a file from ``offset`` on to where Meta said; raises `Transient` when it breaks off.

        Source: instagram-platform/resumable-uploads (15 March 2026).
        """
        if not self._trusts(uri):
            return Fault(code=-1, subcode=2207082, detail="foreign upload host")
        headers = {
            "Authorization": f"OAuth {await self._token()}",
            "offset": str(offset),
            "file_size": str(media.size),
            "Content-Length": str(media.size - offset),
            "Content-Type": "application/octet-stream",
        }
        try:
            reply = await self._deps.http.request(
                "POST",
                uri,
                headers=headers,
                content=self._deps.media.stream(media, start=offset),
                timeout=PUSH_TIMEOUT,
            )
        except Uncertain as error:
            raise Transient("The upload to Instagram broke off.", detail=error.detail) from None
        told = reply.json()
        debug = told.get("debug_info") if isinstance(told, dict) else None
        if isinstance(debug, dict):
            kind = str(debug.get("type"))[:40]
            detail = f"status={reply.status} rupload {kind} retriable={debug.get('retriable')}"
            if debug.get("retriable"):
                raise Transient("The upload to Instagram broke off.", detail=detail)
            return Fault(code=-1, subcode=2207082, detail=detail)
        return self._read(reply)

    def refusal(self, fault: Fault, *, creates: bool = False) -> PublishError:
        """The error a fault means, with the end of the wait where Meta named one."""
        return refusal(fault, self._deps.clock.now(), creates=creates, until=self._until)

    async def ready(self) -> None:
        """Renew what is nearly over now, and not when a post waits for it."""
        if self._deps.tokens is not None:
            await self._deps.tokens.bearer()

    def _good(self, answer: Answer | Fault) -> Answer:
        if isinstance(answer, Fault):
            raise self.refusal(answer)
        return answer

    async def _token(self) -> str:
        if self._deps.tokens is not None:
            return await self._deps.tokens.bearer()
        fixed = self._settings.access_token
        return fixed.reveal() if fixed else ""

    async def _send(
        self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None, timeout: float
    ) -> Reply:
        token = await self._token()
        reply = await self._once(token, method, path, query, body, timeout)
        fault = fault_of(reply)
        if self._deps.tokens is None or fault is None or fault.course is not Course.TOKEN:
            return reply
        token = await self._deps.tokens.renewed(token)
        return await self._once(token, method, path, query, body, timeout)

    async def _once(
        self,
        token: str,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: Mapping[str, Any] | None,
        timeout: float,
    ) -> Reply:
        proof, url = self._proof(token), f"{self._root}/{path}"
        asked = dict(query) if body is not None else {**query, **proof}
        reply = await self._deps.http.request(
            method,
            f"{url}?{urlencode(asked)}" if asked else url,
            headers={"Authorization": f"Bearer {token}"},
            json={**body, **proof} if body is not None else None,
            timeout=timeout,
        )
        self._deps.log.debug("instagram.call", method=method, path=path, status=reply.status)
        self._note(reply)
        return reply

    def _proof(self, token: str) -> dict[str, str]:
        secret = self._settings.app_secret
        if self._settings.door != FACEBOOK or not secret:
            return {}
        return {"appsecret_proof": hmac.digest(secret.reveal().encode(), token.encode(), sha256).hex()}

    def _read(self, reply: Reply) -> Answer | Fault:
        fault = fault_of(reply)
        if fault is not None:
            return fault
        body = reply.json()
        return body if isinstance(body, dict) else {"data": body}

    def _note(self, reply: Reply) -> None:
        """What the usage headers say, for the meter and for how often we ask."""
        now = self._deps.clock.now()
        percent, minutes = usage(reply.headers)
        self.busy = percent >= BUSY
        wait = timedelta(minutes=minutes) if minutes else PAUSE
        self._until = now + wait if percent >= FULL or minutes else None
        after = reply.headers.get("retry-after", "")
        if reply.status == 429 and after.isdigit() and len(after) < 6:
            self._until = now + timedelta(seconds=int(after))
        if self._until is not None:
            self._deps.meter.seen(HOURLY, left=0, until=self._until)

    def _trusts(self, uri: str) -> bool:
        target, base = urlsplit(uri), urlsplit(self._settings.base)
        if (target.scheme, target.netloc) == (base.scheme, base.netloc):
            return True
        return target.scheme == "https" and (target.hostname or "").endswith(HOSTS)


def usage(headers: Mapping[str, str]) -> tuple[float, float]:
    """The highest percentage the headers name, and the minutes until calls are taken again."""
    percent = minutes = 0.0
    for name in ("x-app-usage", "x-business-use-case-usage"):
        try:
            told = json.loads(headers.get(name, "null"))
        except ValueError:
            continue
        for one in _usages(told):
            percent = max(
                percent, *(_number(one.get(k)) for k in ("call_count", "total_cputime", "total_time"))
            )
            minutes = max(minutes, _number(one.get("estimated_time_to_regain_access")))
    return percent, minutes


def _usages(told: Any) -> list[dict[str, Any]]:
    """The records in either header: one, or lists of them by account."""
    if not isinstance(told, dict):
        return []
    lists = [v for v in told.values() if isinstance(v, list)]
    return [one for several in lists for one in several if isinstance(one, dict)] or [told]


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _lost(error: Uncertain) -> Transient:
    return Transient("Instagram's answer is missing; asking again does no harm.", detail=error.detail)
