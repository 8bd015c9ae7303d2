"""A video on its way to YouTube, private: a session, its chunks, and what a cut leaves behind.

Source: developers.google.com/youtube/v3/guides/using_resumable_upload_protocol (2026). YouTube says after
each chunk what it has stored, and only that counts; after any doubt it is asked with an empty PUT. A video
comes into being with its last byte and is private then, so nothing here can publish.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from zlib import crc32

from bot.api import Checkpoint, Deps, Media, More, Part, Reply, Staged, Transient, Wait
from plugins.youtube.answers import video_id
from plugins.youtube.client import Client
from plugins.youtube.finding import Finder
from plugins.youtube.metadata import uploaded
from plugins.youtube.options import flag_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plugins.youtube.settings import YouTubeSettings

INSERT = "/upload/youtube/v3/videos"
SESSION_LASTS = timedelta(days=6)
"""We never trust a session for longer: about a week is usual at Google, and YouTube does not say it."""

FAULTS, LONGEST_PAUSE = 8, 64
"""How often in a row a chunk may fail, and the longest pause between two tries in seconds."""

TROUBLE = frozenset({408, 429, 500, 502, 503, 504})
LOOKS = (timedelta(0), timedelta(minutes=3), timedelta(minutes=10))
"""When the channel's videos are searched for one whose upload ended without an answer; the list can lag."""

Progress = dict[str, Any]
"""``file``, ``notify`` and ``begun`` of the upload; ``session`` and ``sent`` while bytes go out, ``lost``
while it is looked for, ``video`` once it is there; ``earlier`` is an upload that was looked for in vain.
The session's address is a secret that has to survive a crash: without it the upload would begin anew and
leave a second copy."""


