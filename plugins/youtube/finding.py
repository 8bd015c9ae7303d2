"""Looking for a video whose upload ended without an answer, among the channel's newest.

Our own file name is the best mark (``fileDetails.fileName``); without it size, title and time together,
and only if exactly one video fits. What is not private is never ours.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from plugins.youtube.answers import count, instant, part_of, video_id
from plugins.youtube.metadata import title_and_description
from plugins.youtube.options import PRIVATE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.api import Media, Part
    from plugins.youtube.client import Client

NEWEST = "50"
CLOCK_SLACK = timedelta(seconds=60)
"""How far YouTube's clock may be behind ours."""


class Finder:
    """Reads the list of the channel's own uploads, private ones included."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def find(self, part: Part, media: Media, *, marker: str, since: str, but: str = "") -> str | None:
        """The video's id, if exactly one can be it; ``but`` is surely another."""
        ids = await self._newest(datetime.fromisoformat(since) - CLOCK_SLACK)
        if not ids:
            return None
        reply = await self._client.call(
            "GET", "/youtube/v3/videos", {"part": "fileDetails,snippet,status", "id": ",".join(ids)}
        )
        videos = [
            v
            for v in self._client.items(reply, "videos.list")
            if part_of(v, "status").get("privacyStatus") == PRIVATE
            and video_id(v.get("id"))
            and v["id"] != but
        ]
        title, _ = title_and_description(part)
        marked = [v for v in videos if part_of(v, "fileDetails").get("fileName") == marker]
        alike = [v for v in videos if _fits(v, media.size, title)]
        found = marked or alike
        return str(found[0]["id"]) if len(found) == 1 else None

    async def _newest(self, since: datetime) -> list[str]:
        reply = await self._client.call(
            "GET", "/youtube/v3/channels", {"part": "contentDetails", "mine": "true"}
        )
        channels = self._client.items(reply, "channels.list")
        related = part_of(part_of(channels[0], "contentDetails"), "relatedPlaylists") if channels else {}
        uploads = related.get("uploads")
        if not isinstance(uploads, str):
            return []
        reply = await self._client.call(
            "GET",
            "/youtube/v3/playlistItems",
            {"part": "snippet,contentDetails", "playlistId": uploads, "maxResults": NEWEST},
        )
        if reply.status == 404:  # a channel without any video has no such list yet
            return []
        found = []
        for item in self._client.items(reply, "playlistItems.list"):
            video, at = video_id(_video(item)), instant(part_of(item, "snippet").get("publishedAt"))
            if video and (at is None or at >= since):
                found.append(video)
        return found


def _video(item: Mapping[str, Any]) -> object:
    return part_of(item, "contentDetails").get("videoId")


def _fits(video: Mapping[str, Any], size: int, title: str) -> bool:
    same_size = count(part_of(video, "fileDetails").get("fileSize")) == size
    return same_size and part_of(video, "snippet").get("title") == title
