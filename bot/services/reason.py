"""The reason of a ❌ that was said without one."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.approval import Choice
from bot.domain.delivery import State
from bot.domain.people import Brand
from bot.errors import BadInput, Conflict
from bot.ports import Tx
from bot.services.context import Services
from bot.services.history import happened
from bot.services.reactions import reason_key
from bot.services.schedule import post_of
from bot.services.tell import audit, move, settled


async def add_reason(svc: Services, brand: Brand, post_id: int, member: str, reason: str) -> str:
    """Say why one is against a post; the vote stays what it was.

    Raises `Conflict` for somebody who is not against it, `BadInput` without words.
    """
    if not reason.strip():
        raise BadInput("Say why, so that it can be put right.")
    return await svc.store.write(lambda tx: _add(svc, tx, brand, post_id, member, reason.strip()))


def _add(svc: Services, tx: Tx, brand: Brand, post_id: int, member: str, reason: str) -> str:
    tx.posts.lock(post_id)
    post = post_of(tx, brand, post_id)
    rows = {d.id: d for d in tx.deliveries.of_post(post_id)}
    mine = [
        v
        for v in tx.votes.of_post(post_id)
        if v.member.casefold() == member.casefold()
        and v.choice is not Choice.YES
        and v.delivery_id in rows
        and v.fingerprint == rows[v.delivery_id].fingerprint
    ]
    if not mine:
        raise Conflict(f"You have not said no to {post.name} as it is now, so there is nothing to explain.")
    for vote in mine:
        tx.votes.put(replace(vote, reason=reason))
        delivery = rows[vote.delivery_id]
        bare = f"rejected by {vote.member}"
        if delivery.state in (State.CANCELLED, State.PARTIAL) and delivery.reason.split(": ")[0] == bare:
            move(tx, delivery, delivery.state, reason=f"{bare}: {reason}")
    audit(svc, tx, brand.name, member, "explained", post=post, facts={"reason": reason})
    settled(svc, tx, post.brand, reason_key(post, member), reason)
    happened(svc, tx, post, "reason", f"{member}: {reason}", post.author)
    tx.cards.touch(post_id)
    return f"{post.author} hears why: {reason}"
