"""How posts do on X: public counts of any post, and for thirty days what only its author may see.

Source: docs.x.com x-api/fundamentals/metrics, posts lookup and rate-limits (2026-08-22), pricing (September
2026). Asked for private counts of an older post, X answers 200 with the post among its errors, and sometimes
not among its data; so older posts are asked about by themselves.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.api import AppMisconfigured, Clock, Counting, Gone, Metrics, Price, Rate, Ref, Rejected, Scope
from plugins.twitter.limits import PRICES, READ
from plugins.twitter.reading import BATCH, ID, Reader, objects
from plugins.twitter.timeline import snowflake

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PUBLIC = ("created_at", "public_metrics")
PRIVATE = (*PUBLIC, "non_public_metrics")
PRIVATE_FOR = timedelta(days=29)
"""X shows private counts for thirty days; a day less, so that no clock of ours asks too late."""

READ_PRICE_MICROS = 5000
LOOKUPS = Rate(
    name="15-minute limit of lookups",
    scope=Scope.ACCOUNT,
    limit=5000,
    per=timedelta(minutes=15),
    as_of=READ,
    source="docs.x.com/x-api/fundamentals/rate-limits",
)

COUNTING = Counting(
    at_once=BATCH,
    calls=2,
    rates=(LOOKUPS,),
    price=Price(micros=READ_PRICE_MICROS, as_of=READ, source=PRICES),
    once_a_day=True,
    full_until=timedelta(days=30),
)
"""A post costs the same however often it is read on a UTC day (X calls that a soft guarantee)."""


class Counts:
    """Asks for the numbers of one account's posts."""

    def __init__(self, reader: Reader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock
        self._refused = False

    async def of(self, refs: Sequence[Ref]) -> Mapping[str, Metrics | Gone]:
        """Counts by id; `Gone` where X says so, nothing where it says nothing."""
        ids = list(dict.fromkeys(i for ref in refs if ID.fullmatch(i := str(ref))))
        edge = snowflake(self._clock.now() - PRIVATE_FOR)
        young = [] if self._refused else [i for i in ids if i.isdigit() and int(i) >= edge]
        found: dict[str, Metrics | Gone] = {}
        refused = False
        try:
            found |= await self._batches(young, PRIVATE)
        except (AppMisconfigured, Rejected):
            refused = True
        found |= await self._batches([i for i in ids if i not in found], PUBLIC)
        # Only private counts are refused to this app: from now on it asks for the public ones.
        self._refused = self._refused or refused
        return found

    async def _batches(self, ids: Sequence[str], fields: Sequence[str]) -> dict[str, Metrics | Gone]:
        found: dict[str, Metrics | Gone] = {}
        for start in range(0, len(ids), BATCH):
            some = ids[start : start + BATCH]
            found |= answers(await self._reader.asked(some, fields), some)
        return found


def answers(body: Mapping[str, Any], asked: Sequence[str]) -> dict[str, Metrics | Gone]:
    """What one answer says of the posts that were ``asked`` about."""
    found: dict[str, Metrics | Gone] = {}
    for post in objects(body.get("data")):
        if str(post.get("id")) in asked and isinstance(post.get("public_metrics"), dict):
            own = post.get("non_public_metrics")
            found[str(post["id"])] = metrics(post["public_metrics"], own if isinstance(own, dict) else {})
    for error in objects(body.get("errors")):
        gone = str(error.get("resource_id") or error.get("value") or "")
        if str(error.get("type", "")).endswith("/resource-not-found") and gone in asked:
            found.setdefault(gone, Gone())
    return found


def metrics(public: Mapping[str, Any], own: Mapping[str, Any]) -> Metrics:
    """X's names in ours; a repost and a quote both share."""
    parts = (_count(public, "repost_count", "retweet_count"), _count(public, "quote_count"))
    shares = [n for n in parts if n is not None]
    return Metrics(
        views=_count(public, "impression_count"),
        likes=_count(public, "like_count"),
        comments=_count(public, "reply_count"),
        shares=sum(shares) if shares else None,
        saves=_count(public, "bookmark_count"),
        clicks=_count(own, "url_link_clicks"),
    )


def _count(counts: Mapping[str, Any], *names: str) -> int | None:
    value = next((counts[name] for name in names if name in counts), None)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
