"""What the simulated LinkedIn takes as a post's content, and as a comment. No network here.

Source: learn.microsoft.com/en-us/linkedin, community-management/shares/{posts-api,
multiimage-post-api} and shares/social-metadata-api (2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plugins.linkedin.failures import FAILURES
from plugins.linkedin.files import ALT_LIMIT, IMAGES
from plugins.linkedin.gate import Refused, refused
from plugins.linkedin.rules import COMMENT_LIMIT
from plugins.linkedin.shelf import Shelf

KINDS = ("media", "multiImage", "article", "poll")


@dataclass(kw_only=True)
class StoredComment:
    """A comment: plain text, shown as it was sent."""

    id: int
    post: str
    actor: str
    text: str
    created_at: datetime
    deleted: bool = False

    @property
    def urn(self) -> str:
        return f"urn:li:comment:({self.post},{self.id})"

    def to_json(self) -> dict[str, Any]:
        """As ``GET …/comments`` shows it."""
        return {
            "id": str(self.id),
            "commentUrn": self.urn,
            "actor": self.actor,
            "object": self.post,
            "created": {"actor": self.actor, "time": round(self.created_at.timestamp() * 1000)},
            "message": {"attributes": [], "text": self.text},
        }


def judge_content(content: Any, author: str, shelf: Shelf) -> None:
    """Raise `Refused` for a content that LinkedIn would not take."""
    if content is None:
        return
    given = [k for k in KINDS if isinstance(content, dict) and k in content]
    if len(given) != 1 or len(content) != 1:
        raise refused(400, "INVALID_VALUE_FOR_FIELD", "content has exactly one kind")
    match given[0]:
        case "media":
            _judge_media(content["media"], author, shelf)
        case "multiImage":
            shown = list(content["multiImage"].get("images", []))
            if not 2 <= len(shown) <= IMAGES:
                raise refused(400, "INVALID_VALUE_FOR_FIELD", f"multiImage takes 2 to {IMAGES} images")
            for one in shown:
                _judge_image(one, author, shelf)
        case "article":
            article = content["article"]
            if not article.get("source") or not article.get("title"):
                raise refused(400, "MISSING_FIELD", "article source and title are required but missing")
            if "thumbnail" in article:
                _judge_image({"id": article["thumbnail"]}, author, shelf)


def is_ugc(content: Any) -> bool:
    """Whether a post with this content is named ``urn:li:ugcPost`` (posts-api: video, document, poll)."""
    media = content.get("media", {}) if isinstance(content, dict) else {}
    return str(media.get("id", "")).startswith(("urn:li:video:", "urn:li:document:"))


def _judge_media(media: Mapping[str, Any], author: str, shelf: Shelf) -> None:
    urn = str(media.get("id", ""))
    if urn.startswith("urn:li:document:") and not str(media.get("title", "")).strip():
        raise refused(400, "MISSING_FIELD", "content media title is required but missing")
    if urn.startswith("urn:li:image:"):
        _judge_image(media, author, shelf)
        return
    file = shelf.file(urn)
    if file is None or file.owner != author:
        kind = "VIDEO" if urn.startswith("urn:li:video:") else "IMAGE"
        raise refused(400, f"INVALID_{kind}_ID", f"{kind.title()} id is invalid")
    _judge_state(shelf.status(file))


def _judge_image(one: Mapping[str, Any], author: str, shelf: Shelf) -> None:
    image = shelf.images.get(one.get("id", ""))
    if image is None or image.owner != author:
        raise Refused(FAILURES["L-F12"])
    if len(one.get("altText", "")) > ALT_LIMIT:
        raise refused(400, "FIELD_LENGTH_TOO_LONG", f"altText can't exceeded maximum {ALT_LIMIT} length")
    _judge_state(shelf.status(image))


def _judge_state(state: str) -> None:
    if state != "AVAILABLE":
        raise Refused(FAILURES["L-F11" if state == "PROCESSING_FAILED" else "L-F10"])


def judge_comment(body: Mapping[str, Any]) -> str:
    """The text of a comment, or `Refused`."""
    message = body.get("message")
    text = message.get("text") if isinstance(message, dict) else None
    if not body.get("actor") or not body.get("object") or not isinstance(text, str) or not text.strip():
        raise refused(400, "MISSING_FIELD", "actor, object and message are required but missing")
    if len(text) > COMMENT_LIMIT:
        message_ = f"message length {len(text)} can't exceeded maximum {COMMENT_LIMIT} length"
        raise refused(400, "FIELD_LENGTH_TOO_LONG", message_)
    return text
