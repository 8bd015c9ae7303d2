"""TikTok's OAuth 2.0: client keys, commas between scopes, refresh tokens that work once.

Source: developers.tiktok.com, oauth-user-access-token-management and login-kit-web, login-kit-desktop
(state of 2026-11-05): access tokens last 2 h and refresh tokens 180 days, older apps may differ, so only
what an answer says counts. Refusals come flat, at times with HTTP 200.
"""

from __future__ import annotations

import base64

from bot.api import OAuth, Renewal

BASIC, STATS, DIRECT, INBOX, LIST = (
    "user.info.basic",
    "user.info.stats",
    "video.publish",
    "video.upload",
    "video.list",
)
SCOPES = (BASIC, DIRECT, INBOX, LIST)
"""Everything this plugin needs, asked for at once; whoever consents may untick some."""


def in_hex(challenge: str) -> str:
    """TikTok wants the SHA-256 of the verifier in hexadecimal, not in base64url (login-kit-desktop)."""
    return base64.urlsafe_b64decode(challenge + "=" * (-len(challenge) % 4)).hex()


TIKTOK_OAUTH = OAuth(
    authorize_url="https://www.tiktok.com/v2/auth/authorize/",
    token_url="https://open.tiktokapis.com/v2/oauth/token/",
    revoke_url="https://open.tiktokapis.com/v2/oauth/revoke/",
    scopes=SCOPES,
    replaces=("access_token",),
    renewal=Renewal.ROTATING,
    client_id="client_key",
    client_secret="client_secret",
    secret_needed=True,
    id_name="client_key",
    separator=",",
    extra={"disable_auto_auth": "1"},
    challenge=in_hex,
)
