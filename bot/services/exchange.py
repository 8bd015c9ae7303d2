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
from bot.ports import (
    AppKeys,
    ClientProof,
    Clock,
    GivenCode,
    Http,
    OAuth,
    Platform,
    Reply,
    TokenAsk,
    TokenSteps,
)

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
        settings: Any = None,
    ) -> None:
        self.oauth = oauth
        self.takes = takes
        self._title, self._http, self._clock = title, http, clock
        # White space around a key is a mistake of copying that no platform explains.
        self._id = client_id.reveal().strip()
        self._secret = client_secret.reveal().strip() if client_secret else ""
        self._keys = AppKeys(client_id=self._id, client_secret=self._secret, settings=settings)

    @property
    def app(self) -> str:
        """A digest of the client id: which app a grant belongs to."""
        return hashlib.sha256(self._id.encode()).hexdigest()[:16]

    def address(self, *, redirect: str, state: str, challenge: str) -> str:
        """Where the account's owner is sent to consent. Spaces as ``%20``: not everybody reads ``+``."""
        oauth = self.oauth
        query = {
            "response_type": "code",
            oauth.id_name: self._id,
            "redirect_uri": redirect,
            "scope": oauth.separator.join(oauth.scopes),
            "state": state,
            **oauth.extra,
        }
        if oauth.pkce:
            query |= {"code_challenge": oauth.challenge(challenge), "code_challenge_method": "S256"}
        return f"{oauth.authorize_url}?" + "&".join(f"{k}={quote(v, safe='')}" for k, v in query.items())

    async def code(self, code: str, *, redirect: str, verifier: str) -> Granted:
        """The tokens for a code; raises `AuthExpired` when the code is no good any more."""
        given = GivenCode(code=code, redirect=redirect, verifier=verifier if self.oauth.pkce else "")
        steps = self.oauth.redeem(self._keys, given) if self.oauth.redeem else self._redeem(given)
        return await self._walk(steps, code=True)

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
        steps = self.oauth.renew(self._keys, refresh) if self.oauth.renew else self._renew(refresh)
        return await self._walk(steps, code=False)

    def _redeem(self, given: GivenCode) -> TokenSteps:
        form = {"grant_type": "authorization_code", "code": given.code, "redirect_uri": given.redirect}
        body = yield self._signed(form | ({"code_verifier": given.verifier} if given.verifier else {}))
        return body

    def _renew(self, refresh: str) -> TokenSteps:
        body = yield self._signed({"grant_type": "refresh_token", "refresh_token": refresh})
        return body

    def _signed(self, form: dict[str, str]) -> TokenAsk:
        if self._secret and self.oauth.proof is ClientProof.BASIC:
            pair = f"{quote(self._id, safe='')}:{quote(self._secret, safe='')}"
            return TokenAsk(
                form=form, headers={"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
            )
        secret = {"client_secret": self._secret} if self._secret else {}
        return TokenAsk(form=form | {self.oauth.id_name: self._id} | secret)

    async def _walk(self, steps: TokenSteps, *, code: bool) -> Granted:
        """Make the requests that ``steps`` yields, one after the other; the first refusal ends it."""
        try:
            ask = next(steps)
            while True:
                body = await self._ask(ask, code=code)
                ask = steps.send(body)
        except StopIteration as stop:
            return self._read(stop.value)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise self._unreadable(type(error).__name__) from None

    async def _ask(self, ask: TokenAsk, *, code: bool) -> Mapping[str, Any]:
        seconds, oauth = self.takes.total_seconds(), self.oauth
        url = _moved(ask.url, oauth.elsewhere) if ask.url and oauth.elsewhere else ask.url or oauth.token_url
        if ask.query:
            url += "?" + "&".join(f"{k}={quote(v, safe='')}" for k, v in ask.query.items())
        try:
            async with asyncio.timeout(seconds):
                reply = await self._http.request(
                    ask.method,
                    url,
                    headers={"accept": "application/json", **ask.headers},
                    form=ask.form or None,
                    timeout=seconds * 0.75,
                )
        except (Uncertain, TimeoutError) as error:
            detail = error.detail if isinstance(error, Uncertain) else "timeout"
            raise Unanswered(f"{self._title} did not answer when asked for tokens.", detail=detail) from None
        body = reply.json()
        # Some refuse with 200: no answer with an error and without tokens is a good one.
        refused = isinstance(body, dict) and body.get("error") and "access_token" not in body
        if reply.status != 200 or refused:
            raise self._refusal(reply, code=code)
        if not isinstance(body, dict):
            raise self._unreadable("no object")
        return body

    def _read(self, body: object) -> Granted:
        access = body.get("access_token") if isinstance(body, Mapping) else None
        if not isinstance(body, Mapping) or not isinstance(access, str) or not access.strip():
            raise self._unreadable("no access_token")
        refresh, scope = body.get("refresh_token"), body.get("scope")
        return Granted(
            access=access,
            refresh=refresh if isinstance(refresh, str) else "",
            lasts=_seconds(body.get("expires_in")),
            refresh_lasts=_seconds(body.get("refresh_token_expires_in") or body.get("refresh_expires_in")),
            scopes=tuple(scope.replace(",", " ").split()) if isinstance(scope, str) else (),
        )

    def _unreadable(self, why: str) -> Unanswered:
        return Unanswered(
            f"{self._title}'s answer with the tokens could not be read.", detail=f"status=200 {why}"
        )

    def _refusal(self, reply: Reply, *, code: bool) -> PublishError:
        body = reply.json()
        said = body.get("error", "") if isinstance(body, dict) else ""
        error = str(said.get("code", "") if isinstance(said, dict) else said)[:40]
        detail = f"token endpoint status={reply.status} {error}".strip()
        now, title = self._clock.now(), self._title
        if reply.status == 429:
            after = reply.headers.get("retry-after", "")
            wait = timedelta(seconds=min(int(after), 86_400)) if after.isdigit() and len(after) < 9 else SOON
            return RateLimited(now + wait, scope="its limit on new tokens", detail=detail)
        if reply.status >= 500 or reply.status == 408 or not isinstance(body, dict):
            return Unanswered(f"{title} has trouble with its tokens at the moment.", detail=detail)
        if self.oauth.is_ours(reply):
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
        settings=settings,
    )


def under(oauth: OAuth, settings: Any) -> OAuth:
    """The flow of an account with these settings, its endpoints where the account's ``base_url`` points
    if that is not the platform's own."""
    oauth = oauth.door(settings) if oauth.door else oauth
    base = str(getattr(settings, "base_url", "") or "")
    usual = _defaults(settings).get("base_url", "")
    if not base or base.rstrip("/") == str(usual).rstrip("/"):
        return oauth
    return replace(
        oauth,
        authorize_url=_moved(oauth.authorize_url, base),
        token_url=_moved(oauth.token_url, base),
        revoke_url=_moved(oauth.revoke_url, base) if oauth.revoke_url else "",
        elsewhere=base,
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
