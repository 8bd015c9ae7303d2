"""What Clarion needs to know to talk to Discord."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlsplit

from bot.config.secret import Secret
from bot.errors import BadInput

VARIABLES = MappingProxyType({"token": "DISCORD_TOKEN"})

VERSION = "/api/v10"
API = f"https://discord.com{VERSION}"
"""docs.discord.com/developers, reference: the base of version 10."""

CDN = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
"""Where Discord keeps attachments (reference, image formatting)."""


@dataclass(frozen=True, kw_only=True)
class DiscordSettings:
    """``base_url`` and ``gateway_url`` (ws:// or wss://) are where another server stands in for
    Discord. ``members_intent``: the bot is told when somebody gets or loses a role, for which the
    portal's *Server Members Intent* must be on.
    """

    token: Secret
    base_url: str = ""
    gateway_url: str = ""
    members_intent: bool = False

    def __post_init__(self) -> None:
        if self.base_url and not re.match(r"https?://[^\s/]", self.base_url):
            raise BadInput("base_url must begin with http:// or https://")
        if self.gateway_url and not re.match(r"wss?://[^\s/]", self.gateway_url):
            raise BadInput("gateway_url must begin with ws:// or wss://")
        if not self.token.reveal().strip():
            raise BadInput("token is empty; the developer portal shows it once, under Bot, Reset Token")

    @property
    def api(self) -> str:
        """What every path is put behind; a ``base_url`` without a path gets the usual one."""
        base = self.base_url.rstrip("/")
        if not base:
            return API
        return base if urlsplit(base).path else base + VERSION

    @property
    def file_hosts(self) -> frozenset[str]:
        """The hosts that attachments may be fetched from: ``name`` or ``name:port``."""
        return CDN | ({urlsplit(self.base_url).netloc} if self.base_url else set())
