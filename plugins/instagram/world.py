"""The rules of the simulated Instagram: containers that are made, published once and run out.

Behaviour from instagram-platform/content-publishing and its references (2026) and field reports.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from plugins.instagram.crawled import Crawled, picture_fault, video_fault
from plugins.instagram.gate import refuse
from plugins.instagram.limits import (
    ALT,
    CAPTION,
    COMMENT,
    CONTAINERS,
    FILES,
    REEL_BYTES,
    REEL_SECONDS,
    STORY_BYTES,
    STORY_SECONDS,
)
from plugins.instagram.simulated import (
    LIFE,
    Counters,
    StoredContainer,
    StoredMedia,
    StoredRemark,
    Token,
)

if TYPE_CHECKING:
    from bot.api import Clock

TYPES = ("", "REELS", "STORIES", "VIDEO", "CAROUSEL")
FETCH = "Error: Media download has failed. The media URI doesn't meet our requirements. 2207052"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class World:
    """One account's containers, posts and comments.

    A test may change ``processing`` (how long a video takes; a picture takes ``picture_processing``),
    ``quota_total``, ``breaks`` (the free texts that the next containers end in), ``flaps`` (how many
    of the next reads of a container say that it does not exist), ``lag`` (how long a new post is
    missing in lists), ``cuts`` (after how many bytes the next uploads break off), ``offsets`` (whether
    a broken upload says how much has arrived) and ``few`` (a story has fewer than five viewers).
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.containers: dict[str, StoredContainer] = {}
        self.posts: list[StoredMedia] = []
        self.remarks: list[StoredRemark] = []
        self.processing, self.picture_processing = timedelta(seconds=3), timedelta(0)
        self.lag = timedelta(0)
        self.quota_total = 50
        self.breaks: list[str] = []
        self.cuts: list[int] = []
        self.flaps = 0
        self.offsets, self.few = True, False
        self.count = Counters()

    def shown(self) -> tuple[StoredMedia, ...]:
        """What a visitor sees now, oldest first."""
        now = self._clock.now()
        return tuple(p for p in self.posts if not p.gone(now))

    def listed(self, *, stories: bool) -> list[StoredMedia]:
        """What the account's lists name, newest first."""
        now = self._clock.now()
        return [
            p
            for p in reversed(self.shown())
            if (p.container.product == "STORY") is stories and now >= p.published_at + self.lag
        ]

    def usage(self) -> int:
        """Posts of the last 24 hours."""
        since = self._clock.now() - LIFE
        return sum(1 for at in self.count.published if at > since)

    def judge(self, body: dict[str, Any], token: Token, *, resumable: bool) -> None:
        """Raises `Refused` for a container that Meta would not make, whatever its files are."""
        now = self._clock.now()
        kind = str(body.get("media_type") or "")
        if kind not in TYPES or (kind == "VIDEO" and not body.get("is_carousel_item")):
            raise refuse(100, 2207023, f"Media type {kind} is not supported")
        if len(str(body.get("caption") or "")) > CAPTION:
            raise refuse(36004, 2207010, "The caption is too long")
        if len(str(body.get("alt_text") or "")) > ALT:
            raise refuse(100, 0, "alt_text is too long")
        if len(body.get("user_tags") or ()) > 20:
            raise refuse(100, 2207040, "Cannot use more than 20 tags")
        if "image_url" in body and any("x" not in t or "y" not in t for t in body.get("user_tags") or ()):
            raise refuse(100, 0, "user_tags of an image need x and y")
        if len(body.get("collaborators") or ()) > 3:
            raise refuse(100, 0, "Too many collaborators")
        if body.get("location_id") and token.kind == "instagram":
            raise refuse(100, 0, "Param location_id is not supported")
        if body.get("upload_type") == "resumable" and not resumable:
            raise refuse(100, 0, "Param upload_type is not supported")
        if kind == "CAROUSEL":
            self._judge_children(body)
        elif not any(body.get(k) for k in ("image_url", "video_url", "upload_type")):
            raise refuse(100, 0, "The parameter image_url or video_url is required")
        self.count.made = [at for at in self.count.made if at > now - LIFE]
        if len(self.count.made) >= CONTAINERS:
            raise refuse(9, 2207042, "The account has made too many containers")

    def _judge_children(self, body: dict[str, Any]) -> None:
        names = children_of(body)
        if not 2 <= len(names) <= FILES:
            raise refuse(100, 2207028, "A carousel needs 2 to 10 children")
        now = self._clock.now()
        for name in names:
            child = self.containers.get(name)
            if child is None or not child.body.get("is_carousel_item"):
                raise refuse(24, 2207006, "The child cannot be found")
            if child.status(now) != "FINISHED":
                raise refuse(9007, 2207027, "Container is still being worked on")

    def make(self, body: dict[str, Any], file: Crawled | None) -> StoredContainer:
        """A container; ``file`` is what its address gave, None where there was none to fetch or it failed."""
        now = self._clock.now()
        video = "video_url" in body or body.get("upload_type") == "resumable"
        error = self.breaks.pop(0) if self.breaks else ""
        if "image_url" in body and file is not None:
            fault = picture_fault(file, story=body.get("media_type") == "STORIES")
            if fault is not None:
                raise refuse(*fault)
        if "video_url" in body:
            error = error or (FETCH if file is None else self.video_fault(body, file))
        self.count.made.append(now)
        made = StoredContainer(
            id=self.count.next("179"),
            body=body,
            made_at=now,
            ready_at=now + (self.processing if video else self.picture_processing),
            error=error,
            children=tuple(children_of(body)),
            pushed=body.get("upload_type") == "resumable",
            sha256=file.sha256 if file else "",
        )
        self.containers[made.id] = made
        return made

    def video_fault(self, body: dict[str, Any], file: Crawled) -> str:
        """What a video of that kind ends in."""
        short = body.get("media_type") in ("STORIES", "VIDEO")
        seconds = STORY_SECONDS if short else REEL_SECONDS
        most = STORY_BYTES if short else REEL_BYTES
        return video_fault(file, shortest=seconds[0], longest=seconds[1], most=most)

    def receive(self, container: StoredContainer, offset: int, size: int, piece: bytes) -> None:
        """Bytes of a pushed file; at its end Meta begins to work on it."""
        container.size = size
        container.content = container.content[:offset] + piece
        if container.received >= size:
            digest = hashlib.sha256(container.content).hexdigest()
            file = Crawled(head=container.content, size=size, mime="video/mp4", sha256=digest)
            container.sha256 = digest
            container.ready_at = self._clock.now() + self.processing
            container.error = container.error or self.video_fault(container.body, file)

    def publish(self, name: str) -> StoredMedia:
        """Make a container's post public; a container does that once."""
        now, container = self._clock.now(), self.containers.get(name)
        status = container.status(now) if container else "EXPIRED"
        if container is None or status in ("PUBLISHED", "EXPIRED"):
            raise refuse(24, 2207008, "The requested resource does not exist")
        if status != "FINISHED":
            raise refuse(9007, 2207027, "Container is still being worked on")
        if self.usage() >= self.quota_total:
            raise refuse(9, 2207042, "You reached maximum number of posts that is allowed")
        number = self.count.next("180")
        files = [self.containers[c].sha256 for c in container.children] or [container.sha256]
        post = StoredMedia(
            id=number,
            container=container,
            code="C" + "".join(LETTERS[int(d) * 6] for d in number[-8:]),
            caption=" ".join(str(container.body.get("caption") or "").split(" ")).strip(),
            published_at=now,
            files=tuple(files),
        )
        container.media = number
        self.count.published.append(now)
        self.posts.append(post)
        return post

    def post(self, number: str) -> StoredMedia | None:
        """A post that is there."""
        return next((p for p in self.shown() if p.id == number), None)

    def remark(self, post: StoredMedia, text: str) -> StoredRemark:
        """Write below a post."""
        if not text.strip() or len(text) > COMMENT or post.container.product == "STORY":
            raise refuse(100, 0, "The comment cannot be written")
        made = StoredRemark(id=self.count.next("181"), media=post.id, text=text, made_at=self._clock.now())
        self.remarks.append(made)
        return made


def children_of(body: dict[str, Any]) -> list[str]:
    """The children of a carousel: a list, or words with commas."""
    given = body.get("children") or []
    return [w.strip() for w in given.split(",")] if isinstance(given, str) else [str(w) for w in given]
