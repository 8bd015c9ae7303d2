"""What Clarion needs to know to talk to one Slack workspace."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType

from bot.config.secret import Secret
from bot.errors import BadInput

VARIABLES = MappingProxyType(
    {
        "bot_token": "SLACK_BOT_TOKEN",
        "app_token": "SLACK_APP_TOKEN",
        "signing_secret": "SLACK_SIGNING_SECRET",
    }
)

API = "https://slack.com/api/"
PATH = "/slack/events"


@dataclass(frozen=True, kw_only=True)
class SlackSettings:
    """``app_token``: Slack is asked for a socket, no address of ours is needed (Socket Mode).
    ``signing_secret`` alone: Slack calls us over HTTP at ``listen`` (``host:port``), path
    /slack/events; with both, the socket is used. ``base_url`` is where another server stands in
    for Slack. ``command`` is the slash command that the app was given.
    """

    bot_token: Secret
    app_token: Secret | None = None
    signing_secret: Secret | None = None
    base_url: str = ""
    listen: str = "127.0.0.1:3000"
    command: str = "/clarion"

    def __post_init__(self) -> None:
        if not self.app_token and not self.signing_secret:
            raise BadInput(
                "needs app_token (Socket Mode, the simplest: SLACK_APP_TOKEN) or signing_secret "
                "(events over HTTP: SLACK_SIGNING_SECRET)"
            )
        if not self.base_url:
            _begins(self.bot_token, "xoxb-", "bot_token", "OAuth & Permissions → Bot User OAuth Token")
            if self.app_token:
                _begins(self.app_token, "xapp-", "app_token", "Basic Information → App-Level Tokens")
        elif not re.match(r"https?://[^\s/]", self.base_url):
            raise BadInput("base_url must begin with http:// or https://")
        if not re.fullmatch(r"/[a-z0-9_-]{1,31}", self.command):
            raise BadInput(f"command must look like /clarion, not {self.command!r}")
        host, colon, port = self.listen.rpartition(":")
        if not host or not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
            raise BadInput(f"listen must look like 127.0.0.1:3000, not {self.listen!r}")

    @property
    def api(self) -> str:
        """The address in front of every method's name, with its slash."""
        return (self.base_url.rstrip("/") + "/") if self.base_url else API

    @property
    def socket_mode(self) -> bool:
        return bool(self.app_token)

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)


def _begins(secret: Secret, prefix: str, name: str, where: str) -> None:
    if not secret.reveal().startswith(prefix):
        raise BadInput(f"{name} must begin with {prefix}; Slack shows it under {where}")
