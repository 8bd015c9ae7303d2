"""Where the simulated Google asks for consent and gives out tokens (identity/protocols/oauth2/web-server).

A refresh token comes only with ``access_type=offline``, and stays the same when it is used.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.testing.oauth import App, Consent, Desk, error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.api import Clock
    from bot.testing.simulator import Failure, Handler

CLIENT_ID, CLIENT_SECRET = "sim-google.apps.googleusercontent.com", "sim-google-secret"


class GoogleDesk(Desk):
    """One project with one app."""

    def __init__(self, clock: Clock, subject: str) -> None:
        super().__init__(
            clock=clock,
            subject=subject,
            apps=[App(client_id=CLIENT_ID, secret=CLIENT_SECRET)],
            rotates=False,
            access_lasts=timedelta(seconds=3600),
            refresh_lasts=timedelta(days=182),
            code_lasts=timedelta(minutes=10),
            prefix="ya29.sim",
        )
        self.offline = True

    async def _authorize(self, request: Any) -> Any:
        self.offline = request.query.get("access_type") == "offline"
        return await super()._authorize(request)

    def _issue(self, consent: Consent, *, keep: str = "") -> dict[str, Any]:
        body = super()._issue(consent, keep=keep)
        if keep or not self.offline:
            body.pop("refresh_token", None)
        return body

    def endpoints(self) -> Mapping[str, Handler]:
        """Endpoint → handler."""
        return self.routes("/o/oauth2/v2/auth", "/token", "/revoke")

    def bad_client(self) -> Failure:
        return error(401, "invalid_client", "The OAuth client was not found.")

    def bad_code(self) -> Failure:
        return error(400, "invalid_grant", "Bad Request")

    def bad_refresh(self) -> Failure:
        return error(400, "invalid_grant", "Token has been expired or revoked.")
