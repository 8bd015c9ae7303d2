"""Users of the chat services, the members they are, and the groups they are in."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.domain.records import Group, Identity
from bot.store.tables import groups, identities, links
from bot.store.upserts import Upserts

i, x = identities.c, links.c
ONE = sa.select(identities).where(
    i.chat == sa.bindparam("a_chat", type_=i.chat.type),
    i.user_id == sa.bindparam("a_user", type_=i.user_id.type),
)
ALL = sa.select(identities).order_by(i.chat, i.user_id)
OF_MEMBER = ALL.where(i.member == sa.bindparam("a_member", type_=i.member.type))
TAKE_LINK = sa.delete(links).where(x.code == sa.bindparam("a_code", type_=x.code.type)).returning(*x)
OLD_LINKS = sa.delete(links).where(x.expires_at <= sa.bindparam("now", type_=x.expires_at.type))
GROUPS = sa.select(groups).order_by(groups.c.chat, groups.c.name)


class SqlPeople:
    """`bot.ports.People` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts

    def get(self, chat: str, user_id: str) -> Identity | None:
        row = self._connection.execute(ONE, {"a_chat": chat, "a_user": user_id}).one_or_none()
        return None if row is None else Identity(**row._mapping)

    def all(self) -> tuple[Identity, ...]:
        return tuple(Identity(**row._mapping) for row in self._connection.execute(ALL))

    def of_member(self, member: str) -> tuple[Identity, ...]:
        rows = self._connection.execute(OF_MEMBER, {"a_member": member})
        return tuple(Identity(**row._mapping) for row in rows)

    def see(self, identity: Identity) -> None:
        self._connection.execute(self._upserts.seen, vars(identity))

    def bind(self, chat: str, user_id: str, member: str, at: datetime) -> None:
        row = {"chat": chat, "user_id": user_id, "member": member, "name": "", "zone": "", "seen_at": at}
        self._connection.execute(self._upserts.bind, row)

    def put_link(self, code: str, chat: str, user_id: str, expires_at: datetime) -> None:
        row = {"code": code, "chat": chat, "user_id": user_id, "expires_at": expires_at}
        self._connection.execute(self._upserts.link, row)

    def take_link(self, code: str, now: datetime) -> tuple[str, str] | None:
        self._connection.execute(OLD_LINKS, {"now": now})
        row = self._connection.execute(TAKE_LINK, {"a_code": code}).one_or_none()
        return None if row is None else (row.chat, row.user_id)

    def groups(self) -> tuple[Group, ...]:
        rows = self._connection.execute(GROUPS)
        return tuple(Group(**{**row._mapping, "users": tuple(row.users)}) for row in rows)

    def keep_group(self, group: Group) -> None:
        self._connection.execute(self._upserts.group, {**vars(group), "users": list(group.users)})
