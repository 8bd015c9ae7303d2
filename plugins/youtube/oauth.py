"""Google's OAuth 2.0: authorization code with PKCE, and a refresh token that stays the same.

Source: developers.google.com/identity/protocols/oauth2/web-server (2026). Without ``access_type=offline``
there is no refresh token, without ``prompt=consent`` only the first time. A refresh token has no fixed
end, but dies when it is revoked, unused for six months, or after seven days while the project's consent
screen is in "Testing".
"""

from __future__ import annotations

from types import MappingProxyType

from bot.api import ClientProof, OAuth, Renewal

_PREFIX = "https://www.googleapis.com/auth/"
UPLOAD, READ, WRITE = f"{_PREFIX}youtube.upload", f"{_PREFIX}youtube.readonly", f"{_PREFIX}youtube.force-ssl"
ANALYTICS = f"{_PREFIX}yt-analytics.readonly"
SCOPES = (UPLOAD, READ, WRITE, ANALYTICS)
"""``youtube.upload`` alone cannot read back what it uploaded; changing, captions and deleting need
``force-ssl``, the daily reports ``yt-analytics``."""

NEEDED = frozenset({UPLOAD, READ, WRITE})
"""What nothing goes out without; people can untick each of them."""

YOUTUBE_OAUTH = OAuth(
    authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
    token_url="https://oauth2.googleapis.com/token",
    revoke_url="https://oauth2.googleapis.com/revoke",
    scopes=SCOPES,
    replaces=("access_token",),
    proof=ClientProof.FORM,
    renewal=Renewal.STABLE,
    secret_needed=True,
    extra=MappingProxyType({"access_type": "offline", "prompt": "consent", "include_granted_scopes": "true"}),
)
"""An access token lasts an hour."""
