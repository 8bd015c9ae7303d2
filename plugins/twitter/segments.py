"""One file on its way to X in pieces: open a session, send segments, close it, wait for X.

Source: docs.x.com x-api/media (2026-09-11). The file is read from disk piece by piece, so its size never
shows in the memory. Every piece leaves a checkpoint: whoever goes on after a crash sends at most one twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.api import Deps, Media, Rejected, Reply, Transient
from plugins.twitter import reading
from plugins.twitter.client import Client
from plugins.twitter.errors import upload_error

if TYPE_CHECKING:
    from collections.abc import Mapping

LASTS = 86_400
"""Seconds an uploaded file is good for when X does not say."""

CHUNK, BIG_CHUNK, SMALLEST_CHUNK = 2**20, 4 * 2**20, 2**16
"""Bytes of a segment. X takes 5 MB and answers 413 to that now and then; 1 MiB is always taken."""

BIG = 900 * 2**20
"""From here on larger segments: X counts them from 0 to 999."""

PROCESSING = timedelta(minutes=15)
"""How long X may work on a file before it is given up (field clients wait 7 to 8 minutes)."""

Entry = dict[str, Any]
"""One file's progress: ``sha256``; ``id`` once X named it; ``alt`` once described; ``chunk`` and
``sent`` while segments go; ``since`` while X works on it; ``until`` when X forgets it; ``beside``: the
same for its cover and subtitles, ``tied`` once X knows whose they are."""


class Session:
    """Carries one file a step further."""

    def __init__(self, client: Client, deps: Deps) -> None:
        self._client = client
        self._deps = deps

    async def whole(self, media: Media, category: str, mime: str) -> Entry:
        """A small file in one go."""
        content = await self._deps.media.read(media)
        reply = await self._client.safely(
            "POST",
            "/2/media/upload",
            files={"media": (f"{media.sha256[:16]}.{mime.rpartition('/')[2]}", content, mime)},
            form={"media_category": category},
        )
        return {"sha256": media.sha256, "alt": "", **self._named(reply)}

    async def open(self, media: Media, category: str, mime: str, chunk: int | None) -> Entry:
        """Announce a file; ``chunk``: the size of its pieces, where X found the usual one too large."""
        await self._deps.media.check(media)
        reply = await self._client.safely(
            "POST",
            "/2/media/upload/initialize",
            json={"media_type": mime, "total_bytes": media.size, "media_category": category},
        )
        size = chunk or (BIG_CHUNK if media.size > BIG else CHUNK)
        return {"sha256": media.sha256, "alt": "", **self._named(reply), "chunk": size, "sent": 0}

    async def advance(self, entry: Entry, media: Media) -> tuple[Entry | None, datetime | None]:
        """What an opened file is after its next step, and when to come back; None when it is there."""
        if "chunk" in entry:
            return await self._send(entry, media), None
        return await self._poll(entry) if "since" in entry else (None, None)

    async def _send(self, entry: Entry, media: Media) -> Entry:
        """The next segment, or the end of the session after the last one. A repeated segment does no harm."""
        size, number = int(entry["chunk"]), int(entry["sent"])
        start = number * size
        if start >= media.size:
            return await self._finalize(entry)
        await self._deps.media.check(media)
        rest = min(size, media.size - start)
        reply = await self._client.piece(
            f"/2/media/upload/{entry['id']}/append",
            number,
            lambda: self._deps.media.stream(media, start=start, length=rest),
            rest,
        )
        if reply.status == 413 and size > SMALLEST_CHUNK:
            return {"sha256": media.sha256, "alt": "", "chunk": size // 2}
        if not 200 <= reply.status < 300:
            raise upload_error(reply, self._deps.clock.now())
        return {**entry, "sent": number + 1}

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
