"""When: from what was said about time to an instant, in the calendar of a brand."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from bot.domain.best import is_best, parse_best
from bot.domain.calendar import HOUR, NO_SLOTS, Calendar, Occasion
from bot.domain.delivery import Delivery
from bot.domain.forecast import Offers
from bot.domain.people import Brand, Policy
from bot.domain.platform import Finding, Level
from bot.domain.post import Variant
from bot.domain.recurrence import is_rule, parse_rule, rule_of, sounds_like_rule
from bot.domain.series import EntryKind
from bot.domain.slots import parse_days_off, parse_quiet, parse_slots
from bot.domain.when import NEXT_SLOT, NOW, instant_of, parse_wish, resolve, wall_at
from bot.errors import BadInput
from bot.ports import Tx
from bot.services.context import Connected, Services
from bot.services.hours import best_occasion

AROUND = timedelta(days=3)
"""How far behind an instant other posts are looked at: more than any rule moves it."""


def calendar_of(tx: Tx, brand: Brand) -> Calendar:
    """What the configuration says, with what was added in a chat."""
    rows = tx.calendars.of_brand(brand.name)
    slots = [*brand.slots, *(e.text for e in rows if e.kind is EntryKind.SLOT)]
    days = [*brand.blackout, *(e.text for e in rows if e.kind is EntryKind.BLACKOUT)]
    return Calendar(
        zone=brand.timezone,
        slots=parse_slots(slots),
        quiet=parse_quiet(brand.quiet) if brand.quiet else None,
        days_off=tuple(map(parse_days_off, days)),
        spacing=timedelta(seconds=brand.spacing_s),
        burst=brand.burst,
    )


async def read_wish(svc: Services, brand: Brand, words: str) -> str:
    """The normal form of what was said about time; the next slot, or now, when nothing was said.

    Raises `BadInput` with what would work.
    """
    now, zone = svc.clock.now(), brand.timezone
    best = parse_best(words, now=now, zone=zone)
    if best is not None:
        return best
    if words and sounds_like_rule(words):
        return parse_rule(words, now=now, zone=zone)
    wish = parse_wish(words, now=now, zone=zone) if words else NEXT_SLOT
    if wish != NEXT_SLOT:
        return wish
    found = await svc.store.read(lambda tx: calendar_of(tx, brand))
    if found.slots:
        return NEXT_SLOT
    if words:
        raise BadInput(NO_SLOTS)
    return NOW


def occasion(
    tx: Tx,
    brand: Brand,
    account: str,
    wish: str,
    now: datetime,
    *,
    own: datetime | None = None,
    used: Collection[datetime] = (),
    offered: Offers | None = None,
) -> Occasion:
    """What a wish means for one account at ``now``.

    ``own`` is the instant it holds already, ``used`` the wall times its rule has had, ``offered`` the
    hours that were found for it where the wish leaves the hour to us. Raises `BadInput` when there is
    no such time any more.
    """
    zone = brand.timezone
    if wish == NOW:
        return Occasion(due=now)
    if wish == NEXT_SLOT:
        return calendar_of(tx, brand).next_slot(now, without(tx.deliveries.dues(account), own))
    if is_best(wish):
        taken = without(tx.deliveries.dues(account), own)
        calendar = calendar_of(tx, brand)
        return best_occasion(tx, calendar, account, wish, now, taken=taken, own=own, offered=offered)
    if is_rule(wish):
        return _first(tx, brand, account, wish, now, own, used)
    due = resolve(wish, now=now, zone=zone)
    return Occasion(due=due, wall=wall_at(due, zone))


def _first(
    tx: Tx,
    brand: Brand,
    account: str,
    wish: str,
    now: datetime,
    own: datetime | None,
    used: Collection[datetime],
) -> Occasion:
    calendar = calendar_of(tx, brand)
    for wall in rule_of(wish).walls(wall_at(now, brand.timezone) - timedelta(days=1)):
        due = instant_of(wall, brand.timezone)
        if due <= now or wall in used:
            continue
        found = calendar.occurrence(wall, taken_near(tx, calendar, account, due, own))
        if found is not None:
            return Occasion(due=found, wall=wall)
    raise BadInput(f"“{wish}” has no time left that is not a day off. Name another end.")


def without(dues: tuple[datetime, ...], own: datetime | None) -> list[datetime]:
    """The instants in order, one that is ``own`` left out."""
    found = list(dues)
    if own in found:
        found.remove(own)
    return found


def taken_near(
    tx: Tx, calendar: Calendar, account: str, due: datetime, own: datetime | None = None
) -> list[datetime]:
    """When the account's other posts around an instant are due, in order; nothing where that is all one."""
    if not calendar.spacing and not calendar.burst:
        return []
    before = max(calendar.spacing, HOUR)
    return without(tx.deliveries.dues(account, due - before, due + AROUND), own)


def review_ends(policy: Policy, wish: str, due: datetime, now: datetime) -> datetime:
    """When a request for approval lapses: at its time, or after the policy's span.

    What has another time after this one waits the whole span.
    """
    lapse = now + timedelta(seconds=policy.expires_s)
    return lapse if ours(wish) else min(lapse, due)


def ours(wish: str) -> bool:
    """Whether the instant is ours to choose inside the wish: no clock was named, or many times were."""
    return wish in (NOW, NEXT_SLOT) or is_best(wish) or is_rule(wish)


def first_wake(connected: Connected, variant: Variant, due: datetime) -> datetime:
    """When the engine first looks: earlier than due where media has to be staged."""
    return due - connected.platform.stage_lead if variant.parts[0].files else due


def time_findings(tx: Tx, brand: Brand, delivery: Delivery, wish: str) -> tuple[Finding, ...]:
    """What speaks against a time that somebody named; times we choose ourselves keep the rules."""
    if delivery.due is None or ours(wish):
        return ()
    calendar = calendar_of(tx, brand)
    taken = taken_near(tx, calendar, delivery.account, delivery.due, delivery.due)
    found = calendar.warnings(delivery.due, taken)
    all_the_same = "it goes out all the same"
    return tuple(Finding(level=Level.WARN, code="time", text=w, fix=all_the_same) for w in found)
