"""Signed, short-lived addresses of media: nobody guesses one, and none serves more than one file.

A name is ``<expiry>-<signature>-<sha256>.<kind>``, plain ASCII and without a query, because platforms
are particular about what they fetch. The signature (HMAC-SHA256) covers all the rest. What is not
signed is never looked up, so there is nothing to list and nothing to traverse.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType

from bot.domain.post import Media
from bot.ports import Clock

PURPOSE = "media links"
"""What the key is derived for."""

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "jpg": "image/jpeg",
        "png": "image/png",
        "gif": "image/gif",
        "webp": "image/webp",
        "mp4": "video/mp4",
        "mov": "video/quicktime",
        "webm": "video/webm",
        "pdf": "application/pdf",
        "srt": "application/x-subrip",
        "vtt": "text/vtt",
        "bin": "application/octet-stream",
    }
)
"""File ending → media type. Platforms judge by both, so both are told."""

NAME = re.compile(r"([0-9a-f]{6,12})-([A-Za-z0-9_-]{43})-([0-9a-f]{64})\.([a-z0-9]{2,4})")

Keys = Callable[[], Sequence[bytes]]
"""The keys there are now: the first signs, every one is good for checking."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A file somebody may have, or who asks too late."""

    sha256: str
    mime: str
    late: bool = False


class SignedLinks:
    """Implements `bot.ports.MediaLinks`. ``used`` is told that somebody will come."""

    def __init__(
        self, base: str, keys: Keys, clock: Clock, *, used: Callable[[], None] = lambda: None
    ) -> None:
        self._base, self._keys, self._clock, self._used = base.rstrip("/"), keys, clock, used

    def url(self, media: Media, *, seconds: int) -> str:
        self._used()
        ending = next((e for e, mime in KINDS.items() if mime == media.mime), "bin")
        until = int(self._clock.now().timestamp()) + seconds
        expiry = f"{until:x}"
        signature = _sign(self._keys()[0], expiry, media.sha256, ending)
        return f"{self._base}/m/{expiry}-{signature}-{media.sha256}.{ending}"


def read_name(name: str, keys: Sequence[bytes], clock: Clock) -> Asked | None:
    """What a name asks for; None when we did not sign it."""
    match = NAME.fullmatch(name)
    if match is None or match[4] not in KINDS:
        return None
    expiry, signature, digest, ending = match.groups()
    ours = [hmac.compare_digest(_sign(key, expiry, digest, ending), signature) for key in keys]
    if not any(ours):
        return None
    return Asked(sha256=digest, mime=KINDS[ending], late=clock.now().timestamp() >= int(expiry, 16))


def tag(keys: Sequence[bytes]) -> str:
    """What we answer with, so that whoever has the key knows that it is us; it opens nothing."""
    return hmac.digest(keys[0], b"tag", sha256).hex()[:16]


def _sign(key: bytes, expiry: str, digest: str, ending: str) -> str:
    mac = hmac.digest(key, f"{expiry}|{digest}|{KINDS[ending]}".encode(), sha256)
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")
