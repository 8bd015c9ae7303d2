"""Reports that were made, once for each brand and period; what is said below another message."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "reports",
        sa.Column("id", row_id, nullable=False),
        sa.Column("brand", sa.Text, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("held_until", sa.BigInteger),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("made_at", sa.BigInteger),
        sa.Column("evidence", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
    )
    op.create_index("ux_reports_period", "reports", ["brand", "period"], unique=True)
    op.create_index("ix_reports_made", "reports", ["brand", "made_at"])
    op.add_column("notices", sa.Column("below", sa.Text))
