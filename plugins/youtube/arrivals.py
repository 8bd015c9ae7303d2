"""Uploads to the simulated YouTube: sessions, chunks, probes. No network here.

Protocol: developers.google.com/youtube/v3/guides/using_resumable_upload_protocol. A video comes into being
with its last byte. The answer to a chunk that begins elsewhere than at the stored byte is not documented;
here it is told once more what is stored.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from bot.testing.simulator import Failure
from plugins.youtube.channel import CHANNEL, UPLOADS, body_of, parts_of
from plugins.youtube.failures import FAILURES, Refused, refused
from plugins.youtube.judging import judged
from plugins.youtube.settings import STEP
from plugins.youtube.simulated import Session, StoredVideo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from plugins.youtube.channel import Answer, Channel
    from plugins.youtube.simulated import Ask

LARGEST = 256 * 1024**3
_SPAN = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)")
PLACE = "/upload/youtube/v3/videos"


class Arrivals:
    """``store_at_most``: so many bytes of the next chunk are stored; ``move``: the next 308 names
    a new address."""

    def __init__(self, channel: Channel, url: Callable[[], str]) -> None:
        self.channel = channel
        self._url = url
        self.sessions: dict[str, Session] = {}
        self.store_at_most: int | None = None
        self.move = False

    def endpoints(self) -> Mapping[str, Answer]:
        """Endpoint → what answers it."""
        return {f"POST {PLACE}": self.open, f"PUT {PLACE}": self.put}

    def end_sessions(self, status: int = 404) -> None:
        """Every upload under way is forgotten; a video that is whole stays."""
        for session in self.sessions.values():
            session.status = status

    def open(self, ask: Ask) -> Failure:
        channel = self.channel
        channel.gate.admit(ask.headers, "videos.insert", bucket="videos.insert")
        if ask.query.get("uploadType") != "resumable" or not {"snippet", "status"} <= parts_of(ask):
            raise refused(400, "badRequest", "Only resumable uploads with snippet and status are known here.")
        body = body_of(ask)
        judged(body, channel.clock.now(), category_needed=False)
        if channel.gate.uploads_left is not None and channel.gate.uploads_left <= 0:
            raise Refused(FAILURES["uploadLimitExceeded"])
        length, mime = (
            ask.headers.get("x-upload-content-length", ""),
            ask.headers.get("x-upload-content-type", ""),
        )
        if not length.isdigit() or not 0 < int(length) <= LARGEST:
            raise Refused(FAILURES["mediaBodyRequired"])
        if not mime.startswith("video/") and mime != "application/octet-stream":
            raise refused(400, "badContent", f"Media type '{mime}' is not supported.")
        name = f"AAsim{len(self.sessions) + 1:04d}"
        self.sessions[name] = Session(
            resource=body,
            size=int(length),
            mime=mime,
            name=ask.headers.get("slug", "unknown"),
            notify=ask.query.get("notifySubscribers", "true") == "true",
            begun=channel.clock.now(),
        )
        headers = {"X-GUploader-UploadID": name, "Location": self._address(name, ask)}
        return Failure(status=200, headers=headers)

    def put(self, ask: Ask) -> Failure:
        """A chunk, or with ``bytes */N`` the question what is stored."""
        self.channel.gate.admit(ask.headers, "videos.insert", cost=0)
        name = ask.query.get("upload_id", "")
        session = self.sessions.get(name)
        if session is None or session.status:
            raise Refused(Failure(status=session.status if session else 404))
        span = _SPAN.fullmatch(ask.headers.get("content-range", f"bytes 0-{session.size - 1}/{session.size}"))
        if span is None or int(span[3]) != session.size:
            raise refused(400, "badRequest", "Invalid Content-Range.")
        if session.video or span[1] is None:
            return self._so_far(name, session, ask)
        first, last = int(span[1]), int(span[2])
        if last - first + 1 != len(ask.body) or last >= session.size:
            raise refused(400, "badRequest", "Content-Range does not fit the body.")
        if last + 1 < session.size and len(ask.body) % STEP:
            raise refused(400, "badRequest", "Chunks must be multiples of 262144 bytes.")
        if first == session.stored:
            most, self.store_at_most = self.store_at_most, None
            kept = ask.body if most is None else ask.body[:most]
            session.digest.update(kept)
            session.stored += len(kept)
        if session.stored == session.size:
            self._complete(session)
        return self._so_far(name, session, ask)

    def _so_far(self, name: str, session: Session, ask: Ask) -> Failure:
        if session.video:
            video = self.channel.find(session.video)
            if video is None:
                raise Refused(Failure(status=404))
            body = video.to_json({"snippet", "status"}, CHANNEL, self.channel.clock.now())
            return Failure(status=200, body=body)
        headers = {"Range": f"bytes=0-{session.stored - 1}"} if session.stored else {}
        if self.move:
            self.move = False
            moved = f"{name}m"
            self.sessions[moved] = self.sessions.pop(name)
            headers["Location"] = self._address(moved, ask)
        return Failure(status=308, headers=headers)

    def _complete(self, session: Session) -> None:
        channel, now = self.channel, self.channel.clock.now()
        snippet, status = judged(session.resource, session.begun, category_needed=False)
        video = StoredVideo(
            id=channel.next_id(),
            snippet=snippet,
            status=status,
            name=session.name,
            size=session.size,
            sha256=session.digest.hexdigest(),
            notify=session.notify,
            uploaded_at=now,
            processing=channel.processing,
            ends=channel.ends,
        )
        if status["privacyStatus"] != "private":
            video.published_at = now
        channel.videos.append(video)
        channel.playlists.setdefault(UPLOADS, []).insert(0, (f"UU{video.id}", video.id))
        session.video = video.id
        if channel.gate.uploads_left is not None:
            channel.gate.uploads_left -= 1

    def _address(self, name: str, ask: Ask) -> str:
        part = quote(ask.query.get("part", "snippet,status"), safe="")
        rest = f"part={part}&upload_id={name}&upload_protocol=resumable"
        return f"{self._url()}{PLACE}?uploadType=resumable&{rest}"
