"""What has to be made of files before a target can take them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "preparations",
        sa.Column("id", row_id, nullable=False),
        sa.Column("post_id", row_id, nullable=False),
        sa.Column("delivery_id", row_id, nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("source_hash", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("percent", sa.Integer, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("made", sa.Text),
        sa.Column("took", sa.Float, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("until", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_preparations"),
    )
    under_way = sa.text("stage IN ('waiting', 'running')")
    op.create_index("ix_preparations_post", "preparations", ["post_id"])
    op.create_index("ux_preparations_place", "preparations", ["delivery_id", "part", "place"], unique=True)
    op.create_index(
        "ix_preparations_open", "preparations", ["id"], sqlite_where=under_way, postgresql_where=under_way
    )
    op.create_index("ix_preparations_key", "preparations", ["key"])
    op.create_index("ix_preparations_source", "preparations", ["source_hash"])
