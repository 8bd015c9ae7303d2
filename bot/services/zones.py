"""Zones whose rules have changed: wall times stay what people meant, the instants follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.delivery import Delivery, State
from bot.domain.message import Message
from bot.domain.people import Brand
from bot.domain.when import instant_of, place, say, zone_digest
from bot.domain.words import listed
from bot.ports import Tx
from bot.services.context import Services
from bot.services.plan import calendar_of, first_wake, review_ends, taken_near
from bot.services.tell import audit, tell_brand

PLANNED = frozenset({State.DRAFT, State.IN_REVIEW, State.CHANGES_REQUESTED, State.APPROVED, State.SCHEDULED})


async def check_zones(svc: Services) -> None:
    """Where the rules of a zone are not those that times were computed with, compute them again.

    Wall times are what people meant, so they stay; the instants move, and that is told.
    """
    year = svc.clock.now().year
    zones = sorted({brand.timezone for brand in svc.brands.values()})
    digests = {zone: f"{year}:{zone_digest(zone, year)}" for zone in zones}
    known = await svc.store.read(lambda tx: {zone: tx.meta.get(f"zone:{zone}") for zone in zones})
    if known == digests:
        return

    def unit(tx: Tx) -> None:
        for zone, was in known.items():
            tx.meta.put(f"zone:{zone}", digests[zone])
            if was is not None and _changed(zone, was):
                for brand in svc.brands.values():
                    if brand.timezone == zone:
                        _recompute(svc, tx, brand)

    await svc.store.write(unit)


def _changed(zone: str, was: str) -> bool:
    """Whether the zone's clocks differ from what they were, in the years that were looked at then."""
    year, _, digest = was.partition(":")
    return zone_digest(zone, int(year)) != digest


def _recompute(svc: Services, tx: Tx, brand: Brand) -> None:
    now, moved = svc.clock.now(), list[Delivery]()
    for row in tx.deliveries.unfinished(brand.name, limit=100_000):
        if row.state not in PLANNED or row.zone is None or row.begun:
            continue
        fresh = _due(tx, brand, row)
        if fresh is None or fresh == row.due or row.due is None or row.due <= now:
            continue
        wake = row.wake_at
        if row.state is State.SCHEDULED and row.account in svc.accounts:
            wake = max(first_wake(svc.accounts[row.account], row.variant, fresh), now)
        elif row.state is State.IN_REVIEW and wake == row.due:
            wake = review_ends(brand.policy_for(row.account), "", fresh, now)
        changed = replace(row, due=fresh, wake_at=wake)
        if tx.deliveries.save(changed, fence=row.fence, was=row.state):
            tx.cards.touch(row.post_id)
            moved.append(changed)
    if not moved:
        return
    names = [f"P{d.post_id} ({say(d.due or now, brand.timezone, now=now)})" for d in moved[:10]]
    more = f" and {len(moved) - 10} more" if len(moved) > 10 else ""
    text = (
        f"The clocks of {place(brand.timezone)} follow new rules. These keep their time of day, which is "
        f"another instant now: {listed(names)}{more}."
    )
    tell_brand(svc, tx, brand.name, f"zone:{brand.name}:{now.isoformat()}", Message(text=text))
    audit(svc, tx, brand.name, "clarion", "zone_changed", facts={"deliveries": [d.id for d in moved]})


def _due(tx: Tx, brand: Brand, row: Delivery) -> datetime | None:
    """The instant of its wall time by today's rules; None where it has none."""
    if row.wall is None or row.zone is None:
        return None
    due = instant_of(row.wall, row.zone)
    if row.rule is None:
        return due
    calendar = calendar_of(tx, brand)
    return calendar.occurrence(row.wall, taken_near(tx, calendar, row.account, due, row.due))
