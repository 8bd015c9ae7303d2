"""The outbox: what must be said once."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.domain.message import Message, Target
from bot.domain.records import Notice
from bot.store.columns import EPOCH
from bot.store.mapping import message_to_row, notice_from_row, notice_to_row
from bot.store.tables import UNSAID, notices
from bot.store.upserts import Upserts

n = notices.c
LAST = "\U0010ffff"
"""No key goes on with this character, so ``[prefix, prefix + LAST)`` holds all keys with the prefix."""

ID = sa.bindparam("a_id", type_=n.id.type)
DUE = (
    sa.select(notices)
    .where(sa.text(UNSAID), n.not_before <= sa.bindparam("now", type_=n.not_before.type))
    .order_by(n.not_before, n.id)
    .limit(sa.bindparam("n", type_=sa.Integer()))
)
TAKE = (
    sa.update(notices)
    .where(n.id.in_(sa.select(DUE.with_for_update(skip_locked=True).cte("ready").c.id)))
    .values(not_before=sa.bindparam("until", type_=n.not_before.type))
    .returning(*notices.columns)
)
BY_REF = (
    sa.select(notices)
    .where(
        n.chat == sa.bindparam("a_chat", type_=n.chat.type),
        n.channel == sa.bindparam("a_channel", type_=n.channel.type),
        n.ref == sa.bindparam("a_ref", type_=n.ref.type),
    )
    .order_by(n.id.desc())
    .limit(1)
)
OF_KEY = sa.select(notices).where(n.key == sa.bindparam("a_key", type_=n.key.type))
NOW = sa.bindparam("now", type_=n.not_before.type)
HERE = (
    sa.text(UNSAID),
    n.not_before <= NOW,
    n.chat == sa.bindparam("a_chat", type_=n.chat.type),
    n.channel == sa.bindparam("a_channel", type_=n.channel.type),
)
CHANNELS = sa.select(n.chat, n.channel).where(*HERE[:2]).distinct().order_by(n.chat, n.channel)
DUE_IN = sa.select(notices).where(*HERE).order_by(n.id).limit(sa.bindparam("n", type_=sa.Integer()))
TAKE_IN = (
    sa.update(notices)
    .where(n.id.in_(sa.select(DUE_IN.with_for_update(skip_locked=True).cte("ready").c.id)))
    .values(not_before=sa.bindparam("until", type_=n.not_before.type))
    .returning(*notices.columns)
)
ROUSE_IN = (
    sa.update(notices)
    .where(
        sa.text(UNSAID),
        n.not_before > NOW,
        n.chat == sa.bindparam("a_chat", type_=n.chat.type),
        n.tries > 0,
        sa.or_(n.since.is_(None), sa.bindparam("doubtful", type_=sa.Boolean())),
    )
    .values(not_before=NOW)
)
LATER = (
    sa.update(notices)
    .where(n.id == ID)
    .values(not_before=sa.bindparam("not_before"), since=sa.bindparam("since", type_=n.since.type))
)
WORDS = sa.bindparam("a_message", type_=n.message.type)
REVISE = (
    sa.update(notices)
    .where(n.key == sa.bindparam("a_key", type_=n.key.type), n.message != WORDS)
    .values(message=WORDS, sent=False, tries=0, not_before=sa.bindparam("not_before"))
)
SAID_SO = (
    sa.update(notices)
    .where(n.id == ID)
    .values(sent=n.message == WORDS, ref=sa.bindparam("ref"), since=None, tries=0, not_before=EPOCH)
)
SENT = sa.update(notices).where(n.id == ID).values(sent=True, ref=sa.bindparam("ref"))
FAILED = sa.update(notices).where(n.id == ID).values(tries=n.tries + 1, not_before=sa.bindparam("not_before"))
TRYING = (
    sa.update(notices)
    .where(n.id == ID)
    .values(since=sa.func.coalesce(n.since, sa.bindparam("since", type_=n.since.type)))
)
FORGET = (
    sa.update(notices)
    .where(n.key >= sa.bindparam("first", type_=n.key.type), n.key < sa.bindparam("last", type_=n.key.type))
    .values(key=sa.literal(" past ", n.key.type) + sa.cast(n.id, sa.Text) + " " + n.key)
)
ROUSE = (
    sa.update(notices)
    .where(sa.text(UNSAID), n.not_before > sa.bindparam("now", type_=n.not_before.type))
    .values(not_before=sa.bindparam("now", type_=n.not_before.type))
)


class SqlNotices:
    """`bot.ports.Notices` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts

    def put(self, notice: Notice) -> bool:
        row = notice_to_row(notice)
        return self._connection.execute(self._upserts.notice, row).scalar_one_or_none() is not None

    def due(self, now: datetime, limit: int = 50) -> tuple[Notice, ...]:
        rows = self._connection.execute(DUE, {"now": now, "n": limit})
        return tuple(notice_from_row(row) for row in rows)

    def take(self, now: datetime, *, until: datetime, limit: int = 50) -> tuple[Notice, ...]:
        rows = self._connection.execute(TAKE, {"now": now, "n": limit, "until": until})
        return tuple(sorted((notice_from_row(row) for row in rows), key=lambda notice: notice.id))

    def rouse(self, now: datetime) -> None:
        self._connection.execute(ROUSE, {"now": now})

    def channels(self, now: datetime) -> tuple[Target, ...]:
        rows = self._connection.execute(CHANNELS, {"now": now})
        return tuple(Target(chat=row.chat, channel=row.channel) for row in rows)

    def due_in(self, where: Target, now: datetime, limit: int) -> tuple[Notice, ...]:
        values = {"now": now, "n": limit, "a_chat": where.chat, "a_channel": where.channel}
        return tuple(notice_from_row(row) for row in self._connection.execute(DUE_IN, values))

    def take_in(self, where: Target, now: datetime, *, until: datetime, limit: int) -> tuple[Notice, ...]:
        values = {"now": now, "n": limit, "until": until, "a_chat": where.chat, "a_channel": where.channel}
        taken = (notice_from_row(row) for row in self._connection.execute(TAKE_IN, values))
        return tuple(sorted(taken, key=lambda notice: notice.id))

    def rouse_in(self, chat: str, now: datetime, *, doubtful: bool) -> None:
        self._connection.execute(ROUSE_IN, {"now": now, "a_chat": chat, "doubtful": doubtful})

    def revise(self, key: str, message: Message) -> bool:
        values = {"a_key": key, "a_message": message_to_row(message), "not_before": EPOCH}
        return self._connection.execute(REVISE, values).rowcount > 0

    def by_ref(self, chat: str, channel: str, ref: str) -> Notice | None:
        values = {"a_chat": chat, "a_channel": channel, "a_ref": ref}
        row = self._connection.execute(BY_REF, values).one_or_none()
        return None if row is None else notice_from_row(row)

    def of_key(self, key: str) -> Notice | None:
        row = self._connection.execute(OF_KEY, {"a_key": key}).one_or_none()
        return None if row is None else notice_from_row(row)

    def trying(self, notice_id: int, since: datetime) -> None:
        self._connection.execute(TRYING, {"a_id": notice_id, "since": since})

    def sent(self, notice_id: int, ref: str, *, message: Message | None = None) -> None:
        if message is None:
            self._connection.execute(SENT, {"a_id": notice_id, "ref": ref})
            return
        values = {"a_id": notice_id, "ref": ref, "a_message": message_to_row(message)}
        self._connection.execute(SAID_SO, values)

    def later(self, notice_id: int, not_before: datetime, *, since: datetime | None) -> None:
        self._connection.execute(LATER, {"a_id": notice_id, "not_before": not_before, "since": since})

    def failed(self, notice_id: int, *, not_before: datetime) -> None:
        self._connection.execute(FAILED, {"a_id": notice_id, "not_before": not_before})

    def forget(self, key_prefix: str) -> None:
        """The rows stay, under a name that begins with a space: their buttons still work,
        and what was not said yet still will be."""
        first = key_prefix or "!"
        self._connection.execute(FORGET, {"first": first, "last": key_prefix + LAST})
