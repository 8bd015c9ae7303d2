"""What is said beside a time that was left to us."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.advice_words import NOTHING_KNOWN, brief
from bot.domain.best import is_best
from bot.domain.delivery import Delivery
from bot.domain.forecast import Forecast
from bot.ports import Tx


def hour_words(tx: Tx, delivery: Delivery, wish: str, platform: str) -> str:
    """What a delivery's hour rests on; empty where somebody named it. ``platform`` as people call it."""
    if not is_best(wish):
        return ""
    known = claim_of(tx, delivery)
    return brief(known.advice, platform) if known is not None else NOTHING_KNOWN


def hour_reasons(tx: Tx, delivery: Delivery) -> Iterator[str]:
    """Why that hour, as it was said when it was chosen."""
    known = claim_of(tx, delivery)
    if known is None:
        return
    yield from known.advice.because
    yield from (f"⚠ {warning}" for warning in known.advice.warnings)


def claim_of(tx: Tx, delivery: Delivery) -> Forecast | None:
    """The claim about the very time that a delivery has; None where it has another by now."""
    known = tx.forecasts.of_delivery(delivery.id)
    return known if known is not None and known.slot == delivery.due else None
