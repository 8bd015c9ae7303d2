"""From when on a delivery's numbers are read: from the moment it is live, in the same transaction."""

from __future__ import annotations

from bot.domain.content import content_type
from bot.domain.delivery import Delivery, State
from bot.domain.platform import Feature
from bot.domain.sampling import FIRST
from bot.domain.snapshot import NO_ADDRESS, NOT_COUNTED, Watch
from bot.ports import Tx
from bot.services.context import Services

PAGE = 200
"""Deliveries taken up in one transaction."""


def begin(svc: Services, tx: Tx, delivery: Delivery) -> None:
    """Begin to look at a live delivery; nothing happens when that has begun before.

    Only its first part is counted: it is what people meet; what hangs below it, a thread's other parts
    too, the platform counts among its comments.
    """
    first = delivery.progress(0)
    out_at = first.out_at or delivery.due or svc.clock.now()
    connected = svc.accounts.get(delivery.account)
    counts = connected is None or Feature.METRICS in connected.platform.features
    ended = "" if counts and first.ref is not None else NOT_COUNTED if not counts else NO_ADDRESS
    tx.snapshots.watch(
        Watch(
            delivery_id=delivery.id,
            post_id=delivery.post_id,
            brand=delivery.brand,
            account=delivery.account,
            platform=delivery.platform,
            content_type=content_type(delivery.variant),
            out_at=out_at,
            look_at=None if ended else out_at + FIRST,
            ended=ended,
        )
    )


async def catch_up(svc: Services) -> None:
    """Begin with what was live before anybody looked, as after an upgrade."""

    def unit(tx: Tx) -> int:
        found = tx.snapshots.unwatched(PAGE)
        for id_ in found:
            delivery = tx.deliveries.get(id_)
            if delivery is not None and delivery.state is State.LIVE:
                begin(svc, tx, delivery)
        return len(found)

    if await svc.store.read(lambda tx: not tx.snapshots.unwatched(1)):
        return
    while await svc.store.write(unit) == PAGE and not svc.engine.stopping:
        pass
