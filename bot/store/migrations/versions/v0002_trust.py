"""Secrets, budgets, recurrence and a chained audit trail."""

from __future__ import annotations

import json
from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from bot.domain.chain import EPOCH, START, Link, chain
from bot.domain.records import AuditEntry

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _secrets()
    _budgets()
    _calendar()
    _approvals()


def _secrets() -> None:
    """What accounts were granted, sealed."""
    text, number = sa.Text, sa.BigInteger
    op.create_table(
        "grants",
        sa.Column("account", text, nullable=False),
        sa.Column("platform", text, nullable=False),
        sa.Column("sealed", text, nullable=False),
        sa.Column("serial", number, nullable=False),
        sa.Column("version", number, nullable=False),
        sa.Column("state", text, nullable=False),
        sa.Column("renewable", sa.Boolean, nullable=False),
        sa.Column("expires_at", number),
        sa.Column("refresh_expires_at", number),
        sa.Column("scopes", text, nullable=False),
        sa.Column("subject", text, nullable=False),
        sa.Column("app", text, nullable=False),
        sa.Column("lease_owner", text),
        sa.Column("lease_until", number),
        sa.Column("updated_at", number, nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_grants"),
    )


def _budgets() -> None:
    """Rates and money."""
    for name in ("price", "charged"):
        op.add_column("attempts", sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))
    op.create_table(
        "buckets",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("tat", sa.BigInteger, nullable=False),
        sa.Column("used", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("told_left", sa.BigInteger),
        sa.Column("told_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("key", name="pk_buckets"),
    )
    op.create_table(
        "spending",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("day", sa.BigInteger, nullable=False),
        sa.Column("brand", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account", "day", name="pk_spending"),
    )
    op.create_index("ix_spending_brand", "spending", ["brand", "day"])
    op.create_table(
        "purses",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("asked", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_purses"),
    )


def _calendar() -> None:
    """Rules, slots and days off."""
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    for name in ("rule", "wall", "zone"):
        op.add_column("deliveries", sa.Column(name, sa.Text))
    occurrence, to_make = sa.text("rule IS NOT NULL"), sa.text("look_at IS NOT NULL")
    op.create_index(
        "ux_deliveries_occurrence",
        "deliveries",
        ["post_id", "account", "wall"],
        unique=True,
        sqlite_where=occurrence,
        postgresql_where=occurrence,
    )
    op.create_table(
        "rules",
        sa.Column("post_id", row_id, autoincrement=False, nullable=False),
        sa.Column("brand", sa.Text, nullable=False),
        sa.Column("look_at", sa.BigInteger),
        sa.Column("ended", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("post_id", name="pk_rules"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_rules_post_id"),
    )
    op.create_index(
        "ix_rules_look", "rules", ["look_at", "post_id"], sqlite_where=to_make, postgresql_where=to_make
    )
    op.create_table(
        "calendar",
        sa.Column("brand", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("brand", "kind", "text", name="pk_calendar"),
    )


def _approvals() -> None:
    """The chained trail, reminders."""
    op.add_column("audit", sa.Column("seq", sa.BigInteger, nullable=False, server_default="0"))
    for name in ("prev", "hash"):
        op.add_column("audit", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.create_table(
        "audit_heads",
        sa.Column("brand", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("brand", name="pk_audit_heads"),
    )
    _chain_the_trail()
    op.create_index("ux_audit_chain", "audit", ["brand", "seq"], unique=True)
    op.create_table(
        "reminders",
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("called", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("post_id", "fingerprint", "step", name="pk_reminders"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_reminders_post_id"),
    )


def _chain_the_trail() -> None:
    """Chain what was written before there was a chain; the guard against changes is lifted for it."""
    bind = op.get_bind()
    guard = "audit_no_update"
    if bind.dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {guard}")
    else:
        op.execute("ALTER TABLE audit DISABLE TRIGGER audit_only_grows")
    heads: dict[str, Link] = {}
    rows = bind.execute(
        sa.text("SELECT id, at, brand, who, what, post_id, delivery_id, facts FROM audit ORDER BY id")
    ).all()
    for row in rows:
        entry = AuditEntry(
            at=EPOCH + timedelta(microseconds=row.at),
            brand=row.brand,
            who=row.who,
            what=row.what,
            post_id=row.post_id,
            delivery_id=row.delivery_id,
            facts=json.loads(row.facts),
        )
        link = chain(entry, heads.get(row.brand, START))
        heads[row.brand] = Link(seq=link.seq, hash=link.hash)
        bind.execute(
            sa.text("UPDATE audit SET seq = :seq, prev = :prev, hash = :hash WHERE id = :id"),
            {"seq": link.seq, "prev": link.prev, "hash": link.hash, "id": row.id},
        )
    for brand, head in heads.items():
        bind.execute(
            sa.text("INSERT INTO audit_heads (brand, seq, hash) VALUES (:brand, :seq, :hash)"),
            {"brand": brand, "seq": head.seq, "hash": head.hash},
        )
    if bind.dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {guard} BEFORE UPDATE ON audit"
            " BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END"
        )
    else:
        op.execute("ALTER TABLE audit ENABLE TRIGGER audit_only_grows")
