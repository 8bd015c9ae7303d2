"""What every reader and writer of the ledger shares: the open attempt, and writing that does not give up."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from bot.domain.delivery import Attempt, AttemptState, Delivery
from bot.errors import StoreError
from bot.ports import Tx
from bot.services.context import Services

T = TypeVar("T")

OPEN = (AttemptState.CALLING, AttemptState.UNKNOWN)
"""An attempt whose outcome is not known yet."""

PATIENCE = (0.05, 0.2, 1.0, 2.0, *[5.0] * 720)
"""Seconds between tries to write an answer down: an hour, then it is looked into as after a crash."""


def open_attempt(tx: Tx, delivery: Delivery) -> Attempt | None:
    """The call for the delivery's next part whose outcome is not known, if there is one."""
    attempts = tx.attempts.of_delivery(delivery.id)
    return next((a for a in attempts if a.state in OPEN and a.part == delivery.next_part), None)


async def write_down(svc: Services, delivery: Delivery, unit: Callable[[Tx], T]) -> T | None:
    """Write an answer, however long the database refuses; it must not be lost. None after `PATIENCE`."""
    for wait in PATIENCE:
        try:
            return await svc.store.write(unit)
        except StoreError as error:
            svc.log.error("record_failed", delivery=delivery.id, error=str(error))
            await svc.clock.sleep(wait)
    return None
