"""Where the simulated TikTok asks its people for consent and gives out tokens.

Flat answers, a hexadecimal PKCE challenge, refresh tokens that work once (developers.tiktok.com,
oauth-user-access-token-management, state of 2026-11-05).
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.testing.oauth import App, Consent, Desk
from plugins.tiktok.failures import FAILURES, flat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.api import Clock
    from bot.testing.simulator import Failure, Handler

CLIENT_KEY, CLIENT_SECRET = "sim-tt-client-key", "sim-tt-client-secret"


class TikTokDesk(Desk):
    """One app. ``refusal_status``: bad refresh tokens have been seen refused with HTTP 200, too."""

    def __init__(self, clock: Clock, subject: str) -> None:
        super().__init__(
            clock=clock,
            subject=subject,
            apps=[App(client_id=CLIENT_KEY, secret=CLIENT_SECRET)],
            id_name="client_key",
            prefix="act.sim",
            kills_family=False,
        )
        self.refusal_status = 400

    def endpoints(self) -> Mapping[str, Handler]:
        """Endpoint → handler."""
        return self.routes("/v2/auth/authorize/", "/v2/oauth/token/", "/v2/oauth/revoke/")

    def challenge_of(self, verifier: str) -> str:
        return hashlib.sha256(verifier.encode()).hexdigest()

    def scope_text(self, scopes: tuple[str, ...]) -> str:
        return ",".join(scopes)

    def words(self, body: dict[str, Any], consent: Consent) -> dict[str, Any]:
        lasts = int(self.refresh_lasts.total_seconds())
        return {
            **body,
            "open_id": consent.subject,
            "token_type": "Bearer",
            **({"refresh_expires_in": lasts} if "refresh_token" in body else {}),
        }

    def bad_client(self) -> Failure:
        return FAILURES["T-O2"]

    def bad_code(self) -> Failure:
        said = flat(400, "invalid_grant", "Authorization code is expired.")
        return replace(said, status=self.refusal_status)

    def bad_refresh(self) -> Failure:
        return replace(FAILURES["T-O1"], status=self.refusal_status)
