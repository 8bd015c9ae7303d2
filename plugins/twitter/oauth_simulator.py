"""Where the simulated X asks its people for consent and gives out tokens.

Answers as in docs.x.com fundamentals/authentication/oauth-2-0 (2026-08-22) and in field reports.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.testing.oauth import App, Desk, error
from bot.testing.simulator import Failure
from plugins.twitter.failures import forbidden

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.api import Clock
    from bot.testing.simulator import Handler
    from plugins.twitter.world import SimAccount

CLIENT_ID, CLIENT_SECRET, PUBLIC_ID = "sim-client-id", "sim-client-secret", "sim-public-client-id"

NEEDED = (
    ("POST /2/media", "media.write"),
    ("GET /2/media", "media.write"),
    ("POST /2/tweets", "tweet.write"),
    ("DELETE /2/tweets", "tweet.write"),
    ("GET /2/users", "users.read"),
    ("GET /2/tweets", "tweet.read"),
)
"""Beginning of an endpoint → the scope its token needs."""


class TwitterDesk(Desk):
    """One confidential app and one public one; refresh tokens work once and drag their family down."""

    def __init__(self, clock: Clock, subject: str) -> None:
        apps = [App(client_id=CLIENT_ID, secret=CLIENT_SECRET), App(client_id=PUBLIC_ID)]
        super().__init__(clock=clock, subject=subject, apps=apps, prefix="sim-x")

    def endpoints(self) -> Mapping[str, Handler]:
        """Endpoint → handler."""
        return self.routes("/i/oauth2/authorize", "/2/oauth2/token", "/2/oauth2/revoke")

    def account(self, accounts: Iterable[SimAccount], authorization: str) -> SimAccount | None:
        """Whose good token this is."""
        held = self.holder(_token(authorization))
        return next((a for a in accounts if held is not None and a.id == held.consent.subject), None)

    def denied(self, endpoint: str, authorization: str) -> Failure | None:
        """The refusal for a token that lacks the scope an endpoint needs."""
        held = self.holder(_token(authorization))
        needed = next((scope for start, scope in NEEDED if endpoint.startswith(start)), "")
        if held is None or not needed or needed in held.consent.scopes:
            return None
        return forbidden("Forbidden")

    def bad_client(self) -> Failure:
        return error(401, "unauthorized_client", "Missing valid authorization header")

    def bad_code(self) -> Failure:
        return error(400, "invalid_request", "Value passed for the authorization code was invalid.")

    def bad_refresh(self) -> Failure:
        return error(400, "invalid_request", "Value passed for the token was invalid.")


def _token(authorization: str) -> str:
    match = re.fullmatch(r"(?i)bearer\s+(\S+)", authorization.strip())
    return match[1] if match else ""
