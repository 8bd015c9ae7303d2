"""A person takes a time that was advised: the post moves there, and the claim is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.content import content_type
from bot.domain.forecast import Offers, Origin
from bot.domain.people import Brand
from bot.domain.when import say, wall_at
from bot.errors import Conflict
from bot.ports import Tx
from bot.services.advising.times import offers
from bot.services.context import Services
from bot.services.hours import forecast_of
from bot.services.schedule import post_of, reschedule

SAME_HOUR = timedelta(minutes=10)
"""Advice comes some minutes past the hour, and not always the same: this near it is the same advice."""


async def take_hour(svc: Services, brand: Brand, post_id: int, member: str, at: datetime) -> str:
    """Put a post at an advised instant, for all its accounts; people are asked again, as after any edit.

    Raises `Conflict` for an instant that has passed, and whatever `reschedule` does.
    """
    now = svc.clock.now()
    if at <= now:
        raise Conflict(f"{say(at, brand.timezone)} has passed. /besttime names the next good hour.")
    post, targets = await svc.store.read(
        lambda tx: (
            post_of(tx, brand, post_id),
            {d.account: content_type(d.variant) for d in tx.deliveries.of_post(post_id)},
        )
    )
    known: dict[str, Offers] = {}
    for account, kind in targets.items():
        found = await offers(svc, brand.name, account, content_type=kind)
        if found is not None:
            known[account] = found
    words = await reschedule(svc, brand, post_id, member, f"{wall_at(at, brand.timezone):%Y-%m-%d %H:%M}")
    await svc.store.write(lambda tx: note_taken(tx, post_id, at, known, now))
    return f"{words} {post.name} goes out {say(at, brand.timezone, now=now)}."


def note_taken(tx: Tx, post_id: int, at: datetime, known: Mapping[str, Offers], now: datetime) -> None:
    """Write down what was claimed of the hour for each account that was offered it."""
    for delivery in tx.deliveries.of_post(post_id):
        offered = known.get(delivery.account)
        near = (one for one in offered.advice if abs(one.starts_at - at) <= SAME_HOUR) if offered else ()
        advice = next(iter(near), None)
        if offered is not None and advice is not None and delivery.due == at:
            meant = replace(advice, starts_at=at, explore=False)
            tx.forecasts.put(forecast_of(delivery, offered, meant, now, Origin.TAKEN))
