"""What was proposed, and which posts nothing may be made of. No foreign keys: what was proposed and said
stays as a record."""

from __future__ import annotations

import sqlalchemy as sa

from bot.domain.proposal import Standing
from bot.store.columns import Instant, JsonText, Named, Words, row_id
from bot.store.metadata import index, metadata

STILL_OPEN = "standing = 'open'"
MADE = "post_id IS NOT NULL"

proposals = sa.Table(
    "proposals",
    metadata,
    sa.Column("id", row_id(), primary_key=True),
    sa.Column("brand", Words(), nullable=False),
    sa.Column("kind", Words(), nullable=False),
    sa.Column("key", Words(), nullable=False),
    sa.Column("text", Words(), nullable=False),
    sa.Column("evidence", JsonText(), nullable=False),
    sa.Column("body", JsonText(), nullable=False),
    sa.Column("account", Words(), nullable=False),
    sa.Column("source_post", row_id()),
    sa.Column("source_delivery", row_id()),
    sa.Column("standing", Named(Standing), nullable=False),
    sa.Column("post_id", row_id()),
    sa.Column("decided_by", Words(), nullable=False),
    sa.Column("decided_at", Instant()),
    sa.Column("created_at", Instant(), nullable=False),
    sa.Column("expires_at", Instant(), nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("why", Words(), nullable=False),
    index("ux_proposals_key", "brand", "key", unique=True),
    index("ix_proposals_brand", "brand", "standing", "id"),
    index("ix_proposals_source", "source_post", where="source_post IS NOT NULL"),
    index("ix_proposals_made", "brand", "kind", "post_id", where=MADE),
    index("ix_proposals_open", "expires_at", where=STILL_OPEN),
)

reserved = sa.Table(
    "reserved",
    metadata,
    sa.Column("post_id", row_id(), primary_key=True, autoincrement=False),
    sa.Column("brand", Words(), nullable=False),
    sa.Column("member", Words(), nullable=False),
    sa.Column("at", Instant(), nullable=False),
)
