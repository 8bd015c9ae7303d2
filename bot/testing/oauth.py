"""The OAuth 2.0 side of a platform's simulator: consent, codes, tokens that rotate and die.

State and rules are here, words and addresses are the platform's: subclass `Desk` and override
the refusals. Nothing here decides for the bot; it remembers what it was shown, so that a test
can count how often a refresh token was presented, and whether twice at the same time.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

from aiohttp import web

from bot.ports import Clock
from bot.testing.simulator import Failure, Handler


@dataclass(kw_only=True)
class App:
    """A registered app; one without a ``secret`` is public."""

    client_id: str
    secret: str = ""
    redirects: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Consent:
    """What somebody allowed. ``family`` ties all tokens that came from one consent together."""

    subject: str
    client_id: str
    scopes: tuple[str, ...]
    family: int
    redirect: str = ""
    challenge: str = ""
    made_at: datetime


@dataclass(kw_only=True)
class Issued:
    """A token: ``used`` or ``revoked`` ones are good for nothing."""

    consent: Consent
    expires_at: datetime
    used: bool = False
    revoked: bool = False


class Refusal(Exception):
    """An answer found while judging a request."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.status)
        self.failure = failure


@dataclass(kw_only=True)
class Desk:
    """``subject``: who is signed in and consents; ``says_no``: they do not. ``rotates``: a refresh
    token works once; ``kills_family``: showing a used one ends every token of its consent.

    ``presented`` counts how often each refresh token was shown, ``together`` the most that one
    was being looked at at the same time; ``thinks``: seconds by the clock that a look takes.
    ``id_name``: what this platform calls the client id.
    """

    clock: Clock
    subject: str
    apps: list[App] = field(default_factory=list)
    says_no: bool = False
    rotates: bool = True
    kills_family: bool = True
    refreshable: bool = True
    granted_scopes: tuple[str, ...] | None = None
    code_lasts: timedelta = timedelta(seconds=30)
    access_lasts: timedelta = timedelta(hours=2)
    refresh_lasts: timedelta = timedelta(days=180)
    codes: dict[str, Consent] = field(default_factory=dict)
    access: dict[str, Issued] = field(default_factory=dict)
    refresh: dict[str, Issued] = field(default_factory=dict)
    presented: Counter[str] = field(default_factory=Counter)
    thinks: float = 0.0
    together: int = 0
    prefix: str = "sim"
    id_name: str = "client_id"
    _looking: Counter[str] = field(default_factory=Counter)
    _numbers: Any = field(default_factory=lambda: count(1))

    def routes(self, authorize: str, token: str, revoke: str) -> Mapping[str, Handler]:
        """The three endpoints at these paths."""
        return {
            f"GET {authorize}": self._authorize,
            f"POST {token}": self._token,
            f"POST {revoke}": self._revoke,
        }

    def holder(self, bearer: str) -> Issued | None:
        """The access token, if it is good now."""
        issued = self.access.get(bearer)
        if issued is None or issued.revoked or self.clock.now() >= issued.expires_at:
            return None
        return issued

    def looking(self, refresh: str) -> int:
        """How many requests with this refresh token are being thought about now."""
        return self._looking[refresh]

    def grant(self, client_id: str, scopes: tuple[str, ...], *, subject: str = "") -> dict[str, Any]:
        """Tokens as if somebody had just consented; for tests that start there."""
        consent = self._consent(client_id, scopes, subject=subject or self.subject)
        return self._issue(consent)

    def revoke_family(self, family: int) -> None:
        """Every token of one consent is good for nothing."""
        for issued in (*self.access.values(), *self.refresh.values()):
            if issued.consent.family == family:
                issued.revoked = True

    # --- what differs between platforms ---------------------------------------------------------

    def bad_client(self) -> Failure:
        """The app is unknown or does not prove itself."""
        return error(401, "invalid_client", "Client authentication failed")

    def bad_code(self) -> Failure:
        """The code is unknown, used, too old, or its verifier or redirect is wrong."""
        return error(400, "invalid_grant", "The code is not valid")

    def bad_refresh(self) -> Failure:
        """The refresh token is unknown, used, too old or revoked."""
        return error(400, "invalid_grant", "The refresh token is not valid")

    def denial(self) -> str:
        """The error a redirect carries when somebody says no."""
        return "access_denied"

    def challenge_of(self, verifier: str) -> str:
        """The challenge that belongs to a verifier (RFC 7636 §4.2)."""
        digest = hashlib.sha256(verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def words(self, body: dict[str, Any], consent: Consent) -> dict[str, Any]:
        """The answer with tokens as this platform words it."""
        return body

    def on_issue(self, token: str, issued: Issued) -> None:
        """A new access token is good from now on."""

    # --------------------------------------------------------------------------------------------

    async def _authorize(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        app = next((a for a in self.apps if a.client_id == query.get(self.id_name)), None)
        redirect = query.get("redirect_uri", "")
        if app is None or not redirect or (app.redirects and redirect not in app.redirects):
            return web.Response(status=400, text="Something went wrong with the app or its callback.")
        back: dict[str, str] = {"state": query.get("state", "")}
        if self.says_no:
            back |= {"error": self.denial(), "error_description": "The user did not allow it"}
        else:
            scopes = tuple(query.get("scope", "").replace(",", " ").split())
            consent = self._consent(app.client_id, self.granted_scopes or scopes, subject=self.subject)
            consent.redirect, consent.challenge = redirect, query.get("code_challenge", "")
            code = self._fresh("code")
            self.codes[code] = consent
            back["code"] = code
        return web.Response(
            status=302, headers={"location": f"{redirect}?{urlencode(back, quote_via=quote)}"}
        )

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form = {k: v[-1] for k, v in parse_qs((await request.read()).decode("utf-8", "replace")).items()}
        token = form.get("refresh_token", "")
        self._looking[token] += bool(token)
        self.together = max(self.together, self._looking[token])
        try:
            if self.thinks:
                await self.clock.sleep(self.thinks)
            client_id = self._client(request.headers.get("authorization", ""), form)
            match form.get("grant_type"):
                case "authorization_code":
                    body = self._redeem(client_id, form)
                case "refresh_token":
                    body = self._renew(client_id, token)
                case _:
                    raise Refusal(error(400, "unsupported_grant_type", "The grant type is not known"))
        except Refusal as refusal:
            return answer(refusal.failure)
        finally:
            self._looking[token] -= bool(token)
        return web.json_response(body, headers={"cache-control": "no-cache, no-store, max-age=0"})

    async def _revoke(self, request: web.Request) -> web.StreamResponse:
        form = {k: v[-1] for k, v in parse_qs((await request.read()).decode("utf-8", "replace")).items()}
        try:
            self._client(request.headers.get("authorization", ""), form)
        except Refusal as refusal:
            return answer(refusal.failure)
        token = form.get("token", "")
        issued = self.access.get(token) or self.refresh.get(token)
        if issued is not None:
            self.revoke_family(issued.consent.family)
        return web.json_response({"revoked": True})

    def _client(self, authorization: str, form: Mapping[str, str]) -> str:
        client_id, secret = form.get(self.id_name, ""), form.get("client_secret", "")
        if authorization.startswith("Basic "):
            try:
                pair = base64.b64decode(authorization[6:], validate=True).decode()
            except (binascii.Error, ValueError):
                raise Refusal(self.bad_client()) from None
            client_id, _, secret = pair.partition(":")
        app = next((a for a in self.apps if a.client_id == client_id), None)
        if app is None or app.secret != secret:
            raise Refusal(self.bad_client())
        return client_id

    def _redeem(self, client_id: str, form: Mapping[str, str]) -> dict[str, Any]:
        consent = self.codes.pop(form.get("code", ""), None)
        if (
            consent is None
            or consent.client_id != client_id
            or consent.redirect != form.get("redirect_uri")
            or (consent.challenge and consent.challenge != self.challenge_of(form.get("code_verifier", "")))
            or self.clock.now() >= consent.made_at + self.code_lasts
        ):
            raise Refusal(self.bad_code())
        return self._issue(consent)

    def _renew(self, client_id: str, token: str) -> dict[str, Any]:
        self.presented[token] += 1
        issued = self.refresh.get(token)
        if issued is None or issued.consent.client_id != client_id:
            raise Refusal(self.bad_refresh())
        if issued.used and self.kills_family:
            self.revoke_family(issued.consent.family)
        if issued.used or issued.revoked or self.clock.now() >= issued.expires_at:
            raise Refusal(self.bad_refresh())
        if self.rotates:
            issued.used = True
            return self._issue(issued.consent)
        return self._issue(issued.consent, keep=token)

    def _consent(self, client_id: str, scopes: tuple[str, ...], *, subject: str) -> Consent:
        return Consent(
            subject=subject,
            client_id=client_id,
            scopes=scopes,
            family=next(self._numbers),
            made_at=self.clock.now(),
        )

    def _issue(self, consent: Consent, *, keep: str = "") -> dict[str, Any]:
        now, access = self.clock.now(), self._fresh("access")
        self.access[access] = Issued(consent=consent, expires_at=now + self.access_lasts)
        self.on_issue(access, self.access[access])
        body: dict[str, Any] = {
            "token_type": "bearer",
            "expires_in": int(self.access_lasts.total_seconds()),
            "access_token": access,
            "scope": self.scope_text(consent.scopes),
        }
        if self.refreshable:
            refresh = keep or self._fresh("refresh")
            if not keep:
                self.refresh[refresh] = Issued(consent=consent, expires_at=now + self.refresh_lasts)
            body["refresh_token"] = refresh
        return self.words(body, consent)

    def scope_text(self, scopes: tuple[str, ...]) -> str:
        """Scopes as the platform lists them."""
        return " ".join(scopes)

    def _fresh(self, kind: str) -> str:
        number = next(self._numbers)
        digest = hashlib.sha256(f"{self.prefix}/{kind}/{number}".encode()).hexdigest()
        return f"{self.prefix}-{kind}-{number}-{digest[:24]}"


def error(status: int, name: str, description: str) -> Failure:
    """An error as RFC 6749 §5.2 writes it."""
    return Failure(status=status, body={"error": name, "error_description": description})


def answer(failure: Failure) -> web.Response:
    """A failure as a response."""
    return web.json_response(failure.body, status=failure.status, headers=dict(failure.headers))
