"""``[web]``: where the world reaches us, and where we listen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from bot.config.table import Table

PUBLIC = 'must be like "https://bot.example.com"'
LISTEN = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})")


@dataclass(frozen=True, kw_only=True)
class WebConfig:
    """``public_url``: what platforms put before our paths, without a slash at the end; empty when nobody
    outside reaches us. ``host`` and ``port``: where we listen; the door to the world stands before it."""

    public_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8080

    @property
    def listen(self) -> str:
        """Host and port as they are written."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def read_web(table: Table) -> WebConfig:
    """The table as a value; what is wrong with it is told."""
    public = table.take("public_url", str, "").rstrip("/")
    if public and (wrong := _wrong(public)):
        table.wrong("public_url", wrong)
    written = table.take("listen", str, WebConfig().listen)
    match = LISTEN.fullmatch(written)
    if match is None or not 0 < int(match[2]) < 2**16:
        table.wrong("listen", 'must be an address and a port, like "127.0.0.1:8080"')
        return WebConfig(public_url=public)
    return WebConfig(public_url=public, host=match[1].strip("[]"), port=int(match[2]))


def _wrong(url: str) -> str:
    """What is wrong with a public address; empty when nothing is.

    Plain http is only for a door on this very computer: platforms fetch over the open network.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return PUBLIC
    if not url.isascii() or re.search(r"[\s\"'<>\\]", url):
        return f"{PUBLIC}; other characters have to be percent-encoded"
    if parts.username or parts.password or parts.query or parts.fragment:
        return f"{PUBLIC}, without a password and without what begins with ? or #"
    if parts.scheme not in ("http", "https") or not host:
        return PUBLIC
    if parts.scheme == "http" and not _loopback(host):
        return "must begin with https://, or everybody on the way could read what is not out yet"
    return ""


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
