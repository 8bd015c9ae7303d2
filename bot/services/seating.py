"""People in their places: `Services.brands` follows what the rows say of who is who and who is where.

Every change of a binding or a group writes a new version beside it, in the same transaction. Whoever
counts votes or lets something out compares the version inside its own transaction, so that it counts
with the people of that moment, whichever process learned of the change.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from bot.domain.people import Brand
from bot.domain.records import Group
from bot.domain.roster import Roster, groups_of
from bot.ports import Tx
from bot.services.census import Seats
from bot.services.context import Services

PEOPLE = "people.version"


def brand_now(svc: Services, tx: Tx, name: str) -> Brand:
    """The brand with its people as the rows of this transaction have them."""
    return seat_people(svc, tx).get(name) or svc.brands[name]


def seat_people(svc: Services, tx: Tx) -> Mapping[str, Brand]:
    """All brands with people in their places; `Services.brands` holds the same from now on."""
    census = svc.census
    if not census.configured:
        return svc.brands
    version = tx.meta.get(PEOPLE) or ""
    seats = census.seats
    if seats is None or seats.version != version:
        roster = roster_of(svc, tx)
        fresh = {name: roster.expand(brand) for name, brand in census.configured.items()}
        seats = Seats(version=version, brands=fresh)
        with census.placing:
            census.seats = seats
            for name, brand in fresh.items():
                svc.brands[name] = brand
    return seats.brands


def changed_people(tx: Tx) -> None:
    """Something about people was written in this transaction: everybody looks again."""
    tx.meta.put(PEOPLE, secrets.token_hex(8))


def roster_of(svc: Services, tx: Tx) -> Roster:
    """Who is who and who is where, as this transaction has it."""
    census, rows = svc.census, tx.people.all()
    users = {(g.chat, g.name): tuple(f"{g.chat}:{user}" for user in g.users) for g in tx.people.groups()}
    named = {group for brand in census.configured.values() for group in groups_of(brand)}
    return Roster(
        declared=census.declared,
        linked={f"{i.chat}:{i.user_id}": i.member for i in rows if i.member},
        apart=frozenset(f"{i.chat}:{i.user_id}" for i in rows if i.was and not i.member),
        groups={
            f"@{chat}:{name}": found for (chat, name), found in users.items() if f"@{chat}:{name}" in named
        },
    )


def begin_people(svc: Services, tx: Tx) -> None:
    """At a start: what somebody wrote before the configuration said who it is, is theirs.

    Where there are neither teams nor groups nothing has to be put in its place, now or later.
    """
    census = svc.census
    if not svc.teams and not census.declared and not any(map(groups_of, svc.brands.values())):
        return
    census.configured = dict(svc.brands)
    known = tx.people.known_as([user for user, member in census.declared.items() if user != member])
    roster = roster_of(svc, tx)
    for user in known:
        tx.people.rename(user, roster.member(user))
    if known:
        changed_people(tx)
    seat_people(svc, tx)


def group_rows(tx: Tx) -> Mapping[str, Group]:
    """The groups that were read, as the configuration names them."""
    return {f"@{g.chat}:{g.name}": g for g in tx.people.groups()}


def brands_with(svc: Services, group: str) -> list[str]:
    """The brands that name a group."""
    return [name for name, brand in svc.census.configured.items() if group in groups_of(brand)]


def users_of(svc: Services, tx: Tx, member: str, chat: str | None = None) -> tuple[str, ...]:
    """The users that a member is, those of the configuration first: ids in ``chat``, else ``chat:id``."""
    roster = roster_of(svc, tx)
    known = member.casefold()
    users = [user for user in (*roster.declared, *roster.linked) if roster.member(user).casefold() == known]
    if ":" in member and roster.member(member) == member:
        users.append(member)
    pairs = [user.partition(":") for user in dict.fromkeys(users)]
    return tuple(id_ if chat else f"{place}:{id_}" for place, _, id_ in pairs if chat in (None, place))
