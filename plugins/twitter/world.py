"""What X remembers, for its simulator: accounts, posts, files, windows, money. No network here."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from plugins.twitter.counting import line_ends, links
from plugins.twitter.limits import LINK_PRICE_MILLS, TEXT_PRICE_MILLS
from plugins.twitter.timeline import EPOCH_MS

if TYPE_CHECKING:
    from bot.api import Clock

MEDIA_LASTS = timedelta(hours=24)
KEPT = 32 * 2**20
"""Bytes of a file up to which it is kept; of a larger one only what tells whether it came whole."""

KEYS = MappingProxyType({"tweet_gif": "16", "tweet_video": "13", "amplify_video": "13"})
"""How a media key begins; a picture's with 3."""

PROCESSING: tuple[Mapping[str, Any], ...] = (
    MappingProxyType({"state": "in_progress", "check_after_secs": 2, "progress_percent": 41}),
    MappingProxyType({"state": "succeeded", "progress_percent": 100}),
)
WINDOW = timedelta(minutes=15)


@dataclass(kw_only=True)
class SimAccount:
    """One account and the keys that act for it; ``bearer`` is an OAuth 2.0 user token."""

    id: str
    username: str
    name: str
    api_key: str = "sim-api-key"
    api_secret: str = "sim-api-secret"
    access_token: str = "1844000000000000001-sim"
    access_token_secret: str = "sim-token-secret"
    bearer: str = ""
    premium: bool = False


@dataclass(frozen=True, kw_only=True)
class Link:
    """A short link in a stored text; ``media_key`` marks the one that attached media adds."""

    url: str
    expanded_url: str
    media_key: str = ""


@dataclass(kw_only=True)
class SimPost:
    """A stored post: ``text`` as it was sent, ``stored`` as X gives it back."""

    id: str
    author: str
    text: str
    stored: str
    created_at: datetime
    reply_to: str = ""
    conversation_id: str = ""
    media_ids: tuple[str, ...] = ()
    media_keys: tuple[str, ...] = ()
    body: Mapping[str, Any] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    deleted: bool = False
    metrics: dict[str, int] = field(default_factory=dict)


@dataclass(kw_only=True)
class SimMedia:
    """An uploaded file. ``script``: what ``processing_info`` will say, one line for each question.

    ``closed_at``: when it was whole. ``segments``: what came, by number, and ``sizes`` how much; of a
    file above `KEPT` bytes nothing stays but its ``digest``, while the segments come in order.
    ``subtitles``: language code → (id, display name).
    """

    id: str
    owner: str
    category: str
    content: bytes
    mime: str
    expires_at: datetime
    alt: str = ""
    declared: int = 0
    segments: dict[int, bytes] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)
    digest: Any = field(default_factory=hashlib.sha256)
    subtitles: dict[str, tuple[str, str]] = field(default_factory=dict)
    state: str = "succeeded"
    script: list[Mapping[str, Any]] = field(default_factory=list)
    closed_at: datetime | None = None

    def take(self, number: int, piece: bytes) -> None:
        """Keep a segment; one that comes twice is the same one."""
        if number == len(self.sizes):
            self.digest.update(piece)
        self.sizes[number] = len(piece)
        self.segments[number] = piece if self.declared <= KEPT else b""

    @property
    def key(self) -> str:
        return f"{KEYS.get(self.category, '3')}_{self.id}"


@dataclass(kw_only=True)
class Window:
    """How often an endpoint was called since ``began``."""

    began: datetime
    used: int = 0


