"""Files on their way to Bluesky, one step at a time; each becomes a blob that a record may name.

Source: com.atproto.repo.uploadBlob (2026): the same bytes are the same blob, so an upload may be
repeated. A blob that no record names is collected after some hours, so an older one is sent again; the
server answers a record that names a lost one with ``BlobNotFound``, and nothing came into being.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.api import Checkpoint, Deps, MediaKind, More, Part, Ready, Rejected, Staged, Wait
from plugins.bluesky.captions import CAPTION_TYPE, as_vtt
from plugins.bluesky.records import files_of
from plugins.bluesky.video import VideoUpload, blob_in

if TYPE_CHECKING:
    from bot.api import Media
    from plugins.bluesky.client import Client

BLOB_LIFE = timedelta(hours=1)
"""How long an uploaded file is trusted to be there still; servers keep it for at least that."""

UPLOAD = "com.atproto.repo.uploadBlob"

Entry = dict[str, Any]
"""One file's progress; done once it has ``blob`` and the time it was uploaded, ``at``."""


class FileUpload:
    """Stages the files of a part; the checkpoint holds ``blobs``, an `Entry` for each by its SHA-256."""

    def __init__(self, client: Client, deps: Deps) -> None:
        self._client = client
        self._deps = deps
        self._videos = VideoUpload(client, deps)

    async def stage(self, part: Part, checkpoint: Checkpoint) -> Staged:
        """The next step for the files of ``part``; `Ready` when every one is a blob."""
        files = files_of(part)
        blobs: dict[str, Entry] = dict(checkpoint.data.get("blobs", {}))
        for media in files:
            entry = dict(blobs.get(media.sha256, {}))
            if self._fresh(entry):
                continue
            entry, until = await self._step(media, {} if "blob" in entry else entry)
            blobs[media.sha256] = entry
            saved = Checkpoint(data={**checkpoint.data, "blobs": blobs})
            if until is not None:
                return Wait(checkpoint=saved, until=until)
            done = all(self._fresh(blobs.get(m.sha256, {})) for m in files)
            return Ready(checkpoint=saved) if done else More(checkpoint=saved)
        return Ready(checkpoint=checkpoint)

    def _fresh(self, entry: Entry) -> bool:
        return "blob" in entry and self._deps.clock.now() - datetime.fromisoformat(entry["at"]) < BLOB_LIFE

    async def _step(self, media: Media, entry: Entry) -> tuple[Entry, datetime | None]:
        if media.kind is MediaKind.VIDEO:
            entry, until = await self._videos.step(media, entry)
        elif media.kind is MediaKind.CAPTIONS:
            content = as_vtt(await self._deps.media.read(media))
            entry, until = {"blob": await self._put(media, content, CAPTION_TYPE)}, None
        else:
            entry, until = (
                {"blob": await self._put(media, await self._deps.media.read(media), media.mime)},
                None,
            )
        if "blob" in entry:
            entry["at"] = self._deps.clock.now().isoformat()
        return entry, until

    async def _put(self, media: Media, content: bytes, mime: str) -> dict[str, Any]:
        if not content:
            raise Rejected(f"{media.name} is empty.", code="empty_file", fix="Use another file.")
        reply = await self._client.upload(UPLOAD, content, mime, size=len(content))
        return blob_in(self._client.read(reply))
