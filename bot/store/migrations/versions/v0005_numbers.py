"""What was read about published posts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COUNTS = ("views", "likes", "comments", "shares", "saves", "impressions", "clicks", "reach", "watch_s")


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "snapshots",
        sa.Column("id", row_id, nullable=False, autoincrement=False),
        *(sa.Column(name, sa.BigInteger) for name in COUNTS),
        sa.Column("gone", sa.Boolean, nullable=False),
        sa.Column("source", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_snapshots"),
    )
    op.create_table(
        "watches",
        sa.Column("delivery_id", row_id, nullable=False, autoincrement=False),
        sa.Column("post_id", row_id, nullable=False),
        sa.Column("brand", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("content_type", sa.Text, nullable=False),
        sa.Column("out_at", sa.BigInteger, nullable=False),
        sa.Column("look_at", sa.BigInteger),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("missing", sa.Integer, nullable=False),
        sa.Column("ended", sa.Text, nullable=False),
        sa.Column("latest", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", name="pk_watches"),
    )
    to_look = sa.text("look_at IS NOT NULL")
    for name, columns in (
        ("ix_watches_look", ["look_at", "account"]),
        ("ix_watches_account", ["account", "look_at"]),
    ):
        op.create_index(name, "watches", columns, sqlite_where=to_look, postgresql_where=to_look)
    op.create_index("ix_watches_brand", "watches", ["brand", "out_at"])
    op.create_table(
        "samplings",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_samplings"),
    )
    op.create_table(
        "flagged",
        sa.Column("post_id", row_id, nullable=False, autoincrement=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("flag", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("post_id", "account", "flag", name="pk_flagged"),
    )
    op.create_table(
        "account_counts",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("followers", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account", "day", name="pk_account_counts"),
    )
