"""Daily reports about the channel: asked for once, when it is connected, because YouTube makes none for
the time before (developers.google.com/youtube/reporting/v1/reports, 2026)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.api import Deps, PublishError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from plugins.youtube.client import Client

BASIC = re.compile(r"channel_basic_a(\d+)")
"""The report on views, likes, comments, shares and watch time; its number rises with its columns."""

REACH = re.compile(r"channel_reach_basic_a(\d+)")
"""The report on how often thumbnails were shown (since 15 January 2026)."""

NAME = "Clarion"


class Reporting:
    """Makes sure that there are jobs for the reports we read; may be asked again and again."""

    def __init__(self, client: Client, deps: Deps, base: str) -> None:
        self._client = client
        self._deps = deps
        self._base = base

    async def ensure(self) -> str:
        """Nothing, or the sentence about why there will be no daily reports. Never in the way."""
        try:
            had = [str(job.get("reportTypeId")) for job in await self._list("jobs")]
            lacking = [report for report in (BASIC, REACH) if not any(map(report.fullmatch, had))]
            kinds = await self._list("reportTypes") if lacking else []
            for report in lacking:
                if kind := newest(kinds, report):
                    await self._ask(kind)
            if BASIC not in lacking or newest(kinds):
                return ""
            why = "it offers none for this channel"
        except PublishError as error:
            self._deps.log.warning("youtube.reports", error=str(error), detail=error.detail)
            why = str(error).rstrip(".")
        return f"YouTube makes no daily reports for this account: {why}."

    async def _ask(self, kind: str) -> None:
        body = {"reportTypeId": kind, "name": NAME}
        reply = await self._client.call("POST", "/v1/jobs", json=body, base=self._base)
        if reply.status != 409:  # somebody else was first
            self._client.expect(reply, "jobs.create")

    async def _list(self, name: str) -> list[dict[str, Any]]:
        reply = await self._client.call("GET", f"/v1/{name}", base=self._base)
        found = self._client.read(reply, f"{name}.list").get(name, [])
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def newest(kinds: Iterable[Mapping[str, Any]], report: re.Pattern[str] = BASIC) -> str:
    """The report of that kind with the highest number that is not to end."""
    found = [
        (int(match[1]), match[0])
        for kind in kinds
        if not kind.get("deprecateTime") and (match := report.fullmatch(str(kind.get("id"))))
    ]
    return max(found)[1] if found else ""
