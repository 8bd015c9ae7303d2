"""What an account on TikTok is set to."""

from __future__ import annotations

from dataclasses import dataclass

from bot.api import Secret
from plugins.tiktok.options import DIRECT, INBOX

API = "https://open.tiktokapis.com"


@dataclass(frozen=True, kw_only=True)
class TikTokSettings:
    """One account on TikTok. ``client_key`` and ``client_secret`` are the app's; tokens come from
    ``clarion connect``, or ``access_token`` holds one.

    ``mode``: what a post is when nobody says otherwise: "direct" (posted by us) or "inbox" (a draft
    that a person finishes in TikTok's app). ``audited``: false says at once that TikTok lets this app post
    nothing public. ``base_url``: TikTok itself, a simulator, or any server that speaks its paths.
    """

    access_token: Secret | None = None
    client_key: Secret | None = None
    client_secret: Secret | None = None
    base_url: str = API
    mode: str = "direct"
    audited: bool = True

    def __post_init__(self) -> None:
        if self.mode not in (DIRECT, INBOX):
            raise ValueError(f"mode is {DIRECT!r} or {INBOX!r}, not {self.mode[:20]!r}")
