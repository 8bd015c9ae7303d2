"""A brand in a dry run goes all the way to the due time; there its deliveries end without a call."""

from __future__ import annotations

from datetime import datetime

from bot.domain.delivery import Delivery, State, part_due
from bot.domain.money import dollars
from bot.domain.post import Post
from bot.domain.words import listed
from bot.ports import Tx
from bot.services.budget import price_of
from bot.services.context import Connected, Services
from bot.services.gate import objection_to
from bot.services.outcome import under_fence
from bot.services.tell import audit, tell

REASON = "dry run: it would have gone out now"


async def withhold(svc: Services, connected: Connected) -> bool:
    """End what is due on an account of a brand in a dry run, without claiming it; False when nothing is."""
    now = svc.clock.now()
    ended = await svc.store.write(lambda tx: _end(svc, tx, connected, now))
    return ended > 0


def _end(svc: Services, tx: Tx, connected: Connected, now: datetime) -> int:
    if tx.halts.active(connected.brand) is not None:
        return 0
    rows = tx.deliveries.waking(connected.name, now, (State.SCHEDULED,))
    for row in rows:
        delivery = tx.deliveries.take_over(
            row.id, fence=row.fence, now=now, owner=svc.owner, lease=connected.lease
        )
        post = tx.posts.get(row.post_id)
        if delivery is None or post is None:
            continue
        due = part_due(delivery)
        objection = objection_to(svc, tx, post, delivery, now)
        if due is not None and due > now:
            under_fence(tx, delivery, State.SCHEDULED, wake_at=due)
        elif objection is not None:
            state = State.PARTIAL if delivery.begun else State.HELD
            under_fence(tx, delivery, state, wake_at=None, reason=objection)
        else:
            state = State.PARTIAL if delivery.begun else State.CANCELLED
            under_fence(tx, delivery, state, wake_at=None, reason=REASON)
            audit(svc, tx, delivery.brand, "clarion", "dry_run", delivery=delivery)
            _say(svc, tx, connected, post, delivery)
    return len(rows)


def _say(svc: Services, tx: Tx, connected: Connected, post: Post, delivery: Delivery) -> None:
    """The thread hears what would have been sent."""
    parts = delivery.variant.parts[delivery.next_part or 0 :]
    many = len(parts) > 1
    texts = [f"({n} of {len(parts)}) {part.text}" if many else part.text for n, part in enumerate(parts, 1)]
    files = [media.name for part in parts for media in part.files]
    price = sum(price_of(connected, part) for part in parts)
    lines = [f"{post.name}: dry run. This would have gone out on {connected.platform.title} now:", *texts]
    if files:
        lines.append(f"with {listed(files)}")
    lines.append(f"Nothing was sent{f', nothing was charged ({dollars(price)})' if price else ''}.")
    key = f"dry:{delivery.id}:{delivery.version}:{delivery.due}"
    tell(svc, tx, post, key, "\n".join(lines), delivery=delivery)
