"""What the simulated Instagram holds: tokens, containers, posts, comments."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

SIMULATED_ACCOUNT, SIMULATED_NAME = "17841400000000001", "acme"
SIMULATED_PAGE = "104000000000001"
SIMULATED_TOKEN, INSTAGRAM_TOKEN, USER_TOKEN = "EAAG-simulated-page", "IGAA-simulated", "EAAG-simulated-user"
SIMULATED_APP, SIMULATED_SECRET = "778800000000001", "simulated-app-secret"
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
LIFE = timedelta(hours=24)

ALL_SCOPES = frozenset({"basic", "content_publish", "manage_insights", "manage_comments"})
"""The scopes of either door, without what they begin with."""


@dataclass(kw_only=True)
class Token:
    """``kind``: "instagram", "page" or "user". ``state``: "active", or the subcode of its end (460 the
    password was changed, 463 it ran out, 467 it was withdrawn)."""

    kind: str
    scopes: frozenset[str] = ALL_SCOPES
    made_at: datetime
    expires: datetime = NEVER
    state: int = 0


@dataclass(kw_only=True)
class StoredContainer:
    """``ready_at``: when Meta is done with its file. ``error``: the free text it ends in, if it breaks."""

    id: str
    body: dict[str, Any]
    made_at: datetime
    ready_at: datetime
    error: str = ""
    children: tuple[str, ...] = ()
    pushed: bool = False
    size: int = 0
    content: bytes = field(default=b"", repr=False)
    sha256: str = ""
    media: str = ""
    """The post it became."""

    @property
    def received(self) -> int:
        """How much of a pushed file has arrived."""
        return len(self.content)

    def status(self, now: datetime) -> str:
        """Its ``status_code``."""
        if self.media:
            return "PUBLISHED"
        if now >= self.made_at + LIFE:
            return "EXPIRED"
        if self.pushed and (not self.size or self.received < self.size):
            return "IN_PROGRESS"
        if now < self.ready_at:
            return "IN_PROGRESS"
        return "ERROR" if self.error else "FINISHED"

    @property
    def product(self) -> str:
        """``media_product_type`` of the post."""
        return {"REELS": "REELS", "STORIES": "STORY"}.get(str(self.body.get("media_type")), "FEED")

    @property
    def kind(self) -> str:
        """``media_type`` of the post."""
        if self.body.get("media_type") == "CAROUSEL":
            return "CAROUSEL_ALBUM"
        return "IMAGE" if "image_url" in self.body else "VIDEO"


@dataclass(kw_only=True)
class StoredMedia:
    """A post as anybody sees it."""

    id: str
    container: StoredContainer
    code: str
    caption: str
    published_at: datetime
    deleted: bool = False
    files: tuple[str, ...] = ()
    """SHA-256 of its files, in order."""

    def gone(self, now: datetime) -> bool:
        """Deleted, or a story that has run out."""
        return self.deleted or (self.container.product == "STORY" and now >= self.published_at + LIFE)

    def to_json(self) -> dict[str, Any]:
        """Every field of it."""
        path = {"REELS": f"reel/{self.code}", "STORY": f"stories/{SIMULATED_NAME}/{self.id}"}
        return {
            "id": self.id,
            "caption": self.caption,
            "media_type": self.container.kind,
            "media_product_type": self.container.product,
            "shortcode": self.code,
            "permalink": f"https://www.instagram.com/{path.get(self.container.product, f'p/{self.code}')}/",
            "timestamp": self.published_at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "username": SIMULATED_NAME,
            "like_count": 3,
            "comments_count": 1,
        }


@dataclass(kw_only=True)
class StoredRemark:
    """A comment."""

    id: str
    media: str
    text: str
    made_at: datetime
    deleted: bool = False


@dataclass(kw_only=True)
class Counters:
    """Numbers given out, and how much was used."""

    serial: int = 0
    made: list[datetime] = field(default_factory=list)
    published: list[datetime] = field(default_factory=list)

    def next(self, prefix: str) -> str:
        """A number as Meta gives them: 17 digits."""
        self.serial += 1
        return f"{prefix}{self.serial:0{17 - len(prefix)}d}"
