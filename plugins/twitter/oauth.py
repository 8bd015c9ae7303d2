"""X's OAuth 2.0: authorization code with PKCE, and refresh tokens that work once.

Source: docs.x.com fundamentals/authentication/oauth-2-0 (authorization-code, user-access-token),
read 2026-08-22.
"""

from __future__ import annotations

from bot.api import ClientProof, OAuth, Renewal, Reply

MEDIA_SCOPE = "media.write"
SCOPES = ("tweet.read", "tweet.write", "users.read", MEDIA_SCOPE, "offline.access")
"""Everything this plugin ever needs, asked for at once; ``offline.access`` brings the refresh token."""

OLD_KEYS = ("api_key", "api_secret", "access_token", "access_token_secret")


def is_dead(reply: Reply) -> bool:
    """X's words for a refresh token that is used, revoked or too old are those of any bad request."""
    body = reply.json()
    if not isinstance(body, dict):
        return False
    said = str(body.get("error_description", "")).lower()
    bad_token = body.get("error") == "invalid_request" and "value passed for the token" in said
    return body.get("error") == "invalid_grant" or bad_token


TWITTER_OAUTH = OAuth(
    authorize_url="https://x.com/i/oauth2/authorize",
    token_url="https://api.x.com/2/oauth2/token",
    revoke_url="https://api.x.com/2/oauth2/revoke",
    scopes=SCOPES,
    replaces=OLD_KEYS,
    proof=ClientProof.BASIC,
    renewal=Renewal.ROTATING,
    is_dead=is_dead,
)
"""A token lasts two hours; an app with a secret proves itself with Basic, one without by its id."""
