"""What was announced, once, and what people do not want to hear for a while."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "milestones",
        sa.Column("delivery_id", row_id, nullable=False, autoincrement=False),
        sa.Column("metric", sa.Text, nullable=False),
        sa.Column("level", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("after_s", sa.BigInteger),
        sa.Column("news", sa.Boolean, nullable=False),
        sa.Column("emitted", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", "metric", "level", name="pk_milestones"),
    )
    _index("ix_milestones_account", "milestones", "account", "metric", "level")
    _index("ix_milestones_untold", "milestones", "delivery_id", where="emitted = 0")
    op.create_table(
        "looked",
        sa.Column("delivery_id", row_id, nullable=False, autoincrement=False),
        sa.Column("snapshot_id", sa.BigInteger, nullable=False),
        sa.Column("peak", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", name="pk_looked"),
    )
    op.create_table(
        "alerts",
        sa.Column("id", row_id, nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("key", "brand", "kind", "account", "platform")
        ),
        sa.Column("post_id", row_id, nullable=False),
        sa.Column("delivery_id", row_id, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("evidence", sa.Text),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.BigInteger) for name in ("due_at", "told_at", "closed_at")),
        sa.Column("grouped", sa.Boolean, nullable=False),
        sa.Column("held", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
    )
    _index("ux_alerts_key", "alerts", "key", unique=True)
    _index(
        "ux_alerts_open",
        "alerts",
        "brand",
        "kind",
        "account",
        "delivery_id",
        where="closed_at IS NULL",
        unique=True,
    )
    _index("ix_alerts_due", "alerts", "due_at", where="due_at IS NOT NULL AND told_at IS NULL")
    _index("ix_alerts_brand", "alerts", "brand", "id")
    _index("ix_alerts_told", "alerts", "brand", "told_at", where="told_at IS NOT NULL")
    _index("ix_alerts_platform", "alerts", "platform", "kind", "opened_at")
    op.create_table(
        "mutes",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("brand", "account", "kind")),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("brand", "account", "kind", name="pk_mutes"),
    )
    op.create_table(
        "usuals",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("learned_at", sa.BigInteger, nullable=False),
        sa.Column("stats", sa.Text),
        sa.PrimaryKeyConstraint("account", name="pk_usuals"),
    )


def _index(name: str, table: str, *columns: str, where: str = "", unique: bool = False) -> None:
    condition = sa.text(where) if where else None
    op.create_index(
        name, table, list(columns), unique=unique, sqlite_where=condition, postgresql_where=condition
    )
