"""Which users of the chats are one person: by a code that both prove, or by an admin's word.

Two users become one member only when each proves the other: the code is shown to one of them alone
and typed by the other. Whoever types it becomes the one who asked for it, never the other way round,
and only if that one may do at least as much: so talking somebody into typing a code gains nothing,
and a code need not be guarded from anybody but strangers to whom one would be lending oneself.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.message import Message
from bot.domain.people import Brand, Role
from bot.domain.roster import Roster
from bot.domain.words import did_you_mean, listed
from bot.errors import BadInput, Conflict, NotAllowed, NotFound
from bot.ports import Tx
from bot.services.context import Services
from bot.services.seating import changed_people, resolved, roster_of, seat_people, users_of
from bot.services.tell import audit, tell_brand

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing in it is taken for something else."""

LENGTH = 14
"""Characters of a code, five bits each: 70 bits."""

LASTS = timedelta(minutes=10)
MOST_CODES, MOST_GUESSES, WITHIN = 5, 5, timedelta(minutes=10)
"""Codes somebody may ask for, and wrong ones they may type, within that time."""


@dataclass(frozen=True, kw_only=True)
class User:
    """One user of one chat, and who that is at the moment."""

    chat: str
    id: str
    member: str

    @property
    def name(self) -> str:
        return f"{self.chat}:{self.id}"


async def new_code(svc: Services, chat: str, user: str) -> str:
    """A code for the person alone, as it is typed: ``"7K3M-9QAB-…"``; the one before it ends.

    Raises `Conflict` when it is asked for too often.
    """
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    now = svc.clock.now()

    def unit(tx: Tx) -> bool:
        if not _may_try(tx, "codes", f"{chat}:{user}", MOST_CODES, now):
            return False
        tx.people.put_link(_hashed(code), chat, user, now + LASTS)
        return True

    if not await svc.store.write(unit):
        raise Conflict("You have asked for many codes. The last one works; wait ten minutes for another.")
    return "-".join((code[:5], code[5:10], code[10:]))


async def join(svc: Services, chat: str, user: str, code: str) -> str:
    """Make the user who types a code the person who asked for it; returns what to tell.

    Raises `BadInput` for a code that is none (any more), `Conflict` and `NotAllowed` for two who
    cannot become one this way. Nothing changes then, but the code is used up.
    """
    now = svc.clock.now()
    given = code.upper().replace("-", "").replace(" ", "").translate(str.maketrans("OIL", "011"))

    def unit(tx: Tx) -> str | BadInput | Conflict | NotAllowed:
        if not _may_try(tx, "guesses", f"{chat}:{user}", MOST_GUESSES, now):
            return Conflict("Too many codes that were none. Wait ten minutes, then ask for a new one.")
        found = tx.people.take_link(_hashed(given), now)
        if found is None:
            return BadInput("That code is not one of mine, or its ten minutes are over. /link shows a new one.")
        _forget_tries(tx, "guesses", f"{chat}:{user}")
        host, guest = _user(svc, tx, *found), _user(svc, tx, chat, user)
        refusal = _refusal(svc, tx, host, guest)
        return refusal if refusal is not None else _join(svc, tx, host, guest, now)

    said = await svc.store.write(unit)
    if not isinstance(said, str):
        raise said
    svc.wake()
    return said


def _refusal(svc: Services, tx: Tx, host: User, guest: User) -> Conflict | NotAllowed | None:
    """Why these two cannot become one by themselves."""
    if host.member == guest.member:
        same = "that is you, here" if host.name == guest.name else "they are one person already"
        return Conflict(f"Nothing to do: {same}. Type the code in the other chat." if host.name == guest.name
                        else f"Nothing to do: {same}.")  # fmt: skip
    if guest.name in svc.census.declared or guest.member != guest.name:
        return Conflict(f"You are {guest.member} here already, and that code is {host.member}'s. {_by_admin(svc, tx)}")
    others = [u for u in users_of(svc, tx, guest.member) if u != guest.name]
    row = tx.people.get(guest.chat, guest.id)
    if others or (row is not None and row.was and row.was != host.member):
        belongs = listed(others) if others else row.was if row else ""
        return Conflict(f"You belong to {belongs} already, and that code is {host.member}'s. {_by_admin(svc, tx)}")
    brands = seat_people(svc, tx).values()
    if any(brand.role_of(guest.member) > brand.role_of(host.member) for brand in brands):
        return NotAllowed(
            "That code is of somebody who may do less than you here. If that is you too, ask for the code "
            "here, with /link, and type it there. If somebody else gave it to you, tell an admin."
        )
    return None


