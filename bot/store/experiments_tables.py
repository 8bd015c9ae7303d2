"""Tests and what was observed in them. No foreign keys: what was found stays, whatever becomes of posts."""

from __future__ import annotations

import sqlalchemy as sa

from bot.domain.approval import Choice, Via
from bot.domain.trial import Phase
from bot.store.columns import Instant, JsonText, Named, Words, row_id
from bot.store.metadata import index, metadata

WAITING = "wake_at IS NOT NULL"

experiments = sa.Table(
    "experiments",
    metadata,
    sa.Column("id", row_id(), primary_key=True),
    sa.Column("brand", Words(), nullable=False),
    sa.Column("plan", JsonText(), nullable=False),
    sa.Column("texts", JsonText(), nullable=False),
    sa.Column("files", JsonText(), nullable=False),
    sa.Column("author", Words(), nullable=False),
    sa.Column("created_at", Instant(), nullable=False),
    sa.Column("account", Words(), nullable=False),
    sa.Column("accounts", JsonText(), nullable=False),
    sa.Column("post_id", row_id()),
    sa.Column("delivery_id", row_id()),
    sa.Column("ref", JsonText()),
    sa.Column("zone", Words(), nullable=False),
    sa.Column("phase", Named(Phase), nullable=False),
    sa.Column("showing", Words(), nullable=False),
    sa.Column("keep", Words(), nullable=False),
    sa.Column("why", Words(), nullable=False),
    sa.Column("verdict", Words(), nullable=False),
    sa.Column("wake_at", Instant()),
    sa.Column("started_at", Instant()),
    sa.Column("ended_at", Instant()),
    sa.Column("turn", sa.Integer, nullable=False),
    index("ix_experiments_brand", "brand", "id"),
    index("ix_experiments_delivery", "delivery_id", where="delivery_id IS NOT NULL"),
    index("ix_experiments_due", "wake_at", where=WAITING),
)

experiment_votes = sa.Table(
    "experiment_votes",
    metadata,
    sa.Column("experiment_id", row_id(), primary_key=True, autoincrement=False),
    sa.Column("member", Words(), primary_key=True),
    sa.Column("choice", Named(Choice), nullable=False),
    sa.Column("fingerprint", Words(), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("via", Named(Via), nullable=False),
    sa.Column("at", Instant(), nullable=False),
    sa.Column("reason", Words(), nullable=False),
)

experiment_blocks = sa.Table(
    "experiment_blocks",
    metadata,
    sa.Column("experiment_id", row_id(), primary_key=True, autoincrement=False),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("variant", Words(), nullable=False),
    sa.Column("set_at", Instant()),
    sa.Column("seen_at", Instant()),
    sa.Column("shown", Words()),
    sa.Column("valid", sa.Boolean, nullable=False),
    sa.Column("why", Words(), nullable=False),
    sa.Column("impressions", sa.Float),
    sa.Column("clicks", sa.Float),
    sa.Column("views", sa.Float),
    sa.Column("read_at", Instant()),
)

experiment_looks = sa.Table(
    "experiment_looks",
    metadata,
    sa.Column("experiment_id", row_id(), primary_key=True, autoincrement=False),
    sa.Column("look", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Instant(), nullable=False),
    sa.Column("result", JsonText(), nullable=False),
)

experiment_arms = sa.Table(
    "experiment_arms",
    metadata,
    sa.Column("post_id", row_id(), primary_key=True, autoincrement=False),
    sa.Column("experiment_id", row_id(), nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("variant", Words(), nullable=False),
    index("ux_experiment_arms_place", "experiment_id", "place", unique=True),
)
