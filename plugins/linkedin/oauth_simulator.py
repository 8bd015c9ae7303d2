"""Where the simulated LinkedIn asks its members for consent and gives out tokens.

Answers by the numbers of the team's reference (L-S9, L-F22, L-F24 to L-F28). Most apps get no
refresh token; ``refreshable`` makes this one a partner's, whose refresh token may be used often.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.testing.oauth import App, Desk, Issued, error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.api import Clock
    from bot.testing.simulator import Failure, Handler
    from plugins.linkedin.gate import Gate

CLIENT_ID, CLIENT_SECRET = "sim-li-client", "sim-li-client-secret"


class LinkedInDesk(Desk):
    """One app; a consent to other scopes ends every earlier token of that member (L-F22)."""

    def __init__(self, clock: Clock, gate: Gate, member: str) -> None:
        super().__init__(
            clock=clock,
            subject=member,
            apps=[App(client_id=CLIENT_ID, secret=CLIENT_SECRET)],
            rotates=False,
            refreshable=False,
            code_lasts=timedelta(minutes=30),
            access_lasts=timedelta(days=60),
            refresh_lasts=timedelta(days=365),
            prefix="AQX-sim",
        )
        self._gate = gate

    def endpoints(self) -> Mapping[str, Handler]:
        """Endpoint → handler."""
        return self.routes("/oauth/v2/authorization", "/oauth/v2/accessToken", "/oauth/v2/revoke")

    def on_issue(self, token: str, issued: Issued) -> None:
        self._gate.consent(issued.consent.subject, token, frozenset(issued.consent.scopes))
        self._gate.tokens[token].expires = issued.expires_at

    def revoke_family(self, family: int) -> None:
        super().revoke_family(family)
        for token, issued in self.access.items():
            if issued.consent.family == family and token in self._gate.tokens:
                self._gate.tokens[token].state = "revoked"

    def bad_client(self) -> Failure:
        return error(401, "invalid_client", "Client authentication failed")

    def bad_code(self) -> Failure:
        said = "Unable to retrieve access token: authorization code not found"
        return error(401, "invalid_request", said)

    def bad_refresh(self) -> Failure:
        said = "The provided authorization grant or refresh token is invalid, expired or revoked"
        return error(400, "invalid_request", said)

    def denial(self) -> str:
        return "user_cancelled_authorize"

    def scope_text(self, scopes: tuple[str, ...]) -> str:
        return ",".join(scopes)
