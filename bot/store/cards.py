"""Cards: which chat messages show which post, and which want repainting."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from bot.domain.message import Target
from bot.domain.records import Card
from bot.store.columns import EPOCH
from bot.store.mapping import card_from_row, card_to_row
from bot.store.tables import STALE_CARD, cards

c = cards.c
ID = sa.bindparam("a_id", type_=c.id.type)
POST = sa.bindparam("a_post", type_=c.post_id.type)
REV = sa.bindparam("rev", type_=c.painted.type)

INSERT = sa.insert(cards).returning(c.id)
ONE = sa.select(cards).where(c.id == ID)
OF_POST = sa.select(cards).where(c.post_id == POST).order_by(c.id)
BY_REF = (
    sa.select(cards)
    .where(
        c.chat == sa.bindparam("a_chat", type_=c.chat.type),
        c.channel == sa.bindparam("a_channel", type_=c.channel.type),
        c.ref == sa.bindparam("a_ref", type_=c.ref.type),
    )
    .order_by(c.id.desc())
    .limit(1)
)
ARRIVING = (
    sa.select(sa.literal(1))
    .where(
        c.chat == sa.bindparam("a_chat", type_=c.chat.type),
        c.channel == sa.bindparam("a_channel", type_=c.channel.type),
        c.ref.is_(None),
        c.since.is_not(None),
    )
    .limit(1)
)
TOUCH = sa.update(cards).where(c.post_id == POST).values(wanted=c.wanted + 1)
STALE = (
    sa.select(cards)
    .where(sa.text(STALE_CARD), c.not_before <= sa.bindparam("now", type_=c.not_before.type))
    .order_by(c.not_before, c.id)
    .limit(sa.bindparam("n", type_=sa.Integer()))
)
TAKE = (
    sa.update(cards)
    .where(c.id.in_(sa.select(STALE.with_for_update(skip_locked=True).cte("ready").c.id)))
    .values(not_before=sa.bindparam("until", type_=c.not_before.type))
    .returning(*cards.columns)
)
NOW = sa.bindparam("now", type_=c.not_before.type)
HERE = (
    sa.text(STALE_CARD),
    c.not_before <= NOW,
    c.chat == sa.bindparam("a_chat", type_=c.chat.type),
    c.channel == sa.bindparam("a_channel", type_=c.channel.type),
)
CHANNELS = sa.select(c.chat, c.channel).where(*HERE[:2]).distinct().order_by(c.chat, c.channel)
STALE_IN = (
    sa.select(cards)
    .where(*HERE)
    .order_by(c.ref.is_not(None), sa.case((c.ref.is_(None), c.id)), c.id.desc())
    .limit(sa.bindparam("n", type_=sa.Integer()))
)
TAKE_IN = (
    sa.update(cards)
    .where(c.id.in_(sa.select(STALE_IN.with_for_update(skip_locked=True).cte("ready").c.id)))
    .values(not_before=sa.bindparam("until", type_=c.not_before.type))
    .returning(*cards.columns)
)
ROUSE_IN = (
    sa.update(cards)
    .where(
        sa.text(STALE_CARD),
        c.not_before > NOW,
        c.chat == sa.bindparam("a_chat", type_=c.chat.type),
        c.tries > 0,
        sa.or_(c.since.is_(None), sa.bindparam("doubtful", type_=sa.Boolean())),
    )
    .values(not_before=NOW)
)
LATER = (
    sa.update(cards)
    .where(c.id == ID)
    .values(not_before=sa.bindparam("not_before"), since=sa.bindparam("since", type_=c.since.type))
)
PAINTED = (
    sa.update(cards)
    .where(c.id == ID)
    .values(
        painted=sa.case((c.painted > REV, c.painted), else_=REV),
        ref=sa.bindparam("ref"),
        tries=0,
        not_before=EPOCH,
        since=None,
    )
)
FAILED = sa.update(cards).where(c.id == ID).values(tries=c.tries + 1, not_before=sa.bindparam("not_before"))
TRYING = (
    sa.update(cards)
    .where(c.id == ID)
    .values(since=sa.func.coalesce(c.since, sa.bindparam("since", type_=c.since.type)))
)
ROUSE = (
    sa.update(cards)
    .where(sa.text(STALE_CARD), c.not_before > sa.bindparam("now", type_=c.not_before.type))
    .values(not_before=sa.bindparam("now", type_=c.not_before.type))
)


class SqlCards:
    """`bot.ports.Cards` on a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, card: Card) -> Card:
        return replace(card, id=self._connection.execute(INSERT, card_to_row(card)).scalar_one())

    def get(self, card_id: int) -> Card | None:
        row = self._connection.execute(ONE, {"a_id": card_id}).one_or_none()
        return None if row is None else card_from_row(row)

    def of_post(self, post_id: int) -> tuple[Card, ...]:
        return tuple(card_from_row(row) for row in self._connection.execute(OF_POST, {"a_post": post_id}))

    def rouse(self, now: datetime) -> None:
        self._connection.execute(ROUSE, {"now": now})

    def by_ref(self, chat: str, channel: str, ref: str) -> Card | None:
        values = {"a_chat": chat, "a_channel": channel, "a_ref": ref}
        row = self._connection.execute(BY_REF, values).one_or_none()
        return None if row is None else card_from_row(row)

    def arriving(self, chat: str, channel: str) -> bool:
        values = {"a_chat": chat, "a_channel": channel}
        return self._connection.execute(ARRIVING, values).first() is not None

    def touch(self, post_id: int) -> None:
        self._connection.execute(TOUCH, {"a_post": post_id})

    def stale(self, now: datetime, limit: int = 50) -> tuple[Card, ...]:
        """Those that have waited longest first."""
        rows = self._connection.execute(STALE, {"now": now, "n": limit})
        return tuple(card_from_row(row) for row in rows)

    def take(self, now: datetime, *, until: datetime, limit: int = 50) -> tuple[Card, ...]:
        rows = self._connection.execute(TAKE, {"now": now, "n": limit, "until": until})
        return tuple(sorted((card_from_row(row) for row in rows), key=lambda card: card.id))

    def channels(self, now: datetime) -> tuple[Target, ...]:
        rows = self._connection.execute(CHANNELS, {"now": now})
        return tuple(Target(chat=row.chat, channel=row.channel) for row in rows)

    def stale_in(self, where: Target, now: datetime, limit: int) -> tuple[Card, ...]:
        values = {"now": now, "n": limit, "a_chat": where.chat, "a_channel": where.channel}
        return tuple(card_from_row(row) for row in self._connection.execute(STALE_IN, values))

    def take_in(self, where: Target, now: datetime, *, until: datetime, limit: int) -> tuple[Card, ...]:
        values = {"now": now, "n": limit, "until": until, "a_chat": where.chat, "a_channel": where.channel}
        taken = [card_from_row(row) for row in self._connection.execute(TAKE_IN, values)]
        return tuple(sorted(taken, key=lambda k: (k.ref is not None, k.id if k.ref is None else -k.id)))

    def rouse_in(self, chat: str, now: datetime, *, doubtful: bool) -> None:
        self._connection.execute(ROUSE_IN, {"now": now, "a_chat": chat, "doubtful": doubtful})

    def trying(self, card_id: int, since: datetime) -> None:
        self._connection.execute(TRYING, {"a_id": card_id, "since": since})

    def painted(self, card_id: int, *, rev: int, ref: str) -> None:
        """An older painting that ends late does not make a card look older than it is."""
        self._connection.execute(PAINTED, {"a_id": card_id, "rev": rev, "ref": ref})

    def later(self, card_id: int, not_before: datetime, *, since: datetime | None) -> None:
        self._connection.execute(LATER, {"a_id": card_id, "not_before": not_before, "since": since})

    def failed(self, card_id: int, *, not_before: datetime) -> None:
        self._connection.execute(FAILED, {"a_id": card_id, "not_before": not_before})
