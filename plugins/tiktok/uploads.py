"""A video on its way to TikTok: opened, sent in chunks from the disk, up to the one that publishes.

Source: developers.tiktok.com, content-posting-api-media-transfer-guide (November 2026). The number of
chunks is ``floor(size / chunk)`` and the last one takes the rest. Once TikTok has the last byte it
publishes by itself, so that chunk is not staged: it is the commit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.api import Checkpoint, Deps, Media, More, Part, Ready, Rejected, Reply, Staged, Transient, Uncertain
from plugins.tiktok.creator import Creator, allowed_creator
from plugins.tiktok.errors import put_refusal
from plugins.tiktok.options import Choices
from plugins.tiktok.reading import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plugins.tiktok.client import Client

DIRECT_INIT = "/v2/post/publish/video/init/"
INBOX_INIT = "/v2/post/publish/inbox/video/init/"
STATUS = "/v2/post/publish/status/fetch/"

WHOLE, CHUNK = 64_000_000, 10_000_000
"""Bytes up to which a file goes in one piece, and of a chunk of a larger one: good whether TikTok's
megabytes are 10^6 or 2^20 bytes, which it does not say."""

URL_LASTS = timedelta(minutes=55)
"""TikTok takes bytes at an address for an hour."""

ROUNDS = 3
"""How often one upload is opened anew before that is a trouble of its own."""


@dataclass(frozen=True, kw_only=True)
class Chunks:
    """How a file of ``size`` bytes is cut."""

    size: int
    chunk: int
    count: int

    def bounds(self, index: int) -> tuple[int, int]:
        """The first byte of a chunk and the one after its last."""
        start = index * self.chunk
        return start, self.size if index == self.count - 1 else start + self.chunk


def cut(size: int) -> Chunks:
    """TikTok's own arithmetic: `CHUNK` each, the rest with the last one."""
    if size <= WHOLE:
        return Chunks(size=size, chunk=size, count=1)
    return Chunks(size=size, chunk=CHUNK, count=size // CHUNK)


class Uploads:
    """Stages a video, and sends its last chunk.

    The checkpoint holds ``publish_id``, ``upload_url`` (a secret that must survive a crash: without it
    a whole file would be sent again), ``sent`` chunks, the ``creator``'s name, and ``round``.
    """

    def __init__(self, client: Client, deps: Deps) -> None:
        self._client = client
        self._deps = deps

    async def stage(self, part: Part, choices: Choices, checkpoint: Checkpoint) -> Staged:
        """The next step; `Ready` when only the last chunk is missing."""
        video, data = part.media[0], checkpoint.data
        if data.get("sha256") != video.sha256 or "upload_url" not in data:
            opened = await self._open(part, choices, int(data.get("round", 0)) + 1)
            return Ready(checkpoint=opened) if cut(video.size).count == 1 else More(checkpoint=opened)
        sent = int(data["sent"])
        if sent >= cut(video.size).count - 1:
            return Ready(checkpoint=checkpoint)
        reply = await self._send(video, data, sent, last=False)
        now_sent = await self._stored(reply, data, video, sent)
        if now_sent is None:
            return More(checkpoint=Checkpoint(data={"round": data["round"]}))
        return More(checkpoint=Checkpoint(data={**data, "sent": now_sent}, expires_at=checkpoint.expires_at))

    async def finish(self, video: Media, checkpoint: Checkpoint) -> str:
        """Send the last chunk, which publishes; the publish id when TikTok says that it has all.

        Raises `Uncertain` when it may have, `Rejected` with ``restage`` when it surely has not and the
        address is no good any more.
        """
        data = checkpoint.data
        if data.get("sha256") != video.sha256 or "upload_url" not in data:
            raise Transient("The video is not at TikTok yet; nothing was posted.", detail="no upload")
        last = cut(video.size).count - 1
        reply = await self._send(video, data, last, last=True)
        stored = stored_bytes(reply, video.size)
        if reply.status in (201, 206, 416) and stored == video.size:
            return str(data["publish_id"])
        if reply.status == 416 and stored is not None:
            raise _anew("TikTok lost a part of the video; nothing was posted.", reply)
        if reply.status in (403, 404):
            # The task may be gone because it is done: only what TikTok says of it decides.
            if await self._incomplete(data, video.size):
                raise _anew("TikTok's upload has expired; nothing was posted.", reply)
            raise Uncertain("TikTok closed the upload.", detail=f"upload status={reply.status}")
        if reply.status < 400 or reply.status == 416:
            raise Uncertain(
                "TikTok did not say whether it has the whole video.", detail=f"upload status={reply.status}"
            )
        raise put_refusal(reply, self._deps.clock.now(), last=True)

    async def _open(self, part: Part, choices: Choices, round_: int) -> Checkpoint:
        if round_ > ROUNDS:
            raise Rejected(
                "TikTok closed the upload several times before it was complete; nothing was posted.",
                code="upload_closed",
                fix="Try again later.",
            )
        video = part.media[0]
        await self._deps.media.check(video)
        creator = await allowed_creator(self._client, choices) if choices.direct else Creator()
        chunks = cut(video.size)
        source = {
            "source": "FILE_UPLOAD",
            "video_size": chunks.size,
            "chunk_size": chunks.chunk,
            "total_chunk_count": chunks.count,
        }
        body: dict[str, Any] = {"source_info": source}
        if choices.direct:
            body["post_info"] = post_info(part, choices, creator)
        # A repeated init does no harm: without bytes nothing appears, and an idle one dies in an hour.
        said = self._client.data(await self._client.ask(DIRECT_INIT if choices.direct else INBOX_INIT, body))
        publish_id, url = said.get("publish_id"), said.get("upload_url")
        if not isinstance(publish_id, str) or not publish_id or not isinstance(url, str) or not url:
            raise Transient("TikTok did not say where to put the video.", detail="init without upload_url")
        return Checkpoint(
            data={
                "publish_id": publish_id,
                "upload_url": url,
                "sha256": video.sha256,
                "sent": 0,
                "round": round_,
                "creator": creator.username,
            },
            expires_at=self._deps.clock.now() + URL_LASTS,
        )

    async def _send(self, video: Media, data: Mapping[str, Any], index: int, *, last: bool) -> Reply:
        start, end = cut(video.size).bounds(index)
        await self._deps.media.check(video)
        headers = {
            "content-type": video.mime,
            "content-length": str(end - start),
            "content-range": f"bytes {start}-{end - 1}/{video.size}",
        }
        content = self._deps.media.stream(video, start=start, length=end - start)
        return await self._client.put(str(data["upload_url"]), content, headers, last=last)

    async def _stored(self, reply: Reply, data: Mapping[str, Any], video: Media, sent: int) -> int | None:
        """How many chunks TikTok has; None when the upload has to be opened anew."""
        chunks = cut(video.size)
        if reply.status in (200, 201, 206):
            return sent + 1
        if reply.status in (403, 404):
            return None
        if reply.status == 416:
            stored = stored_bytes(reply, video.size)
            if stored is None:
                stored = await self._uploaded(data)
            found = chunks.count - 1 if stored == video.size else (stored or 0) // chunks.chunk
            return found if found != sent else None
        raise put_refusal(reply, self._deps.clock.now(), last=False)

    async def _uploaded(self, data: Mapping[str, Any]) -> int | None:
        said = self._client.data(await self._client.ask(STATUS, {"publish_id": data["publish_id"]}))
        return number(said.get("uploaded_bytes"))

    async def _incomplete(self, data: Mapping[str, Any], size: int) -> bool:
        """Whether TikTok says plainly that bytes are missing."""
        try:
            said = await self._client.ask(STATUS, {"publish_id": data["publish_id"]})
        except Transient:
            return False
        stored = number(said.data.get("uploaded_bytes"))
        uploading = said.good and said.data.get("status") == "PROCESSING_UPLOAD"
        return uploading and stored is not None and stored < size


def post_info(part: Part, choices: Choices, creator: Creator) -> dict[str, Any]:
    """What a direct post of a video is to be; what the creator switched off is off, whatever was chosen."""
    cover = {"video_cover_timestamp_ms": choices.cover_ms} if choices.cover_ms is not None else {}
    return {
        "title": part.text,
        "privacy_level": choices.privacy,
        "disable_comment": creator.no_comments or not choices.comments,
        "disable_duet": creator.no_duet or not choices.duet,
        "disable_stitch": creator.no_stitch or not choices.stitch,
        **cover,
        "brand_content_toggle": choices.branded_content,
        "brand_organic_toggle": choices.your_brand,
        "is_aigc": choices.ai_generated,
    }


def stored_bytes(reply: Reply, size: int) -> int | None:
    """How many bytes TikTok has, by its ``Content-Range``: ``bytes 0-{stored-1}/{size}``."""
    match = re.fullmatch(r"bytes 0-(\d{1,12})/(\d{1,12})", reply.headers.get("content-range", "").strip())
    return int(match[1]) + 1 if match and int(match[2]) == size else None


def _anew(reason: str, reply: Reply) -> Rejected:
    return Rejected(
        reason,
        code="upload_expired",
        fix="Try again, which uploads it anew.",
        detail=f"upload status={reply.status}",
        restage=True,
    )
