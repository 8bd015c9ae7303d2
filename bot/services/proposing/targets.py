"""Where a winner may be proposed: not there yet, allowed, still true by then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.delivery import Delivery, State
from bot.domain.people import Brand
from bot.domain.post import Media, Post
from bot.domain.proposal import CROSSPOST, crosspost_key
from bot.domain.topical import topical
from bot.domain.when import wall_at
from bot.ports import Tx
from bot.services.context import Connected
from bot.services.fitting import origins

NOT_THERE = frozenset({State.CANCELLED, State.EXPIRED, State.REMOVED})
SAME_WORDS = timedelta(days=90)
"""How far back an account's own posts are looked at for the same words."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A winner as it stands: its post, its delivery, when it came out, and its files as people gave them."""

    post: Post
    delivery: Delivery
    out_at: datetime
    files: tuple[Media, ...]


def source_of(tx: Tx, delivery_id: int) -> Source | None:
    """None where it is not live any more."""
    delivery = tx.deliveries.get(delivery_id)
    post = tx.posts.get(delivery.post_id) if delivery is not None else None
    if delivery is None or post is None or delivery.state is not State.LIVE:
        return None
    out_at = delivery.progress(0).out_at or delivery.due or post.created_at
    originals = tx.preparations.originals(origins([delivery.variant]))
    files = tuple(originals.get(m.origin, m) if m.origin else m for m in delivery.variant.media)
    return Source(post=post, delivery=delivery, out_at=out_at, files=files)


def withheld(tx: Tx, brand: Brand, source: Source, *, goes_out: datetime) -> str | None:
    """Why this post is proposed nowhere, whatever the account; None where nothing speaks against it."""
    who = tx.proposals.forbidden(source.post.id)
    if who is not None:
        return f"{who} keeps it where it is"
    if source.post.id in tx.proposals.made(brand.name, CROSSPOST):
        return "it is a cross-post itself"
    zone = brand.timezone
    word = topical(
        source.delivery.variant.body,
        written=wall_at(source.out_at, zone).date(),
        until=wall_at(goes_out, zone).date(),
    )
    return f"it speaks of its day: {word}" if word is not None else None


def there_already(tx: Tx, brand: Brand, source: Source, target: Connected) -> str | None:
    """Why it is not proposed for this account; None where it may be."""
    if target.name == source.delivery.account:
        return "it came out there"
    if target.name in brand.crosspost.never:
        return f"crosspost.never names {target.name}"
    if not target.platform.features:
        return f"nothing can be posted on {target.name}"
    if tx.proposals.of_key(brand.name, crosspost_key(source.post.id, target.name)) is not None:
        return "it was proposed before"
    mine = [d for d in tx.deliveries.of_post(source.post.id) if d.account == target.name]
    if any(d.state not in NOT_THERE for d in mine):
        return "it is there, or on its way"
    return None


def same_words(tx: Tx, source: Source, now: datetime) -> frozenset[str]:
    """The accounts that say, or said lately, the same words in another post."""
    words = source.delivery.variant.body.split()
    return frozenset(
        other.account
        for other in tx.deliveries.between(now - SAME_WORDS, now + SAME_WORDS)
        if words and other.state not in NOT_THERE and other.variant.body.split() == words
    )
