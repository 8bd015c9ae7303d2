"""What was read about published posts: one narrow clustered table, and beside it what is read next.

A snapshot's id is its delivery and the second at which it was read, in one integer of 63 bits. So the table
needs no second index: a delivery's series is a range of ids, its newest row the last of them, and the same
second cannot be there twice. ``watches`` knows for each live delivery the id of its newest numbers, so that
the newest of all are as many look-ups as there are deliveries, however much is stored. No foreign keys: a
snapshot is written while its delivery may be taken down.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.columns import Instant, Words, row_id
from bot.store.metadata import index, metadata

TO_LOOK = "look_at IS NOT NULL"

snapshots = sa.Table(
    "snapshots",
    metadata,
    sa.Column("id", row_id(), primary_key=True, autoincrement=False),
    sa.Column("views", sa.BigInteger),
    sa.Column("likes", sa.BigInteger),
    sa.Column("comments", sa.BigInteger),
    sa.Column("shares", sa.BigInteger),
    sa.Column("saves", sa.BigInteger),
    sa.Column("impressions", sa.BigInteger),
    sa.Column("clicks", sa.BigInteger),
    sa.Column("reach", sa.BigInteger),
    sa.Column("watch_s", sa.BigInteger),
    sa.Column("gone", sa.Boolean, nullable=False),
    sa.Column("source", Words()),
)

watches = sa.Table(
    "watches",
    metadata,
    sa.Column("delivery_id", row_id(), primary_key=True, autoincrement=False),
    sa.Column("post_id", row_id(), nullable=False),
    sa.Column("brand", Words(), nullable=False),
    sa.Column("account", Words(), nullable=False),
    sa.Column("platform", Words(), nullable=False),
    sa.Column("content_type", Words(), nullable=False),
    sa.Column("out_at", Instant(), nullable=False),
    sa.Column("look_at", Instant()),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("missing", sa.Integer, nullable=False),
    sa.Column("ended", Words(), nullable=False),
    sa.Column("latest", sa.BigInteger, nullable=False),
    index("ix_watches_look", "look_at", "account", where=TO_LOOK),
    index("ix_watches_account", "account", "look_at", where=TO_LOOK),
    index("ix_watches_brand", "brand", "out_at"),
)

samplings = sa.Table(
    "samplings",
    metadata,
    sa.Column("account", Words(), primary_key=True),
    sa.Column("owner", Words(), nullable=False),
    sa.Column("until", Instant(), nullable=False),
)

flagged = sa.Table(
    "flagged",
    metadata,
    sa.Column("post_id", row_id(), primary_key=True, autoincrement=False),
    sa.Column("account", Words(), primary_key=True),
    sa.Column("flag", Words(), primary_key=True),
)

account_counts = sa.Table(
    "account_counts",
    metadata,
    sa.Column("account", Words(), primary_key=True),
    sa.Column("day", Words(), primary_key=True),
    sa.Column("at", Instant(), nullable=False),
    sa.Column("followers", sa.BigInteger, nullable=False),
)
