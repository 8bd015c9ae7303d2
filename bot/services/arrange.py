"""Slots and days off that people add in a chat, beside those of the configuration."""

from __future__ import annotations

from datetime import date

from bot.domain.delivery import Delivery, State
from bot.domain.people import Brand, Role
from bot.domain.series import CalendarEntry, EntryKind
from bot.domain.slots import DAYS, DaysOff, Slot, parse_days_off, parse_slots
from bot.domain.when import say, wall_at
from bot.domain.words import listed
from bot.errors import BadInput, Conflict, NotAllowed, NotFound
from bot.ports import Tx
from bot.services.context import Services
from bot.services.plan import calendar_of
from bot.services.tell import audit, move

PLANNED = (State.SCHEDULED, State.APPROVED, State.IN_REVIEW)
WORDS = {EntryKind.SLOT: "slot", EntryKind.BLACKOUT: "day off"}.__getitem__


async def add_entry(svc: Services, brand: Brand, member: str, kind: EntryKind, text: str) -> str:
    """Add a slot or days off; days off take the occurrences that were planned on them.

    Raises `BadInput` for what cannot be read, `Conflict` for what is there already, and
    `NotAllowed` for somebody who may not approve.
    """
    _may_arrange(brand, member)
    texts = _entries(kind, text)

    def unit(tx: Tx) -> str:
        if all(entry in _declared(brand, kind) for entry in texts):
            raise Conflict(f"The configuration has that {WORDS(kind)} already.")
        now = svc.clock.now()
        fresh = [
            entry
            for entry in texts
            if tx.calendars.add(CalendarEntry(brand=brand.name, kind=kind, text=entry, by=member, at=now))
        ]
        if not fresh:
            raise Conflict(f"That {WORDS(kind)} is there already.")
        audit(svc, tx, brand.name, member, f"{kind.value}_added", facts={"entries": fresh})
        said = f"Added: {listed(fresh)}."
        return said if kind is EntryKind.SLOT else " ".join([said, *_take_days(tx, brand, fresh)])

    said = await svc.store.write(unit)
    svc.wake()
    return said


async def remove_entry(svc: Services, brand: Brand, member: str, kind: EntryKind, text: str) -> str:
    """Remove what was added in a chat; raises `Conflict` for what the configuration declares."""
    _may_arrange(brand, member)
    texts = _entries(kind, text)

    def unit(tx: Tx) -> str:
        gone = [entry for entry in texts if tx.calendars.remove(brand.name, kind, entry)]
        if not gone:
            if set(texts) & set(_declared(brand, kind)):
                key = f"brand.{brand.name}.{'slots' if kind is EntryKind.SLOT else 'blackout'}"
                raise Conflict(f"{listed(texts)} stands in the configuration ({key}); it is changed there.")
            raise NotFound(f"There is no such {WORDS(kind)}; /{_command(kind)} lists them.")
        audit(svc, tx, brand.name, member, f"{kind.value}_removed", facts={"entries": gone})
        kept = "planned stays planned" if kind is EntryKind.SLOT else "skipped stays skipped"
        return f"Removed: {listed(gone)}. What is {kept}."

    return await svc.store.write(unit)


def spoken(slot: Slot) -> str:
    return f"{DAYS[slot.weekday]} {slot.time:%H:%M}"


def _command(kind: EntryKind) -> str:
    return "slots" if kind is EntryKind.SLOT else "blackout"


def _entries(kind: EntryKind, text: str) -> tuple[str, ...]:
    """One text for each slot, so that each can be removed alone."""
    if not text.strip():
        like = "fri 17:30" if kind is EntryKind.SLOT else "2026-12-24..2026-12-26"
        raise BadInput(f"Which one? Like: /{_command(kind)} add {like}")
    if kind is EntryKind.SLOT:
        return tuple(map(spoken, parse_slots([text])))
    return (_span(parse_days_off(text)),)


def _span(span: DaysOff) -> str:
    return f"{span.first}" if span.first == span.last else f"{span.first}..{span.last}"


def _declared(brand: Brand, kind: EntryKind) -> tuple[str, ...]:
    if kind is EntryKind.SLOT:
        return tuple(map(spoken, parse_slots(brand.slots)))
    return tuple(_span(parse_days_off(text)) for text in brand.blackout)


def _take_days(tx: Tx, brand: Brand, entries: list[str]) -> list[str]:
    """Occurrences on the new days off are skipped; what has a time of its own is only named."""
    calendar = calendar_of(tx, brand)
    spans = [parse_days_off(entry) for entry in entries]
    skipped, named = list[Delivery](), list[Delivery]()
    for row in tx.deliveries.unfinished(brand.name, limit=100_000):
        if row.state not in PLANNED or row.due is None or row.begun:
            continue
        day: date = (row.wall if row.wall is not None else wall_at(row.due, calendar.zone)).date()
        if not any(span.first <= day <= span.last for span in spans):
            continue
        if row.rule is not None and row.state is State.SCHEDULED:
            move(tx, row, State.CANCELLED, wake_at=None, reason="skipped: a day off")
            skipped.append(row)
        else:
            named.append(row)
    words = []
    if skipped:
        words.append(f"Skipped on those days: {_names(brand, skipped)}.")
    if named:
        words.append(f"Still planned there: {_names(brand, named)}; /schedule moves one.")
    return words


def _names(brand: Brand, rows: list[Delivery]) -> str:
    names = [f"P{d.post_id} on {d.account} ({say(d.due, brand.timezone)})" for d in rows[:10] if d.due]
    return listed(names) + (f" and {len(rows) - 10} more" if len(rows) > 10 else "")


def _may_arrange(brand: Brand, member: str) -> None:
    if brand.role_of(member) < Role.APPROVE:
        raise NotAllowed(f"Changing the calendar is for {listed(brand.who(Role.APPROVE), 'or')}.")
