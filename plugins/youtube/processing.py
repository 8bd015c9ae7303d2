"""Waiting until YouTube has worked through a video; an id alone is no video (its clients learned that:
googleapis/google-api-python-client#893, porjo/youtubeuploader#133)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.api import Checkpoint, Deps, More, Rejected, Staged, Transient, Wait
from plugins.youtube.answers import count, part_of
from plugins.youtube.causes import FAILURES, PROCESSING, REJECTIONS
from plugins.youtube.metadata import keep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plugins.youtube.client import Client

LIST_LAGS = timedelta(minutes=2)
"""For so long after its upload a video may be missing from the answer."""

SOONEST, LATEST = timedelta(seconds=5), timedelta(seconds=60)
GIVE_UP = timedelta(hours=6)
"""A processing that takes longer is told to a person; the video is not sent a second time."""

BLIND = 10
"""How many polls in a row may fail; a failing poll says nothing about the video."""


class Processing:
    """Asks after one video until it can be shown."""

    def __init__(self, client: Client, deps: Deps) -> None:
        self._client = client
        self._deps = deps

    async def step(self, data: Mapping[str, Any]) -> Staged:
        """`More` once it is processed. Raises `Rejected` when YouTube does not want it."""
        try:
            video = await self.look(str(data["video"]))
        except Transient:
            return self._blind(data)
        now, uploaded_at = self._deps.clock.now(), datetime.fromisoformat(data["uploaded"])
        if video is None:
            if now - uploaded_at < LIST_LAGS:
                return Wait(checkpoint=Checkpoint(data=data), until=now + SOONEST)
            raise Rejected("YouTube no longer has the video.", code="gone", restage=True)
        judge(video)
        seen = {name: value for name, value in data.items() if name != "blind"}
        if is_ready(video):
            return More(checkpoint=Checkpoint(data={**seen, "processed": True, "kept": keep(video)}))
        if now - uploaded_at >= GIVE_UP:
            raise Transient("YouTube has been processing the video for hours; it is not sent again.")
        return Wait(checkpoint=Checkpoint(data=seen), until=now + _pause(video))

    async def look(self, video: str) -> dict[str, Any] | None:
        """The video as it is now; None when YouTube shows none of that id."""
        reply = await self._client.call(
            "GET", "/youtube/v3/videos", {"part": "snippet,status,processingDetails", "id": video}
        )
        found = [v for v in self._client.items(reply, "videos.list") if v.get("id") == video]
        return found[0] if found else None

    def _blind(self, data: Mapping[str, Any]) -> Staged:
        failed = int(data.get("blind", 0)) + 1
        if failed > BLIND:
            raise Transient("YouTube does not say how far it is with the video.")
        until = self._deps.clock.now() + min(SOONEST * 2**failed, LATEST)
        return Wait(checkpoint=Checkpoint(data={**data, "blind": failed}), until=until)


def is_ready(video: Mapping[str, Any]) -> bool:
    """Whether it can be shown."""
    done = part_of(video, "processingDetails").get("processingStatus") == "succeeded"
    return done or part_of(video, "status").get("uploadStatus") == "processed"


def judge(video: Mapping[str, Any]) -> None:
    """Raise `Rejected` with YouTube's reason unless it may still become a video."""
    status, details = part_of(video, "status"), part_of(video, "processingDetails")
    match status.get("uploadStatus"):
        case "rejected":
            raise _refused(REJECTIONS, status.get("rejectionReason"), "YouTube rejected the video.")
        case "failed":
            raise _refused(FAILURES, status.get("failureReason"), "YouTube could not take the video.")
        case "deleted":
            raise Rejected("The video was deleted on YouTube.", code="gone", restage=True)
    match details.get("processingStatus"):
        case "failed":
            raise _refused(PROCESSING, details.get("processingFailureReason"), PROCESSING[3].cause)
        case "terminated":
            raise _refused(PROCESSING, "terminated", PROCESSING[3].cause)


def _refused(table: tuple[Any, ...], reason: object, otherwise: str) -> Rejected:
    known = next((c for c in table if c.code == reason), None)
    fix = known.fix if known else "Look in YouTube Studio."
    code = str(reason or "processing").lower()
    return Rejected(
        known.cause if known else otherwise, code=f"video_{code}", fix=fix, detail=f"reason={reason}"
    )


def _pause(video: Mapping[str, Any]) -> timedelta:
    """What YouTube thinks it takes, within reason."""
    progress = part_of(part_of(video, "processingDetails"), "processingProgress")
    left = count(progress.get("timeLeftMs"))
    return LATEST / 4 if left is None else min(max(timedelta(milliseconds=left), SOONEST), LATEST)
