"""What the simulated LinkedIn counts, and whom it tells: statistics of a page, analytics of a member."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from bot.testing.simulator import Failure
from plugins.linkedin.gate import denied, refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plugins.linkedin.gate import Gate
    from plugins.linkedin.simulated import StoredPost, Token

PAGE_COUNTS = (
    *("impressionCount", "uniqueImpressionsCount", "clickCount", "likeCount", "commentCount", "shareCount"),
)
MEMBER_COUNTS = MappingProxyType(
    {
        "IMPRESSION": "impressionCount",
        "MEMBERS_REACHED": "uniqueImpressionsCount",
        "REACTION": "likeCount",
        "COMMENT": "commentCount",
        "RESHARE": "shareCount",
    }
)
ANALYTICS = "r_member_postAnalytics"


def listed(query: Mapping[str, str], name: str) -> list[str]:
    """The URNs in ``List(…)``; each has to be encoded, as its colons would end the list's grammar."""
    text = query.get(name, "")
    if not text:
        return []
    match = re.fullmatch(r"List\(([^():]*)\)", text)
    if match is None:
        raise refused(400, "ILLEGAL_ARGUMENT", "Invalid query parameters passed to request")
    return [unquote(one) for one in match[1].split(",") if one]


def page_statistics(
    posts: Sequence[StoredPost], gate: Gate, query: Mapping[str, str], token: Token, resource: str
) -> Failure:
    """``organizationalEntityShareStatistics``: posts on which nothing happened are left out."""
    page = unquote(query.get("organizationalEntity", ""))
    role = gate.roles.get((token.member, page))
    if "rw_organization_admin" not in token.scopes or role != "ADMINISTRATOR":
        raise denied(resource)
    gate.charge(token, resource)
    wanted = {"share": listed(query, "shares"), "ugcPost": listed(query, "ugcPosts")}
    for kind, urns in wanted.items():
        if any(not urn.startswith(f"urn:li:{kind}:") for urn in urns):
            raise refused(400, "ILLEGAL_ARGUMENT", "A URN stands in the list of another type")
    found: list[dict[str, Any]] = []
    for post in posts:
        kind = post.urn.split(":")[2]
        active = post.author == page and post.deleted_at is None and any(post.counts.values())
        if post.urn in wanted.get(kind, ()) and active:
            total = {name: post.counts.get(name, 0) for name in PAGE_COUNTS} | {"engagement": 0.0}
            found.append({"organizationalEntity": page, kind: post.urn, "totalShareStatistics": total})
    return _page(found)


def member_analytics(
    posts: Sequence[StoredPost], gate: Gate, query: Mapping[str, str], token: Token, resource: str
) -> Failure:
    """``memberCreatorPostAnalytics``: one count of one post a call."""
    if ANALYTICS not in token.scopes:
        raise denied(resource)
    gate.charge(token, resource)
    match = re.fullmatch(r"\((share|ugc):([^():]+)\)", query.get("entity", ""))
    kind, name = query.get("queryType", ""), MEMBER_COUNTS.get(query.get("queryType", ""))
    if match is None or name is None:
        raise refused(400, "ILLEGAL_ARGUMENT", "Invalid query parameters passed to request")
    urn, me = unquote(match[2]), f"urn:li:person:{token.member}"
    post = next((p for p in posts if p.urn == urn and p.author == me and p.deleted_at is None), None)
    if post is None:
        raise refused(404, "NOT_FOUND", "Could not find entity")
    element = {"count": post.counts.get(name, 0), "metricType": kind, "targetEntity": {match[1]: urn}}
    return _page([element])


def batch(
    posts: Sequence[StoredPost], gate: Gate, query: Mapping[str, str], token: Token, resource: str
) -> Failure:
    """``GET /rest/posts?ids=List(…)``: what may be seen, and why not of the rest."""
    urns = listed(query, "ids")
    shown = {p.urn: p for p in posts if p.urn in urns and p.deleted_at is None}
    for author in {p.author for p in shown.values()}:
        gate.allow(token, author, resource, write=False)
    results = {urn: post.to_json() for urn, post in shown.items()}
    statuses = {urn: 200 if urn in shown else 404 for urn in urns}
    errors = {urn: {"status": 404, "code": "NOT_FOUND"} for urn in urns if urn not in shown}
    return Failure(status=200, body={"results": results, "statuses": statuses, "errors": errors})


def _page(elements: list[dict[str, Any]]) -> Failure:
    paging = {"start": 0, "count": 10, "links": []}
    return Failure(status=200, body={"paging": paging, "elements": elements})
