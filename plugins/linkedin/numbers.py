"""How posts do on LinkedIn: a page's by share statistics, a member's by post analytics.

Sources: learn.microsoft.com/en-us/linkedin, organizations/share-statistics, members/post-statistics and
posts-api (2026). A page's statistics leave out posts on which nothing happened; so whether such a post is
there is asked of the posts themselves before its numbers are said to be zero. Who lent us the right to post
only (``w_member_social``) has none to read numbers: that is said, and not asked again.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bot.api import Counting, Gone, Metrics, Unsupported
from plugins.linkedin.answers import elements
from plugins.linkedin.client import encoded
from plugins.linkedin.rules import ORGANIZATION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plugins.linkedin.client import Client

SHARE, UGC = "urn:li:share:", "urn:li:ugcPost:"
AT_ONCE = 20
"""URNs of one question; LinkedIn names no bound, its addresses have one."""

COUNTING = Counting(at_once=AT_ONCE, calls=3)
"""The statistics by kind of URN, and a look at posts that they leave out."""

MEMBER_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "IMPRESSION": "impressions",
        "MEMBERS_REACHED": "reach",
        "REACTION": "likes",
        "COMMENT": "comments",
        "RESHARE": "shares",
    }
)
"""What a member's analytics are asked for, one call each, and the name it has here."""

NO_PERMISSION = (
    "LinkedIn lets this app post but not read numbers. For a page it needs the permission "
    "rw_organization_admin, for a member r_member_postAnalytics."
)


async def measure(client: Client, author: str, refs: Sequence[object]) -> dict[str, Metrics | Gone]:
    """Counts by ref; comments and posts that LinkedIn says nothing about are left out, as unknown."""
    urns = list(dict.fromkeys(str(ref) for ref in refs if str(ref).startswith((SHARE, UGC))))
    found: dict[str, Metrics | Gone] = {}
    if not author.startswith(ORGANIZATION):
        for urn in urns:
            found |= await _of_member(client, urn)
        return found
    for start in range(0, len(urns), AT_ONCE):
        some = urns[start : start + AT_ONCE]
        known = await _of_page(client, author, some)
        left = [urn for urn in some if urn not in known]
        found |= known | (await _silent(client, left) if left else {})
    return found


async def _of_page(client: Client, author: str, urns: Sequence[str]) -> dict[str, Metrics | Gone]:
    """What the statistics say; a post without any activity is not in them."""
    lists = (("shares", SHARE), ("ugcPosts", UGC))
    wanted = ((name, [u for u in urns if u.startswith(kind)]) for name, kind in lists)
    query = "&".join(f"{name}=List({','.join(map(encoded, some))})" for name, some in wanted if some)
    entity = f"q=organizationalEntity&organizationalEntity={encoded(author)}"
    path = f"/rest/organizationalEntityShareStatistics?{entity}&{query}"
    reply = await client.call("GET", path, restli_method="FINDER")
    if reply.status == 403:
        raise Unsupported(NO_PERMISSION)
    client.read(reply, author=author)
    found: dict[str, Metrics | Gone] = {}
    for element in elements(reply):
        urn, total = element.get("share") or element.get("ugcPost"), element.get("totalShareStatistics")
        if urn in urns and isinstance(total, dict):
            found[str(urn)] = Metrics(
                impressions=count(total.get("impressionCount")),
                reach=count(total.get("uniqueImpressionsCount")),
                clicks=count(total.get("clickCount")),
                likes=count(total.get("likeCount")),
                comments=count(total.get("commentCount")),
                shares=count(total.get("shareCount")),
            )
    return found


async def _silent(client: Client, urns: Sequence[str]) -> dict[str, Metrics | Gone]:
    """Posts that the statistics leave out: gone, or nothing has happened. Nothing where we may not look."""
    path = f"/rest/posts?ids=List({','.join(map(encoded, urns))})"
    reply = await client.call("GET", path, restli_method="BATCH_GET")
    if reply.status == 403:
        return {}
    body = client.read(reply)
    results, statuses = (body.get(name) for name in ("results", "statuses"))
    shown = set(results) if isinstance(results, dict) else set()
    said = statuses if isinstance(statuses, dict) else {}
    nothing = Metrics(impressions=0, reach=0, clicks=0, likes=0, comments=0, shares=0)
    found: dict[str, Metrics | Gone] = {urn: nothing for urn in urns if urn in shown}
    return found | {urn: Gone() for urn in urns if urn not in shown and said.get(urn) == 404}


async def _of_member(client: Client, urn: str) -> dict[str, Metrics | Gone]:
    """A member's post, one question for each count; LinkedIn says no more than it knows."""
    kind = "share" if urn.startswith(SHARE) else "ugc"
    counts: dict[str, int | None] = {}
    for asked, name in MEMBER_KINDS.items():
        entity = f"entity=({kind}:{encoded(urn)})&queryType={asked}&aggregation=TOTAL"
        path = f"/rest/memberCreatorPostAnalytics?q=entity&{entity}"
        reply = await client.call("GET", path, restli_method="FINDER")
        if reply.status == 403:
            raise Unsupported(NO_PERMISSION)
        if reply.status == 404:
            return {urn: Gone()}
        client.read(reply)
        counts[name] = next((count(e.get("count")) for e in elements(reply)), None)
    known = any(value is not None for value in counts.values())
    return {urn: Metrics(**counts)} if known else {}


def count(value: Any) -> int | None:
    """A count that can be one; LinkedIn's likes can fall below zero (share-statistics): unknown then."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and value >= 0 else None
