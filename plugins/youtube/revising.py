"""Changing a video that is out: its title, its thumbnail. Everything else about it stays.

``videos.update`` replaces every property of the parts it names, so the snippet is read, changed and sent
whole (developers.google.com/youtube/v3/docs/videos/update, 2026-11-21); 50 units a call, as
``thumbnails.set``. A thumbnail cannot be read back: YouTube makes pictures of its own from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.api import THUMBNAIL, TITLE, Media, Rejected, Transient, Unsupported
from plugins.youtube.answers import part_of, video_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.api import Ref
    from plugins.youtube.beside import Beside
    from plugins.youtube.client import Client
    from plugins.youtube.processing import Processing

SAID = ("title", "description", "tags", "categoryId", "defaultLanguage", "defaultAudioLanguage")
"""The properties of a snippet that an update may set."""


class Revising:
    """Both calls may be repeated: what is so already is left as it is."""

    def __init__(self, client: Client, processing: Processing, beside: Beside) -> None:
        self._client = client
        self._processing = processing
        self._beside = beside

    async def revise(self, ref: Ref, changes: Mapping[str, str | Media]) -> None:
        """Make it so. Raises what YouTube's answer means; `Transient` when the answer is missing."""
        unknown = set(changes) - {TITLE, THUMBNAIL}
        if unknown:
            raise Unsupported(f"YouTube lets me change title and thumbnail, not {sorted(unknown)[0]}.")
        video = _known(ref)
        title, picture = changes.get(TITLE), changes.get(THUMBNAIL)
        if isinstance(title, str):
            await self._title(video, title)
        if isinstance(picture, Media):
            await self._beside.cover(video, picture)

    async def shown(self, ref: Ref) -> dict[str, str]:
        """What people see now, as far as it can be read. Raises `Rejected` (code ``gone``)."""
        snippet = part_of(await self._found(_known(ref)), "snippet")
        title = snippet.get("title")
        return {TITLE: title} if isinstance(title, str) else {}

    async def _title(self, video: str, title: str) -> None:
        had = part_of(await self._found(video), "snippet")
        if had.get("title") == title:
            return
        snippet = {name: had[name] for name in SAID if had.get(name)} | {"title": title}
        reply = await self._client.call(
            "PUT", "/youtube/v3/videos", {"part": "snippet"}, json={"id": video, "snippet": snippet}
        )
        answer = self._client.read(reply, "videos.update")
        if part_of(answer, "snippet").get("title") != title:
            raise Transient("YouTube does not say whether it changed the title.", detail="other title")

    async def _found(self, video: str) -> dict[str, Any]:
        found = await self._processing.look(video)
        if found is None:
            raise Rejected("YouTube does not show the video any more.", code="gone")
        return found


def _known(ref: Ref) -> str:
    video = video_id(ref)
    if video is None:
        raise Rejected("That is not a video of YouTube.", code="bad_ref")
    return video
