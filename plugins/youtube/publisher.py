"""One YouTube channel: the video is uploaded and processed as private; making it public is the one call.

Facts: developers.google.com/youtube/v3/docs/videos (insert, update, list), 2026-11-21. An update that is
sent twice changes nothing the second time, and what became of it can be read from the video itself.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.api import (
    Absent,
    AccountInfo,
    AuthExpired,
    Call,
    Checkpoint,
    Confirmed,
    DayCount,
    Deps,
    Facts,
    Finding,
    Gone,
    HandedOver,
    Live,
    Media,
    MediaKind,
    Metrics,
    More,
    Part,
    Pending,
    Proof,
    PublishError,
    RateLimited,
    Ready,
    Receipt,
    Ref,
    Refused,
    Rejected,
    Staged,
    Transient,
    Uncertain,
    Unclear,
    Variant,
)
from plugins.youtube.answers import count, instant, link_to, part_of, studio, video_id
from plugins.youtube.beside import Beside, wanted
from plugins.youtube.client import Client
from plugins.youtube.counting import counts
from plugins.youtube.metadata import published
from plugins.youtube.oauth import NEEDED
from plugins.youtube.options import PUBLIC, flag_of, privacy_of, publish_at_of
from plugins.youtube.processing import Processing, judge
from plugins.youtube.reach import Reach
from plugins.youtube.reporting import Reporting
from plugins.youtube.revising import Revising
from plugins.youtube.rules import findings
from plugins.youtube.uploads import Uploads

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plugins.youtube.settings import YouTubeSettings

DUPLICATE = "video_duplicate"
FACTS_LAST = timedelta(hours=12)
LATE = timedelta(hours=1)
"""How long after its time a video that YouTube was to publish by itself is waited for."""


class YouTubePublisher:
    """Implements `bot.api.Publisher` for one channel."""

    def __init__(self, settings: YouTubeSettings, deps: Deps) -> None:
        self._deps = deps
        self._client = Client(settings, deps)
        self._uploads = Uploads(self._client, deps, settings)
        self._processing = Processing(self._client, deps)
        self._beside = Beside(self._client, deps)
        self._reporting = Reporting(self._client, deps, settings.reporting)
        self._revising = Revising(self._client, self._processing, self._beside)
        self._reach = Reach(self._client, settings.reporting)

    async def check(self) -> AccountInfo:
        """Whose channel it is, whether everything was allowed; asks for daily reports on the way."""
        scopes = await self._client.scopes()
        if scopes is not None and not scopes >= NEEDED:
            raise AuthExpired(
                "YouTube was not allowed everything this account needs. "
                "Connect it again and leave every box ticked."
            )
        channel = await self._channel()
        snippet = part_of(channel, "snippet")
        note = await self._reporting.ensure()
        own = str(channel["id"])
        return AccountInfo(
            id=own,
            handle=str(snippet.get("customUrl") or snippet.get("title") or own),
            title=str(snippet.get("title") or ""),
            url=f"https://www.youtube.com/channel/{own}",
            notes=(note,) if note else (),
            followers=count(part_of(channel, "statistics").get("subscriberCount")),
        )

    async def facts(self) -> Facts:
        """How long a video may be here."""
        status = part_of(await self._channel(), "status")
        values: dict[str, Any] = {"long_uploads": status.get("longUploadsStatus") == "allowed"}
        if not isinstance(status.get("longUploadsStatus"), str):
            values = {}
        return Facts(values=values, expires_at=self._deps.clock.now() + FACTS_LAST)

    def inspect(self, variant: Variant, facts: Facts) -> Sequence[Finding]:
        return tuple(findings(variant, facts))

    async def stage(self, part: Part, checkpoint: Checkpoint) -> Staged:
        """Upload it as private, wait until it is processed, then its cover, subtitles and playlist."""
        media = _video(part)
        data = {} if _stale(part, media, checkpoint) else dict(checkpoint.data)
        _said(part)
        if not data:
            _at(part, self._deps.clock.now())
        await self._client.ready()
        if "video" not in data:
            return await self._uploads.step(part, media, data)
        if not data.get("processed"):
            return await self._processed(part, media, data)
        done = dict(data.get("beside", {}))
        for step, mark in wanted(part, media).items():
            if done.get(step) != mark:
                await self._beside.do(step, part, media, str(data["video"]))
                return More(checkpoint=Checkpoint(data={**data, "beside": {**done, step: mark}}))
        return Ready(checkpoint=replace(checkpoint, data=data))

    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt | Pending:
        """Make it public, or whatever was chosen. Raises `Uncertain` when it may be so without an answer."""
        video = video_id(checkpoint.data.get("video"))
        if video is None or not checkpoint.data.get("processed"):
            raise Transient("The video is not ready at YouTube yet.")
        now = self._deps.clock.now()
        _said(part)
        at = _at(part, now)
        body = published(part, video, checkpoint.data.get("kept", {}))
        reply = await self._client.call(
            "PUT", "/youtube/v3/videos", {"part": "snippet,status"}, json=body, creates=True
        )
        self._client.expect(reply, "videos.update", creates=True)
        answer = reply.json()
        status = part_of(answer, "status") if isinstance(answer, dict) and answer.get("id") == video else {}
        if not status.get("privacyStatus"):
            raise Uncertain("YouTube answered without naming the video; it may be out.", detail="no id")
        if status["privacyStatus"] != body["status"]["privacyStatus"]:
            raise Rejected(
                f"YouTube kept the video {status['privacyStatus']} instead of making it "
                f"{body['status']['privacyStatus']}.",
                code="kept_private",
                fix=f"Look at the channel's restrictions, or publish it there: {studio(video)}",
            )
        if at is not None:
            return Pending(check_at=now + timedelta(seconds=2), ref=video)
        return Receipt(ref=video, url=link_to(video, part))

    async def confirm(self, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
        """Read the video: it is what it was to be, or it surely is not."""
        video = video_id(call.ref) or video_id(checkpoint.data.get("video"))
        if video is None:
            return Unclear(why="The video's id is not known.", look_at=studio())
        try:
            found = await self._processing.look(video)
        except (AuthExpired, RateLimited, Transient):
            raise
        except PublishError as error:
            self._deps.log.warning("youtube.confirm_refused", detail=error.detail)
            return Unclear(why=f"YouTube did not let me look: {error}", look_at=studio(video))
        if found is None:
            return Unclear(why="YouTube does not show the video any more.", look_at=studio(video))
        try:
            judge(found)
        except Rejected as refused:
            return Refused(reason=f"{refused} {refused.fix}".strip())
        return self._state(part, video, part_of(found, "status"))

    async def measure(self, refs: Sequence[Ref]) -> Mapping[str, Metrics | Gone]:
        """Public counts of up to fifty videos a call."""
        return await counts(self._client, refs)

    async def revise(self, ref: Ref, changes: Mapping[str, str | Media]) -> None:
        """Change the title or the thumbnail of a video that is out; may be repeated."""
        await self._revising.revise(ref, changes)

    async def shown(self, ref: Ref) -> Mapping[str, str]:
        """The title that people see now."""
        return await self._revising.shown(ref)

    async def days(self, ref: Ref, since: date, until: date) -> Mapping[date, DayCount]:
        """How often its thumbnail was shown and clicked on days of California's."""
        return await self._reach.days(ref, since, until)

    async def remove(self, ref: Ref) -> None:
        """Delete the video; one that YouTube does not find is gone already."""
        video = video_id(ref)
        if video is None:
            raise Rejected("That is not a video of YouTube.", code="bad_ref")
        reply = await self._client.call("DELETE", "/youtube/v3/videos", {"id": video})
        if reply.status != 404:
            self._client.expect(reply, "videos.delete")

    async def aclose(self) -> None:
        """Nothing to let go of: the connections are the core's."""

    async def _processed(self, part: Part, media: Media, data: Mapping[str, Any]) -> Staged:
        try:
            return await self._processing.step(data)
        except Rejected as refused:
            # A second upload that repeats the first one is how that turns out to have arrived after all.
            twin = await self._uploads.twin(part, media, data) if refused.code == DUPLICATE else None
            if twin is None:
                raise
            return More(checkpoint=Checkpoint(data=twin))

    async def _channel(self) -> dict[str, Any]:
        parts = {"part": "snippet,contentDetails,status,statistics", "mine": "true"}
        reply = await self._client.call("GET", "/youtube/v3/channels", parts)
        found = [c for c in self._client.items(reply, "channels.list") if isinstance(c.get("id"), str)]
        if not found:
            raise Rejected(
                "The Google account that was connected has no YouTube channel.",
                code="youtubesignuprequired",
                fix="Create the channel on YouTube, or connect the account that has it.",
            )
        return found[0]

    def _state(self, part: Part, video: str, status: Mapping[str, Any]) -> Confirmed:
        shown, wish = status.get("privacyStatus"), privacy_of(part.options)
        at = publish_at_of(part.options)
        live = Live(ref=video, url=link_to(video, part), proof=Proof.READ_BACK)
        if shown not in ("public", "unlisted", "private"):
            raise Transient("YouTube does not say who sees the video.")
        if at is None:
            return live if shown == wish else Absent(keep_checkpoint=True)
        if shown == PUBLIC:
            return live
        if instant(status.get("publishAt")) is None:
            return Absent(keep_checkpoint=True)
        return HandedOver(
            task=f"YouTube itself makes it public at {at:%Y-%m-%d %H:%M} UTC. /halt does not stop that; "
            "taking it down, or taking its time away in YouTube Studio, does.",
            until=at + LATE,
            look_at=studio(video),
            ref=video,
        )


