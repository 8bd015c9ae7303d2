"""When a proposal's post would go out: at a good hour, apart from the account's others, never too early."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.calendar import Calendar
from bot.domain.outcomes import SlotAdvice
from bot.domain.people import Brand
from bot.domain.proposal import Proposal
from bot.domain.when import NEXT_SLOT, instant_of, wall_at
from bot.errors import BadInput
from bot.ports import Tx
from bot.services.advising.times import best_times
from bot.services.context import Services
from bot.services.plan import calendar_of

APART = timedelta(hours=3)
"""Between two posts of an account that we place ourselves, whatever the brand's own spacing is."""

LOOK_AHEAD = timedelta(days=7)
SOON = timedelta(hours=1)
"""The least between now and a time that people have yet to agree to."""


@dataclass(frozen=True, kw_only=True)
class When:
    """An instant for a proposal, and what speaks for it: None where nothing is learned."""

    at: datetime
    advice: SlotAdvice | None = None


async def when_for(
    svc: Services, brand: Brand, account: str, content_type: str, *, earliest: datetime
) -> When:
    """A good time for the account from ``earliest`` on, three hours or more from its other posts."""
    start = max(earliest, svc.clock.now() + SOON)
    window = (start, start + LOOK_AHEAD)
    found = await best_times(svc, brand.name, account, content_type=content_type, window=window, k=3)
    calendar, taken = await svc.store.read(lambda tx: _busy(tx, brand, account))
    for advice in sorted(found, key=lambda one: one.explore):
        if start <= advice.starts_at and not near(advice.starts_at, taken):
            return When(at=advice.starts_at, advice=advice)
    roomy = replace(calendar, spacing=max(calendar.spacing, APART))
    if roomy.slots:
        try:
            return When(at=roomy.next_slot(start, taken).due)
        except BadInput:
            pass  # every slot is taken: any hour with room, then
    return When(at=roomy.spread(_full_hour(start, brand.timezone), taken))


def as_wish(at: datetime, zone: str) -> str:
    """The instant as people write it."""
    return f"{wall_at(at, zone):%Y-%m-%d %H:%M}"


async def wish_again(svc: Services, brand: Brand, proposal: Proposal) -> str:
    """The proposal's time, or another when that has passed or is taken meanwhile."""
    given = str(proposal.body.get("due", ""))
    if not given:
        return str(proposal.body.get("wish") or NEXT_SLOT)
    due, account = datetime.fromisoformat(given), proposal.account
    _, taken = await svc.store.read(lambda tx: _busy(tx, brand, account))
    if due >= svc.clock.now() + SOON and not near(due, taken):
        return as_wish(due, brand.timezone)
    earliest = datetime.fromisoformat(str(proposal.body.get("earliest", given)))
    kind = str(proposal.body.get("content_type", "text"))
    found = await when_for(svc, brand, account, kind, earliest=earliest)
    return as_wish(found.at, brand.timezone)


def near(at: datetime, taken: Sequence[datetime]) -> bool:
    """Whether another post is within `APART`. ``taken`` is sorted."""
    index = bisect_left(taken, at - APART + timedelta(microseconds=1))
    return index < len(taken) and taken[index] < at + APART


def _busy(tx: Tx, brand: Brand, account: str) -> tuple[Calendar, tuple[datetime, ...]]:
    return calendar_of(tx, brand), tx.deliveries.dues(account)


def _full_hour(at: datetime, zone: str) -> datetime:
    wall = wall_at(at, zone)
    floor = wall.replace(minute=0, second=0, microsecond=0)
    return instant_of(floor if floor == wall else floor + timedelta(hours=1), zone)
