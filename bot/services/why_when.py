"""Why a delivery is due when it is: the wish, the rule that answered it, and what was passed over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.domain.best import is_best
from bot.domain.calendar import SLOT_GAP, Calendar
from bot.domain.delivery import LATE_AFTER, LATE_AFTER_PLATFORM, Delivery, State, part_due
from bot.domain.people import Brand
from bot.domain.post import Post
from bot.domain.recurrence import is_rule
from bot.domain.when import DAYS, NEXT_SLOT, NOW, instant_of, say, wall_at
from bot.ports import Tx
from bot.services.advising.told import hour_reasons, hour_words
from bot.services.plan import calendar_of, ours, without

MOST = 4
"""Slots that were passed over and are named."""


def time_reasons(
    tx: Tx, brand: Brand, post: Post, delivery: Delivery, now: datetime, title: str
) -> Iterator[str]:
    """The wish and the instant it became, then everything that moved it or lets it wait; ``title`` is the
    platform as people call it."""
    zone, due, wish = brand.timezone, delivery.due, post.wish
    calendar = calendar_of(tx, brand)
    if wish == NOW:
        at = f"; that was {say(due, zone, now=now)}" if due and delivery.state is not State.IN_REVIEW else ""
        yield f"“now”: as soon as it is approved{at}"
    elif due is None:
        yield f"“{wish}”: no instant yet"
    elif is_best(wish):
        yield f"“{wish}” → {say(due, zone, now=now)}: {hour_words(tx, delivery, wish, title)}"
        yield from hour_reasons(tx, delivery)
    elif wish == NEXT_SLOT:
        yield f"“{NEXT_SLOT}” → {say(due, zone, now=now)}: {_slot(calendar, delivery, due)}"
        yield from _passed_over(tx, calendar, post, delivery, due, zone, now)
    else:
        yield f"“{wish}” → {say(due, zone, now=now)}" + (": the next of its times" if is_rule(wish) else "")
    if due is None:
        return
    yield from _moved(calendar, delivery, due, wish)
    if not ours(wish):
        others = without(tx.deliveries.dues(delivery.account), due)
        yield from (f"{text}; a time that a person names wins" for text in calendar.warnings(due, others))
    planned = part_due(delivery)
    if delivery.begun and planned is not None and planned != due:
        at = say(planned, zone, now=now, seconds=True)
        yield f"the next part follows {at}, as long after the last as was signed"
    if (
        delivery.state is State.SCHEDULED
        and delivery.wake_at is not None
        and delivery.wake_at > max(due, now)
    ):
        yield f"I look at it again {say(delivery.wake_at, zone, now=now, seconds=True)}"
    if delivery.state is State.HELD and due <= now:
        patience = LATE_AFTER_PLATFORM if delivery.platform_wait else LATE_AFTER
        minutes = int(patience.total_seconds() // 60)
        yield f"later than {minutes} minutes nothing goes out unasked"


def _slot(calendar: Calendar, delivery: Delivery, due: datetime) -> str:
    wall = delivery.wall or wall_at(due, calendar.zone)
    for slot in calendar.slots:
        if slot.weekday == wall.weekday() and slot.time == wall.time():
            return f"the slot {DAYS[slot.weekday]} {slot.time:%H:%M}"
    return "it held a slot that is not there any more"


def _passed_over(
    tx: Tx, calendar: Calendar, post: Post, delivery: Delivery, due: datetime, zone: str, now: datetime
) -> Iterator[str]:
    """Slots between the last edit and its own, and why each was not taken, as far as rows tell today."""
    known = [v.at for v in tx.posts.versions(post.id) if v.number == delivery.version]
    since = max([*known, post.created_at])
    others = without(tx.deliveries.dues(delivery.account), due)
    passed: list[str] = []
    day = wall_at(since, zone).date()
    while day <= wall_at(due, zone).date() and len(passed) <= MOST:
        for slot in calendar.slots:
            if slot.weekday != day.weekday():
                continue
            instant = instant_of(datetime.combine(day, slot.time), zone)
            if since < instant < due:
                passed.append(
                    f"{say(instant, zone, now=now)} was not taken: {_why_not(calendar, instant, others)}"
                )
        day += timedelta(days=1)
    yield from passed[:MOST]
    if len(passed) > MOST:
        yield "and more slots before it"


def _why_not(calendar: Calendar, instant: datetime, others: list[datetime]) -> str:
    wall = wall_at(instant, calendar.zone)
    if calendar.is_off(wall.date()):
        return "a day off"
    if calendar.is_quiet(wall):
        return "in the quiet hours"
    gap = max(calendar.spacing, SLOT_GAP)
    if any(abs(instant - other) < gap for other in others):
        return "another post of the account has it"
    told = calendar.warnings(instant, others)
    return told[0] if told else "it was taken when this was planned"


def _moved(calendar: Calendar, delivery: Delivery, due: datetime, wish: str) -> Iterator[str]:
    """The wall time that was meant, where it is not the one it goes out at."""
    if delivery.wall is None or wish == NOW:
        return
    meant = instant_of(delivery.wall, calendar.zone)
    if meant != due:
        if calendar.is_quiet(delivery.wall):
            why = "the quiet hours end then"
        elif is_rule(wish):
            why = "room between posts (spacing, burst)"
        else:
            why = "a person or the late digest gave it another time"
        yield f"meant for {delivery.wall:%a %d %b %H:%M}, moved: {why}"
    elif wall_at(due, calendar.zone) != delivery.wall:
        yield f"{delivery.wall:%H:%M} does not exist that day, because clocks go forward"
