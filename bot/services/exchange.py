"""Asking a platform's token endpoint: a code for tokens, a refresh token for new ones.

Answers are sorted by RFC 6749 §5.2 and by the platform's own word on a dead token. What is about
our app never speaks against an account; an answer that is missing leaves open what happened.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from bot.config import Secret
from bot.errors import AppMisconfigured, AuthExpired, PublishError, RateLimited, Transient, Uncertain
from bot.ports import ClientProof, Clock, Http, OAuth, Platform, Reply

ACCESS, REFRESH = "access", "refresh"
SOON = timedelta(seconds=60)
"""When a platform asks to wait and does not say how long."""

TAKES = timedelta(seconds=20)
"""The longest a call to a token endpoint may take."""


class Unanswered(Transient):
    """The token endpoint's answer is missing: it may have renewed, and nobody knows."""


@dataclass(frozen=True, kw_only=True)
class Granted:
    """A token endpoint's answer. ``lasts``, ``refresh_lasts``: seconds, None when it does not say."""

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    lasts: float | None = None
    refresh_lasts: float | None = None
    scopes: tuple[str, ...] = ()

    def values(self, account: str, *, refresh: str = "") -> dict[str, str]:
        """What is sealed. An answer without a refresh token never wipes out the one we have."""
        return {"account": account, ACCESS: self.access, REFRESH: self.refresh or refresh}

    def expires_at(self, now: datetime) -> datetime | None:
        return None if self.lasts is None else now + timedelta(seconds=self.lasts)

    def refresh_expires_at(self, now: datetime) -> datetime | None:
        return None if self.refresh_lasts is None else now + timedelta(seconds=self.refresh_lasts)


