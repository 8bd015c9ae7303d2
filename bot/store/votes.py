"""Votes: one standing opinion for each person and delivery."""

from __future__ import annotations

import sqlalchemy as sa

from bot.domain.approval import Vote
from bot.store.tables import deliveries, votes
from bot.store.upserts import Upserts

v = votes.c
DROP = sa.delete(votes).where(
    v.delivery_id == sa.bindparam("a_delivery", type_=v.delivery_id.type),
    v.member == sa.bindparam("a_member", type_=v.member.type),
)
OF_POST = (
    sa.select(votes)
    .join(deliveries, deliveries.c.id == v.delivery_id)
    .where(deliveries.c.post_id == sa.bindparam("a_post", type_=deliveries.c.post_id.type))
    .order_by(v.at, v.delivery_id, v.member)
)


class SqlVotes:
    """`bot.ports.Votes` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts

    def put(self, vote: Vote) -> None:
        self._connection.execute(self._upserts.vote, vars(vote))

    def drop(self, delivery_id: int, member: str) -> None:
        self._connection.execute(DROP, {"a_delivery": delivery_id, "a_member": member})

    def of_post(self, post_id: int) -> tuple[Vote, ...]:
        return tuple(Vote(**row._mapping) for row in self._connection.execute(OF_POST, {"a_post": post_id}))
