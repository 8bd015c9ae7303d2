"""A stored post as X shows it, in its old words or its new ones."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plugins.twitter.world import SimPost

COUNTS = ("retweet_count", "reply_count", "like_count", "quote_count", "bookmark_count", "impression_count")


PRIVATE_FOR = timedelta(days=30)
PRIVATE = ("impression_count", "url_link_clicks", "user_profile_clicks", "engagements")


def post_view(post: SimPost, *, new: bool, fields: frozenset[str], young: bool = True) -> dict[str, Any]:
    """The post object with its default members and those among ``fields``.

    ``young``: its author may still see its private counts.
    ``new``: with the names of August 2026 (``repost_count``, ``referenced_posts``).
    """
    view: dict[str, Any] = {
        "id": post.id,
        "text": post.stored,
        "edit_history_post_ids" if new else "edit_history_tweet_ids": [post.id],
    }
    if "created_at" in fields:
        view["created_at"] = post.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if "conversation_id" in fields:
        view["conversation_id"] = post.conversation_id
    if "entities" in fields and post.links:
        view["entities"] = {"urls": _links(post)}
    if "attachments" in fields and post.media_ids:
        view["attachments"] = {"media_keys": list(post.media_keys)}
    linked = "referenced_posts" if new else "referenced_tweets"
    if linked in fields and post.reply_to:
        view[linked] = [{"type": "replied_to", "id": post.reply_to}]
    if "non_public_metrics" in fields and young:
        view["non_public_metrics"] = {name: post.metrics.get(name, 0) for name in PRIVATE}
    if "public_metrics" in fields:
        names = {"retweet_count": "repost_count"} if new else {}
        view["public_metrics"] = {names.get(name, name): post.metrics.get(name, 0) for name in COUNTS}
    return view


def _links(post: SimPost) -> list[dict[str, Any]]:
    urls, start = [], 0
    for link in post.links:
        start = post.stored.find(link.url, start)
        end = start + len(link.url)
        media = {"media_key": link.media_key} if link.media_key else {}
        shown = link.expanded_url.partition("://")[2]
        urls.append(
            {
                "start": start,
                "end": end,
                "url": link.url,
                "expanded_url": link.expanded_url,
                "display_url": shown,
                **media,
            }
        )
        start = end
    return urls
