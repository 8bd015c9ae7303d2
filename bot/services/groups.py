"""Groups of the chats that the configuration names: read again and again.

While a group cannot be read, who was in it last stays in it: a signature must not be void because a
chat service is away. `bot.services.sight` is what people hear then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.delivery import State
from bot.domain.message import Inbound, Message
from bot.domain.people import Brand
from bot.domain.records import Group
from bot.domain.roster import group_parts, groups_of, spoken
from bot.errors import ChatBusy, ChatError
from bot.ports import Tx
from bot.services.context import Services
from bot.services.seating import brands_with, changed_people, group_rows, seat_people
from bot.services.sight import FRESH, RETRY, tell_unseen
from bot.services.tell import audit, tell_brand

BUSY = timedelta(minutes=2)
"""How old it may be while the service only asks us to read less often."""

PATIENCE = 4.0
"""Seconds for one reading."""

REVIEWED = 10_000
"""Unfinished deliveries whose cards are painted again when a group changes."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What came of asking for a group: its users, None when there is no such group."""

    name: str
    users: Sequence[str] | None


async def attend(svc: Services, brand: Brand, said: Inbound) -> Brand:
    """The brand as its people are now, before something that was said is done.

    What the service says of that one person in the event itself counts at once, both ways.
    """
    if not svc.census.configured:
        return brand
    await fresh(svc, brand.name)
    await svc.store.read(lambda tx: seat_people(svc, tx))
    if said.groups is not None:
        await vouch(svc, brand.name, said.target.chat, said.user, said.groups)
    return svc.brands.get(brand.name, brand)


async def fresh(svc: Services, brand: str, *, age: timedelta = FRESH) -> None:
    """Read the groups of a brand again that were read longer ago than ``age``; what fails stays as it was."""
    configured = svc.census.configured.get(brand)
    if configured is not None and groups_of(configured):
        await _read(svc, groups_of(configured), age)


async def refresh(svc: Services) -> None:
    """Read every group again, and tell of those that could not be read for long."""
    named = {group for brand in svc.census.configured.values() for group in groups_of(brand)}
    await _read(svc, sorted(named), timedelta(0))
    if named:
        await svc.store.write(lambda tx: tell_unseen(svc, tx, named))


async def _read(svc: Services, names: Sequence[str], age: timedelta) -> None:
    census = svc.census
    if not await _due(svc, names, age):
        return
    async with census.reading:
        due = await _due(svc, names, age)  # whoever came before may have read it
        now = svc.clock.now()
        readings = [r for r in await asyncio.gather(*(_ask(svc, name) for name in due)) if r is not None]
        if readings:
            await svc.store.write(lambda tx: _keep(svc, tx, readings, now))


async def _due(svc: Services, names: Sequence[str], age: timedelta) -> list[str]:
    """Those to be read now; on the way people are put where the rows have them."""

    def unit(tx: Tx) -> Mapping[str, Group]:
        seat_people(svc, tx)
        return group_rows(tx)

    rows = await svc.store.read(unit)
    now, census, teams = svc.clock.now(), svc.census, svc.teams

    def due(name: str) -> bool:
        if group_parts(name)[0] not in teams or census.resting.get(name, 0.0) > svc.clock.monotonic():
            return False
        row = rows.get(name)
        return row is None or not row.read_at <= now <= row.read_at + age

    return [name for name in names if due(name)]


async def _ask(svc: Services, name: str) -> Reading | None:
    """None when it could not be read."""
    chat, group = group_parts(name)
    try:
        async with asyncio.timeout(PATIENCE):
            users = await svc.teams[chat].group(group)
    # A fault in a chat's adapter must not keep from going out what its people have signed.
    except Exception as error:
        await _unread(svc, name, error)
        return None
    svc.census.failed.discard(name)
    return Reading(name=name, users=users)


async def _unread(svc: Services, name: str, error: Exception) -> None:
    expected = isinstance(error, (ChatError, OSError, TimeoutError))
    fault = None if expected else error
    svc.log.warning("group_unread", group=name, error=type(error).__name__, exc_info=fault)
    row, now = (await svc.store.read(group_rows)).get(name), svc.clock.now()
    wait = RETRY
    if isinstance(error, ChatBusy):
        wait = max(error.until - now, timedelta(seconds=1))
    svc.census.resting[name] = svc.clock.monotonic() + wait.total_seconds()
    if not isinstance(error, ChatBusy) or row is None or now - row.read_at > BUSY:
        svc.census.failed.add(name)


def _keep(svc: Services, tx: Tx, readings: Sequence[Reading], now: datetime) -> None:
    rows = group_rows(tx)
    for reading in readings:
        users = tuple(dict.fromkeys(reading.users or ()))
        chat, name = group_parts(reading.name)
        was = rows.get(reading.name)
        tx.people.keep_group(Group(chat=chat, name=name, users=users, read_at=now))
        if was is None or set(was.users) != set(users):
            _changed(svc, tx, reading.name, was.users if was else (), users)
        if reading.users is None and (was is None or was.users):
            for brand in brands_with(svc, reading.name):
                text = f"There is no group {spoken(reading.name)} (any more), so nobody has a role by it."
                tell_brand(svc, tx, brand, f"group:{reading.name}:gone:{now.isoformat()}", Message(text=text))


async def vouch(svc: Services, brand: str, chat: str, user: str, groups: Collection[str]) -> None:
    """The service says which groups one person is in now, where ``brand`` talks.

    ``groups`` are ids, names or both; a name's absence says something only where names are given, and
    nothing of other brands, which may be on another server.
    """
    mine = groups_of(svc.census.configured[brand]) if brand in svc.census.configured else ()
    now = svc.clock.now()
    said = {group.casefold() for group in groups}
    named = not said or any(not _is_id(group) for group in groups)

    def told(row: Group) -> bool:
        return (
            row.chat == chat
            and f"@{chat}:{row.name}" in mine
            and (named or _is_id(row.name) or row.name.casefold() in said)
        )

    def off(row: Group) -> bool:
        return told(row) and (row.name.casefold() in said) != (user in row.users)

    def unit(tx: Tx) -> None:
        for name, row in group_rows(tx).items():
            if off(row):
                inside = row.name.casefold() in said
                users = (*row.users, user) if inside else tuple(u for u in row.users if u != user)
                tx.people.keep_group(replace(row, users=users))
                _changed(svc, tx, name, row.users, users)

    rows = await svc.store.read(group_rows)
    svc.census.vouched |= {(name, user): now for name, row in rows.items() if told(row)}
    if any(map(off, rows.values())):
        await svc.store.write(unit)


def _is_id(group: str) -> bool:
    """A snowflake, or an id of letters and digits in capitals as the other service makes them."""
    return group.isdigit() or (group.isalnum() and group.isupper() and any(c.isdigit() for c in group))


def _changed(svc: Services, tx: Tx, name: str, was: Collection[str], users: Collection[str]) -> None:
    """Somebody joined or left: written down, counted from now on, and shown."""
    changed_people(tx)
    facts = {"group": name, "joined": sorted({*users} - {*was}), "left": sorted({*was} - {*users})}
    for brand in brands_with(svc, name):
        audit(svc, tx, brand, "clarion", "group_changed", facts=facts)
        rows = tx.deliveries.unfinished(brand, limit=REVIEWED)
        for post_id in {d.post_id for d in rows if d.state is State.IN_REVIEW}:
            tx.cards.touch(post_id)
    seat_people(svc, tx)
