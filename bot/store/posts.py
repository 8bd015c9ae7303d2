"""Posts and their versions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import sqlalchemy as sa

from bot.domain.delivery import Delivery, State
from bot.domain.post import Post
from bot.domain.records import Version
from bot.ports import NewDelivery
from bot.store.deliveries import SqlDeliveries
from bot.store.mapping import version_from_row, version_to_row
from bot.store.tables import deliveries, posts, versions
from bot.store.upserts import Upserts

_ID = sa.bindparam("a_id", type_=posts.c.id.type)
_BRAND = sa.bindparam("a_brand", type_=posts.c.brand.type)

INSERT = sa.insert(posts).returning(posts.c.id)
GET = sa.select(posts).where(posts.c.id == _ID)
LOCK = sa.select(posts.c.id).where(posts.c.id == _ID).with_for_update()
NEWEST = sa.select(posts).where(posts.c.brand == _BRAND).order_by(posts.c.id.desc()).limit(1)
NEWEST_IN = sa.select(posts).where(
    posts.c.id
    == sa.select(sa.func.max(deliveries.c.post_id))
    .where(deliveries.c.brand == _BRAND, deliveries.c.state.in_(sa.bindparam("states", expanding=True)))
    .scalar_subquery()
)
SAVE = (
    sa.update(posts)
    .where(posts.c.id == _ID)
    .values(brief=sa.bindparam("brief"), wish=sa.bindparam("wish"), version=sa.bindparam("version"))
)
VERSIONS = sa.select(versions).where(versions.c.post_id == _ID).order_by(versions.c.number)


class SqlPosts:
    """`bot.ports.Posts` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts, deliveries: SqlDeliveries) -> None:
        self._connection = connection
        self._upserts = upserts
        self._deliveries = deliveries

    def add(self, post: Post, deliveries: Sequence[NewDelivery]) -> tuple[Post, tuple[Delivery, ...]]:
        row = {name: value for name, value in vars(post).items() if name != "id"}
        kept = replace(post, id=self._connection.execute(INSERT, row).scalar_one())
        return kept, tuple(self._deliveries.add(kept, new) for new in deliveries)

    def get(self, post_id: int) -> Post | None:
        return self._one(GET, a_id=post_id)

    def latest(self, brand: str, states: Iterable[State] | None = None) -> Post | None:
        if states is None:
            return self._one(NEWEST, a_brand=brand)
        return self._one(NEWEST_IN, a_brand=brand, states=list(states))

    def save(self, post: Post) -> None:
        self._connection.execute(
            SAVE, {"a_id": post.id, "brief": post.brief, "wish": post.wish, "version": post.version}
        )

    def add_version(self, version: Version) -> None:
        self._connection.execute(self._upserts.version, version_to_row(version))

    def versions(self, post_id: int) -> tuple[Version, ...]:
        return tuple(version_from_row(row) for row in self._connection.execute(VERSIONS, {"a_id": post_id}))

    def lock(self, post_id: int) -> None:
        if self._upserts.row_locks:
            self._connection.execute(LOCK, {"a_id": post_id})

    def _one(self, query: sa.Select[Post], **values: object) -> Post | None:
        row = self._connection.execute(query, values).one_or_none()
        return None if row is None else Post(**row._mapping)
