"""Becoming one person in two chats: a code that is shown in one and typed in the other.

Whoever types a code becomes the person who asked for it, never the other way round, and only if that
one may do at least as much. So nobody gains anything by talking somebody into typing a code; a code
is only worth keeping from others for whoever asked for it, and it is shown to nobody else.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import datetime, timedelta

from bot.domain.words import listed
from bot.errors import BadInput, Conflict, NotAllowed, UserError
from bot.ports import Tx
from bot.services.binding import User, announce, attach, spoken, user_at
from bot.services.context import Services
from bot.services.people import meet
from bot.services.seating import seat_people, users_of

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32 (crockford.com/base32.html): nothing in it is taken for something else."""

LENGTH = 15
"""Characters of a code, five bits each: 75 bits."""

LASTS = timedelta(minutes=10)
MOST_CODES, MOST_GUESSES, WITHIN = 5, 5, timedelta(minutes=10)
"""Codes that somebody may ask for, and wrong ones they may type, within that time."""

READ = str.maketrans("OIL", "011", "- \t")
"""What people type for what they read."""

BY_ADMIN = "An admin can put it right: /link --member and --user."


async def new_code(svc: Services, chat: str, user: str) -> str:
    """A code for the person alone, in groups of five; the one before it ends.

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
        raise Conflict("You have asked for many codes. The last one works; another comes in ten minutes.")
    await meet(svc, chat, user)  # so that the other side is told who asked
    return "-".join(code[at : at + 5] for at in range(0, LENGTH, 5))


async def join(svc: Services, chat: str, user: str, code: str) -> str:
    """Make the user who types a code the person who asked for it; returns what to tell.

    Raises `BadInput` for a code that is none (any more), `Conflict` and `NotAllowed` for two who
    cannot become one this way; then nothing changes, but the code is used up.
    """
    now, given = svc.clock.now(), _hashed(code.upper().translate(READ))
    await meet(svc, chat, user)

    def unit(tx: Tx) -> str | UserError:
        if not _may_try(tx, "guesses", f"{chat}:{user}", MOST_GUESSES, now):
            return Conflict("Too many codes that were none. Wait ten minutes, then ask for a new one.")
        found = tx.people.take_link(given, now)
        if found is None:
            return BadInput(
                "That code is not one of mine, or its ten minutes are over. /link shows a new one."
            )
        _forget_tries(tx, "guesses", f"{chat}:{user}")
        host, guest = user_at(svc, tx, *found), user_at(svc, tx, chat, user)
        return _refusal(svc, tx, host, guest) or _join(svc, tx, host, guest, now)

    said = await svc.store.write(unit)
    if not isinstance(said, str):
        raise said
    svc.wake()
    return said


def _refusal(svc: Services, tx: Tx, host: User, guest: User) -> UserError | None:
    """Why these two cannot become one by themselves."""
    who = spoken(svc, tx, host.member)
    if host.name == guest.name:
        return Conflict("That is your own code. Type it in the other chat, as you are known there.")
    if host.member == guest.member:
        return Conflict(f"Nothing to do: you are {who} here already.")
    if not guest.alone:
        return Conflict(f"You are {spoken(svc, tx, guest.member)} here, and that code is {who}'s. {BY_ADMIN}")
    if guest.was and guest.was != host.member:
        return Conflict(f"You were {spoken(svc, tx, guest.was)} here, and that code is {who}'s. {BY_ADMIN}")
    others = [
        user_at(svc, tx, *u.split(":", 1)).shown for u in users_of(svc, tx, guest.name) if u != guest.name
    ]
    if others:
        return Conflict(f"You are {listed(others)} already, and that code is {who}'s. {BY_ADMIN}")
    if any(b.role_of(guest.member) > b.role_of(host.member) for b in seat_people(svc, tx).values()):
        return NotAllowed(
            f"That code is of {host.shown}, who may do less than you. If that is you too, ask for the code "
            "here, with /link, and type it there. If somebody else gave it to you, tell an admin."
        )
    return None


def _join(svc: Services, tx: Tx, host: User, guest: User, now: datetime) -> str:
    attach(svc, tx, guest, host.member, now)
    who = spoken(svc, tx, host.member)
    facts = {"user": guest.name, "member": host.member, "with": host.name}
    announce(svc, tx, (host.member,), "linked", facts, f"{guest.shown} is {who} too: one person, one vote.")
    return f"You are {who} here from now on: one person, one vote. /unlink takes it back."


def _may_try(tx: Tx, what: str, name: str, most: int, now: datetime) -> bool:
    """Count one more try; False when there were too many of late."""
    key, since = f"linking:{what}:{name}", (now - WITHIN).timestamp()
    times = [at for at in json.loads(tx.meta.get(key) or "[]") if at > since]
    if len(times) >= most:
        return False
    tx.meta.put(key, json.dumps([*times, now.timestamp()]))
    return True


def _forget_tries(tx: Tx, what: str, name: str) -> None:
    tx.meta.put(f"linking:{what}:{name}", "[]")


def _hashed(code: str) -> str:
    return hashlib.sha256(f"clarion link {code}".encode()).hexdigest()