def _video(part: Part) -> Media:
    """The one file that is posted."""
    videos = [m for m in part.media if m.kind is MediaKind.VIDEO]
    if len(videos) != 1 or len(part.media) != 1:
        raise Rejected(
            "YouTube needs one video.", code="needs_video", fix="Add a video, or drop this account."
        )
    return videos[0]


def _stale(part: Part, media: Media, checkpoint: Checkpoint) -> bool:
    """Whether what was staged is not what goes out now, and cannot be made so.

    Subscribers' news is decided at the upload, and subtitles or a playlist that nobody wants any more
    must not stay. The private copy that is left is nobody's.
    """
    data = checkpoint.data
    if not data:
        return False
    notify, want = flag_of(part.options, "notify", default=True), wanted(part, media)
    if data.get("file") != media.sha256 or data.get("notify") != notify:
        return True
    done = data.get("beside", {})
    return any(step not in want or (step == "playlist" and want[step] != mark) for step, mark in done.items())


def _at(part: Part, now: datetime) -> datetime | None:
    """When YouTube is to publish it, if it is to; raises `Rejected` for a time that is none or has passed."""
    try:
        at = publish_at_of(part.options)
    except ValueError:
        at = now
    if at is not None and at <= now:
        raise Rejected(
            "The time at which YouTube was to publish the video has passed, or is none.",
            code="publish_at",
            fix="Choose a time that lies ahead, or leave publish_at away.",
        )
    return at


def _said(part: Part) -> None:
    """Nobody but a person may say whether a video is made for kids."""
    if not isinstance(part.options.get("made_for_kids"), bool):
        raise Rejected(
            "YouTube wants to know whether the video is made for kids.",
            code="made_for_kids",
            fix="Choose made_for_kids for this account.",
        )
