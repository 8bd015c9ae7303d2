"""What was announced, once, how far readings were looked at, and what people do not want to hear.

No foreign keys: what was told stays as a record.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.domain.alarms import Kind
from bot.store.columns import Instant, JsonText, Named, Words, row_id
from bot.store.metadata import index, metadata

GOING_ON = "closed_at IS NULL"
TO_SAY = "due_at IS NOT NULL AND told_at IS NULL"
UNTOLD = "emitted = 0"

milestones = sa.Table(
    "milestones",
    metadata,
    sa.Column("delivery_id", row_id(), primary_key=True, autoincrement=False),
    sa.Column("metric", Words(), primary_key=True),
    sa.Column("level", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("account", Words(), nullable=False),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Column("at", Instant(), nullable=False),
    sa.Column("after_s", sa.BigInteger),
    sa.Column("news", sa.Boolean, nullable=False),
    sa.Column("emitted", sa.Integer, nullable=False),
    index("ix_milestones_account", "account", "metric", "level"),
    index("ix_milestones_untold", "delivery_id", where=UNTOLD),
)

looked = sa.Table(
    "looked",
    metadata,
    sa.Column("delivery_id", row_id(), primary_key=True, autoincrement=False),
    sa.Column("snapshot_id", sa.BigInteger, nullable=False),
    sa.Column("peak", JsonText(), nullable=False),
)

alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("id", row_id(), primary_key=True),
    sa.Column("key", Words(), nullable=False),
    sa.Column("brand", Words(), nullable=False),
    sa.Column("kind", Named(Kind), nullable=False),
    sa.Column("account", Words(), nullable=False),
    sa.Column("platform", Words(), nullable=False),
    sa.Column("post_id", row_id(), nullable=False),
    sa.Column("delivery_id", row_id(), nullable=False),
    sa.Column("text", Words(), nullable=False),
    sa.Column("evidence", JsonText()),
    sa.Column("opened_at", Instant(), nullable=False),
    sa.Column("due_at", Instant()),
    sa.Column("told_at", Instant()),
    sa.Column("closed_at", Instant()),
    sa.Column("grouped", sa.Boolean, nullable=False),
    sa.Column("held", Words(), nullable=False),
    index("ux_alerts_key", "key", unique=True),
    index("ux_alerts_open", "brand", "kind", "account", "delivery_id", where=GOING_ON, unique=True),
    index("ix_alerts_due", "due_at", where=TO_SAY),
    index("ix_alerts_brand", "brand", "id"),
    index("ix_alerts_told", "brand", "told_at", where="told_at IS NOT NULL"),
    index("ix_alerts_platform", "platform", "kind", "opened_at"),
)

mutes = sa.Table(
    "mutes",
    metadata,
    sa.Column("brand", Words(), primary_key=True),
    sa.Column("account", Words(), primary_key=True),
    sa.Column("kind", Words(), primary_key=True),
    sa.Column("until", Instant(), nullable=False),
    sa.Column("by", Words(), nullable=False),
)

usuals = sa.Table(
    "usuals",
    metadata,
    sa.Column("account", Words(), primary_key=True),
    sa.Column("learned_at", Instant(), nullable=False),
    sa.Column("stats", JsonText()),
)
