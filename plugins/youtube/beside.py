"""What goes with a video: its cover, its subtitles, its playlist. All of it while it is still private, so
that nobody sees it half done; a refusal stops the post with the way out, as people signed all of it.

Source: developers.google.com/youtube/v3/docs thumbnails/set, captions/insert, playlistItems/insert (2026).
"""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from bot.api import Deps, Media, Part, Reply
from plugins.youtube.answers import part_of
from plugins.youtube.errors import reason_of
from plugins.youtube.options import playlist_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plugins.youtube.client import Client

CAPTIONS = "/upload/youtube/v3/captions"
COVER, PLAYLIST = "cover", "playlist"


def wanted(part: Part, media: Media) -> dict[str, str]:
    """What is to go with it: name of the step → what makes it another one."""
    steps = {COVER: media.cover.sha256} if media.cover else {}
    steps |= {f"captions:{captions.language}": captions.sha256 for captions in media.captions}
    return steps | ({PLAYLIST: playlist} if (playlist := playlist_of(part.options)) else {})


class Beside:
    """Each step may be repeated: a cover and subtitles replace what was there, a playlist is read first."""

    def __init__(self, client: Client, deps: Deps) -> None:
        self._client = client
        self._deps = deps

    async def do(self, step: str, part: Part, media: Media, video: str) -> None:
        """One step of `wanted`. Raises what YouTube's answer means."""
        if step == COVER:
            assert media.cover is not None
            await self.cover(video, media.cover)
        elif step == PLAYLIST:
            await self._playlist(video, playlist_of(part.options))
        else:
            (captions,) = [c for c in media.captions if f"captions:{c.language}" == step]
            await self._captions(video, captions)

    async def cover(self, video: str, cover: Media) -> None:
        """Set the thumbnail; setting the same one again changes nothing."""
        await self._deps.media.check(cover)
        url = self._client.at("/upload/youtube/v3/thumbnails/set", {"videoId": video, "uploadType": "media"})
        headers = {"content-type": cover.mime, "content-length": str(cover.size)}
        stream = self._deps.media.stream
        reply = await self._client.send("POST", url, headers, lambda: stream(cover))
        self._client.expect(reply, "thumbnails.set")

    async def _captions(self, video: str, captions: Media) -> None:
        snippet = {"videoId": video, "language": captions.language, "name": "", "isDraft": False}
        content = await self._deps.media.read(captions)
        reply = await self._track("POST", {"snippet": snippet}, content)
        if reply.status == 409 and reason_of(reply) == "captionExists":
            reply = await self._track("PUT", {"id": await self._existing(video, captions.language)}, content)
        self._client.expect(reply, "captions.insert")

    async def _track(self, method: str, resource: Mapping[str, Any], content: bytes) -> Reply:
        """The track and what is said about it, as ``multipart/related`` (RFC 2387)."""
        boundary = f"clarion-{secrets.token_hex(12)}"
        said = json.dumps(resource).encode()
        body = (
            f"--{boundary}\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n".encode()
            + said
            + f"\r\n--{boundary}\r\ncontent-type: application/octet-stream\r\n\r\n".encode()
            + content
            + f"\r\n--{boundary}--\r\n".encode()
        )
        url = self._client.at(CAPTIONS, {"uploadType": "multipart", "part": "snippet"})
        headers = {"content-type": f"multipart/related; boundary={boundary}"}
        return await self._client.send(method, url, headers, lambda: body)

    async def _existing(self, video: str, language: str) -> str:
        reply = await self._client.call("GET", "/youtube/v3/captions", {"part": "snippet", "videoId": video})
        for track in self._client.items(reply, "captions.list"):
            snippet = part_of(track, "snippet")
            if snippet.get("language") == language and snippet.get("name", "") == "":
                return str(track.get("id", ""))
        return ""

    async def _playlist(self, video: str, playlist: str) -> None:
        reply = await self._client.call(
            "GET",
            "/youtube/v3/playlistItems",
            {"part": "snippet", "playlistId": playlist, "videoId": video},
        )
        if self._client.items(reply, "playlistItems.list"):
            return
        resource = {"kind": "youtube#video", "videoId": video}
        reply = await self._client.call(
            "POST",
            "/youtube/v3/playlistItems",
            {"part": "snippet"},
            json={"snippet": {"playlistId": playlist, "resourceId": resource}},
        )
        if reason_of(reply) != "videoAlreadyInPlaylist":
            self._client.expect(reply, "playlistItems.insert")
