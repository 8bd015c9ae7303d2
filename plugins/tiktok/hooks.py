"""Webhooks as the simulated TikTok sends them: what has happened, and the signature that proves it.

Source: developers.tiktok.com, webhooks-events and webhooks-verification (November 2026): ``content`` is
JSON in a string; ``TikTok-Signature: t=<seconds>,s=<hex HMAC-SHA256 of "t.body" with the client secret>``.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from plugins.tiktok.world import SimPost, World


def due(world: World) -> Iterator[tuple[SimPost, str]]:
    """What happened since this was asked last, each once."""
    for post in world.posts:
        for event in _events(world, post):
            if (post.publish_id, event) not in world.told:
                world.told.add((post.publish_id, event))
                yield post, event


def body_of(post: SimPost, event: str, *, client_key: str, at: datetime) -> bytes:
    """One webhook's body."""
    content: dict[str, Any] = {
        "publish_id": post.publish_id,
        "publish_type": "DIRECT_POST" if post.direct else "INBOX_SHARE",
    }
    if event == "post.publish.failed":
        content["reason"] = post.fail_reason
    if event == "post.publish.publicly_available":
        content["post_id"] = str(post.number)
    body = {
        "client_key": client_key,
        "event": event,
        "create_time": int(at.timestamp()),
        "user_openid": post.open_id,
        "content": json.dumps(content),
    }
    return json.dumps(body).encode()


def signature(body: bytes, secret: str, at: datetime) -> str:
    """The header that goes with a body."""
    moment = int(at.timestamp())
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},s={digest}"


def _events(world: World, post: SimPost) -> Iterator[str]:
    match world.status(post):
        case "FAILED":
            yield "post.publish.failed"
        case "SEND_TO_USER_INBOX":
            yield "post.publish.inbox_delivered"
        case "PUBLISH_COMPLETE":
            yield "post.publish.complete"
            if world.public_number(post) is not None:
                yield "post.publish.publicly_available"