def _join(svc: Services, tx: Tx, host: User, guest: User, now: datetime) -> str:
    _bind(svc, tx, guest, host.member, now)
    _announce(svc, tx, host.member, host.member, "linked", {"user": guest.name, "with": host.name})
    return (
        f"{guest.name} and {host.name} are one person from now on: {host.member}, with one vote. "
        f"/unlink takes it back."
    )


def _bind(svc: Services, tx: Tx, user: User, member: str, now: datetime) -> None:
    """What the user wrote and decided until now is the member's, whose vote counts once."""
    tx.people.bind(user.chat, user.id, member, now)
    tx.people.rename(user.name, member)
    _touch(tx, seat_people(svc, tx))
    changed_people(tx)
    seat_people(svc, tx)


async def bind(svc: Services, brand: Brand, admin: str, name: str, user: str) -> str:
    """An admin says who a user is; returns what to tell.

    Raises `BadInput`, `NotFound`, `NotAllowed` and `Conflict` in one sentence.
    """
    now = svc.clock.now()

    def unit(tx: Tx) -> str:
        chat, id_ = _place(svc, user)
        whose = _user(svc, tx, chat, id_)
        member = _member(svc, tx, brand, name)
        _check_admin(svc, tx, admin, whose.member, member)
        if whose.name in svc.census.declared:
            raise Conflict(_read_only(svc, whose.name))
        if whose.member == member:
            return f"{whose.name} is {member} already."
        if whose.member != whose.name:
            _void(tx, whose.member)
        for other in users_of(svc, tx, whose.name):
            if other not in (whose.name, *svc.census.declared):
                tx.people.bind(*other.split(":", 1), member, now)  # type: ignore[misc, arg-type]  # chat and id
        if whose.name == member:
            tx.people.bind(chat, id_, "", now)
        else:
            _bind(svc, tx, whose, member, now)
        changed_people(tx)
        seat_people(svc, tx)
        _announce(svc, tx, member, admin, "linked", {"user": whose.name, "was": whose.member})
        return f"{whose.name} is {member} from now on."

    said = await svc.store.write(unit)
    svc.wake()
    return said


async def unbind(svc: Services, brand: Brand, actor: str, user: str, *, by_admin: bool) -> str:
    """Take a user away from the member it is; returns what to tell.

    It has voted as that member and could do so again as itself, so it signs nothing before an admin
    has said who it is. What the member signed until now no longer counts when an admin does this:
    nobody knows any more whose hand it was.
    """
    now = svc.clock.now()

    def unit(tx: Tx) -> str:
        chat, id_ = _place(svc, user)
        whose = _user(svc, tx, chat, id_)
        if whose.name in svc.census.declared:
            raise Conflict(_read_only(svc, whose.name))
        if by_admin:
            _check_admin(svc, tx, actor, whose.member, whose.member)
        leaving = [whose.name]
        if whose.member == whose.name:  # the others are known by its name: all of them leave
            leaving = [u for u in users_of(svc, tx, whose.name) if u != whose.name]
            if not leaving:
                raise NotFound(f"{whose.name} is linked to nobody.")
        for name in leaving:
            place, _, other = name.partition(":")
            tx.people.bind(place, other, "", now, was=whose.member)
        if by_admin:
            _void(tx, whose.member)
        _touch(tx, seat_people(svc, tx))
        changed_people(tx)
        seat_people(svc, tx)
        _announce(svc, tx, whose.member, actor, "unlinked", {"users": list(leaving)})
        gone = listed(leaving)
        return (
            f"{gone} {'is' if len(leaving) == 1 else 'are'} no longer {whose.member}, and cannot approve anything "
            f"before an admin says who that is."
        )

    said = await svc.store.write(unit)
    svc.wake()
    return said


def _user(svc: Services, tx: Tx, chat: str, id_: str) -> User:
    return User(chat=chat, id=id_, member=resolved(svc, tx, chat, id_))


