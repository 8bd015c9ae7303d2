"""Reports: one row for each brand and period, so that nobody makes one twice."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.columns import Instant, JsonText, Words, row_id
from bot.store.metadata import index, metadata

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("id", row_id(), primary_key=True),
    sa.Column("brand", Words(), nullable=False),
    sa.Column("period", Words(), nullable=False),
    sa.Column("since", Instant(), nullable=False),
    sa.Column("until", Instant(), nullable=False),
    sa.Column("owner", Words(), nullable=False),
    sa.Column("held_until", Instant()),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("made_at", Instant()),
    sa.Column("evidence", JsonText()),
    index("ux_reports_period", "brand", "period", unique=True),
    index("ix_reports_made", "brand", "made_at"),
)
