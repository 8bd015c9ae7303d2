"""Tests that were planned before they began, and what was observed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

    def text(name: str) -> sa.Column[str]:
        return sa.Column(name, sa.Text, nullable=False)

    op.create_table(
        "experiments",
        sa.Column("id", row_id, nullable=False),
        *map(text, ("brand", "plan", "texts", "files", "author")),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        *map(text, ("account", "accounts")),
        sa.Column("post_id", row_id),
        sa.Column("delivery_id", row_id),
        sa.Column("ref", sa.Text),
        *map(text, ("zone", "phase", "showing", "keep", "why", "verdict")),
        *(sa.Column(name, sa.BigInteger) for name in ("wake_at", "started_at", "ended_at")),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_experiments"),
    )
    op.create_index("ix_experiments_brand", "experiments", ["brand", "id"])
    _some("ix_experiments_delivery", "delivery_id")
    _some("ix_experiments_due", "wake_at")
    op.create_table(
        "experiment_votes",
        sa.Column("experiment_id", row_id, nullable=False, autoincrement=False),
        *map(text, ("member", "choice", "fingerprint")),
        sa.Column("version", sa.Integer, nullable=False),
        text("via"),
        sa.Column("at", sa.BigInteger, nullable=False),
        text("reason"),
        sa.PrimaryKeyConstraint("experiment_id", "member", name="pk_experiment_votes"),
    )
    op.create_table(
        "experiment_blocks",
        sa.Column("experiment_id", row_id, nullable=False, autoincrement=False),
        sa.Column("place", sa.Integer, nullable=False, autoincrement=False),
        text("variant"),
        *(sa.Column(name, sa.BigInteger) for name in ("set_at", "seen_at")),
        sa.Column("shown", sa.Text),
        sa.Column("valid", sa.Boolean, nullable=False),
        text("why"),
        *(sa.Column(name, sa.Float) for name in ("impressions", "clicks", "views")),
        sa.Column("read_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("experiment_id", "place", name="pk_experiment_blocks"),
    )
    op.create_table(
        "experiment_looks",
        sa.Column("experiment_id", row_id, nullable=False, autoincrement=False),
        sa.Column("look", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        text("result"),
        sa.PrimaryKeyConstraint("experiment_id", "look", name="pk_experiment_looks"),
    )
    op.create_table(
        "experiment_arms",
        sa.Column("post_id", row_id, nullable=False, autoincrement=False),
        sa.Column("experiment_id", row_id, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        text("variant"),
        sa.PrimaryKeyConstraint("post_id", name="pk_experiment_arms"),
    )
    op.create_index("ux_experiment_arms_place", "experiment_arms", ["experiment_id", "place"], unique=True)


def _some(name: str, column: str) -> None:
    """An index over the rows that have the column only."""
    where = sa.text(f"{column} IS NOT NULL")
    op.create_index(name, "experiments", [column], sqlite_where=where, postgresql_where=where)