class World:
    """All state of a simulated X. Attributes are there to be read and set by tests.

    ``duplicate_window``: how long the same text is refused. ``credits_mills``: money left,
    in thousandths of a dollar, None for no end. ``charges``: what was charged for what.
    ``processing``: what X says while it works on a file sent in pieces, and ``busy`` how long it
    says that it is at it before; ``segment_bytes``: the largest piece it takes. ``taken``: bytes of
    segments in all, repeated ones too.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.accounts: list[SimAccount] = []
        self.posts: list[SimPost] = []
        self.media: dict[str, SimMedia] = {}
        self.processing: Sequence[Mapping[str, Any]] = PROCESSING
        self.busy = timedelta()
        self.segment_bytes = 8 * 2**20
        self.taken = 0
        self.duplicate_window = timedelta(hours=24)
        self.credits_mills: int | None = None
        self.charges: list[tuple[str, int]] = []
        self.windows: dict[tuple[str, str], Window] = {}
        self._last_id = 0

    def new_id(self) -> str:
        """An id that tells the time, unique within a millisecond."""
        floor = (int(self.clock.now().timestamp() * 1000) - EPOCH_MS) << 22
        self._last_id = floor if floor > self._last_id else self._last_id + 1
        return str(self._last_id)

    def post(self, post_id: str) -> SimPost | None:
        """A post that is there; deleted ones are not."""
        return next((p for p in self.posts if p.id == post_id and not p.deleted), None)

    def live(self, author: str | None = None) -> list[SimPost]:
        """Posts that were not deleted, oldest first."""
        return [p for p in self.posts if not p.deleted and author in (None, p.author)]

    def duplicate(self, author: str, text: str, media_ids: tuple[str, ...]) -> bool:
        """Whether the author said exactly this not long ago. Other files make another post."""
        since = self.clock.now() - self.duplicate_window
        same = " ".join(line_ends(text).split()).casefold()
        return any(
            " ".join(p.text.split()).casefold() == same and p.media_ids == media_ids and p.created_at > since
            for p in self.live(author)
        )

    def create(
        self,
        author: SimAccount,
        text: str,
        *,
        reply_to: str = "",
        media_ids: tuple[str, ...] = (),
        body: Mapping[str, Any] = MappingProxyType({}),
    ) -> SimPost:
        """Store a post the way X does: short links, escaped signs."""
        post_id, text = self.new_id(), line_ends(text)
        stored, found, at = "", [], 0
        for number, link in enumerate(links(text)):
            start = text.find(link, at)
            if start < 0:
                continue
            short = Link(
                url=_short(post_id, number), expanded_url=link if "://" in link else f"http://{link}"
            )
            stored += html.escape(text[at:start], quote=False) + short.url
            at = start + len(link)
            found.append(short)
        stored += html.escape(text[at:], quote=False)
        if media_ids:
            kind = "video" if self.media[media_ids[0]].key.startswith("13_") else "photo"
            url = f"https://x.com/{author.username}/status/{post_id}/{kind}/1"
            short = Link(
                url=_short(post_id, len(found)), expanded_url=url, media_key=self.media[media_ids[0]].key
            )
            stored = f"{stored} {short.url}".strip()
            found.append(short)
        parent = self.post(reply_to)
        post = SimPost(
            id=post_id,
            author=author.id,
            text=text,
            stored=stored,
            created_at=self.clock.now(),
            reply_to=reply_to,
            conversation_id=parent.conversation_id if parent else post_id,
            media_ids=media_ids,
            body=body,
            media_keys=tuple(self.media[i].key for i in media_ids),
            links=tuple(found),
        )
        self.posts.append(post)
        has_link = any(not link.media_key for link in found)
        self.charge("link post" if has_link else "post", LINK_PRICE_MILLS if has_link else TEXT_PRICE_MILLS)
        return post

    def charge(self, what: str, mills: int) -> None:
        """Write down what a call cost."""
        self.charges.append((what, mills))
        if self.credits_mills is not None:
            self.credits_mills -= mills

    @property
    def spent_mills(self) -> int:
        """Everything charged so far, in thousandths of a dollar."""
        return sum(mills for _, mills in self.charges)

    def use(self, account: str, endpoint: str, limit: int) -> tuple[Mapping[str, str], bool]:
        """Count a call; the rate headers for its answer, and whether it is one too many."""
        now = self.clock.now()
        window = self.windows.get((account, endpoint))
        if window is None or not window.began <= now < window.began + WINDOW:
            window = self.windows[account, endpoint] = Window(began=now)
        too_many = window.used >= limit
        window.used += not too_many
        headers = {
            "x-rate-limit-limit": str(limit),
            "x-rate-limit-remaining": str(limit - window.used),
            "x-rate-limit-reset": str(int((window.began + WINDOW).timestamp())),
        }
        return headers, too_many


def _short(post_id: str, number: int) -> str:
    letters = hashlib.sha256(f"{post_id}/{number}".encode()).hexdigest()
    return f"https://t.co/{letters[:10]}"
