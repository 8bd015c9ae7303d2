"""What became of a post that TikTok has taken: asked by its publish id, as often as one likes.

Source: developers.tiktok.com, content-posting-api-reference-get-video-status (November 2026).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.api import Absent, Confirmed, HandedOver, Live, Pending, Proof, Refused
from plugins.tiktok.errors import failed
from plugins.tiktok.options import EVERYONE
from plugins.tiktok.reading import identifier, number

if TYPE_CHECKING:
    from collections.abc import Mapping

PACE = (
    (timedelta(seconds=5), timedelta(seconds=5)),
    (timedelta(seconds=15), timedelta(seconds=10)),
    (timedelta(seconds=35), timedelta(seconds=20)),
    (timedelta(minutes=15), timedelta(seconds=30)),
)
"""While a post is younger than the first, it is asked about after the second; later every quarter hour."""

SLOWLY = timedelta(minutes=15)
LINK_WAIT = timedelta(minutes=5)
"""How long a public post without a number is waited for: moderation gives it one, at times after hours."""

DRAFT_LASTS = timedelta(hours=24)
LAST_MINUTES = timedelta(minutes=15)
"""Before an upload's address expires: too late to send the rest and be sure of the answer."""

TASK = (
    "Open TikTok on your phone, tap the notice about the new video in its inbox, paste the caption, "
    "choose who can see it, and post it."
)
PHOTO_TASK = (
    "Open TikTok on your phone, tap the notice about the new photos in its inbox, check the caption, "
    "choose who can see it, and post it."
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The post that is asked about. ``size`` in bytes, 0 for photos; ``ends``: when its upload expires."""

    publish_id: str
    caption: str
    privacy: str
    username: str
    started_at: datetime
    size: int = 0
    ends: datetime | None = None

    @property
    def photos(self) -> bool:
        return self.size == 0


def judge(data: Mapping[str, Any], asked: Asked, now: datetime) -> Confirmed:
    """What one answer of the status call means."""
    match data.get("status"):
        case "PUBLISH_COMPLETE":
            return _complete(data, asked, now)
        case "SEND_TO_USER_INBOX":
            return HandedOver(
                task=PHOTO_TASK if asked.photos else TASK,
                paste=asked.caption,
                until=asked.started_at + DRAFT_LASTS,
                look_at=profile(asked.username) if asked.username else "",
                ref=asked.publish_id,
            )
        case "FAILED":
            return Refused(reason=failed(str(data.get("fail_reason") or "")))
        case "PROCESSING_UPLOAD" if asked.size:
            return _uploading(data, asked, now)
    return later(asked, now)


def _complete(data: Mapping[str, Any], asked: Asked, now: datetime) -> Confirmed:
    ids = data.get("publicaly_available_post_id")  # TikTok's own spelling
    found = [i for i in map(identifier, ids if isinstance(ids, list) else ()) if i]
    if found:
        return Live(
            ref=found[0],
            url=permalink(asked.username, found[0], photo=asked.photos),
            proof=Proof.READ_BACK,
        )
    if asked.privacy == EVERYONE and now - asked.started_at < LINK_WAIT:
        return later(asked, now)
    # Posted, says TikTok; only public posts ever get a number, and those after moderation.
    url = profile(asked.username) if asked.username else None
    return Live(ref=asked.publish_id, url=url, proof=Proof.RECEIPT)


def _uploading(data: Mapping[str, Any], asked: Asked, now: datetime) -> Confirmed:
    """All bytes are there, or the last ones never came.

    The same upload takes the last chunk only once, whoever sends it again; and an upload that expired
    without all bytes can never become a post.
    """
    stored = number(data.get("uploaded_bytes"))
    if stored is None or stored >= asked.size:
        return later(asked, now)
    if asked.ends is None or asked.ends - now > LAST_MINUTES:
        return Absent(keep_checkpoint=True)
    gone = asked.ends + LAST_MINUTES
    return Absent(keep_checkpoint=False) if now >= gone else Pending(check_at=gone, ref=asked.publish_id)


def later(asked: Asked, now: datetime) -> Pending:
    """Nothing is known yet, or TikTok did not answer: ask again."""
    age = now - asked.started_at
    wait = next((pause for until, pause in PACE if age < until), SLOWLY)
    return Pending(check_at=now + wait, ref=asked.publish_id)


def profile(username: str) -> str:
    """Where an account's posts are."""
    return f"https://www.tiktok.com/@{username}"


def permalink(username: str, post_id: str, *, photo: bool = False) -> str:
    """A public post's address; TikTok finds it by its number alone."""
    return f"{profile(username or '_')}/{'photo' if photo else 'video'}/{post_id}"
