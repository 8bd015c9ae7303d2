"""What was predicted for times. No foreign keys: the ledger outlives what it tells about."""

from __future__ import annotations

import sqlalchemy as sa

from bot.domain.forecast import Origin, Stage
from bot.store.columns import Instant, JsonText, Named, Words, row_id
from bot.store.metadata import index, metadata

FORETOLD = "stage = 'open'"

forecasts = sa.Table(
    "forecasts",
    metadata,
    sa.Column("id", row_id(), primary_key=True),
    sa.Column("delivery_id", row_id(), nullable=False),
    sa.Column("post_id", row_id(), nullable=False),
    sa.Column("brand", Words(), nullable=False),
    sa.Column("account", Words(), nullable=False),
    sa.Column("platform", Words(), nullable=False),
    sa.Column("content_type", Words(), nullable=False),
    sa.Column("slot", Instant(), nullable=False),
    sa.Column("made_at", Instant(), nullable=False),
    sa.Column("origin", Named(Origin), nullable=False),
    sa.Column("explore", sa.Integer, nullable=False),
    sa.Column("advice", JsonText(), nullable=False),
    sa.Column("later", JsonText(), nullable=False),
    sa.Column("method", Words(), nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("propensity", sa.Float, nullable=False),
    sa.Column("rows", JsonText(), nullable=False),
    sa.Column("facts", JsonText(), nullable=False),
    sa.Column("stage", Named(Stage), nullable=False),
    sa.Column("realised", sa.Float),
    sa.Column("realised_at", Instant()),
    sa.Column("compared", sa.Integer, nullable=False),
    sa.Column("why", Words(), nullable=False),
    index("ux_forecasts_delivery", "delivery_id", unique=True),
    index("ix_forecasts_post", "post_id"),
    index("ix_forecasts_account", "account", "slot"),
    index("ix_forecasts_open", "brand", "slot", where=FORETOLD),
    index("ix_forecasts_brand", "brand", "id"),
)