class Uploads:
    """Brings one file to YouTube, one step a call."""

    def __init__(self, client: Client, deps: Deps, settings: YouTubeSettings) -> None:
        self._client = client
        self._deps = deps
        self._piece = settings.piece
        self._finder = Finder(client)
        self._known: dict[str, int] = {}
        """Session → bytes stored, where YouTube itself said so to this process."""

    async def step(self, part: Part, media: Media, data: Progress) -> Staged:
        """The next step towards a private video."""
        if "lost" in data:
            return await self._look(part, media, data)
        if "session" not in data:
            return self._more({**await self._open(part, media), **_earlier(data)})
        await self._deps.media.check(media)
        try:
            if self._known.get(data["session"]) != data["sent"]:
                asked = self._judged(await self._probe(media, data), media, data, probing=True)
                if not isinstance(asked, More) or "session" not in asked.checkpoint.data:
                    return asked
                data = dict(asked.checkpoint.data)
            return self._judged(await self._put(media, data, int(data["sent"])), media, data, probing=False)
        except Transient as error:
            return self._fault(data, error)

    async def _open(self, part: Part, media: Media) -> Progress:
        await self._deps.media.check(media)
        ending = PurePath(media.name).suffix
        ending = ending if ending[1:].isascii() and ending[1:].isalnum() and len(ending) <= 6 else ""
        marker = f"clarion-{media.sha256[:12]}-{secrets.token_hex(4)}{ending}"
        notify = flag_of(part.options, "notify", default=True)
        reply = await self._client.call(
            "POST",
            INSERT,
            {"uploadType": "resumable", "part": "snippet,status", "notifySubscribers": str(notify).lower()},
            json=uploaded(part),
            headers={
                "x-upload-content-length": str(media.size),
                "x-upload-content-type": media.mime,
                "slug": marker,
            },
        )
        self._client.expect(reply, "videos.insert")
        session = reply.headers.get("location", "")
        if not session:
            raise Transient("YouTube did not say where to put the video.", detail="no location")
        self._known[session] = 0
        return {
            "file": media.sha256,
            "notify": notify,
            "marker": marker,
            "begun": self._deps.clock.now().isoformat(),
            "session": session,
            "sent": 0,
        }

    async def _put(self, media: Media, data: Progress, sent: int) -> Reply:
        length = min(self._piece, media.size - sent)
        headers = {
            "content-length": str(length),
            "content-type": media.mime,
            "content-range": f"bytes {sent}-{sent + length - 1}/{media.size}",
        }
        self._known.pop(data["session"], None)
        stream = self._deps.media.stream
        return await self._client.send(
            "PUT", data["session"], headers, lambda: stream(media, start=sent, length=length)
        )

    async def _probe(self, media: Media, data: Progress) -> Reply:
        headers = {"content-length": "0", "content-range": f"bytes */{media.size}"}
        return await self._client.send("PUT", data["session"], headers, lambda: b"")

    def _judged(self, reply: Reply, media: Media, data: Progress, *, probing: bool) -> Staged:
        if reply.status == 308:
            return self._stored(reply, media, data, probing=probing)
        if reply.status in (200, 201):
            return self._done(reply, data)
        if reply.status in (404, 410):
            return self._gone(media, data)
        if reply.status in TROUBLE:
            return self._fault(data, Transient("The upload to YouTube breaks off again and again."))
        self._client.expect(reply, "videos.insert")
        return self._fault(data, Transient("YouTube answers the upload strangely."))

    def _stored(self, reply: Reply, media: Media, data: Progress, *, probing: bool) -> Staged:
        """YouTube has so much of it, and wants the rest; perhaps somewhere else."""
        stored = min(_stored(reply), media.size)
        now: Progress = {**data, "session": reply.headers.get("location") or data["session"], "sent": stored}
        if stored >= media.size or (not probing and stored <= int(data["sent"])):
            return self._fault(now, Transient("The upload to YouTube does not get on."))
        if not probing:
            now.pop("faults", None)
        self._known[now["session"]] = stored
        return self._more(now)

    def _done(self, reply: Reply, data: Progress) -> Staged:
        body = reply.json()
        video = video_id(body.get("id")) if isinstance(body, dict) else None
        if video is None:
            return self._fault(data, Transient("YouTube did not name the video."))
        return self._more(self._found(data, video))

    def _found(self, data: Mapping[str, Any], video: str) -> Progress:
        known = {name: data[name] for name in ("file", "notify", "begun")}
        return {**known, **_earlier(data), "video": video, "uploaded": self._deps.clock.now().isoformat()}

    def _gone(self, media: Media, data: Progress) -> Staged:
        """The session ended. If its last bytes may have arrived the video may be there."""
        self._known.pop(data["session"], None)
        self._deps.log.warning("youtube.session_gone", sent=data["sent"], size=media.size)
        if int(data["sent"]) + self._piece < media.size:
            known = {name: data[name] for name in ("file", "notify", "earlier") if "earlier" in data}
            return self._more(known)
        left = {name: data[name] for name in ("file", "notify", "begun", "marker")}
        return self._more({**left, "lost": 0, "since": self._deps.clock.now().isoformat()})

    async def _look(self, part: Part, media: Media, data: Progress) -> Staged:
        """Search the channel's newest videos; after the last look it is uploaded anew.

        A second copy would stay private, so that is only untidy.
        """
        number = int(data["lost"])
        found = await self._finder.find(part, media, marker=data["marker"], since=data["begun"])
        if found is not None:
            return self._more(self._found(data, found))
        if number + 1 >= len(LOOKS):
            self._deps.log.warning("youtube.upload_lost", marker=data["marker"])
            earlier = {"marker": data["marker"], "begun": data["begun"]}
            return self._more({"file": data["file"], "notify": data["notify"], "earlier": earlier})
        until = datetime.fromisoformat(data["since"]) + LOOKS[number + 1]
        until = max(until, self._deps.clock.now() + timedelta(seconds=1))
        return Wait(checkpoint=self._saved({**data, "lost": number + 1}), until=until)

    async def twin(self, part: Part, media: Media, data: Mapping[str, Any]) -> Progress | None:
        """The upload that was given up, once YouTube says that it has this video already."""
        earlier = data.get("earlier")
        if not earlier:
            return None
        found = await self._finder.find(
            part, media, marker=earlier["marker"], since=earlier["begun"], but=str(data["video"])
        )
        known = {name: value for name, value in data.items() if name != "earlier"}
        return None if found is None else self._found(known, found)

    def _fault(self, data: Progress, error: Transient) -> Staged:
        """A chunk failed: wait longer each time, then ask what has arrived."""
        self._known.pop(data["session"], None)
        faults = int(data.get("faults", 0))
        if faults >= FAULTS:
            raise error
        spread = timedelta(milliseconds=crc32(data["marker"].encode()) % 1000)
        pause = timedelta(seconds=min(2**faults, LONGEST_PAUSE)) + spread
        saved = self._saved({**data, "faults": faults + 1})
        return Wait(checkpoint=saved, until=self._deps.clock.now() + pause)

    def _more(self, data: Progress) -> More:
        return More(checkpoint=self._saved(data))

    def _saved(self, data: Progress) -> Checkpoint:
        ends = None
        if "begun" in data and "video" not in data:
            ends = datetime.fromisoformat(data["begun"]) + SESSION_LASTS
        return Checkpoint(data=data, expires_at=ends)


def _earlier(data: Mapping[str, Any]) -> Progress:
    return {"earlier": data["earlier"]} if "earlier" in data else {}


def _stored(reply: Reply) -> int:
    """How many bytes YouTube has; a 308 without ``Range`` means none."""
    first, _, last = reply.headers.get("range", "").strip().removeprefix("bytes=").partition("-")
    return int(last) + 1 if first == "0" and last.isascii() and last.isdigit() else 0
