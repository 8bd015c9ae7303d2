"""What came too late is held and asked about, on one card for each brand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

from bot.domain.approval import Decision
from bot.domain.calendar import SLOT_GAP, Calendar
from bot.domain.delivery import LATE_AFTER, Delivery, PartState, State, parked, too_late
from bot.domain.message import Action, Button, Message
from bot.domain.people import Brand
from bot.domain.when import instant_of, say, wall_at
from bot.errors import Conflict
from bot.ports import Tx
from bot.services.context import Services
from bot.services.plan import calendar_of
from bot.services.schedule import may_send, post_of, send_now
from bot.services.tell import audit, move, tell_brand

SPREAD_GAP = timedelta(minutes=30)
"""Between two posts of a respread, where today has room for that."""


async def hold_late(svc: Services) -> None:
    """What we were too late for is held, and asked about on one card for each brand."""
    now = svc.clock.now()

    def unit(tx: Tx) -> None:
        held: dict[str, list[Delivery]] = {}
        for delivery in tx.deliveries.late(now, before=now - LATE_AFTER):
            if tx.halts.active(delivery.brand) is not None or not too_late(delivery, now):
                continue
            zone = svc.brands[delivery.brand].timezone if delivery.brand in svc.brands else "UTC"
            reason = f"was due {say(delivery.due or now, zone, now=now)}; not sent unasked that late"
            partly = any(p.state is PartState.OUT for p in delivery.parts)
            moved = replace(delivery, state=State.HELD, wake_at=None, reason=reason)
            if partly:
                continue
            if tx.deliveries.save(moved, fence=delivery.fence, was=State.SCHEDULED):
                tx.cards.touch(delivery.post_id)
                held.setdefault(delivery.brand, []).append(moved)
        for brand, rows in held.items():
            tell_brand(svc, tx, brand, f"digest:{brand}:{now.isoformat()}", _digest(svc, brand, rows))
            audit(svc, tx, brand, "clarion", "held", facts={"deliveries": [d.id for d in rows]})

    if await svc.store.read(lambda tx: bool(tx.deliveries.late(now, before=now - LATE_AFTER, limit=1))):
        await svc.store.write(unit)


def _digest(svc: Services, brand: str, rows: list[Delivery]) -> Message:
    zone, now = svc.brands[brand].timezone, svc.clock.now()
    dues = sorted(d.due for d in rows if d.due)
    span = say(dues[0], zone, now=now)
    if len(dues) > 1:
        span += f" to {say(dues[-1], zone, now=now)}"
    names = ", ".join(f"P{d.post_id} on {d.account}" for d in rows[:10]) + (" …" if len(rows) > 10 else "")
    many = f"{len(rows)} posts came due" if len(rows) > 1 else "1 post came due"
    buttons = tuple(
        Button(label=label, action=Action(verb=verb, kind="held", id=0), danger=verb == "drop-held")
        for verb, label in (
            ("send-held", "Publish now"),
            ("spread-held", "Spread over today"),
            ("choose-held", "Choose"),
            ("drop-held", "Drop"),
        )
    )
    text = (
        f"{many} ({span}) and I could not send in time: {names}. "
        f"What now? /retry P{rows[0].post_id} sends one alone."
    )
    return Message(text=text, buttons=buttons)


async def settle_held(svc: Services, brand: Brand, member: str, verb: str) -> str:
    """The digest's buttons: send all, spread them over the day, choose one by one, or drop them."""
    may_send(brand, member)

    def unit(tx: Tx) -> str:
        now = svc.clock.now()
        unfinished = tx.deliveries.unfinished(brand.name, limit=1000)
        held = [d for d in unfinished if d.state is State.HELD and not parked(d)]
        rows = [d for d in held if d.due is not None and d.due <= now]
        if not rows:
            raise Conflict("Nothing is held any more.")
        match verb:
            case "choose-held":
                return _choice(brand, rows, now)
            case "drop-held":
                for delivery in rows:
                    move(tx, delivery, State.CANCELLED, wake_at=None, reason=f"dropped by {member}")
                words = "dropped"
            case "spread-held":
                words = _spread(tx, brand, rows, now)
            case _:
                words = "going out now"
                found = [send_now(svc, tx, post_of(tx, brand, d.post_id), d, member) for d in rows]
                if lacking := sum(v.decision is not Decision.APPROVED for v in found):
                    words += f". {lacking} of them only when others have signed too"
        audit(svc, tx, brand.name, member, verb, facts={"deliveries": [d.id for d in rows]})
        return f"{len(rows)} held {'post is' if len(rows) == 1 else 'posts are'} {words}."

    said = await svc.store.write(unit)
    svc.wake()
    return said


def _choice(brand: Brand, rows: list[Delivery], now: datetime) -> str:
    """One line for each, with what can be typed."""
    lines = [f"{len(rows)} {'waits' if len(rows) == 1 else 'wait'} for you, one by one:"]
    for delivery in rows[:20]:
        words = " ".join(delivery.variant.text.split())
        brief = words if len(words) <= 40 else words[:39] + "…"
        due = say(delivery.due or now, brand.timezone, now=now)
        name = f"P{delivery.post_id}"
        lines.append(
            f"{name} on {delivery.account}, due {due}: “{brief}” · "
            f"/retry {name} --to {delivery.account} sends it, "
            f'/schedule {name} "in 2h" gives it another time, /cancel {name} drops it'
        )
    if len(rows) > 20:
        lines.append(f"… and {len(rows) - 20} more; /queue lists them.")
    return "\n".join(lines)


def _spread(tx: Tx, brand: Brand, rows: list[Delivery], now: datetime) -> str:
    """Each account's posts one after the other, in their order, where the calendar has room."""
    calendar, dues = calendar_of(tx, brand), list[datetime]()
    for account in dict.fromkeys(d.account for d in rows):
        mine = [d for d in rows if d.account == account]
        gap, start = _gap(calendar, len(mine), now), now
        for delivery in mine:
            due = calendar.spread(start, tx.deliveries.dues(account))
            move(
                tx,
                delivery,
                State.SCHEDULED,
                due=due,
                zone=None,
                wake_at=due,
                tries=0,
                platform_wait=False,
                reason="",
            )
            dues.append(due)
            start = due + gap
    first, last = (say(at, brand.timezone, now=now) for at in (min(dues), max(dues)))
    return f"spread from {first} to {last}" if len(dues) > 1 else f"scheduled for {first}"


def _gap(calendar: Calendar, count: int, now: datetime) -> timedelta:
    """Half an hour, or what today's rest allows, but never less than the account's spacing."""
    wall = wall_at(now, calendar.zone)
    ends = datetime.combine(wall.date() + timedelta(days=1), time())
    if calendar.quiet is not None and not calendar.is_quiet(wall):
        quiet = datetime.combine(wall.date(), calendar.quiet[0])
        ends = min(ends, quiet) if quiet > wall else ends
    left = instant_of(ends, calendar.zone) - now
    fitting = timedelta(minutes=left // timedelta(minutes=1) // count)
    return max(calendar.spacing, SLOT_GAP, min(SPREAD_GAP, fitting))
