"""Users of the chat services, the members they are, and the groups they are in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from bot.domain.approval import SEVERITY, Vote
from bot.domain.records import Group, Identity
from bot.store.tables import (
    UNFINISHED,
    deliveries,
    groups,
    identities,
    kept,
    links,
    posts,
    reminders,
    versions,
    votes,
)
from bot.store.upserts import Upserts

i, x, v = identities.c, links.c, votes.c
d = deliveries.alias("of_post").c
OLD, NEW = sa.bindparam("old", type_=v.member.type), sa.bindparam("new", type_=v.member.type)
NAMES = sa.bindparam("names", type_=v.member.type, expanding=True)

ONE = sa.select(identities).where(
    i.chat == sa.bindparam("a_chat", type_=i.chat.type),
    i.user_id == sa.bindparam("a_user", type_=i.user_id.type),
)
ALL = sa.select(identities).order_by(i.chat, i.user_id)
OF_MEMBER = ALL.where(i.member == sa.bindparam("a_member", type_=i.member.type))
DROP_LINKS = sa.delete(links).where(
    x.chat == sa.bindparam("a_chat", type_=x.chat.type),
    x.user_id == sa.bindparam("a_user", type_=x.user_id.type),
)
TAKE_LINK = sa.delete(links).where(x.code == sa.bindparam("a_code", type_=x.code.type)).returning(*x)
OLD_LINKS = sa.delete(links).where(x.expires_at <= sa.bindparam("now", type_=x.expires_at.type))
GROUPS = sa.select(groups).order_by(groups.c.chat, groups.c.name)

KNOWN = sa.union(
    sa.select(posts.c.author.label("name")).where(posts.c.author.in_(NAMES)),
    sa.select(v.member).where(v.member.in_(NAMES)),
    sa.select(kept.c.member).where(kept.c.member.in_(NAMES)),
)
WROTE = (
    sa.update(posts).where(posts.c.author == OLD).values(author=NEW),
    sa.update(versions).where(versions.c.author == OLD).values(author=NEW),
)
VOTES = sa.select(votes).where(v.member == OLD)
VOTE = sa.select(votes).where(
    v.delivery_id == sa.bindparam("a_delivery", type_=v.delivery_id.type), v.member == NEW
)
DROP_VOTES = sa.delete(votes).where(v.member == OLD)
OPEN_POSTS = sa.select(deliveries.c.post_id).where(sa.text(UNFINISHED))
VOID = sa.delete(votes).where(
    v.member == OLD,
    v.delivery_id.in_(sa.select(d.id).where(d.post_id.in_(OPEN_POSTS))),
)
theirs = kept.alias("theirs")
DROP_KEPT = sa.delete(kept).where(
    kept.c.member == OLD, kept.c.post_id.in_(sa.select(theirs.c.post_id).where(theirs.c.member == NEW))
)
KEPT = sa.update(kept).where(kept.c.member == OLD).values(member=NEW)
CALLED = sa.select(reminders)
CALL = sa.update(reminders).where(
    reminders.c.post_id == sa.bindparam("a_post", type_=reminders.c.post_id.type),
    reminders.c.fingerprint == sa.bindparam("a_print", type_=reminders.c.fingerprint.type),
    reminders.c.step == sa.bindparam("a_step", type_=reminders.c.step.type),
)


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

    def bind(self, chat: str, user_id: str, member: str, at: datetime, *, was: str = "") -> None:
        fresh = Identity(chat=chat, user_id=user_id, member=member, was=was, seen_at=at)
        self._connection.execute(self._upserts.bind, vars(fresh))

    def known_as(self, names: Collection[str]) -> tuple[str, ...]:
        if not names:
            return ()
        found = {row.name for row in self._connection.execute(KNOWN, {"names": list(names)})}
        for row in self._connection.execute(CALLED):
            found.update(set(row.called) & set(names))
        return tuple(sorted(found))

    def rename(self, old: str, new: str) -> None:
        names = {"old": old, "new": new}
        for statement in WROTE:
            self._connection.execute(statement, names)
        for row in self._connection.execute(VOTES, {"old": old}).all():
            self._merge(Vote(**{**row._mapping, "member": new}))
        self._connection.execute(DROP_VOTES, {"old": old})
        self._connection.execute(DROP_KEPT, names)
        self._connection.execute(KEPT, names)
        for row in self._connection.execute(CALLED).all():
            if old in row.called:
                called = list(dict.fromkeys(new if name == old else name for name in row.called))
                key = {"a_post": row.post_id, "a_print": row.fingerprint, "a_step": row.step}
                self._connection.execute(CALL.values(called=called), key)

    def _merge(self, vote: Vote) -> None:
        """Keep the newer of one person's two votes; of the same instant the one that stops more."""
        given = {"a_delivery": vote.delivery_id, "new": vote.member}
        row = self._connection.execute(VOTE, given).one_or_none()
        if row is not None and _weight(Vote(**row._mapping)) >= _weight(vote):
            return
        self._connection.execute(self._upserts.vote, vars(vote))

    def void(self, member: str) -> None:
        self._connection.execute(VOID, {"old": member})

    def put_link(self, code: str, chat: str, user_id: str, expires_at: datetime) -> None:
        self._connection.execute(DROP_LINKS, {"a_chat": chat, "a_user": user_id})
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


def _weight(vote: Vote) -> tuple[datetime, int]:
    return vote.at, SEVERITY.index(vote.choice)
