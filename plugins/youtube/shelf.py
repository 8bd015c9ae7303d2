"""What stands beside a video on the simulated YouTube: cover, subtitles, playlists; and reporting jobs."""

from __future__ import annotations

import json
import re
from email.parser import BytesParser
from email.policy import HTTP
from typing import TYPE_CHECKING, Any

from bot.testing.simulator import Failure
from plugins.youtube.channel import UPLOADS, body_of, listing, parts_of
from plugins.youtube.failures import FAILURES, Refused, refused
from plugins.youtube.simulated import Job, Track, stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plugins.youtube.channel import Answer, Channel
    from plugins.youtube.simulated import Ask, Resource

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
PICTURES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG", "image/png"))
COVER_MOST = 50 * 1024**2


class Shelf:
    """``covers_allowed``: whether the channel's phone number is verified; ``full``: playlists that take
    no more."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.covers_allowed = True
        self.full: set[str] = set()

    def endpoints(self) -> Mapping[str, Answer]:
        """Endpoint → what answers it."""
        return {
            "POST /upload/youtube/v3/thumbnails/set": self.set_cover,
            "GET /youtube/v3/captions": self.show_tracks,
            "POST /upload/youtube/v3/captions": self.add_track,
            "PUT /upload/youtube/v3/captions": self.replace_track,
            "GET /youtube/v3/playlistItems": self.show_playlist,
            "POST /youtube/v3/playlistItems": self.add_to_playlist,
            "GET /v1/jobs": self.show_jobs,
            "POST /v1/jobs": self.add_job,
            "GET /v1/reportTypes": self.show_kinds,
        }

    def set_cover(self, ask: Ask) -> Failure:
        self.channel.gate.admit(ask.headers, "thumbnails.set", cost=50)
        video = self.channel.needed(ask.query.get("videoId", ""))
        if not self.covers_allowed:
            raise Refused(FAILURES["thumbnail forbidden"])
        content, mime = ask.body, ask.headers.get("content-type", "")
        if mime.startswith("multipart/related"):
            content = related(ask)[1]
        if not content:
            raise Refused(FAILURES["mediaBodyRequired"])
        kind = next((k for start, k in PICTURES if content.startswith(start)), "")
        if not kind or len(content) > COVER_MOST:
            raise Refused(FAILURES["invalidImage"])
        video.cover, video.cover_mime = content, kind
        sizes = {
            "default": {"url": f"https://i.ytimg.com/vi/{video.id}/default.jpg", "width": 120, "height": 90}
        }
        body = {"kind": "youtube#thumbnailSetResponse", "etag": "t1", "items": [sizes]}
        return Failure(status=200, body=body)

    def show_tracks(self, ask: Ask) -> Failure:
        self.channel.gate.admit(ask.headers, "captions", cost=50)
        parts_of(ask)
        video = self.channel.needed(ask.query.get("videoId", ""))
        return listing(
            "youtube#captionListResponse",
            [self._track(t) for t in self.channel.tracks if t.video == video.id],
            pages=False,
        )

    def add_track(self, ask: Ask) -> Failure:
        self.channel.gate.admit(ask.headers, "captions", cost=400)
        said, content = related(ask)
        snippet = said.get("snippet", {})
        video = self.channel.needed(str(snippet.get("videoId", "")))
        language, name = str(snippet.get("language", "")), snippet.get("name")
        if not LANGUAGE.fullmatch(language) or not isinstance(name, str):
            raise Refused(FAILURES["captions invalidMetadata"])
        if not content.strip():
            raise Refused(FAILURES["captions contentRequired"])
        same = (video.id, language, name)
        if any((t.video, t.language, t.name) == same for t in self.channel.tracks):
            raise refused(409, "captionExists", "The track exists already.", "youtube.caption")
        track = Track(
            id=self.channel.next_id("c-"), video=video.id, language=language, name=name, content=content
        )
        self.channel.tracks.append(track)
        return Failure(status=200, body=self._track(track))

    def replace_track(self, ask: Ask) -> Failure:
        self.channel.gate.admit(ask.headers, "captions", cost=450)
        said, content = related(ask)
        track = next((t for t in self.channel.tracks if t.id == said.get("id")), None)
        if track is None:
            raise refused(404, "captionNotFound", "No such track.", "youtube.caption")
        track.content = content
        return Failure(status=200, body=self._track(track))

    def show_playlist(self, ask: Ask) -> Failure:
        channel = self.channel
        channel.gate.admit(ask.headers, "read")
        parts, playlist = parts_of(ask), ask.query.get("playlistId", "")
        if playlist not in channel.playlists:
            raise Refused(FAILURES["playlistNotFound"])
        wanted, items = ask.query.get("videoId"), []
        for item, one in channel.playlists[playlist]:
            video = channel.find(one)
            if video is not None and wanted in (None, one) and (playlist != UPLOADS or channel.listed(video)):
                items.append(self._item(item, playlist, one, parts))
        return listing("youtube#playlistItemListResponse", items[: int(ask.query.get("maxResults", "5"))])

    def add_to_playlist(self, ask: Ask) -> Failure:
        channel = self.channel
        channel.gate.admit(ask.headers, "write", cost=50)
        parts, snippet = parts_of(ask), body_of(ask).get("snippet", {})
        playlist = str(snippet.get("playlistId", ""))
        video = channel.needed(str(snippet.get("resourceId", {}).get("videoId", "")))
        if playlist not in channel.playlists:
            raise Refused(FAILURES["playlistNotFound"])
        if playlist == UPLOADS:
            raise Refused(FAILURES["playlistItemsNotAccessible"])
        if playlist in self.full:
            raise Refused(FAILURES["playlistContainsMaximumNumberOfVideos"])
        item = channel.next_id("i-")
        channel.playlists[playlist].append((item, video.id))
        return Failure(status=200, body=self._item(item, playlist, video.id, parts))

    def show_jobs(self, ask: Ask) -> Failure:
        self.channel.gate.admit(ask.headers, "reports", cost=0)
        jobs = [self._job(job) for job in self.channel.jobs]
        return Failure(status=200, body={"jobs": jobs} if jobs else {})

    def show_kinds(self, ask: Ask) -> Failure:
        self.channel.gate.admit(ask.headers, "reports", cost=0)
        kinds = [
            {"id": kind, "name": kind} | ({"deprecateTime": ends} if ends else {})
            for kind, ends in self.channel.kinds.items()
        ]
        return Failure(status=200, body={"reportTypes": kinds})

    def add_job(self, ask: Ask) -> Failure:
        self.channel.gate.admit(ask.headers, "reports", cost=0)
        said = body_of(ask)
        kind, name = str(said.get("reportTypeId", "")), said.get("name")
        if kind not in self.channel.kinds or self.channel.kinds[kind] or not name:
            raise refused(400, "badRequest", "The report type is unknown or has ended.")
        if any(job.kind == kind for job in self.channel.jobs):
            raise refused(409, "alreadyExists", "Requested entity already exists")
        job = Job(id=self.channel.next_id("job-"), kind=kind, name=name, created_at=self.channel.clock.now())
        self.channel.jobs.append(job)
        return Failure(status=200, body=self._job(job))

    def _track(self, track: Track) -> Resource:
        snippet = {
            "videoId": track.video,
            "language": track.language,
            "name": track.name,
            "trackKind": "standard",
            "isDraft": False,
            "status": "serving",
        }
        return {"kind": "youtube#caption", "etag": f"e-{track.id}", "id": track.id, "snippet": snippet}

    def _item(self, item: str, playlist: str, video: str, parts: set[str]) -> Resource:
        stored = self.channel.needed(video)
        everything: Resource = {
            "snippet": {
                "publishedAt": stamp(stored.uploaded_at),
                "title": stored.snippet["title"],
                "playlistId": playlist,
                "resourceId": {"kind": "youtube#video", "videoId": video},
            },
            "contentDetails": {"videoId": video},
        }
        chosen = {name: value for name, value in everything.items() if name in parts}
        return {"kind": "youtube#playlistItem", "etag": f"e-{item}", "id": item, **chosen}

    def _job(self, job: Job) -> Resource:
        return {"id": job.id, "reportTypeId": job.kind, "name": job.name, "createTime": stamp(job.created_at)}


def related(ask: Ask) -> tuple[Any, bytes]:
    """The JSON and the bytes of a ``multipart/related`` body; raises `Refused` for anything else."""
    head = f"content-type: {ask.headers.get('content-type', '')}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + ask.body)
    parts = list(message.iter_parts()) if message.is_multipart() else []
    if len(parts) != 2:
        raise refused(400, "badContent", "Two parts are wanted: the resource and the media.")
    try:
        said = json.loads(parts[0].get_payload(decode=True) or b"{}")  # type: ignore[arg-type]  # bytes, as decoded
    except ValueError:
        raise refused(400, "parseError", "Parse Error") from None
    content = parts[1].get_payload(decode=True)
    return said, content if isinstance(content, bytes) else b""
