"""How posts do: TikTok's public counts, twenty at a time.

Source: developers.tiktok.com, tiktok-api-v2-video-query (November 2026): own videos only; what is not
ours or not public is left out without a word.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from bot.api import Counting, Gone, Metrics, Rate, Rejected, Scope
from plugins.tiktok.reading import identifier, number
from plugins.tiktok.uploads import STATUS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from plugins.tiktok.client import Client

QUERY = "/v2/video/query/?fields=id,view_count,like_count,comment_count,share_count"
MOST = 20
"""Ids of one question."""

COUNTING = Counting(
    at_once=MOST,
    rates=(
        Rate(
            name="limit of readings a minute",
            scope=Scope.ACCOUNT,
            limit=600,
            per=timedelta(minutes=1),
            as_of=date(2026, 11, 21),
            source="developers.tiktok.com: tiktok-api-v2-rate-limit",
        ),
    ),
)


class Counts:
    """Asks for counts; a post that had no number when it went out is looked up by its publish id."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._numbers: dict[str, str] = {}

    async def of(self, refs: Sequence[str]) -> Mapping[str, Metrics | Gone]:
        """Counts by ref; what TikTok does not show is not in it."""
        names = {post_id: ref for ref in refs if (post_id := await self._number(ref))}
        found: dict[str, Metrics | Gone] = {}
        for ids in _batches(names, MOST):
            said = await self._client.ask(QUERY, {"filters": {"video_ids": ids}})
            videos = self._client.data(said).get("videos")
            for video in videos if isinstance(videos, list) else ():
                ref = names.get(identifier(video.get("id"))) if isinstance(video, dict) else None
                if ref is not None:
                    found[ref] = _metrics(video)
        return found

    async def _number(self, ref: str) -> str:
        if identifier(ref):
            return ref
        if ref not in self._numbers:
            try:
                said = self._client.data(await self._client.ask(STATUS, {"publish_id": ref}))
            except Rejected:
                return ""
            ids = said.get("publicaly_available_post_id")
            known = [i for i in map(identifier, ids if isinstance(ids, list) else ()) if i]
            if not known:
                return ""
            self._numbers[ref] = known[0]
        return self._numbers[ref]


def _metrics(video: Mapping[str, Any]) -> Metrics:
    return Metrics(
        views=number(video.get("view_count")),
        likes=number(video.get("like_count")),
        comments=number(video.get("comment_count")),
        shares=number(video.get("share_count")),
    )


def _batches(items: Iterable[str], size: int) -> Iterator[list[str]]:
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch
