"""What Bluesky's answers say about an account and about a post's numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.api import AccountInfo, AuthExpired, Metrics, Transient

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BATCH = 25
"""Posts of one request (app.bsky.feed.getPosts)."""


def account(session: Mapping[str, Any]) -> AccountInfo:
    """Who is signed in (com.atproto.server.getSession). Raises `AuthExpired` for a suspended account."""
    did, handle = session.get("did"), session.get("handle")
    if not isinstance(did, str) or not did:
        raise Transient("Bluesky did not say who is signed in.", detail="getSession without a did")
    if session.get("active") is False:
        raise AuthExpired(
            "Bluesky has suspended this account, or it is switched off. Sign in to Bluesky with it "
            "and read what it says.",
            detail=str(session.get("status") or ""),
        )
    name = handle if isinstance(handle, str) else ""
    notes = (
        ("The account's e-mail address is not confirmed; Bluesky takes no videos until it is.",)
        if session.get("emailConfirmed") is False
        else ()
    )
    return AccountInfo(
        id=did, handle=f"@{name}" if name else did, url=f"https://bsky.app/profile/{did}", notes=notes
    )


def counts(answer: Mapping[str, Any], asked: Sequence[str]) -> dict[str, Metrics]:
    """The numbers of the posts that were ``asked`` for; what is missing is unknown, not zero."""
    posts = answer.get("posts")
    found: dict[str, Metrics] = {}
    for post in posts if isinstance(posts, list) else ():
        if not isinstance(post, dict) or post.get("uri") not in asked:
            continue
        found[post["uri"]] = Metrics(
            likes=_count(post, "likeCount"),
            comments=_count(post, "replyCount"),
            shares=_sum(_count(post, "repostCount"), _count(post, "quoteCount")),
            saves=_count(post, "bookmarkCount"),
        )
    return found


def _count(post: Mapping[str, Any], name: str) -> int | None:
    value = post.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _sum(*values: int | None) -> int | None:
    known = [v for v in values if v is not None]
    return sum(known) if known else None