def _place(svc: Services, user: str) -> tuple[str, str]:
    """``"slack:U024BE7LH"`` → chat and id; raises `BadInput`."""
    chat, _, id_ = user.strip().partition(":")
    if chat not in svc.teams or not id_:
        hint = did_you_mean(chat, svc.teams)
        raise BadInput(f"“{user}” is no user of a chat{hint or '; write it like chat:ID, as /whoami shows it'}")
    return chat, id_


def _member(svc: Services, tx: Tx, brand: Brand, name: str) -> str:
    """The member that an admin named, as it is spelled; raises `NotFound`."""
    here = seat_people(svc, tx).get(brand.name, brand)
    known = tuple(dict.fromkeys((*here.members(Role.VIEW), *svc.census.declared.values())))
    chat, _, id_ = name.partition(":")
    spelled = resolved(svc, tx, chat, id_) if chat in svc.teams and id_ else here.spelled(name)
    found = next((n for n in known if n.casefold() == spelled.casefold()), None)
    if found is None and chat in svc.teams and id_:
        return spelled
    if found is None:
        raise NotFound(f"Nobody in {brand.name} is called “{name}”{did_you_mean(name, known) or '.'}")
    return found


def _check_admin(svc: Services, tx: Tx, admin: str, *members: str) -> None:
    """People are the same in all brands, so it takes an admin of each in which one of them is anybody."""
    for brand in seat_people(svc, tx).values():
        touched = [m for m in members if brand.role_of(m) > Role.NONE]
        if touched and brand.role_of(admin) < Role.ADMIN:
            raise NotAllowed(
                f"{touched[0]} is a member of {brand.name} too, where you are no admin; whoever keeps the "
                f"configuration can write it under [people]."
            )


def _read_only(svc: Services, user: str) -> str:
    return (
        f"The configuration says that {user} is {svc.census.declared[user]} ([people]), so it is changed there, "
        "not here."
    )


def _by_admin(svc: Services, tx: Tx) -> str:
    return "An admin can put it right with /link --member and --user."


def _void(tx: Tx, member: str) -> None:
    """What somebody signed and what is not out yet no longer counts; they may sign again."""
    for delivery in tx.deliveries.unfinished(limit=100_000):
        tx.votes.drop(delivery.id, member)


def _touch(tx: Tx, brands: Mapping[str, Brand]) -> None:
    """Cards name people: those of everything unfinished are painted again."""
    for post_id in {d.post_id for name in brands for d in tx.deliveries.unfinished(name, limit=10_000)}:
        tx.cards.touch(post_id)


def _announce(svc: Services, tx: Tx, member: str, who: str, what: str, facts: Mapping[str, object]) -> None:
    """Written down, and said in the channels of every brand in which the member is anybody."""
    users = facts.get("user") or listed([str(u) for u in facts.get("users", ())])  # type: ignore[attr-defined]
    for name, brand in seat_people(svc, tx).items():
        if brand.role_of(member) is Role.NONE and brand.role_of(who) is Role.NONE:
            continue
        audit(svc, tx, name, who, what, facts={"member": member, **facts})  # type: ignore[dict-item]  # JSON
        if what == "linked":
            text = f"{users} is {member} from now on (said {who})." if who != member else f"{users} is {member} too."
        else:
            text = f"{users} is no longer {member}."
        key = f"{what}:{name}:{member}:{users}:{svc.clock.now().isoformat()}"
        tell_brand(svc, tx, name, key, Message(text=text))


def _may_try(tx: Tx, what: str, name: str, most: int, now: datetime) -> bool:
    """Count one more try; False when there were too many of late."""
    key = f"linking:{what}:{name}"
    times = [t for t in json.loads(tx.meta.get(key) or "[]") if t > (now - WITHIN).timestamp()]
    if len(times) >= most:
        return False
    tx.meta.put(key, json.dumps([*times, now.timestamp()]))
    return True


def _forget_tries(tx: Tx, what: str, name: str) -> None:
    tx.meta.put(f"linking:{what}:{name}", "[]")


def _hashed(code: str) -> str:
    return hashlib.sha256(f"clarion link {code}".encode()).hexdigest()


def roster_now(svc: Services, tx: Tx) -> Roster:
    """Who is who, for whoever explains it."""
    return roster_of(svc, tx)
