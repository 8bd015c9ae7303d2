"""What an account on Bluesky is set to."""

from __future__ import annotations

from dataclasses import dataclass

from bot.api import Secret

BASE = "https://bsky.social"


@dataclass(frozen=True, kw_only=True)
class BlueskySettings:
    """One account on Bluesky, or on any other server of the AT Protocol, posting with an app password.

    ``identifier``: the handle (``shop.example.com``), the account's DID or its e-mail address; no
    secret. ``base_url``: where it signs in; its own server is learned there. ``video_url``: the service
    that prepares videos; empty is Bluesky's for an account on the open network, and the account's own
    server for one that does not speak HTTPS.
    """

    identifier: str
    app_password: Secret
    base_url: str = BASE
    video_url: str = ""

    def __post_init__(self) -> None:
        name = self.identifier.strip()
        if "." not in name and not name.startswith("did:"):
            raise ValueError(
                f"identifier: “{name}” is not a handle; write it whole, as shop.example.com or me.bsky.social"
            )
