"""What has to be made of files. No foreign keys: a planned occurrence that is forgotten leaves its row as
the record of a rendition."""

from __future__ import annotations

import sqlalchemy as sa

from bot.domain.preparing import Stage
from bot.store.columns import Instant, JsonText, Named, Words, row_id
from bot.store.metadata import index, metadata

MAKING = "stage IN ('waiting', 'running')"

preparations = sa.Table(
    "preparations",
    metadata,
    sa.Column("id", row_id(), primary_key=True),
    sa.Column("post_id", row_id(), nullable=False),
    sa.Column("delivery_id", row_id(), nullable=False),
    sa.Column("part", sa.Integer, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("source_hash", Words(), nullable=False),
    sa.Column("source", JsonText(), nullable=False),
    sa.Column("plan", JsonText(), nullable=False),
    sa.Column("key", Words(), nullable=False),
    sa.Column("stage", Named(Stage), nullable=False),
    sa.Column("percent", sa.Integer, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("said", Words(), nullable=False),
    sa.Column("made", JsonText()),
    sa.Column("took", sa.Float, nullable=False),
    sa.Column("owner", Words(), nullable=False),
    sa.Column("until", Instant()),
    index("ix_preparations_post", "post_id"),
    index("ux_preparations_place", "delivery_id", "part", "place", unique=True),
    index("ix_preparations_open", "id", where=MAKING),
    index("ix_preparations_key", "key"),
    index("ix_preparations_source", "source_hash"),
)
