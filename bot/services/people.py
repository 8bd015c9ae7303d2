"""Who somebody in a chat is, and how the others see them: members, users of a chat, names to show."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from bot.domain.marks import unmarked
from bot.domain.message import Field, Message
from bot.domain.people import Brand
from bot.domain.records import Identity
from bot.domain.words import clean
from bot.errors import ChatError
from bot.ports import Tx
from bot.services.context import Services
from bot.services.seating import users_of

NAMED_FOR = timedelta(days=1)
"""How long a name that a service told is shown before it is asked again."""

ASK_AGAIN = timedelta(minutes=10)
"""How long a service is left alone about somebody whom it did not know, or could not tell."""

LONGEST_NAME, MOST_LOOKUPS, PATIENCE = 40, 10, 4.0
"""Characters of a name; people looked up for one message; seconds for one of them."""


JOINER = "\u2060"
"""An invisible character (word joiner), which `bot.services.binding` reads over."""


async def member_of(svc: Services, brand: Brand, chat: str, user: str) -> str:
    """The member that a chat's user is.

    At the console people are whom they say. Elsewhere nobody is a member by the name they gave
    themselves: it is the service's id that is bound to one, and who is not bound is ``chat:id``.
    """
    if chat not in svc.teams:
        return brand.spelled(user)
    known, member = await svc.store.read(
        lambda tx: (tx.people.get(chat, user), resolved(svc, tx, chat, user))
    )
    if known is None:
        await _met(svc, chat, user)
    return brand.spelled(member)


async def _met(svc: Services, chat: str, user: str) -> None:
    met = Identity(chat=chat, user_id=user, seen_at=svc.clock.now() - NAMED_FOR)
    await svc.store.write(lambda tx: None if tx.people.get(chat, user) else tx.people.see(met))


async def meet(svc: Services, chat: str, user: str) -> None:
    """Ask the service by what name a user goes, so that others can be told who is meant."""
    if chat in svc.teams and user:
        await _met(svc, chat, user)
        await names_of(svc, [f"{chat}:{user}"])


def resolved(svc: Services, tx: Tx, chat: str, user: str) -> str:
    """The member that a user is by configuration and rows, else ``chat:id``."""
    name = f"{chat}:{user}"
    for _ in range(8):
        declared = svc.census.declared.get(name)
        place, _, id_ = name.partition(":")
        row = tx.people.get(place, id_) if declared is None and id_ else None
        further = declared or (row.member if row else "")
        if not further or further == name:
            break
        name = further
    return name


async def known_as(svc: Services, member: str, chat: str) -> str | None:
    """The id by which a member can be spoken to in a chat; None when nobody knows it."""
    found = await svc.store.read(lambda tx: users_of(svc, tx, member, chat))
    return found[0] if found else None


async def dressed(svc: Services, message: Message, chat: str) -> Message:
    """The message as people of ``chat`` read it: users nobody has bound by the names they go by there,
    and ``mentions`` as the chat's own ids (who has none there is left out)."""
    teams = svc.teams
    if not teams or (not message.mentions and ":" not in _all_text(message)):
        return message
    pattern = re.compile(
        rf"(?<![\w:/@.])((?:{'|'.join(map(re.escape, teams))}):[A-Za-z0-9]{{3,40}})(?![\w:/])"
    )
    users = tuple(dict.fromkeys(pattern.findall(_all_text(message))))
    mentions = message.mentions
    if mentions:
        mentions = await svc.store.read(lambda tx: tuple(_ids(svc, tx, message.mentions, chat)))
    if not users:
        return replace(message, mentions=mentions)
    names = await names_of(svc, users)

    def put(text: str) -> str:
        return pattern.sub(lambda found: names.get(found[1], found[1]), text)

    return replace(
        message,
        text=put(message.text),
        title=put(message.title),
        status=put(message.status),
        footer=put(message.footer),
        fields=tuple(Field(name=put(f.name), value=put(f.value)) for f in message.fields),
        mentions=mentions,
    )


def undressed(user: str) -> str:
    """A user (``chat:id``) where the id itself is to be read: `dressed` puts no name for it."""
    return user.replace(":", f":{JOINER}", 1)


