"""The first schema: posts, the ledger, chat cards and notices, accounts, halts and the audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WAKES = "wake_at IS NOT NULL"


def upgrade() -> None:
    _create_posts()
    _create_ledger()
    _create_chat()
    _create_rest()
    _protect_audit()


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _instant(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _part_of(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _index(name: str, table: str, *columns: str, where: str = "", unique: bool = False) -> None:
    condition = sa.text(where) if where else None
    op.create_index(
        name, table, list(columns), unique=unique, sqlite_where=condition, postgresql_where=condition
    )


def _create_posts() -> None:
    op.create_table(
        "posts",
        sa.Column("id", _id(), nullable=False),
        _text("brand"),
        _text("author"),
        _text("brief"),
        _text("wish"),
        _number("version"),
        _instant("created_at"),
        _text("campaign"),
        _key("posts", "id"),
    )
    _index("ix_posts_brand", "posts", "brand", "id")
    op.create_table(
        "versions",
        sa.Column("post_id", _id(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        _text("author"),
        _instant("at"),
        _text("wish"),
        _text("variants"),
        _key("versions", "post_id", "number"),
        _part_of("versions", "post_id", "posts"),
    )


def _create_ledger() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", _id(), nullable=False),
        sa.Column("post_id", _id(), nullable=False),
        _text("brand"),
        _text("account"),
        _text("platform"),
        _text("variant"),
        _text("fingerprint"),
        _number("version"),
        _text("state"),
        sa.Column("due", sa.BigInteger),
        sa.Column("wake_at", sa.BigInteger),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.Column("lease_until", sa.BigInteger),
        sa.Column("lease_owner", sa.Text),
        _number("tries"),
        _number("checks"),
        sa.Column("platform_wait", sa.Boolean, nullable=False),
        _text("reason"),
        _key("deliveries", "id"),
        _part_of("deliveries", "post_id", "posts"),
    )
    _index("ix_deliveries_post", "deliveries", "post_id")
    _index("ix_deliveries_state", "deliveries", "state", "brand", "post_id")
    unfinished = "state NOT IN ('cancelled', 'live', 'removed')"
    _index("ix_deliveries_unfinished", "deliveries", "brand", "due", "id", "state", where=unfinished)
    _index("ix_deliveries_due", "deliveries", "state", "due", "wake_at", "brand")
    _index("ix_deliveries_queue", "deliveries", "account", "state", "due", "id", "wake_at")
    _index("ix_deliveries_ready", "deliveries", "account", "state", "wake_at", "due", where=WAKES)
    _index("ix_deliveries_wake", "deliveries", "wake_at", "account", where=WAKES)
    _index("ix_deliveries_lease", "deliveries", "lease_owner", where="lease_owner IS NOT NULL")
    op.create_table(
        "parts",
        sa.Column("delivery_id", _id(), autoincrement=False, nullable=False),
        sa.Column("idx", sa.Integer, autoincrement=False, nullable=False),
        _text("state"),
        sa.Column("ref", sa.Text),
        sa.Column("url", sa.Text),
        sa.Column("proof", sa.Text),
        sa.Column("out_at", sa.BigInteger),
        _text("checkpoint"),
        sa.Column("checkpoint_expires", sa.BigInteger),
        _key("parts", "delivery_id", "idx"),
        _part_of("parts", "delivery_id", "deliveries"),
    )
    op.create_table(
        "attempts",
        sa.Column("id", _id(), nullable=False),
        sa.Column("delivery_id", _id(), nullable=False),
        _number("part"),
        sa.Column("fence", sa.BigInteger, nullable=False),
        _text("key"),
        _text("state"),
        _instant("started_at"),
        _instant("deadline"),
        _text("request_hash"),
        sa.Column("ref", sa.Text),
        _text("error"),
        _key("attempts", "id"),
        _part_of("attempts", "delivery_id", "deliveries"),
    )
    _index("ix_attempts_delivery", "attempts", "delivery_id")
    open_attempt = "state IN ('calling', 'unknown', 'ok')"
    _index("ux_attempts_open", "attempts", "delivery_id", "part", where=open_attempt, unique=True)
    op.create_table(
        "votes",
        sa.Column("delivery_id", _id(), autoincrement=False, nullable=False),
        _text("member"),
        _text("choice"),
        _text("fingerprint"),
        _number("version"),
        _text("via"),
        _instant("at"),
        _text("reason"),
        _key("votes", "delivery_id", "member"),
        _part_of("votes", "delivery_id", "deliveries"),
    )


def _create_chat() -> None:
    op.create_table(
        "cards",
        sa.Column("id", _id(), nullable=False),
        sa.Column("post_id", _id(), nullable=False),
        _text("chat"),
        _text("channel"),
        sa.Column("thread", _id()),
        sa.Column("ref", sa.Text),
        _number("wanted"),
        _number("painted"),
        _number("tries"),
        _instant("not_before"),
        _key("cards", "id"),
        _part_of("cards", "post_id", "posts"),
    )
    _index("ix_cards_post", "cards", "post_id")
    _index("ix_cards_ref", "cards", "chat", "channel", "ref")
    _index("ix_cards_stale", "cards", "not_before", "id", where="painted < wanted")
    op.create_table(
        "notices",
        sa.Column("id", _id(), nullable=False),
        sa.Column("key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        _text("chat"),
        _text("channel"),
        sa.Column("thread", _id()),
        _text("message"),
        _text("brand"),
        sa.Column("post_id", _id()),
        sa.Column("delivery_id", _id()),
        sa.Column("to", sa.Text),
        _number("tries"),
        sa.Column("ref", sa.Text),
        sa.Column("sent", sa.Boolean, nullable=False),
        _instant("not_before"),
        _key("notices", "id"),
        sa.UniqueConstraint("key", name="uq_notices_key"),
    )
    _index("ix_notices_ref", "notices", "chat", "channel", "ref")
    _index("ix_notices_due", "notices", "not_before", "id", where="NOT sent")


def _create_rest() -> None:
    op.create_table("meta", _text("key"), _text("value"), _key("meta", "key"))
    op.create_table(
        "accounts",
        _text("name"),
        _text("brand"),
        _text("platform"),
        _text("health"),
        sa.Column("blocked_until", sa.BigInteger),
        _text("why"),
        _text("handle"),
        _key("accounts", "name"),
    )
    op.create_table(
        "halts", _text("brand"), _text("by"), _instant("at"), _text("reason"), _key("halts", "brand")
    )
    op.create_table(
        "audit",
        sa.Column("id", _id(), nullable=False),
        _instant("at"),
        _text("brand"),
        _text("who"),
        _text("what"),
        sa.Column("post_id", _id()),
        sa.Column("delivery_id", _id()),
        _text("facts"),
        _key("audit", "id"),
    )
    _index("ix_audit_post", "audit", "post_id")


def _protect_audit() -> None:
    """The trail only grows, whoever holds the connection."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit"
                " BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN RAISE EXCEPTION ''the audit trail only grows''; END'"
    )
    op.execute(
        "CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()"
    )
