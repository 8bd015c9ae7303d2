"""A post as a record: its key and time, made once at staging, and everything it embeds.

Source: app.bsky.feed.post and app.bsky.embed.* (github.com/bluesky-social/atproto, August 2026).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.api import MediaKind, Part, PartRole
from plugins.bluesky.limits import IMAGE_TYPES, THUMB_BYTES
from plugins.bluesky.options import chosen
from plugins.bluesky.tid import TID

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bot.api import Media, Ref

POST = "app.bsky.feed.post"
_URI = re.compile(r"at://([^/\s]+)/app\.bsky\.feed\.post/([^/\s?#]+)")
_LINK = re.compile(r"https?://(?:www\.)?bsky\.app/profile/([^/\s]+)/post/([^/\s?#]+)")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a post lies: whose repository (a DID, or a handle in a pasted link), and under which key."""

    repo: str
    rkey: str

    @property
    def uri(self) -> str:
        return f"at://{self.repo}/{POST}/{self.rkey}"

    @property
    def url(self) -> str:
        return f"https://bsky.app/profile/{self.repo}/post/{self.rkey}"


def place_of(ref: Ref) -> Place | None:
    """The place a ref names; None when it is no post of Bluesky."""
    match = _URI.fullmatch(ref) if isinstance(ref, str) else None
    return Place(repo=match[1], rkey=match[2]) if match else None


def ref_of(link: str) -> Ref | None:
    """The ref in a link that a person pasted, also one of the protocol's own (``at://…``)."""
    match = _LINK.search(link) or _URI.search(link)
    if match is None or not (TID.fullmatch(match[2]) and ("." in match[1] or match[1].startswith("did:"))):
        return None
    return Place(repo=match[1], rkey=match[2]).uri


def stamp(at: datetime) -> str:
    """An instant as the protocol writes it, to the millisecond."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def record_of(
    part: Part, data: Mapping[str, Any], *, reply: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The record of ``part``, from what staging put into its checkpoint; the same every time."""
    record: dict[str, Any] = {"$type": POST, "text": part.text, "createdAt": data["created_at"]}
    if data.get("facets"):
        record["facets"] = data["facets"]
    if reply is not None:
        record["reply"] = dict(reply)
    said = chosen(part.options)
    if embed := _embed(part, data.get("blobs", {}), said.get("langs", ())):
        record["embed"] = embed
    return record | said


def parent_of(part: Part, parents: Sequence[Ref]) -> tuple[Ref, Ref] | None:
    """The root and the parent of a reply. A comment goes below the post itself, the rest goes on from the
    newest part."""
    if not parents:
        return None
    return parents[0], parents[0] if part.role is PartRole.COMMENT else parents[-1]


def _embed(part: Part, blobs: Mapping[str, Any], langs: Sequence[str]) -> dict[str, Any] | None:
    if part.media and (video := video_of(part)) is not None:
        return _video(video, blobs, langs)
    if part.media:
        images = [_seen({"image": blobs[m.sha256]["blob"], "alt": m.alt}, m) for m in part.media]
        return {"$type": "app.bsky.embed.images", "images": images}
    if part.link is None:
        return None
    link = part.link
    external: dict[str, Any] = {
        "uri": link.url,
        "title": link.title or link.url,
        "description": link.description,
    }
    if (image := thumb_of(part)) is not None:
        external["thumb"] = blobs[image.sha256]["blob"]
    return {"$type": "app.bsky.embed.external", "external": external}


def _video(video: Media, blobs: Mapping[str, Any], langs: Sequence[str]) -> dict[str, Any]:
    """The video; subtitles of which nobody said the language are in that of the post."""
    made = _seen({"$type": "app.bsky.embed.video", "video": blobs[video.sha256]["blob"]}, video)
    if video.alt:
        made["alt"] = video.alt
    if video.captions:
        made["captions"] = [
            {"lang": c.language or next(iter(langs), "en"), "file": blobs[c.sha256]["blob"]}
            for c in video.captions
        ]
    return made


def _seen(embed: dict[str, Any], media: Media) -> dict[str, Any]:
    if media.width > 0 and media.height > 0:
        embed["aspectRatio"] = {"width": media.width, "height": media.height}
    return embed


def video_of(part: Part) -> Media | None:
    """The video of a part, if that is what it shows."""
    return next((m for m in part.media if m.kind is MediaKind.VIDEO), None)


def thumb_of(part: Part) -> Media | None:
    """The picture of the link's card, if Bluesky takes it; pictures of the post take the card's place."""
    image = part.link.image if part.link and not part.media else None
    return image if image and image.size <= THUMB_BYTES and image.mime in IMAGE_TYPES else None


def files_of(part: Part) -> tuple[Media, ...]:
    """What is uploaded for a part, in order: pictures, or subtitles and then their video, or a thumb."""
    video = video_of(part)
    if video is not None:
        return (*video.captions, video)
    thumb = thumb_of(part)
    return part.media or ((thumb,) if thumb else ())


def same_post(found: Mapping[str, Any], ours: Mapping[str, Any]) -> bool:
    """Whether a record under our key is the one we meant to put there; the time may have been renewed."""
    left, right = ({k: v for k, v in r.items() if k not in ("createdAt", "$type")} for r in (found, ours))
    return left == right
