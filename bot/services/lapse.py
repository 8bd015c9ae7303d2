"""A request for approval whose time has come lapses, visibly."""

from __future__ import annotations

from bot.domain.buttons import of_post
from bot.domain.delivery import State
from bot.domain.when import say
from bot.domain.words import listed
from bot.ports import Tx
from bot.services.context import Services
from bot.services.signed import standing
from bot.services.tell import audit, move, tell


async def expire(svc: Services, delivery_id: int) -> None:
    """A request for approval whose time has come lapses, visibly."""

    def unit(tx: Tx) -> None:
        tx.deliveries.lock(delivery_id)  # somebody may be approving it at this moment
        delivery = tx.deliveries.get(delivery_id)
        now = svc.clock.now()
        if (
            delivery is None
            or delivery.state is not State.IN_REVIEW
            or delivery.wake_at is None
            or delivery.wake_at > now
        ):
            return
        post = tx.posts.get(delivery.post_id)
        assert post is not None
        brand = svc.brands[delivery.brand]
        signed = standing(tx, brand, post, delivery, now=now).by
        who = f"only {listed(signed)}" if signed else "nobody"
        why = f"{who} approved it by {say(delivery.wake_at, brand.timezone, now=now)}"
        move(tx, delivery, State.EXPIRED, wake_at=None, reason=why)
        text = f'{post.name} expired: {why}. /schedule {post.name} "…" asks again.'
        key = f"expired:{post.id}:{post.version}:{delivery.wake_at.isoformat()}"
        again = (of_post(post, "schedule", "Other time"), of_post(post, "edit", "Edit"))
        tell(svc, tx, post, key, text, fixes=again, mentions=(post.author,))
        audit(svc, tx, brand.name, "clarion", "expired", delivery=delivery, facts={"reason": why})

    await svc.store.write(unit)
