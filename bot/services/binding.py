"""Which users of the chats are one person, by an admin's word; and what follows when that changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.message import Message
from bot.domain.people import Brand, Role
from bot.domain.post import Json
from bot.domain.words import did_you_mean, listed
from bot.errors import BadInput, Conflict, NotAllowed, NotFound
from bot.ports import Tx
from bot.services.context import Services
from bot.services.people import JOINER, meet, resolved
from bot.services.seating import changed_people, seat_people, users_of
from bot.services.tell import audit, tell_brand


@dataclass(frozen=True, kw_only=True)
class User:
    """One user of one chat; ``member``: who that is at the moment; ``was``: whom it was taken away from;
    ``shown``: what people call it."""

    chat: str
    id: str
    member: str
    was: str = ""
    shown: str = ""

    @property
    def name(self) -> str:
        return f"{self.chat}:{self.id}"

    @property
    def alone(self) -> bool:
        """Nobody has said that it is anybody else."""
        return self.member == self.name


def user_at(svc: Services, tx: Tx, chat: str, id_: str) -> User:
    """What is known of a user."""
    row = tx.people.get(chat, id_)
    shown = f"{row.name if row and row.name else id_} on {chat.capitalize()}"
    was = row.was if row and not row.member else ""
    return User(chat=chat, id=id_, member=resolved(svc, tx, chat, id_), was=was, shown=shown)


async def bind(svc: Services, admin: str, brand: Brand, name: str, user: str) -> str:
    """An admin says who a user is; returns what to tell.

    Raises `BadInput`, `NotFound`, `NotAllowed` and `Conflict` in one sentence.
    """
    now = svc.clock.now()
    chat, _, id_ = user.replace(JOINER, "").strip().partition(":")
    await meet(svc, chat, id_)

    def unit(tx: Tx) -> str:
        whose = _user(svc, tx, user)
        alone = name.replace(JOINER, "").strip() == whose.name
        member = whose.name if alone else _member(svc, tx, brand, name)
        _check_admin(svc, tx, admin, whose.member, member)
        _check_writable(svc, whose)
        if whose.member == member and not whose.was:
            return f"{whose.shown} is {spoken(svc, tx, member)} already."
        if not whose.alone:
            tx.people.void(whose.member)  # nobody knows which of those votes were cast by this hand
        attach(svc, tx, whose, "" if whose.name == member else member, now)
        said = "a person of their own" if whose.name == member else spoken(svc, tx, member)
        announce(svc, tx, (member, admin), "linked", {"user": whose.name, "member": member, "by": admin},
                 f"{whose.shown} is {said} from now on, says {spoken(svc, tx, admin)}.")  # fmt: skip
        return f"{whose.shown} is {said} from now on."

    said = await svc.store.write(unit)
    svc.wake()
    return said


async def unbind(svc: Services, actor: str, user: str, *, by_admin: bool) -> str:
    """Take a user away from the member it is; returns what to tell.

    It has voted as that member and could do so again as itself, so it signs nothing before an admin
    has said who it is. When an admin does this, what the member signed of all that is still to go out
    no longer counts: nobody knows whose hand it was.
    """
    now = svc.clock.now()

    def unit(tx: Tx) -> str:
        whose = _user(svc, tx, user)
        _check_writable(svc, whose)
        if by_admin:
            _check_admin(svc, tx, actor, whose.member)
        names = (
            [whose.name] if not whose.alone else [u for u in users_of(svc, tx, whose.name) if u != whose.name]
        )
        if not names:
            raise NotFound(f"{whose.shown} is linked to nobody.")
        leaving = [_user(svc, tx, name) for name in names]
        for one in leaving:
            tx.people.bind(one.chat, one.id, "", now, was=whose.member)
        if by_admin:
            tx.people.void(whose.member)
        _repaint(svc, tx)
        gone, member = listed([one.shown for one in leaving]), spoken(svc, tx, whose.member)
        facts: Mapping[str, Json] = {"users": list(names), "member": whose.member, "by": actor}
        announce(svc, tx, (whose.member, actor), "unlinked", facts, f"{gone} is no longer {member}.")
        return f"{gone} is no longer {member}, and can approve nothing before an admin says who that is."

    said = await svc.store.write(unit)
    svc.wake()
    return said


def attach(svc: Services, tx: Tx, user: User, member: str, now: datetime) -> None:
    """From now on the user is ``member`` (nobody else where that is empty); what it wrote and decided
    until now is the member's, whose vote counts once."""
    tx.people.bind(user.chat, user.id, member, now)
    if member:
        tx.people.rename(user.name, member)
    _repaint(svc, tx)