def _ids(svc: Services, tx: Tx, members: Iterable[str], chat: str) -> list[str]:
    found = (users_of(svc, tx, member, chat)[:1] for member in members)
    return list(dict.fromkeys(user for users in found for user in users))


def _all_text(message: Message) -> str:
    fields = (text for f in message.fields for text in (f.name, f.value))
    return "\n".join((message.text, message.title, message.status, message.footer, *fields))


async def names_of(svc: Services, users: Iterable[str]) -> Mapping[str, str]:
    """User (``chat:id``) → what to show: the member it is, else the name it goes by.

    Only of people who were met before or have a role; a name that a member or somebody else has too is
    shown with the id behind it, so that nobody is taken for another.
    """
    asked = tuple(dict.fromkeys(users))
    members = await svc.store.read(lambda tx: {u: resolved(svc, tx, *u.split(":", 1)) for u in asked})
    # a user that is another user goes by that one's name
    unnamed = [m for m in dict.fromkeys(members.values()) if m.partition(":")[0] in svc.teams]
    rows = await _known(svc, unnamed)
    if _stale(svc, rows):
        async with svc.census.naming:  # whoever came before may have asked
            await _look_up(svc, _stale(svc, await _known(svc, unnamed)))
        rows = await _known(svc, unnamed)
    names = {user: row.name for user, row in rows.items() if row.name}
    taken = {name.casefold() for name in _holders(svc)}
    folded = [name.casefold() for name in names.values()]
    shown = {
        user: f"{name} ({user})" if name.casefold() in taken or folded.count(name.casefold()) > 1 else name
        for user, name in names.items()
    }
    return {user: shown.get(member, member) for user, member in members.items()}


def _holders(svc: Services) -> frozenset[str]:
    """Everybody who has a role anywhere."""
    return frozenset(n for brand in svc.brands.values() for names in brand.roles.values() for n in names)


async def _known(svc: Services, users: Iterable[str]) -> dict[str, Identity]:
    """What is known of those who were met or have a role."""
    held, now = _holders(svc), svc.clock.now()

    def unit(tx: Tx) -> dict[str, Identity]:
        found: dict[str, Identity] = {}
        for user in users:
            chat, _, id_ = user.partition(":")
            row = tx.people.get(chat, id_)
            if row is not None or user in held:
                found[user] = row or Identity(chat=chat, user_id=id_, seen_at=now - NAMED_FOR)
        return found

    return await svc.store.read(unit)


def _stale(svc: Services, rows: Mapping[str, Identity]) -> list[str]:
    """Whom to ask a service about."""
    now, tried = svc.clock.now(), svc.census.tried
    old = [user for user, row in rows.items() if now - row.seen_at >= NAMED_FOR]
    return [user for user in old if not (user in tried and now - tried[user] < ASK_AGAIN)][:MOST_LOOKUPS]


async def _look_up(svc: Services, users: list[str]) -> None:
    """Ask the services who these are, and keep it; who could not be asked is asked later."""
    found = [identity for identity in await asyncio.gather(*(_profile(svc, u) for u in users)) if identity]

    def unit(tx: Tx) -> None:
        for identity in found:
            tx.people.see(identity)

    if found:
        await svc.store.write(unit)
    svc.census.tried.update(dict.fromkeys(users, svc.clock.now()))


async def _profile(svc: Services, user: str) -> Identity | None:
    chat, _, id_ = user.partition(":")
    team = svc.teams.get(chat)
    if team is None:
        return None
    try:
        async with asyncio.timeout(PATIENCE):
            profile = await team.profile(id_)
    except (ChatError, OSError, TimeoutError) as error:
        svc.log.info("profile_unread", chat=chat, error=type(error).__name__)
        return None
    if profile is None:
        return None
    return Identity(
        chat=chat, user_id=id_, name=_safe(profile.name), zone=profile.zone, seen_at=svc.clock.now()
    )


def _safe(name: str) -> str:
    """A name that cannot steer what shows it, nor fill a card."""
    short = " ".join(unmarked(clean(name)).split())
    return short if len(short) <= LONGEST_NAME else f"{short[: LONGEST_NAME - 1]}…"
