"""Which posts the simulated X takes, in the order in which it refuses them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plugins.twitter import failures
from plugins.twitter.counting import cashtags, invalid_points, weigh
from plugins.twitter.failures import FAILURES, at
from plugins.twitter.limits import CASHTAGS, CHARACTERS, IMAGES, LONG_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.testing.simulator import Failure
    from plugins.twitter.world import SimAccount, SimMedia, SimPost, World

KEYS = frozenset(
    {
        "card_uri",
        "community_id",
        "direct_message_deep_link",
        "edit_options",
        "for_super_followers_only",
        "geo",
        "made_with_ai",
        "media",
        "nullcast",
        "paid_partnership",
        "poll",
        "quote_tweet_id",
        "reply",
        "reply_settings",
        "share_with_followers",
        "text",
    }
)
"""What a body may hold (OpenAPI 2.167); anything else is refused."""

MEDIA_KEYS = frozenset(
    {
        "call_to_actions",
        "description",
        "embeddable",
        "media_ids",
        "preview_media_id",
        "tagged_user_ids",
        "title",
    }
)
REPLY_SETTINGS = frozenset({"following", "mentionedUsers", "subscribers", "verified"})

EXCLUSIVE = ("poll", "quote_tweet_id", "media", "card_uri", "direct_message_deep_link")


class RefusedCall(Exception):
    """A documented refusal; ``failure`` is the answer."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.status)
        self.failure = failure


def admit(world: World, account: SimAccount, body: Mapping[str, Any]) -> SimPost:
    """Create the post, or raise `RefusedCall` and create nothing."""
    _judge_keys(body)
    if sum(key in body for key in EXCLUSIVE) > 1:
        raise _named("F9", world)
    if "quote_tweet_id" in body:
        raise RefusedCall(failures.forbidden("Quoting this post is not allowed for your access level."))
    text, media_ids = body.get("text", ""), _media_ids(world, account, body)
    if not isinstance(text, str) or invalid_points(text) or not (text.strip() or media_ids or "poll" in body):
        said = "The post needs a valid text, a poll or media."
        raise RefusedCall(failures.invalid(said, {"text": [str(text)]}))
    if weigh(text) > (LONG_CHARACTERS if account.premium else CHARACTERS):
        raise _named("F16", world)
    if len(cashtags(text)) > CASHTAGS:
        raise RefusedCall(failures.forbidden("A post can contain at most one cashtag."))
    reply_to = _reply_to(world, account, body)
    if world.duplicate(account.id, text, media_ids):
        raise _named("F1", world)
    return world.create(account, text, reply_to=reply_to, media_ids=media_ids, body=body)


def _judge_keys(body: Mapping[str, Any]) -> None:
    """Only what the specification names, with the values it allows."""
    media = body.get("media")
    inner = media if isinstance(media, dict) else {}
    unknown = [k for k in body if k not in KEYS] + [f"media.{k}" for k in inner if k not in MEDIA_KEYS]
    for key in unknown:
        said = f"$.{key}: is not defined in the schema and the schema does not allow additional properties"
        raise RefusedCall(failures.invalid(said))
    settings, community = body.get("reply_settings"), body.get("community_id", "0")
    if settings is not None and settings not in REPLY_SETTINGS:
        raise RefusedCall(failures.invalid("$.reply_settings: does not have a value in the enumeration"))
    if not isinstance(community, str) or not community.isdigit() or len(community) > 19:
        raise RefusedCall(failures.invalid("$.community_id: does not match the regex pattern ^[0-9]{1,19}$"))


def _media_ids(world: World, account: SimAccount, body: Mapping[str, Any]) -> tuple[str, ...]:
    media = body.get("media")
    ids = tuple(media.get("media_ids", ())) if isinstance(media, dict) else ()
    files = [world.media.get(i) for i in ids]
    now = world.clock.now()
    good = [f for f in files if f and f.owner == account.id and f.expires_at > now and f.state == "succeeded"]
    gifs = sum(f.category != "tweet_image" for f in good)
    cover = world.media.get(str(media.get("preview_media_id"))) if isinstance(media, dict) else None
    if (
        len(good) != len(ids)
        or any(f.category == "subtitles" for f in good)
        or (isinstance(media, dict) and "preview_media_id" in media and not _covers(cover, account, now))
        or len(ids) > IMAGES
        or (gifs and len(ids) > 1)
        or (media is not None and not ids)
    ):
        said = "Your media IDs are invalid."
        raise RefusedCall(failures.invalid(said, {"media.media_ids": [str(list(ids))]}))
    return ids


def _covers(cover: SimMedia | None, account: SimAccount, now: datetime) -> bool:
    return (
        cover is not None
        and (cover.owner, cover.category, cover.state) == (account.id, "tweet_image", "succeeded")
        and cover.expires_at > now
    )


def _reply_to(world: World, account: SimAccount, body: Mapping[str, Any]) -> str:
    wanted = str(body.get("reply", {}).get("in_reply_to_tweet_id", ""))
    parent = world.post(wanted) if wanted else None
    if wanted and parent is None:
        said = "You attempted to reply to a Tweet that is deleted or not visible to you."
        raise RefusedCall(failures.forbidden(said))
    if parent is not None and parent.author != account.id:
        raise _named("F15", world)
    return wanted


def _named(name: str, world: World) -> RefusedCall:
    return RefusedCall(at(FAILURES[name], world.clock))
