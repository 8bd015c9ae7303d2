"""How videos do: counts of up to fifty a call.

``videos.batchGetStats`` (since 3 June 2026) has a quota of its own; where a server does not know it,
``videos.list`` answers the same. What the first leaves out the second is asked about: an own video that
it does not list either is gone.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from bot.api import Counting, Gone, Metrics, Rate, Scope
from plugins.youtube.answers import count, part_of, video_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plugins.youtube.client import Client

AT_ONCE = 50
STATISTICS = Rate(
    name="daily app limit of statistics",
    scope=Scope.APP,
    limit=10_000,
    per=timedelta(days=1),
    as_of=date(2026, 11, 21),
    source="developers.google.com/youtube/v3/determine_quota_cost",
)
"""``videos.batchGetStats`` has a bucket of its own since 3 June 2026."""

COUNTING = Counting(at_once=AT_ONCE, calls=2, rates=(STATISTICS,), followers=True)
UNKNOWN = frozenset({400, 404, 405, 501})
"""What a server says that has no such method; the list answers for all then."""


async def counts(client: Client, refs: Sequence[object]) -> dict[str, Metrics | Gone]:
    """By id; what nobody could say is left out."""
    ids = list(dict.fromkeys(found for ref in refs if (found := video_id(ref))))
    answer: dict[str, Metrics | Gone] = {}
    for start in range(0, len(ids), AT_ONCE):
        answer |= await _some(client, ids[start : start + AT_ONCE])
    return answer


async def _some(client: Client, ids: Sequence[str]) -> dict[str, Metrics | Gone]:
    query = {"part": "statistics", "id": ",".join(ids)}
    answer: dict[str, Metrics | Gone] = {}
    reply = await client.call("GET", "/youtube/v3/videos:batchGetStats", query)
    if reply.status not in UNKNOWN:
        answer |= _counted(client.items(reply, "videos.batchGetStats"), ids)
    left = [one for one in ids if one not in answer]
    if not left:
        return answer
    reply = await client.call("GET", "/youtube/v3/videos", {"part": "statistics", "id": ",".join(left)})
    found = _counted(client.items(reply, "videos.list"), left)
    return answer | found | {one: Gone() for one in left if one not in found}


def _counted(items: Sequence[Mapping[str, Any]], ids: Sequence[str]) -> dict[str, Metrics | Gone]:
    return {str(item["id"]): _metrics(part_of(item, "statistics")) for item in items if item.get("id") in ids}


def _metrics(said: Mapping[str, Any]) -> Metrics:
    return Metrics(
        views=count(said.get("viewCount")),
        likes=count(said.get("likeCount")),
        comments=count(said.get("commentCount")),
    )
