"""The outbox: what must be said once."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.domain.records import Notice
from bot.store.mapping import notice_from_row, notice_to_row
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

    def by_ref(self, chat: str, channel: str, ref: str) -> Notice | None:
        values = {"a_chat": chat, "a_channel": channel, "a_ref": ref}
        row = self._connection.execute(BY_REF, values).one_or_none()
        return None if row is None else notice_from_row(row)

    def trying(self, notice_id: int, since: datetime) -> None:
        self._connection.execute(TRYING, {"a_id": notice_id, "since": since})

    def sent(self, notice_id: int, ref: str) -> None:
        self._connection.execute(SENT, {"a_id": notice_id, "ref": ref})

    def failed(self, notice_id: int, *, not_before: datetime) -> None:
        self._connection.execute(FAILED, {"a_id": notice_id, "not_before": not_before})

    def forget(self, key_prefix: str) -> None:
        """The rows stay, under a name that begins with a space: their buttons still work,
        and what was not said yet still will be."""
        first = key_prefix or "!"
        self._connection.execute(FORGET, {"first": first, "last": key_prefix + LAST})
