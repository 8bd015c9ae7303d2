"""How a request proves that it comes from us: Standard Webhooks, version 1.

Source: the Standard Webhooks specification, "Verifying webhook authenticity" (2023): the
signature is HMAC-SHA256 over ``id.timestamp.content``, in Base64 after ``v1,``; a secret is
Base64 after ``whsec_``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

PREFIX = "whsec_"
TOLERANCE = 300
"""Seconds by which the two clocks may differ; older requests are taken for repeats of a thief."""


def key_of(secret: str) -> bytes:
    """The key in a secret, which is taken as it is where it is no Base64; raises ValueError when it is
    too short."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = secret.encode()
    if len(key) < 16:
        raise ValueError(f"secret: give `{PREFIX}` and at least 16 random bytes in Base64")
    return key


def sign(secret: str, *, id: str, at: int, content: str) -> Mapping[str, str]:
    """The three headers; ``at`` in seconds since 1970, ``content`` is the body or its digest."""
    digest = hmac.new(key_of(secret), f"{id}.{at}.{content}".encode(), hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": id, "webhook-timestamp": str(at), "webhook-signature": signature}


def is_signed(secret: str, headers: Mapping[str, str], content: str, *, now: int) -> bool:
    """What a receiver asks; compare in constant time, and let no old request in."""
    at = headers.get("webhook-timestamp", "")
    if not at.isdigit() or abs(now - int(at)) > TOLERANCE:
        return False
    right = sign(secret, id=headers.get("webhook-id", ""), at=int(at), content=content)
    given = headers.get("webhook-signature", "").encode()
    return hmac.compare_digest(given, right["webhook-signature"].encode())
