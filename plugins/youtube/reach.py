"""How often a video's thumbnail was shown each day, and clicked: from the daily reach reports.

``channel_reach_basic_a1`` (since 15 January 2026): a file for each day of California's, 48 to 72 hours later,
kept for 60 days; a file that is made again replaces the one of the same day (developers.google.com/youtube/
reporting/v1/reports/channel_reports and …/reports, 2026). Columns are found by their names.
"""

from __future__ import annotations

import csv
import io
import math
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.api import DayCount, Transient
from plugins.youtube.answers import instant, video_id
from plugins.youtube.budget import PACIFIC
from plugins.youtube.reporting import REACH

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from bot.api import Ref
    from plugins.youtube.client import Client

SHOWN, RATE = "video_thumbnail_impressions", "video_thumbnail_impressions_ctr"
PAGES = 20


class Reach:
    """Reads the reports of days; nothing is kept."""

    def __init__(self, client: Client, base: str) -> None:
        self._client = client
        self._base = base

    async def days(self, ref: Ref, since: date, until: date) -> dict[date, DayCount]:
        """The counts of the days from ``since`` to ``until`` (both included) that there are reports of."""
        video = video_id(ref)
        job = next((j for j in await self._list("/v1/jobs", "jobs") if REACH.fullmatch(_kind(j))), None)
        if video is None or job is None:
            return {}
        reports = await self._list(f"/v1/jobs/{job['id']}/reports", "reports")
        newest: dict[date, Mapping[str, Any]] = {}
        for report in sorted(reports, key=lambda r: str(r.get("createTime", ""))):
            begun = instant(report.get("startTime"))
            day = begun.astimezone(ZoneInfo(PACIFIC)).date() if begun else None
            if day is not None and since <= day <= until and report.get("downloadUrl"):
                newest[day] = report
        found = {day: await self._read(str(r["downloadUrl"]), video, day) for day, r in newest.items()}
        return dict(sorted(found.items()))

    async def _read(self, url: str, video: str, day: date) -> DayCount:
        reply = await self._client.fetch(url)
        self._client.expect(reply, "reports.download")
        rows = csv.DictReader(io.StringIO(reply.body.decode("utf-8", "replace")))
        if SHOWN not in (rows.fieldnames or ()):
            raise Transient("YouTube's daily report reads differently than expected.", detail="columns")
        shown = clicked = 0.0
        for row in rows:
            if row.get("video_id") == video:
                times, rate = _number(row.get(SHOWN)), _number(row.get(RATE))
                shown, clicked = shown + times, clicked + times * rate
        return DayCount(day=day, impressions=shown, clicks=float(round(clicked)))

    async def _list(self, path: str, name: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        query: dict[str, str] = {}
        for _ in range(PAGES):
            body = self._client.read(
                await self._client.call("GET", path, query or None, base=self._base), f"{name}.list"
            )
            found = body.get(name, [])
            rows += [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
            if not body.get("nextPageToken"):
                break
            query = {"pageToken": str(body["nextPageToken"])}
        return rows


def _kind(job: Mapping[str, Any]) -> str:
    return str(job.get("reportTypeId"))


def _number(text: object) -> float:
    """A count or a share; what is neither counts as nothing shown."""
    try:
        value = float(str(text))
    except ValueError:
        return 0.0
    return value if math.isfinite(value) and value >= 0 else 0.0
