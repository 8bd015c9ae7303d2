"""Dry runs: everything as it would be, and nothing written or sent.

A single command is rehearsed by doing the real thing and taking it back before it is committed,
so that a rehearsal cannot differ from the performance. A brand in a dry run goes all the way to
the due time; there its deliveries end without a call.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from bot.domain.delivery import Delivery, State
from bot.domain.money import dollars
from bot.domain.words import listed
from bot.ports import Tx
from bot.services.budget import price_of
from bot.services.context import Connected, Services
from bot.services.tell import audit, move, tell

T = TypeVar("T")

REASON = "dry run: it would have gone out now"


class TakenBack(Exception):
    """Ends a rehearsal inside its transaction; nothing of it stays."""

    def __init__(self, result: object) -> None:
        super().__init__("a rehearsal is over")
        self.result = result


async def rehearse(svc: Services, unit: Callable[[Tx], T]) -> T:
    """What ``unit`` returns, without anything it wrote. Raises what it raises."""

    def play(tx: Tx) -> T:
        raise TakenBack(unit(tx))

    try:
        return await svc.store.write(play)
    except TakenBack as over:
        return over.result  # type: ignore[return-value]  # what `unit` returned


async def end_dry(svc: Services, connected: Connected) -> bool:
    """End what is due on an account of a brand in a dry run, without claiming it; False when nothing is."""
    now = svc.clock.now()
    ended = await svc.store.write(lambda tx: _end(svc, tx, connected, now))
    return ended > 0


def _end(svc: Services, tx: Tx, connected: Connected, now: datetime) -> int:
    if tx.halts.active(connected.brand) is not None:
        return 0
    rows = tx.deliveries.waking(connected.name, now, (State.SCHEDULED,))
    for delivery in rows:
        if delivery.due is not None and delivery.due > now:
            move(tx, delivery, State.SCHEDULED, wake_at=delivery.due)
            continue
        state = State.PARTIAL if delivery.begun else State.CANCELLED
        ended = move(tx, delivery, state, wake_at=None, reason=REASON)
        audit(svc, tx, delivery.brand, "clarion", "dry_run", delivery=ended)
        _say(svc, tx, connected, ended)
    return len(rows)


def _say(svc: Services, tx: Tx, connected: Connected, delivery: Delivery) -> None:
    """The thread hears what would have been sent."""
    post = tx.posts.get(delivery.post_id)
    if post is None:
        return
    parts = delivery.variant.parts[delivery.next_part or 0 :]
    texts = [f"({n} of {len(parts)}) {part.text}" if len(parts) > 1 else part.text for n, part in enumerate(parts, 1)]
    files = [media.name for part in parts for media in part.files]
    price = sum(price_of(connected, part) for part in parts)
    lines = [f"{post.name}: dry run. This would have gone out on {connected.platform.title} now:", *texts]
    if files:
        lines.append(f"with {listed(files)}")
    lines.append(f"Nothing was sent{f', nothing was charged ({dollars(price)})' if price else ''}.")
    tell(svc, tx, post, f"dry:{delivery.id}:{delivery.fence}:{delivery.due}", "\n".join(lines), delivery=delivery)
