"""What the simulated TikTok remembers: a creator, uploads, posts, and how often it was asked."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.api import Clock

SCOPES = frozenset({"user.info.basic", "video.publish", "video.upload", "video.list"})
FIRST_ID = 7_300_000_000_000_000_042
"""Larger than 2^53: what goes through a float comes back as another post."""

MINUTE = timedelta(minutes=1)
MAGIC = (b"\x1aE\xdf\xa3",)
PHOTO_MAGIC = (b"\xff\xd8\xff", b"RIFF")


@dataclass(kw_only=True)
class SimCreator:
    """An account. ``private``: the account itself is; ``banned``: it may not post."""

    open_id: str = "sim-open-1"
    username: str = "simshop"
    nickname: str = "Sim Shop"
    private: bool = False
    no_comments: bool = False
    no_duet: bool = False
    no_stitch: bool = False
    seconds: int = 600

    @property
    def audiences(self) -> list[str]:
        """What it may choose from (content-posting-api-reference-query-creator-info)."""
        first = "FOLLOWER_OF_CREATOR" if self.private else "PUBLIC_TO_EVERYONE"
        return [first, "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]


@dataclass(kw_only=True)
class SimPost:
    """Something on its way to be posted, or posted. ``direct``: not a draft; ``size``: of a video that is
    uploaded, ``stored`` of it is here; ``photos``: what was fetched."""

    publish_id: str
    open_id: str
    direct: bool
    made_at: datetime
    number: int
    info: Mapping[str, Any]
    size: int = 0
    chunk: int = 0
    count: int = 0
    stored: int = 0
    chunks: int = 0
    secret: str = ""
    head: bytes = b""
    hash: Any = field(default_factory=hashlib.sha256)
    photos: list[bytes] = field(default_factory=list)
    whole_at: datetime | None = None
    fail_reason: str = ""
    finished_at: datetime | None = None
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def pulled(self) -> bool:
        return self.size == 0

    @property
    def privacy(self) -> str:
        return str(self.info.get("privacy_level", ""))

    @property
    def caption(self) -> str:
        """The words a reader sees."""
        words = (str(self.info.get(name) or "") for name in ("title", "description"))
        return "\n".join(w for w in words if w)


class World:
    """State and rules that need no network.

    ``processing``: from the last byte to the post; ``moderation``: from there to its number;
    ``url_lasts``: how long an upload address takes bytes; ``limits``: calls a minute by kind, and
    ``posts`` and ``drafts`` in 24 hours; ``audited`` is the app; ``breaks``: what the next posts fail with.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.creator = SimCreator()
        self.posts: list[SimPost] = []
        self.audited = True
        self.processing = timedelta(seconds=4)
        self.moderation = timedelta()
        self.url_lasts = timedelta(hours=1)
        self.limits = {"init": 6, "status": 30, "creator": 20, "other": 600, "posts": 15, "drafts": 5}
        self.breaks: list[str] = []
        self.told: set[tuple[str, str]] = set()
        self._asked: dict[tuple[str, str], list[datetime]] = defaultdict(list)
        self._serial = 0

    def too_often(self, kind: str, token: str) -> bool:
        """Count a call; True when the sliding minute is full."""
        now, seen = self.clock.now(), self._asked[kind, token]
        seen[:] = [at for at in seen if now - at < MINUTE]
        if len(seen) >= self.limits.get(kind, 1_000_000):
            return True
        seen.append(now)
        return False

    def full(self, *, direct: bool) -> bool:
        """Whether 24 hours hold no more posts, or no more drafts that nobody has finished."""
        since = self.clock.now() - timedelta(hours=24)
        mine = [p for p in self.posts if p.direct is direct and p.made_at > since and not self.failed(p)]
        if direct:
            return sum(p.whole_at is not None for p in mine) >= self.limits.get("posts", 1_000_000)
        return sum(p.finished_at is None for p in mine) >= self.limits.get("drafts", 1_000_000)

    def open(self, kind: str, *, direct: bool, info: Mapping[str, Any], **more: Any) -> SimPost:
        """A publish id of the ``kind`` that its prefix tells (``v_pub_file`` …)."""
        self._serial += 1
        number = FIRST_ID + 2 * self._serial
        post = SimPost(
            publish_id=f"{kind}~v2-1.{number}",
            open_id=self.creator.open_id,
            direct=direct,
            made_at=self.clock.now(),
            number=number,
            info=dict(info),
            secret=hashlib.sha256(f"upload {number}".encode()).hexdigest()[:20],
            **more,
        )
        self.posts.append(post)
        return post

    def whole(self, post: SimPost) -> None:
        """All of it is here; from now on it publishes by itself."""
        post.whole_at = self.clock.now()
        if self.breaks:
            post.fail_reason = self.breaks.pop(0)
        elif not (_are_photos(post.photos) if post.photos else _is_video(post.head)):
            post.fail_reason = "file_format_check_failed"

    def processed(self, post: SimPost) -> bool:
        return post.whole_at is not None and self.clock.now() >= post.whole_at + self.processing

    def failed(self, post: SimPost) -> bool:
        return bool(post.fail_reason) and self.processed(post)

    def status(self, post: SimPost) -> str:
        """As the status call says it."""
        if not self.processed(post):
            return "PROCESSING_DOWNLOAD" if post.pulled else "PROCESSING_UPLOAD"
        if post.fail_reason:
            return "FAILED"
        if post.direct or post.finished_at is not None:
            return "PUBLISH_COMPLETE"
        return "SEND_TO_USER_INBOX"

    def out(self, post: SimPost) -> bool:
        return self.status(post) == "PUBLISH_COMPLETE"

    def public_number(self, post: SimPost) -> int | None:
        """The number that only public posts get, and those after moderation."""
        if not self.out(post) or post.privacy != "PUBLIC_TO_EVERYONE":
            return None
        since = post.finished_at or (post.whole_at or post.made_at) + self.processing
        return post.number if self.clock.now() >= since + self.moderation else None

    def finish_draft(self, post: SimPost, caption: str, *, privacy: str = "PUBLIC_TO_EVERYONE") -> None:
        """A human finishes a draft in the app."""
        key = "description" if post.photos else "title"
        post.info = {**post.info, key: caption, "privacy_level": privacy}
        post.finished_at = self.clock.now()

    def find(self, publish_id: object) -> SimPost | None:
        return next((p for p in self.posts if p.publish_id == publish_id), None)


def _is_video(head: bytes) -> bool:
    return head[4:8] == b"ftyp" or head.startswith(MAGIC)


def _are_photos(photos: list[bytes]) -> bool:
    return all(photo.startswith(PHOTO_MAGIC) for photo in photos)
