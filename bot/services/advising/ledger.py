"""What came of claims about times: each is compared once its post is old enough, and corrects the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.domain.claims import PATIENCE, RIPE, Record, came_to, record_of
from bot.domain.delivery import FINAL, Delivery, PartState, State
from bot.domain.forecast import Forecast
from bot.domain.outcomes import EXPLORE, PostOutcome
from bot.ports import Tx
from bot.services.context import Services
from bot.services.measuring.outcomes import outcomes

SETTLE = "settle-times"
"""The engine's task that compares one brand's claims; at most one at a time for each."""

NEAR = timedelta(hours=1)
"""A post that went out this near to its time went out at it."""

LOOK_BACK = timedelta(days=90) + PATIENCE


async def due_claims(svc: Services) -> None:
    """Hand every brand with a claim whose time has come to the engine."""
    now = svc.clock.now()
    for brand in await svc.store.read(lambda tx: tx.forecasts.brands_open(before=now)):
        if brand in svc.brands:
            await svc.engine.defer(SETTLE, brand, key=f"{SETTLE}:{brand}", queue="metrics")


async def settle_claims(svc: Services, brand: str) -> None:
    """Compare what can be compared, and give up on what never can be; safe to repeat."""
    now = svc.clock.now()
    rows = await svc.store.read(lambda tx: tx.forecasts.open(brand, before=now))
    if not rows or brand not in svc.brands:
        return
    known: Sequence[PostOutcome] = ()
    if any(now - row.slot >= RIPE for row in rows):
        accounts = sorted({row.account for row in rows})
        known = await outcomes(svc, brand, accounts=accounts, since=now - LOOK_BACK)
    by_id = {int(one.post_id): one for one in known}

    def unit(tx: Tx) -> int:
        closed = 0
        for row in rows:
            closed += _settle(tx, row, tx.deliveries.get(row.delivery_id), by_id, known, now)
        return closed

    if await svc.store.write(unit):
        svc.fits.forget(brand)


def _settle(
    tx: Tx,
    row: Forecast,
    delivery: Delivery | None,
    by_id: Mapping[int, PostOutcome],
    known: Sequence[PostOutcome],
    now: datetime,
) -> bool:
    """Close one row if it can be; True when it was."""
    gone = _gone(row, delivery)
    if gone:
        return tx.forecasts.close(row.id, at=now, why=gone)
    out = out_at(delivery)
    if out is None or delivery is None:
        return _give_up(tx, row, now, "it never went out")
    if row.advice.explore:
        tx.snapshots.flag(row.post_id, EXPLORE, row.account)
    own = by_id.get(row.delivery_id)
    found = came_to(own, known, slot=row.slot) if own is not None else None
    if found is not None:
        return tx.forecasts.close(row.id, at=now, realised=found.lift, compared=found.compared)
    why = "its numbers are not known" if own is None else "too few posts to compare it with"
    return _give_up(tx, row, now, why)


def _gone(row: Forecast, delivery: Delivery | None) -> str:
    """Why nothing can come of a claim; empty while something can."""
    if delivery is None:
        return "its post is not there any more"
    if delivery.state in FINAL and delivery.state is not State.LIVE:
        return f"it was {delivery.state.value.replace('_', ' ')}"
    out = out_at(delivery)
    if out is not None and abs(out - row.slot) > NEAR:
        return "it went out at another time"
    return ""


def out_at(delivery: Delivery | None) -> datetime | None:
    """When its first part came out; None while none has."""
    if delivery is None:
        return None
    times = [p.out_at for p in delivery.parts if p.state is PartState.OUT and p.out_at is not None]
    return min(times, default=None)


def _give_up(tx: Tx, row: Forecast, now: datetime, why: str) -> bool:
    return now - row.slot > PATIENCE and tx.forecasts.close(row.id, at=now, why=why)


async def track_record(svc: Services, brand: str) -> Record:
    """What a brand's claims about times came to; for whoever reports about it."""
    return await svc.store.read(lambda tx: record_of(tx.forecasts.realised(brand)))
