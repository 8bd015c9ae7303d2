"""The ledger of what was predicted for a time, and what came of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "forecasts",
        sa.Column("id", row_id, nullable=False),
        sa.Column("delivery_id", row_id, nullable=False),
        sa.Column("post_id", row_id, nullable=False),
        sa.Column("brand", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("content_type", sa.Text, nullable=False),
        sa.Column("slot", sa.BigInteger, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("explore", sa.Integer, nullable=False),
        sa.Column("advice", sa.Text, nullable=False),
        sa.Column("later", sa.Text, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("propensity", sa.Float, nullable=False),
        sa.Column("rows", sa.Text, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("realised", sa.Float),
        sa.Column("realised_at", sa.BigInteger),
        sa.Column("compared", sa.Integer, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_forecasts"),
    )
    foretold = sa.text("stage = 'open'")
    op.create_index("ux_forecasts_delivery", "forecasts", ["delivery_id"], unique=True)
    op.create_index("ix_forecasts_post", "forecasts", ["post_id"])
    op.create_index("ix_forecasts_account", "forecasts", ["account", "slot"])
    op.create_index(
        "ix_forecasts_open",
        "forecasts",
        ["brand", "slot"],
        sqlite_where=foretold,
        postgresql_where=foretold,
    )
    op.create_index("ix_forecasts_brand", "forecasts", ["brand", "id"])
