"""How posts do, by insights: one call names what a kind of post has, another fetches it.

Source: instagram-platform/reference/instagram-media/insights (2026). One metric that a post does not have
fails the whole call, so each kind has its own list and a common one to fall back on; missing data is an
empty list, never zero.
"""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bot.api import Counting, Gone, Metrics, Rate, Scope
from plugins.instagram.answers import CODE, CONTAINER, code_in, metrics, number_of, rows_of
from plugins.instagram.comments import is_comment
from plugins.instagram.errors import Fault
from plugins.instagram.limits import CALLS, READ
from plugins.instagram.options import Kind, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.api import Ref, Variant
    from plugins.instagram.account import Account
    from plugins.instagram.client import Client

METRICS: Mapping[str, str] = MappingProxyType(
    {
        "FEED": "views,reach,likes,comments,saved,shares,total_interactions",
        "REELS": "views,reach,likes,comments,saved,shares,total_interactions",
        "STORY": "views,reach,replies,shares,total_interactions",
    }
)
READINGS = Rate(
    name="hourly limit of readings",
    scope=Scope.ACCOUNT,
    limit=100,
    per=timedelta(hours=1),
    as_of=READ,
    source=CALLS,
)
"""Half of the calls an hour that Meta gives an app for each user; the other half stays for posts."""

STORY_LASTS = timedelta(hours=24)


def lasts(variant: Variant) -> timedelta | None:
    """A story is to be seen for a day."""
    return STORY_LASTS if kind_of(variant.carried.parts[0].options) is Kind.STORY else None


COUNTING = Counting(
    at_once=1, calls=2, rates=(READINGS,), lag=timedelta(hours=48), lasts=lasts, followers=True
)
"""Each post by itself: its own counts, then its insights, which lag by up to two days."""

COMMON = "views,reach,likes,comments,saved,shares"
MISSING = (100, 33)


async def measure(client: Client, account: Account, refs: Sequence[Ref]) -> dict[str, Metrics | Gone]:
    """Counts by ``str(ref)``; comments and posts without a number are left out, as unknown."""
    found: dict[str, Metrics | Gone] = {}
    coded = [r for r in refs if isinstance(r, dict) and CODE in r]
    codes = await _numbers(client, account) if coded else {}
    for ref in refs:
        if is_comment(ref) or (isinstance(ref, dict) and CONTAINER in ref):
            continue
        number = number_of(ref) or (codes.get(str(ref.get(CODE))) if isinstance(ref, dict) else None)
        counts = await _one(client, number) if number else None
        if counts is not None:
            found[str(ref)] = counts
    return found


async def number_by(client: Client, account: Account, ref: Ref) -> str | None:
    """The post's number, also from the short code of a link; None where nobody knows it."""
    if not isinstance(ref, dict) or CODE not in ref:
        return number_of(ref)
    return (await _numbers(client, account)).get(str(ref[CODE]))


async def _numbers(client: Client, account: Account) -> dict[str, str]:
    """Short code → number, of the account's newest posts."""
    who = await account.who()
    rows = rows_of(await client.get(f"{who.id}/media", fields="id,shortcode,permalink", limit="100"))
    return {str(row.get("shortcode") or code_in(row.get("permalink"))): str(row.get("id")) for row in rows}


async def _one(client: Client, number: str) -> Metrics | Gone | None:
    row = await client.ask("GET", number, query={"fields": "id,media_product_type,like_count,comments_count"})
    if isinstance(row, Fault):
        if (row.code, row.subcode) == MISSING:
            return Gone()
        raise client.refusal(row)
    kind = str(row.get("media_product_type") or "")
    insights: dict[str, Any] = {}
    for wanted in (METRICS.get(kind, COMMON), COMMON):
        answer = await client.ask("GET", f"{number}/insights", query={"metric": wanted})
        if not isinstance(answer, Fault):
            insights = answer
            break
        if answer.code != 100:  # too few viewers, no permission: the counts on the post itself remain
            break
    return metrics(row, insights)