class Exchange:
    """One app's way to one platform's token endpoint. It never repeats a call."""

    def __init__(
        self,
        oauth: OAuth,
        *,
        title: str,
        client_id: Secret,
        client_secret: Secret | None,
        http: Http,
        clock: Clock,
        takes: timedelta = TAKES,
    ) -> None:
        self.oauth = oauth
        self.takes = takes
        self._title, self._http, self._clock = title, http, clock
        # White space around a key is a mistake of copying that no platform explains.
        self._id = client_id.reveal().strip()
        self._secret = client_secret.reveal().strip() if client_secret else ""

    @property
    def app(self) -> str:
        """A digest of the client id: which app a grant belongs to."""
        return hashlib.sha256(self._id.encode()).hexdigest()[:16]

    def address(self, *, redirect: str, state: str, challenge: str) -> str:
        """Where the account's owner is sent to consent. Spaces as ``%20``: not everybody reads ``+``."""
        query = {
            "response_type": "code",
            "client_id": self._id,
            "redirect_uri": redirect,
            "scope": " ".join(self.oauth.scopes),
            "state": state,
        }
        if self.oauth.pkce:
            query |= {"code_challenge": challenge, "code_challenge_method": "S256"}
        return f"{self.oauth.authorize_url}?" + "&".join(f"{k}={quote(v, safe='')}" for k, v in query.items())

    async def code(self, code: str, *, redirect: str, verifier: str) -> Granted:
        """The tokens for a code; raises `AuthExpired` when the code is no good any more."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect}
        return await self._ask(form | ({"code_verifier": verifier} if self.oauth.pkce else {}), code=True)

    async def refresh(self, app: str, refresh: str) -> Granted:
        """New tokens; ``app`` is the one they were granted to.

        Raises `AuthExpired` when the platform says that the token is no good, `AppMisconfigured`
        when it is about our app, `Unanswered` when it may have worked, `RateLimited` and
        `Transient` when it surely has not.
        """
        if app != self.app:
            raise AppMisconfigured(
                f"{self._title} granted this to another app than the client id names now. "
                "Put the old client id back, or connect the account again."
            )
        return await self._ask({"grant_type": "refresh_token", "refresh_token": refresh}, code=False)

    async def _ask(self, form: dict[str, str], *, code: bool) -> Granted:
        headers = {"accept": "application/json"}
        if self._secret and self.oauth.proof is ClientProof.BASIC:
            pair = f"{quote(self._id, safe='')}:{quote(self._secret, safe='')}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form = form | {"client_id": self._id} | ({"client_secret": self._secret} if self._secret else {})
        seconds = self.takes.total_seconds()
        try:
            async with asyncio.timeout(seconds):
                reply = await self._http.request(
                    "POST", self.oauth.token_url, headers=headers, form=form, timeout=seconds * 0.75
                )
        except (Uncertain, TimeoutError) as error:
            detail = error.detail if isinstance(error, Uncertain) else "timeout"
            raise Unanswered(f"{self._title} did not answer when asked for tokens.", detail=detail) from None
        if reply.status == 200:
            return self._read(reply)
        raise self._refusal(reply, code=code)

    def _read(self, reply: Reply) -> Granted:
        body = reply.json()
        access = body.get("access_token") if isinstance(body, dict) else None
        if not isinstance(access, str) or not access.strip():
            raise Unanswered(
                f"{self._title}'s answer with the tokens could not be read.", detail="status=200"
            )
        refresh, scope = body.get("refresh_token"), body.get("scope")
        return Granted(
            access=access,
            refresh=refresh if isinstance(refresh, str) else "",
            lasts=_seconds(body.get("expires_in")),
            refresh_lasts=_seconds(body.get("refresh_token_expires_in")),
            scopes=tuple(scope.replace(",", " ").split()) if isinstance(scope, str) else (),
        )

    def _refusal(self, reply: Reply, *, code: bool) -> PublishError:
        body = reply.json()
        error = str(body.get("error", ""))[:40] if isinstance(body, dict) else ""
        detail = f"token endpoint status={reply.status} {error}".strip()
        now, title = self._clock.now(), self._title
        if reply.status == 429:
            after = reply.headers.get("retry-after", "")
            wait = timedelta(seconds=min(int(after), 86_400)) if after.isdigit() and len(after) < 9 else SOON
            return RateLimited(now + wait, scope="its limit on new tokens", detail=detail)
        if reply.status >= 500 or reply.status == 408 or not isinstance(body, dict):
            return Unanswered(f"{title} has trouble with its tokens at the moment.", detail=detail)
        if error in ("invalid_client", "unauthorized_client"):
            return AppMisconfigured(
                f"{title} does not know this app: check its client id and client secret. "
                "The account itself stays connected.",
                detail=detail,
            )
        if self.oauth.is_dead(reply) or code:
            return AuthExpired(f"{title} did not take it: too old, used already, or not ours.", detail=detail)
        return AppMisconfigured(f"{title} did not understand how this app asks for tokens.", detail=detail)


def exchange_for(platform: Platform[Any], settings: Any, http: Http, clock: Clock) -> Exchange | None:
    """The way to the token endpoint that an account's settings describe; None without an app."""
    oauth = platform.oauth
    client_id = getattr(settings, oauth.client_id, None) if oauth else None
    if oauth is None or not client_id:
        return None
    return Exchange(
        under(oauth, settings),
        title=platform.title,
        client_id=client_id,
        client_secret=getattr(settings, oauth.client_secret, None),
        http=http,
        clock=clock,
    )


def under(oauth: OAuth, settings: Any) -> OAuth:
    """The endpoints where the account's ``base_url`` points, if that is not the platform's own."""
    base = str(getattr(settings, "base_url", "") or "")
    usual = _defaults(settings).get("base_url", "")
    if not base or base.rstrip("/") == str(usual).rstrip("/"):
        return oauth
    return replace(
        oauth,
        authorize_url=_moved(oauth.authorize_url, base),
        token_url=_moved(oauth.token_url, base),
        revoke_url=_moved(oauth.revoke_url, base) if oauth.revoke_url else "",
    )


def _defaults(settings: Any) -> Mapping[str, Any]:
    return {f.name: f.default for f in fields(settings)} if is_dataclass(settings) else {}


def _moved(url: str, base: str) -> str:
    there, path = urlsplit(base), urlsplit(url).path
    return urlunsplit((there.scheme, there.netloc, there.path.rstrip("/") + path, "", ""))


def _seconds(value: object) -> float | None:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:12])
    return (
        float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else None
    )
