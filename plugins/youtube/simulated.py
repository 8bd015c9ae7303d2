"""What the simulated YouTube remembers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Resource = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A request without its server; ``query`` holds the first value of each name."""

    method: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass(kw_only=True)
class Session:
    """An upload under way: the metadata, what is stored of ``size`` bytes, and the video once it is whole.

    Only a digest of the bytes is kept, so that a file of any size fits.
    """

    resource: Resource
    size: int
    mime: str
    name: str
    notify: bool
    begun: datetime
    stored: int = 0
    digest: Any = field(default_factory=hashlib.sha256)
    video: str = ""
    status: int = 0
    """404 or 410 once it is gone."""


@dataclass(kw_only=True)
class Track:
    """One subtitles file."""

    id: str
    video: str
    language: str
    name: str
    content: bytes


@dataclass(kw_only=True)
class Job:
    """A reporting job."""

    id: str
    kind: str
    name: str
    created_at: datetime


@dataclass(kw_only=True)
class StoredVideo:
    """A video, whoever may see it. ``ends``: (upload status, reason, processing status, its reason)."""

    id: str
    snippet: Resource
    status: Resource
    name: str
    size: int
    sha256: str
    notify: bool
    uploaded_at: datetime
    processing: timedelta
    ends: tuple[str, str, str, str]
    published_at: datetime | None = None
    cover: bytes = b""
    cover_mime: str = ""
    deleted: bool = False
    counts: dict[str, int] = field(default_factory=dict)

    def settle(self, now: datetime) -> None:
        """What YouTube does by itself once the time has come."""
        at = self.status.get("publishAt")
        if at and now >= datetime.fromisoformat(at):
            del self.status["publishAt"]
            self.status["privacyStatus"] = "public"
            self.published_at = datetime.fromisoformat(at)

    def done(self, now: datetime) -> bool:
        return now >= self.uploaded_at + self.processing

    def shown(self, now: datetime) -> bool:
        """Whether anybody with the link can watch it."""
        return not self.deleted and self.done(now) and self.status["privacyStatus"] != "private"

    @property
    def text(self) -> str:
        """Title and description as a reader sees them."""
        said = (self.snippet["title"], self.snippet.get("description", ""))
        return "\n\n".join(s for s in said if s)

    def to_json(self, parts: set[str], channel: str, now: datetime) -> Resource:
        """The resource with the parts that were asked for; big numbers are strings."""
        upload, reason, processing, failure = (
            self.ends if self.done(now) else ("uploaded", "", "processing", "")
        )
        status = {
            **self.status,
            "uploadStatus": upload,
            "madeForKids": self.status["selfDeclaredMadeForKids"],
        }
        if reason:
            status["rejectionReason" if upload == "rejected" else "failureReason"] = reason
        details: Resource = {"processingStatus": processing, "fileDetailsAvailability": "available"}
        if failure:
            details["processingFailureReason"] = failure
        if not self.done(now):
            left = self.uploaded_at + self.processing - now
            share = 1 - left / self.processing
            details["processingProgress"] = {
                "partsTotal": "10",
                "partsProcessed": str(int(10 * share)),
                "timeLeftMs": str(round(left.total_seconds() * 1000)),
            }
        counts = {"viewCount": 0, "likeCount": 0, "favoriteCount": 0, "commentCount": 0, **self.counts}
        all_parts: Resource = {
            "snippet": {
                **self.snippet,
                "publishedAt": stamp(self.published_at or self.uploaded_at),
                "channelId": channel,
                "liveBroadcastContent": "none",
            },
            "status": status,
            "processingDetails": details,
            "fileDetails": {"fileName": self.name, "fileSize": str(self.size), "fileType": "video"},
            "statistics": {name: str(n) for name, n in counts.items() if n >= 0},
        }
        chosen = {name: value for name, value in all_parts.items() if name in parts}
        return {"kind": "youtube#video", "etag": f"e-{self.id}", "id": self.id, **chosen}


def stamp(at: datetime) -> str:
    """An instant as YouTube writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
