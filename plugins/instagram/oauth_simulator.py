"""Where the simulated Meta asks for consent and gives out tokens, by both doors.

Instagram Login: a code gives a token of an hour, which is exchanged for one of 60 days, which renews itself
when it is a day old. Facebook Login: a code gives a person's token, which is exchanged for a long one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.testing.oauth import App, Consent, Desk, Issued, Refusal, answer
from bot.testing.simulator import Failure
from plugins.instagram.failures import problem, refused
from plugins.instagram.simulated import SIMULATED_ACCOUNT, SIMULATED_APP, SIMULATED_SECRET, Token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from bot.api import Clock
    from bot.testing.simulator import Handler
    from plugins.instagram.gate import Gate

SHORT, LONG, DAY = timedelta(hours=1), timedelta(days=60), timedelta(hours=24)


class InstagramDesk(Desk):
    """One app with one user."""

    def __init__(self, clock: Clock, gate: Gate) -> None:
        super().__init__(
            clock=clock,
            subject=SIMULATED_ACCOUNT,
            apps=[App(client_id=SIMULATED_APP, secret=SIMULATED_SECRET)],
            rotates=False,
            refreshable=False,
            code_lasts=timedelta(hours=1),
            access_lasts=SHORT,
            prefix="IGAA-sim",
        )
        self._gate = gate

    def endpoints(self) -> Mapping[str, Handler]:
        """Endpoint → handler."""
        routes = self.routes("/oauth/authorize", "/oauth/access_token", "/oauth/revoke")
        return {
            **routes,
            "GET /access_token": self._exchange,
            "GET /refresh_access_token": self._refresh,
            "GET /{version}/dialog/oauth": self._authorize,
            "GET /{version}/oauth/access_token": self._by_book,
        }

    def words(self, body: dict[str, Any], consent: Consent) -> dict[str, Any]:
        return {
            "access_token": body["access_token"],
            "user_id": int(SIMULATED_ACCOUNT),
            "permissions": list(consent.scopes),
        }

    def on_issue(self, token: str, issued: Issued) -> None:
        self._know(token, issued, "instagram")

    def bad_client(self) -> Failure:
        body = {"error_type": "OAuthException", "code": 400, "error_message": "Invalid platform app"}
        return Failure(status=400, body=body)

    def bad_code(self) -> Failure:
        said = "This authorization code has been used"
        return Failure(status=400, body={"error_type": "OAuthException", "code": 400, "error_message": said})

    def _know(self, token: str, issued: Issued, kind: str) -> None:
        scopes = (s.removeprefix("instagram_").removeprefix("business_") for s in issued.consent.scopes)
        self._gate.tokens[token] = Token(
            kind=kind, scopes=frozenset(scopes), made_at=self.clock.now(), expires=issued.expires_at
        )

    def _long(self, consent: Consent, kind: str) -> dict[str, Any]:
        """A token of 60 days of the same consent."""
        name = self._fresh("long")
        issued = Issued(consent=consent, expires_at=self.clock.now() + LONG)
        self.access[name] = issued
        self._know(name, issued, kind)
        return {
            "access_token": name,
            "token_type": "bearer",
            "expires_in": int(LONG.total_seconds()),
        }

    async def _exchange(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        short = self.holder(query.get("access_token", ""))
        if query.get("client_secret") != SIMULATED_SECRET:
            return answer(refused(101, 0, "Error validating client secret"))
        if query.get("grant_type") != "ig_exchange_token" or short is None:
            return answer(refused(190, 0, "Session key invalid"))
        return answer(Failure(status=200, body=self._long(short.consent, "instagram")))

    async def _refresh(self, request: web.Request) -> web.StreamResponse:
        value = request.query.get("access_token", "")
        self.presented[value] += 1
        held, token = self.holder(value), self._gate.tokens.get(value)
        if (
            request.query.get("grant_type") != "ig_refresh_token"
            or held is None
            or token is None
            or token.state
        ):
            return answer(refused(190, 463, "Session has expired"))
        if self.clock.now() - token.made_at < DAY:
            return answer(Failure(status=400, body=problem(10, 0, "The token is less than 24 hours old")))
        return answer(Failure(status=200, body=self._long(held.consent, "instagram")))

    async def _by_book(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        app = next((a for a in self.apps if a.client_id == query.get("client_id")), None)
        if app is None or app.secret != query.get("client_secret"):
            return answer(refused(101, 0, "Error validating application"))
        if query.get("grant_type") == "fb_exchange_token":
            short = self.holder(query.get("fb_exchange_token", ""))
            if short is None:
                return answer(refused(190, 0, "Malformed access token"))
            return answer(Failure(status=200, body=self._long(short.consent, "user")))
        try:
            given = self._redeem(app.client_id, dict(query))
        except Refusal:
            return answer(refused(100, 36009, "This authorization code has been used."))
        token = str(given["access_token"])
        self._know(token, self.access[token], "user")
        return answer(
            Failure(status=200, body={"access_token": token, "token_type": "bearer", "expires_in": 3600})
        )
