"""Which of the offered times a delivery takes, and what is written down about that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from bot.domain.best import BEST, is_best, span_of
from bot.domain.calendar import SLOT_GAP, Calendar, Occasion
from bot.domain.delivery import Delivery
from bot.domain.forecast import Forecast, Offers, Origin, Stage, propensity_of
from bot.domain.outcomes import SlotAdvice
from bot.errors import BadInput
from bot.ports import Tx


def best_occasion(
    tx: Tx,
    calendar: Calendar,
    account: str,
    wish: str,
    now: datetime,
    *,
    taken: Sequence[datetime],
    own: datetime | None = None,
    offered: Offers | None = None,
) -> Occasion:
    """What the wish for the best hour comes to: the hour it has, while it holds; else the best that is
    free, or one that is to be tried; else, where nothing could be advised, the next slot inside the wish.

    ``own`` is the instant it holds already, ``offered`` what was computed for it just now, ``taken`` the
    account's other times in order. Raises `BadInput` where no hour inside the wish is free.
    """
    begins, ends = span_of(wish, now=now, zone=calendar.zone)
    known = tx.forecasts.at(account, own) if own is not None else None
    held = own if known is not None and own is not None and now < own and begins <= own < ends else None
    if held is not None and _free(calendar, held, taken):
        return Occasion(due=held)
    fresh = offered.advice if offered is not None else ()
    tried_first = sorted(fresh, key=lambda one: not one.explore)
    candidates = chain(tried_first, known.later if known is not None else ())
    for one in candidates:
        if max(begins, now) < one.starts_at < ends and _free(calendar, one.starts_at, taken):
            return Occasion(due=one.starts_at)
    return _without_advice(calendar, account, wish, begins, ends, taken, offered)


def _without_advice(
    calendar: Calendar,
    account: str,
    wish: str,
    begins: datetime,
    ends: datetime,
    taken: Sequence[datetime],
    offered: Offers | None,
) -> Occasion:
    known = offered is not None and bool(offered.advice)
    if begins >= ends:
        raise BadInput(f"“{wish}” has passed. Name another day, or say `best`.")
    if not calendar.slots:
        why = "every good hour is taken" if known else "no hour is free, or none can be advised"
        raise BadInput(f"I found no time for {account} in “{wish}”: {why}. Name a time, like fri 17:30.")
    found = calendar.next_slot(begins, taken)
    if wish != BEST and found.due >= ends:
        raise BadInput(f"No hour of “{wish}” is free for {account}. Name a time, or say `best`.")
    return found


def _free(calendar: Calendar, due: datetime, taken: Sequence[datetime]) -> bool:
    return not calendar.warnings(due, taken) and all(abs(due - other) >= SLOT_GAP for other in taken)


def foresee(
    tx: Tx, deliveries: Iterable[Delivery], wish: str, offers: Mapping[str, Offers], now: datetime
) -> None:
    """Bring the ledger into line with the times that deliveries have now.

    Where the hour was left to us the claim about it is written down; where a person named one instead,
    what was claimed before is forgotten.
    """
    for delivery in deliveries:
        known = tx.forecasts.of_delivery(delivery.id)
        if known is not None and (known.stage is not Stage.OPEN or known.slot == delivery.due):
            continue
        if not is_best(wish) or delivery.due is None:
            tx.forecasts.drop(delivery.id)
            continue
        fresh = _claim(delivery, offers.get(delivery.account), known, now)
        if fresh is not None:
            tx.forecasts.put(fresh)
        else:
            tx.forecasts.drop(delivery.id)


def _claim(
    delivery: Delivery, offered: Offers | None, known: Forecast | None, now: datetime
) -> Forecast | None:
    """What was said of the hour that the delivery has; None where nothing was."""
    due = delivery.due
    found = next((one for one in offered.advice if one.starts_at == due), None) if offered else None
    if offered is not None and found is not None:
        return forecast_of(delivery, offered, found, now, Origin.BEST)
    later = next((one for one in known.later if one.starts_at == due), None) if known else None
    if known is None or later is None or due is None:
        return None
    rest = tuple(one for one in known.later if one is not later)
    return replace(known, slot=due, made_at=now, advice=later, later=rest)


def forecast_of(
    delivery: Delivery, offered: Offers, advice: SlotAdvice, now: datetime, origin: Origin
) -> Forecast:
    """The ledger's row for a delivery at an hour that was offered."""
    return Forecast(
        id=0,
        delivery_id=delivery.id,
        post_id=delivery.post_id,
        brand=delivery.brand,
        account=delivery.account,
        platform=delivery.platform,
        content_type=offered.content_type,
        slot=advice.starts_at,
        made_at=now,
        origin=origin,
        advice=advice,
        method=offered.method,
        seed=offered.seed,
        propensity=propensity_of(advice, offered.hours, explores=offered.explores),
        later=tuple(one for one in offered.advice if one is not advice and not one.explore),
        rows=offered.rows,
        facts={**offered.facts, "asked_at": offered.at.isoformat(), "number": offered.hours},
    )
