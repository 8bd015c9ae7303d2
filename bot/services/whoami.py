"""Who somebody is in a brand, and why."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.people import Brand, Role
from bot.domain.roster import is_group, spoken
from bot.domain.words import listed
from bot.ports import Tx
from bot.services.context import Services
from bot.services.people import meet, undressed
from bot.services.seating import roster_of, users_of
from bot.services.sight import unseen, unseen_words


@dataclass(frozen=True, kw_only=True)
class Described:
    """``users``: all that are this person; ``role`` and ``why`` in words; ``zone`` an IANA name or
    nothing; ``hint``: what could be done."""

    users: tuple[str, ...]
    role: str
    why: str
    zone: str = ""
    hint: str = ""


async def described(svc: Services, brand: Brand, member: str, chat: str, user: str) -> Described:
    """Everything that decides what a person may do here."""
    await meet(svc, chat, user)

    def unit(tx: Tx) -> Described:
        row = tx.people.get(chat, user)
        users = users_of(svc, tx, member)
        hidden = unseen(svc, tx, brand.name)
        role = brand.role_of(member)
        reasons = _reasons(svc, tx, brand, member)
        reasons += [unseen_words(svc, brand.name, name, since) for name, since in hidden.items()]
        hint = ""
        if row is not None and row.was and not row.member:
            reasons.append(f"you were {row.was} here until that was taken back")
            hint = "An admin can say who you are: /link --member and --user."
        elif role is Role.NONE and chat in svc.teams:
            here = undressed(f"{chat}:{user}")
            hint = f"An admin can add {here}; if you are known in another chat, type /link there."
        return Described(
            users=tuple(map(undressed, users)),
            role=role.name.lower() if role > Role.NONE else f"none in {brand.name}",
            why="; ".join(reasons),
            zone=row.zone if row is not None else "",
            hint=hint,
        )

    return await svc.store.read(unit)


def _reasons(svc: Services, tx: Tx, brand: Brand, member: str) -> list[str]:
    configured = svc.census.configured.get(brand.name, brand)
    roster, known = roster_of(svc, tx), member.casefold()
    found: list[str] = []
    for role in sorted(configured.roles, reverse=True):
        ways = [
            f"in {spoken(name)}" if is_group(name) else f"named as {name}"
            for name in configured.roles[role]
            if known in {m.casefold() for m in roster.people([name])}
        ]
        if ways:
            found.append(f"{role.name.lower()}: {listed(ways)}")
    return found
