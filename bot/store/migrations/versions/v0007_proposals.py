"""What was proposed to people, once for each reason, and what they said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "proposals",
        sa.Column("id", row_id, nullable=False),
        sa.Column("brand", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("source_post", row_id),
        sa.Column("source_delivery", row_id),
        sa.Column("standing", sa.Text, nullable=False),
        sa.Column("post_id", row_id),
        sa.Column("decided_by", sa.Text, nullable=False),
        sa.Column("decided_at", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_proposals"),
    )
    op.create_index("ux_proposals_key", "proposals", ["brand", "key"], unique=True)
    op.create_index("ix_proposals_brand", "proposals", ["brand", "standing", "id"])
    _some("ix_proposals_source", ["source_post"], "source_post IS NOT NULL")
    _some("ix_proposals_made", ["brand", "kind", "post_id"], "post_id IS NOT NULL")
    _some("ix_proposals_open", ["expires_at"], "standing = 'open'")
    op.create_table(
        "reserved",
        sa.Column("post_id", row_id, nullable=False, autoincrement=False),
        sa.Column("brand", sa.Text, nullable=False),
        sa.Column("member", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("post_id", name="pk_reserved"),
    )


def _some(name: str, columns: list[str], where: str) -> None:
    """An index over some rows of the proposals only."""
    condition = sa.text(where)
    op.create_index(name, "proposals", columns, sqlite_where=condition, postgresql_where=condition)
