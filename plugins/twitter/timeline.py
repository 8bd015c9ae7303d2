"""Finding our post among what X shows: ids that tell the time, and texts made comparable.

X rewrites what it stores: links become ``t.co``, media adds one more, ``& < >`` come back
escaped. Source: docs.x.com x-api/posts and timelines (2026-08-22), OpenAPI 2.167.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import unquote

from plugins.twitter.counting import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.api import Ref

EPOCH_MS = 1_288_834_974_657
"""Milliseconds since 1970 at which X's ids begin to count."""

OLDEST_SNOWFLAKE = 1 << 50
"""A smaller id was not made from the time."""

SLACK = timedelta(seconds=60)
"""How much X's clock may lag behind ours."""

OWN_MEDIA = re.compile(r"https?://(?:www\.)?(?:x|twitter)\.com/[^/]+/status/\d+/(?:photo|video)/\d+$", re.I)
SCHEME = re.compile(r"https?://", re.I)
FINAL_SLASH = re.compile(r"/(?=\s|$)")
PUNYCODE = re.compile(r"xn--[a-z0-9-]+", re.I)


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a timeline says about one text: sure matches since the call, and older twins."""

    matches: tuple[str, ...]
    earlier: tuple[str, ...]


def snowflake(at: datetime) -> int:
    """The lowest id a post made at ``at`` can have."""
    return max(0, (int(at.timestamp() * 1000) - EPOCH_MS) << 22)


def made_at(post: Mapping[str, object]) -> datetime | None:
    """When a post came into being: by ``created_at``, else by its id; None when neither tells."""
    stamp = post.get("created_at")
    if isinstance(stamp, str):
        try:
            at = datetime.fromisoformat(stamp)
        except ValueError:
            at = None
        if at is not None:
            return at if at.tzinfo else at.replace(tzinfo=UTC)
    number = str(post.get("id", ""))
    if number.isascii() and number.isdigit() and OLDEST_SNOWFLAKE < int(number) < 1 << 63:
        return datetime.fromtimestamp(((int(number) >> 22) + EPOCH_MS) / 1000, UTC)
    return None


def comparable(text: str) -> str:
    """A text without what X may change: link schemes, final slashes, encodings, case, white space."""
    text = PUNYCODE.sub(_label, unquote(SCHEME.sub("", normalise(text)))).casefold()
    return normalise(" ".join(FINAL_SLASH.sub("", text).split()))


def shown(post: Mapping[str, object]) -> frozenset[str]:
    """What X shows of a post, made comparable: links as they were written, attached media left out.

    Two readings, because X escapes ``& < >`` and others that speak its protocol may not.
    """
    note = post.get("note_post", post.get("note_tweet"))
    whole = note if isinstance(note, dict) and isinstance(note.get("text"), str) else post
    raw = str(whole.get("text", ""))
    readings = []
    for text in (raw, html.unescape(raw)):
        for short, target in _links(whole) + _links(post):
            text = text.replace(short, target)
        readings.append(comparable(text))
    return frozenset(readings)


def replied_to(post: Mapping[str, object]) -> str | None:
    """The id of the post this one answers, "" when it answers none, None when X does not say."""
    said = post.get("referenced_posts", post.get("referenced_tweets"))
    if isinstance(said, list):
        ids = [str(r.get("id", "")) for r in said if isinstance(r, dict) and r.get("type") == "replied_to"]
        if ids:
            return ids[0]
    return "" if post.get("conversation_id") == post.get("id") and "id" in post else None


def other_files(post: Mapping[str, object], files: int) -> bool:
    """Whether a post carries other files than the ``files`` we sent, as far as X says.

    A link among its entities tells that there are some, ``attachments`` how many.
    """
    attached = post.get("attachments")
    keys = attached.get("media_keys") if isinstance(attached, dict) else None
    if isinstance(keys, list):
        return len(keys) != files
    return any(target == "" for _, target in _links(post)) != bool(files)


def search(
    posts: Iterable[object], text: str, *, since: datetime, parents: Sequence[Ref], files: int = 0
) -> Found:
    """Which of ``posts`` say ``text`` with so many files, sent at ``since`` below the last of ``parents``."""
    wanted, before = comparable(text), {str(ref) for ref in parents}
    parent = str(parents[-1]) if parents else ""
    matches, earlier = [], []
    for post in posts:
        if not isinstance(post, dict) or not post.get("id") or str(post["id"]) in before:
            continue
        if wanted not in shown(post) or replied_to(post) not in (parent, None) or other_files(post, files):
            continue
        at = made_at(post)
        if at is not None and at >= since - SLACK:
            matches.append(str(post["id"]))
        else:
            earlier.append(str(post["id"]))
    return Found(matches=tuple(dict.fromkeys(matches)), earlier=tuple(dict.fromkeys(earlier)))


def _links(post: Mapping[str, object]) -> list[tuple[str, str]]:
    """Short links and what stands for them; nothing, for attached media."""
    entities = post.get("entities")
    urls = entities.get("urls") if isinstance(entities, dict) else None
    found = []
    for link in urls if isinstance(urls, list) else ():
        if isinstance(link, dict) and isinstance(link.get("url"), str) and link["url"]:
            target = str(link.get("expanded_url") or link["url"])
            found.append((link["url"], "" if link.get("media_key") or OWN_MEDIA.match(target) else target))
    return found


def _label(match: re.Match[str]) -> str:
    try:
        return match[0].encode().decode("idna")
    except UnicodeError:
        return match[0]
