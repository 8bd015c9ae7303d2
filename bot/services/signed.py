"""What the votes on a delivery amount to today: the one place that asks."""

from __future__ import annotations

from bot.domain.approval import Verdict, counts, verdict
from bot.domain.delivery import Delivery
from bot.domain.people import Brand
from bot.domain.post import Post
from bot.ports import Tx


def standing(tx: Tx, brand: Brand, post: Post, delivery: Delivery) -> Verdict:
    """Count the votes of people who may still vote and that cover exactly these bytes.

    A vote is a signature over a fingerprint, so one on an earlier occurrence of a recurring
    post covers the later ones; of one person's votes on the same bytes the latest counts.
    """
    latest = {
        v.member: v
        for v in tx.votes.of_post(post.id)
        if v.fingerprint == delivery.fingerprint and counts(brand, v, author=post.author)
    }
    return verdict(brand.policy, latest.values(), fingerprint=delivery.fingerprint, author=post.author)
