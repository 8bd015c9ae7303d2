"""The simulated YouTube's daily reports: a file a day about thumbnails, some days late.

One with a job of its own appears 48 hours after the end of its day (developers.google.com/youtube/reporting,
2026); a test says in ``reach`` how often a video was shown and clicked on which of California's days.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.testing.simulator import Failure
from plugins.youtube.budget import PACIFIC
from plugins.youtube.channel import CHANNEL
from plugins.youtube.failures import refused
from plugins.youtube.reporting import REACH
from plugins.youtube.simulated import stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from plugins.youtube.channel import Answer, Channel
    from plugins.youtube.simulated import Ask, Resource

HEAD = "date,channel_id,video_id,video_thumbnail_impressions,video_thumbnail_impressions_ctr"


class ReportDesk:
    """``reach``: (video, day) → how often shown, how often clicked. ``lag``: when a day's file is made."""

    def __init__(self, channel: Channel, url: Callable[[], str]) -> None:
        self.channel = channel
        self.reach: dict[tuple[str, date], tuple[int, int]] = {}
        self.lag = timedelta(hours=48)
        self._url = url

    def endpoints(self) -> Mapping[str, Answer]:
        """Endpoint → what answers it."""
        return {"GET /v1/jobs/{job}/reports": self.show_reports, "GET /v1/media/reach": self.download}

    def show_reports(self, ask: Ask) -> Failure:
        self.channel.gate.admit(ask.headers, "reports", cost=0)
        job = next((j for j in self.channel.jobs if j.id == ask.query.get("job")), None)
        if job is None:
            raise refused(404, "notFound", "Requested entity was not found.")
        days = sorted({day for _, day in self.reach}) if REACH.fullmatch(job.kind) else []
        made = [self._report(job.id, day) for day in days if self._made(day) <= self.channel.clock.now()]
        return Failure(status=200, body={"reports": made} if made else {})

    def download(self, ask: Ask) -> Failure:
        self.channel.gate.admit(ask.headers, "reports", cost=0)
        day = date.fromisoformat(ask.query.get("day", ""))
        rows = [
            f"{day:%Y%m%d},{CHANNEL},{video},{shown},{clicked / shown if shown else 0:.6f}"
            for (video, on), (shown, clicked) in self.reach.items()
            if on == day
        ]
        return Failure(
            status=200, headers={"content-type": "text/csv"}, body="\n".join([HEAD, *rows]).encode()
        )

    def _report(self, job: str, day: date) -> Resource:
        return {
            "id": f"r{day:%Y%m%d}",
            "jobId": job,
            "startTime": stamp(_begins(day)),
            "endTime": stamp(_begins(day + timedelta(days=1))),
            "createTime": stamp(self._made(day)),
            "downloadUrl": f"{self._url()}/v1/media/reach?day={day}",
        }

    def _made(self, day: date) -> datetime:
        return _begins(day + timedelta(days=1)) + self.lag


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(PACIFIC)).astimezone(UTC)
