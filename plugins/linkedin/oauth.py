"""LinkedIn's OAuth 2.0: authorization code, a token for 60 days, rarely a refresh token.

Source: learn.microsoft.com/en-us/linkedin/shared/authentication (authorization-code-flow,
programmatic-refresh-tokens), copies of 2026. Asking for other scopes ends all earlier tokens of
that member for the app, so all accounts of an app ask for the same: see `OAuth.more_scopes`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.api import ClientProof, OAuth, Renewal, Reply
from plugins.linkedin.rules import ORGANIZATION

MEMBER_SCOPES = ("openid", "profile", "email", "w_member_social")
PAGE_SCOPES = ("w_organization_social", "r_organization_social", "rw_organization_admin")


def more_scopes(settings: Any) -> tuple[str, ...]:
    """A page needs LinkedIn's Community Management API; an app without it may not ask for these."""
    return PAGE_SCOPES if str(settings.author).startswith(ORGANIZATION) else ()


def is_dead(reply: Reply) -> bool:
    """LinkedIn calls a dead refresh token a bad request, as it does many other things."""
    body = reply.json()
    if not isinstance(body, dict):
        return False
    said = str(body.get("error_description", "")).lower()
    bad_token = body.get("error") == "invalid_request" and "refresh token is invalid" in said
    return body.get("error") == "invalid_grant" or bad_token


LINKEDIN_OAUTH = OAuth(
    authorize_url="https://www.linkedin.com/oauth/v2/authorization",
    token_url="https://www.linkedin.com/oauth/v2/accessToken",
    revoke_url="https://www.linkedin.com/oauth/v2/revoke",
    scopes=MEMBER_SCOPES,
    replaces=("access_token",),
    proof=ClientProof.FORM,
    pkce=False,
    renewal=Renewal.NONE,
    margin=timedelta(days=7),
    secret_needed=True,
    more_scopes=more_scopes,
    is_dead=is_dead,
)
"""For partners whose app is given refresh tokens, these are used; everybody else is reminded."""
