"""Deliveries whose account is no longer configured: nothing is sent or lost, a person is told."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.delivery import State
from bot.ports import Tx
from bot.services.context import Services
from bot.services.tell import tell

KEPT = (State.IN_REVIEW, State.HANDED_OVER)
"""States that say the same without an account: people decide, or finish it."""


async def set_aside(svc: Services, account: str) -> None:
    """Hold what was scheduled on a vanished account; what was in flight stays unconfirmed."""
    now = svc.clock.now()
    states = (*KEPT, State.SCHEDULED, State.PUBLISHING, State.UNCONFIRMED)

    def unit(tx: Tx) -> None:
        for row in tx.deliveries.waking(account, now, states):
            lost = row.state in (State.PUBLISHING, State.UNCONFIRMED)
            held = State.PARTIAL if row.begun else State.HELD
            state = State.UNCONFIRMED if lost else row.state if row.state in KEPT else held
            reason = f"{account} is no longer in the configuration"
            moved = replace(row, state=state, wake_at=None, lease_until=None, lease_owner=None, reason=reason)
            if tx.deliveries.save(moved, fence=row.fence, was=row.state):
                tx.cards.touch(row.post_id)
                post = tx.posts.get(row.post_id)
                if post is not None and post.brand in svc.brands:
                    way_out = f"Put it back and start me again, or /cancel {post.name}."
                    text = f"{post.name} stays where it is: {reason}. {way_out}"
                    tell(svc, tx, post, f"orphan:{row.id}:{row.fence}", text)

    await svc.store.write(unit)
