"""Signed in: one pair of tokens for one account, renewed before it ends, one renewal at a time.

Source: com.atproto.server.{createSession, refreshSession} (github.com/bluesky-social/atproto, 2026): the
access token lives two hours, the refresh token 90 days and is replaced at each use; the one before
stays good for two hours, so a renewal whose answer was lost is simply asked for again.

The pair is kept in memory only. After a crash the account signs in anew with its app password, which
is at hand anyway, outlives every session and cannot be lost half way, as a stored pair can; signing in is
limited to 30 times in five minutes and 300 a day, which a process that restarts does not
reach, and beyond which the account waits for the time that the server names.
"""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.api import AuthExpired, Deps, RateLimited, Reply, Transient, Uncertain
from plugins.bluesky.errors import SESSION_OVER, detail_of, error_of, refusal

if TYPE_CHECKING:
    from plugins.bluesky.settings import BlueskySettings

MARGIN = timedelta(minutes=5)
"""How long before its end a token is renewed."""

LIFE = timedelta(hours=2)
"""Of an access token that does not say it."""

TIMEOUT = 8.0
LOGIN_SCOPE = "its limit of sign-ins"


@dataclass(frozen=True, kw_only=True, repr=False)
class Pair:
    """A session. ``host``: the account's own server; ``ends``: when the access token does (aware UTC)."""

    access: str
    refresh: str
    did: str
    handle: str
    host: str
    ends: datetime

    def __repr__(self) -> str:
        return f"Pair(did={self.did!r})"


class Session:
    """Hands out the pair that is good now. ``proven``: the server took a call with it."""

    def __init__(self, settings: BlueskySettings, deps: Deps) -> None:
        self._settings = settings
        self._deps = deps
        self._pair: Pair | None = None
        self._lock = asyncio.Lock()
        self.proven = False

    async def pair(self) -> Pair:
        """A pair with more than `MARGIN` left. Raises `AuthExpired`, `RateLimited`, `Transient`."""
        async with self._lock:
            if self._pair is None:
                return await self._sign_in()
            if self._pair.ends - self._deps.clock.now() > MARGIN:
                return self._pair
            return await self._renew(self._pair)

    async def renewed(self, refused: Pair) -> Pair:
        """Another pair, after the server did not take ``refused``."""
        async with self._lock:
            if self._pair is not None and self._pair is not refused:
                return self._pair
            return await self._renew(refused)

    def drop(self) -> None:
        """Forget the pair: the next call signs in."""
        self._pair, self.proven = None, False

    async def _renew(self, old: Pair) -> Pair:
        reply = await self._post(
            f"{old.host}/xrpc/com.atproto.server.refreshSession", token=old.refresh, json=None
        )
        if error_of(reply) in SESSION_OVER or (reply.status == 401 and not error_of(reply)):
            return await self._sign_in()
        return self._keep(reply, old.host)

    async def _sign_in(self) -> Pair:
        self.drop()
        base = self._settings.base_url.rstrip("/")
        who = {
            "identifier": self._settings.identifier.strip().removeprefix("@"),
            "password": self._settings.app_password.reveal(),
        }
        reply = await self._post(f"{base}/xrpc/com.atproto.server.createSession", json=who)
        try:
            return self._keep(reply, base)
        except RateLimited as error:
            raise RateLimited(error.until, scope=LOGIN_SCOPE, detail=error.detail) from None

    async def _post(self, url: str, *, token: str = "", json: Any) -> Reply:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            return await self._deps.http.request("POST", url, headers=headers, json=json, timeout=TIMEOUT)
        except Uncertain as error:
            # Asking again does no harm: the token before stays good, and signing in creates nothing.
            raise Transient("Bluesky's answer to the sign-in is missing.", detail=error.detail) from None

    def _keep(self, reply: Reply, host: str) -> Pair:
        if not 200 <= reply.status < 300:
            raise refusal(reply, self._deps.clock.now())
        body = reply.json()
        body = body if isinstance(body, dict) else {}
        access, refresh, did = (body.get(k) for k in ("accessJwt", "refreshJwt", "did"))
        if not (isinstance(access, str) and isinstance(refresh, str) and isinstance(did, str)):
            raise Transient("Bluesky did not say who is signed in.", detail=detail_of(reply))
        if body.get("active") is False:
            raise _inactive(str(body.get("status") or ""), detail_of(reply))
        self._pair = Pair(
            access=access,
            refresh=refresh,
            did=did,
            handle=str(body.get("handle") or ""),
            host=_host(body.get("didDoc"), host),
            ends=self._deps.clock.now() + _life(access),
        )
        self.proven = False
        return self._pair


def _inactive(status: str, detail: str) -> AuthExpired:
    """The account signs in and may not post (com.atproto.server.createSession, ``status``)."""
    if status == "deactivated":
        return AuthExpired(
            "This Bluesky account is switched off. Sign in to Bluesky and switch it on again.", detail=detail
        )
    return AuthExpired(
        "Bluesky has suspended this account. Sign in to Bluesky with it and read what it says.",
        detail=f"{detail} {status}".strip(),
    )


def _host(document: Any, base: str) -> str:
    """The account's own server, as its DID document names it; only over HTTPS, or on the same machine."""
    services = document.get("service") if isinstance(document, dict) else None
    for service in services if isinstance(services, list) else ():
        if not isinstance(service, dict) or not str(service.get("id", "")).endswith("#atproto_pds"):
            continue
        url = str(service.get("serviceEndpoint") or "").rstrip("/")
        found, known = urlsplit(url), urlsplit(base)
        same = (found.scheme, found.hostname, found.port) == (known.scheme, known.hostname, known.port)
        if found.hostname and (same or (found.scheme == "https" and known.scheme == "https")):
            return url
    return base


def _life(token: str) -> timedelta:
    """How long an access token lives, read from it without a key (RFC 7519 §4.1); by its own two times,
    so that a clock that is wrong does not matter."""
    try:
        middle = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        return min(
            max(timedelta(seconds=int(claims["exp"]) - int(claims["iat"])), MARGIN * 2), timedelta(days=1)
        )
    except (ValueError, KeyError, IndexError, TypeError, OverflowError):
        return LIFE