def _repaint(svc: Services, tx: Tx) -> None:
    """People are put in their new places; cards name people, so all that is unfinished is shown again."""
    changed_people(tx)
    brands = seat_people(svc, tx)
    for post_id in {d.post_id for name in brands for d in tx.deliveries.unfinished(name, limit=10_000)}:
        tx.cards.touch(post_id)


def announce(
    svc: Services, tx: Tx, people: Sequence[str], what: str, facts: Mapping[str, Json], text: str
) -> None:
    """Written down, and said in the channels of every brand in which one of ``people`` is anybody."""
    now = svc.clock.now().isoformat()
    for name, brand in seat_people(svc, tx).items():
        if any(brand.role_of(person) > Role.NONE for person in people):
            audit(svc, tx, name, people[-1], what, facts=facts)
            tell_brand(svc, tx, name, f"{what}:{name}:{people[0]}:{now}", Message(text=text))


def spoken(svc: Services, tx: Tx, member: str) -> str:
    """A member as it may stand in a sentence: a user's own name where the member has no other."""
    chat, _, id_ = member.partition(":")
    return user_at(svc, tx, chat, id_).shown if chat in svc.teams and id_ else member


def _user(svc: Services, tx: Tx, user: str) -> User:
    """``"slack:U024BE7LH"`` → what is known of it; raises `BadInput`."""
    chat, _, id_ = user.replace(JOINER, "").strip().partition(":")
    if chat not in svc.teams or not id_:
        hint = did_you_mean(chat, svc.teams) or "; write it like chat:ID, as /whoami shows it"
        raise BadInput(f"“{user}” is no user of a chat{hint}")
    return user_at(svc, tx, chat, id_)


def _member(svc: Services, tx: Tx, brand: Brand, name: str) -> str:
    """The member that an admin named, as it is spelled; raises `NotFound`."""
    here = seat_people(svc, tx).get(brand.name, brand)
    chat, _, id_ = name.replace(JOINER, "").strip().partition(":")
    if chat in svc.teams and id_:
        return resolved(svc, tx, chat, id_)
    known = tuple(dict.fromkeys((*here.members(Role.VIEW), *svc.census.declared.values())))
    found = next((n for n in known if n.casefold() == name.strip().casefold()), None)
    if found is None:
        raise NotFound(f"Nobody in {brand.name} is called “{name}”{did_you_mean(name, known) or '.'}")
    return found


def _check_writable(svc: Services, user: User) -> None:
    if user.name in svc.census.declared:
        raise Conflict(
            f"The configuration says under [people] that {user.shown} is {user.member}; it is changed there."
        )


def _check_admin(svc: Services, tx: Tx, admin: str, *members: str) -> None:
    """People are the same in all brands, so it takes an admin of each in which one of them is anybody."""
    for brand in seat_people(svc, tx).values():
        touched = [m for m in members if brand.role_of(m) > Role.NONE]
        if touched and brand.role_of(admin) < Role.ADMIN:
            raise NotAllowed(
                f"{spoken(svc, tx, touched[0])} is a member of {brand.name} too, where you are no admin; "
                "whoever keeps the configuration can write it under [people]."
            )
