"""Slack and Discord: who people are there, what was heard, what may have been said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("cards", "notices"):
        op.add_column(table, sa.Column("since", sa.BigInteger))
    _people()
    _inbox()
    op.create_table(
        "kept",
        sa.Column(
            "post_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("member", sa.Text, nullable=False),
        sa.Column("brand", sa.Text, nullable=False),
        sa.Column("via", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("post_id", "member", name="pk_kept"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_kept_post_id"),
    )
    op.create_index("ix_kept_brand", "kept", ["brand", "at"])


def _people() -> None:
    op.create_table(
        "identities",
        sa.Column("chat", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("member", sa.Text, nullable=False),
        sa.Column("was", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("chat", "user_id", name="pk_identities"),
    )
    op.create_index("ix_identities_member", "identities", ["member"])
    op.create_table(
        "links",
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("chat", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_links"),
    )
    op.create_table(
        "groups",
        sa.Column("chat", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("users", sa.Text, nullable=False),
        sa.Column("read_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("chat", "name", name="pk_groups"),
    )


def _inbox() -> None:
    by_bytes = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    undone = sa.text("NOT done")
    op.create_table(
        "inbox",
        sa.Column("key", by_bytes, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("done", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_inbox"),
    )
    op.create_index("ix_inbox_at", "inbox", ["at"])
    op.create_index("ix_inbox_undone", "inbox", ["at", "key"], sqlite_where=undone, postgresql_where=undone)
