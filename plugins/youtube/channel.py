"""The simulated channel and its videos: listed, changed, counted, deleted. No network here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.testing.simulator import Failure
from plugins.youtube.failures import FAILURES, PROCESSED, Refused, refused
from plugins.youtube.gate import Gate
from plugins.youtube.judging import judged
from plugins.youtube.simulated import Ask, Job, Resource, StoredVideo, Track, stamp

if TYPE_CHECKING:
    from bot.api import Clock

CHANNEL, UPLOADS = "UCsimulatedAcmeChannel00", "UUsimulatedAcmeChannel00"
PLAYLIST = "PLsimulatedReleases0000"
Answer = Callable[[Ask], Failure]


class Channel:
    """One channel. ``videos`` holds everything ever uploaded, deleted or not.

    A test may change ``processing`` (how long YouTube works on a video), ``ends`` (how the next ones end,
    see `plugins.youtube.failures.ENDS`), ``long_uploads``, ``list_lag`` (how long the uploads playlist and
    ``videos.list`` do not show a new video), ``keeps_private`` (an update does not make it public) and
    ``batch`` (whether ``videos.batchGetStats`` is known).
    """

    def __init__(self, clock: Clock, gate: Gate) -> None:
        self.clock, self.gate = clock, gate
        self.videos: list[StoredVideo] = []
        self.playlists: dict[str, list[tuple[str, str]]] = {PLAYLIST: []}
        self.tracks: list[Track] = []
        self.jobs: list[Job] = []
        self.kinds: dict[str, str] = {
            "channel_basic_a2": "2026-01-01T00:00:00Z",
            "channel_basic_a3": "",
            "channel_demographics_a1": "",
            "channel_reach_basic_a1": "",
        }
        self.processing = timedelta(0)
        self.ends = PROCESSED
        self.long_uploads = "allowed"
        self.list_lag = timedelta(0)
        self.keeps_private = False
        self.batch = True
        self._serial = 0

    def endpoints(self) -> Mapping[str, Answer]:
        """Endpoint → what answers it."""
        return {
            "GET /youtube/v3/channels": self.show_channel,
            "GET /youtube/v3/videos": self.show_videos,
            "PUT /youtube/v3/videos": self.update,
            "DELETE /youtube/v3/videos": self.delete,
            "GET /youtube/v3/videos:batchGetStats": self.count,
        }

    def next_id(self, prefix: str = "") -> str:
        """Eleven signs, as a video's id has."""
        self._serial += 1
        return f"{prefix}sim{self._serial:08d}"

    def find(self, video: str) -> StoredVideo | None:
        """A video that is not deleted, with what YouTube has done by itself since."""
        found = next((v for v in self.videos if v.id == video and not v.deleted), None)
        if found is not None:
            found.settle(self.clock.now())
        return found

    def needed(self, video: str) -> StoredVideo:
        """As `find`; raises `Refused` when there is none."""
        found = self.find(video)
        if found is None:
            raise Refused(FAILURES["videoNotFound"])
        return found

    def shown(self) -> list[StoredVideo]:
        """What people can watch now."""
        for video in self.videos:
            video.settle(self.clock.now())
        return [v for v in self.videos if v.shown(self.clock.now())]

    def listed(self, video: StoredVideo) -> bool:
        """Whether lists show it yet."""
        return self.clock.now() >= video.uploaded_at + self.list_lag

    def show_channel(self, ask: Ask) -> Failure:
        self.gate.admit(ask.headers, "read")
        if ask.query.get("mine") != "true":
            raise refused(400, "missingRequiredParameter", "No filter selected.")
        everything = {
            "snippet": {
                "title": "Acme",
                "description": "",
                "customUrl": "@acme",
                "publishedAt": "2020-01-01T00:00:00Z",
            },
            "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": UPLOADS}},
            "status": {
                "privacyStatus": "public",
                "isLinked": True,
                "longUploadsStatus": self.long_uploads,
                "madeForKids": False,
            },
            "statistics": {"viewCount": "0", "subscriberCount": "12", "videoCount": str(len(self.shown()))},
        }
        parts = parts_of(ask)
        chosen = {name: value for name, value in everything.items() if name in parts}
        item = {"kind": "youtube#channel", "etag": "e-channel", "id": CHANNEL, **chosen}
        return listing("youtube#channelListResponse", [item])

    def show_videos(self, ask: Ask) -> Failure:
        self.gate.admit(ask.headers, "read")
        now, parts = self.clock.now(), parts_of(ask)
        found = [self.find(one) for one in ids_of(ask)]
        items = [v.to_json(parts, CHANNEL, now) for v in found if v is not None and self.listed(v)]
        return listing("youtube#videoListResponse", items)

    def update(self, ask: Ask) -> Failure:
        """Every property of the named parts is replaced; what is not sent is gone."""
        self.gate.admit(ask.headers, "write", cost=50)
        body, now = body_of(ask), self.clock.now()
        video = self.needed(str(body.get("id", "")))
        parts = parts_of(ask)
        whole = {"snippet": video.snippet, "status": video.status}
        snippet, status = judged(
            {**whole, **{p: body.get(p) for p in parts if p in whole}}, now, category_needed=True
        )
        if "status" in parts:
            was = video.status["privacyStatus"]
            if self.keeps_private:
                status["privacyStatus"] = "private"
            if was == "private" != status["privacyStatus"]:
                video.published_at = now
            video.status = status
        if "snippet" in parts:
            video.snippet = snippet
        return Failure(status=200, body=video.to_json(parts, CHANNEL, now))

    def delete(self, ask: Ask) -> Failure:
        self.gate.admit(ask.headers, "write", cost=50)
        self.needed(ask.query.get("id", "")).deleted = True
        return Failure(status=204)

    def count(self, ask: Ask) -> Failure:
        """Not atomic: what is not known is missing. Times are protobuf's, not ISO 8601's."""
        if not self.batch:
            raise Refused(Failure(status=404))
        self.gate.admit(ask.headers, "read", bucket="stats")
        parts, now = parts_of(ask), self.clock.now()
        items = []
        for one in ids_of(ask):
            video = self.find(one)
            if video is None:
                continue
            counts = video.to_json({"statistics"}, CHANNEL, now)["statistics"]
            everything = {
                "statistics": {n: c for n, c in counts.items() if n != "favoriteCount"},
                "snippet": {"publishTime": stamp(video.published_at or video.uploaded_at)},
                "contentDetails": {"duration": "35s"},
            }
            chosen = {name: value for name, value in everything.items() if name in parts}
            items.append({"kind": "youtube#videoStat", "etag": f"s-{one}", "id": one, **chosen})
        answer = {"kind": "youtube#batchGetStatsResponse", "etag": "stats", "items": items}
        return Failure(status=200, body=answer)


def parts_of(ask: Ask) -> set[str]:
    """The parts a call names; raises `Refused` when it names none."""
    parts = {p for p in ask.query.get("part", "").split(",") if p}
    if not parts:
        raise refused(400, "missingRequiredParameter", "Required parameter: part")
    return parts


def ids_of(ask: Ask) -> list[str]:
    """The ids a call names, at most fifty."""
    ids = [one for one in ask.query.get("id", "").split(",") if one]
    if not ids or len(ids) > 50:
        raise refused(400, "invalidFilters", "The request specifies an invalid filter parameter.")
    return ids


def body_of(ask: Ask) -> Resource:
    """The JSON that was sent; raises `Refused` when it is none."""
    try:
        body: Any = json.loads(ask.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise refused(400, "parseError", "Parse Error")
    return body


def listing(kind: str, items: list[Resource], *, pages: bool = True) -> Failure:
    """A list as YouTube sends it; subtitles come without ``pages``."""
    page = {"pageInfo": {"totalResults": len(items), "resultsPerPage": len(items)}} if pages else {}
    return Failure(status=200, body={"kind": kind, "etag": f"l-{len(items)}", **page, "items": items})
