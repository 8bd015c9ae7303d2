"""Files on their way to X: in one go, or in pieces with a wait for X to process them.

Source: docs.x.com x-api/media (2026-09-11). A picture of at most 5 MB goes in one call;
animated GIFs, videos and anything larger open a session, send segments, close it and wait.
Every step leaves a checkpoint, so a crash repeats at most one of them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bot.api import (
    Checkpoint,
    Deps,
    Media,
    MediaKind,
    More,
    Part,
    Ready,
    Rejected,
    Reply,
    Staged,
    Transient,
    Wait,
)
from plugins.twitter import reading
from plugins.twitter.client import Client
from plugins.twitter.errors import upload_error
from plugins.twitter.limits import IMAGE_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

LASTS = 86_400
"""Seconds an uploaded file is good for when X does not say."""

CHUNK, BIG_CHUNK, SMALLEST_CHUNK = 2**20, 4 * 2**20, 2**16
"""Bytes of a segment. X takes 5 MB and answers 413 to that now and then; 1 MiB is always taken."""

BIG = 900 * 2**20
"""From here on larger segments: X counts them from 0 to 999."""

STEP = 16 * 2**20
"""Bytes sent between two checkpoints."""

PROCESSING = timedelta(minutes=15)
"""How long X may work on a file before it is given up (field clients wait 7 to 8 minutes)."""

CATEGORIES = MappingProxyType(
    {MediaKind.IMAGE: "tweet_image", MediaKind.GIF: "tweet_gif", MediaKind.VIDEO: "tweet_video"}
)

Entry = dict[str, Any]
"""One file's progress: ``sha256``; ``id`` once X named it; ``alt`` once described; ``chunk`` and
``sent`` while segments go; ``since`` while X works on it; ``until`` when X forgets it."""


class Uploads:
    """Stages the files of a part, one reversible step per call."""

    def __init__(self, client: Client, deps: Deps) -> None:
        self._client = client
        self._deps = deps

    async def stage(self, part: Part, checkpoint: Checkpoint) -> Staged:
        """The next step; `Ready` when every file is there, processed and described."""
        now = self._deps.clock.now()
        lapsed = checkpoint.expires_at is not None and checkpoint.expires_at <= now
        done: list[Entry] = [] if lapsed else [dict(m) for m in checkpoint.data.get("media", ())]
        for index, media in enumerate(part.media):
            entry = done[index] if index < len(done) and done[index].get("sha256") == media.sha256 else {}
            step, until = await self._step(entry, media)
            if step is None:
                continue
            done[index:] = [step, *done[index + 1 :]] if entry else [step]
            saved = self._checkpoint(done)
            return More(checkpoint=saved) if until is None else Wait(checkpoint=saved, until=until)
        return Ready(checkpoint=self._checkpoint(done[: len(part.media)]))

    async def _step(self, entry: Entry, media: Media) -> tuple[Entry | None, datetime | None]:
        """What one file is after its next step, and when to come back; None when nothing is left to do."""
        if "id" not in entry:
            return await self._begin(media, entry.get("chunk")), None
        if "chunk" in entry:
            return await self._send(entry, media), None
        if "since" in entry:
            return await self._poll(entry)
        if media.alt.strip() and media.kind is not MediaKind.VIDEO and entry.get("alt") != media.alt:
            await self._describe(str(entry["id"]), media.alt)
            return {**entry, "alt": media.alt}, None
        return None, None

    async def _begin(self, media: Media, chunk: int | None) -> Entry:
        entry: Entry = {"sha256": media.sha256, "alt": ""}
        if media.kind is MediaKind.IMAGE and media.size <= IMAGE_BYTES:
            content = await self._deps.media.read(media)
            name = f"{media.sha256[:16]}.{media.mime.rpartition('/')[2]}"
            reply = await self._client.safely(
                "POST",
                "/2/media/upload",
                files={"media": (name, content, media.mime)},
                form={"media_category": CATEGORIES[media.kind]},
            )
            return {**entry, **self._named(reply)}
        reply = await self._client.safely(
            "POST",
            "/2/media/upload/initialize",
            json={
                "media_type": media.mime,
                "total_bytes": media.size,
                "media_category": CATEGORIES.get(media.kind, "tweet_image"),
            },
        )
        size = chunk or (BIG_CHUNK if media.size > BIG else CHUNK)
        return {**entry, **self._named(reply), "chunk": size, "sent": 0}

    async def _send(self, entry: Entry, media: Media) -> Entry:
        """Send segments up to `STEP` bytes, or close the session after the last one."""
        size, sent = int(entry["chunk"]), int(entry["sent"])
        if sent * size >= media.size:
            return await self._finalize(entry)
        content = await self._deps.media.read(media)
        for number in range(sent, min(-(-media.size // size), sent + max(1, STEP // size))):
            piece = content[number * size : (number + 1) * size]
            reply = await self._client.safely(
                "POST",
                f"/2/media/upload/{entry['id']}/append",
                files={"media": (f"{number}.bin", piece, "application/octet-stream")},
                form={"segment_index": str(number)},
            )
            if reply.status == 413 and size > SMALLEST_CHUNK:
                return {"sha256": media.sha256, "alt": "", "chunk": size // 2}
            if not 200 <= reply.status < 300:
                raise upload_error(reply, self._deps.clock.now())
            sent = number + 1
        return {**entry, "sent": sent}

    async def _finalize(self, entry: Entry) -> Entry:
        reply = await self._client.safely("POST", f"/2/media/upload/{entry['id']}/finalize")
        if reply.status in (400, 404, 409):
            # An earlier answer may have been lost: the state tells whether the session is closed already.
            reply = await self._status(entry)
        done = {k: v for k, v in entry.items() if k not in ("chunk", "sent")}
        info = _processing(reply)
        named = self._named(reply)
        if info is not None:
            return {**done, **named, "since": self._deps.clock.now().isoformat()}
        return {**done, **named}

    async def _poll(self, entry: Entry) -> tuple[Entry, datetime | None]:
        now = self._deps.clock.now()
        reply = await self._status(entry)
        if not 200 <= reply.status < 300:
            raise upload_error(reply, now)
        if reading.data_of(reply) is None:
            raise Transient("X did not say how far it is with the file.", detail=f"HTTP {reply.status}")
        info = _processing(reply) or {"state": "succeeded"}
        error = info.get("error")
        if info.get("state") == "failed" or isinstance(error, dict):
            raise _unusable(error if isinstance(error, dict) else {})
        if info.get("state") == "succeeded":
            return {k: v for k, v in entry.items() if k != "since"}, None
        if now - datetime.fromisoformat(entry["since"]) >= PROCESSING:
            raise Rejected(
                "X has been working on the file for 15 minutes.",
                code="media_slow",
                fix="Try again, which uploads it anew.",
                restage=True,
            )
        after = info.get("check_after_secs")
        seconds = after if isinstance(after, int | float) else 5
        return entry, now + timedelta(seconds=min(max(seconds, 1), 30))

    async def _status(self, entry: Entry) -> Reply:
        query = {"command": "STATUS", "media_id": str(entry["id"])}
        return await self._client.safely("GET", "/2/media/upload", query=query)

    async def _describe(self, media_id: str, alt: str) -> None:
        reply = await self._client.safely(
            "POST", "/2/media/metadata", json={"id": media_id, "metadata": {"alt_text": {"text": alt}}}
        )
        if not 200 <= reply.status < 300:
            raise upload_error(reply, self._deps.clock.now(), "the picture's description")

    def _named(self, reply: Reply) -> Entry:
        """X's id of the file, and when X forgets it."""
        data = reading.data_of(reply)
        media_id = reading.id_of(data) if 200 <= reply.status < 300 else None
        if data is None or media_id is None:
            raise upload_error(reply, self._deps.clock.now())
        lasts = data.get("expires_after_secs")
        seconds = lasts if isinstance(lasts, int | float) and 0 < lasts <= LASTS else LASTS
        until = self._deps.clock.now() + timedelta(seconds=seconds)
        return {"id": media_id, "until": until.isoformat()}

    def _checkpoint(self, done: list[Entry]) -> Checkpoint:
        if not done:
            return Checkpoint()
        ends = [datetime.fromisoformat(e["until"]) for e in done if "until" in e]
        return Checkpoint(data={"media": done}, expires_at=min(ends, default=None))


def _processing(reply: Reply) -> Mapping[str, Any] | None:
    info = (reading.data_of(reply) or {}).get("processing_info")
    return info if isinstance(info, dict) else None


def _unusable(error: Mapping[str, Any]) -> Rejected:
    said = " ".join(str(error.get("message") or error.get("name") or "").split())[:200]
    return Rejected(
        f"X could not process the file: “{said}”." if said else "X could not process the file.",
        code="media_processing",
        fix="Send it in another format, or smaller and shorter.",
        detail=f"processing error {error.get('code', '')} {error.get('name', '')}"[:80],
    )
