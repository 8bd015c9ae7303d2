"""All tables and indexes, once for every database.

The indexes belong to particular questions; `tests/unit/test_store_plans.py` asks SQLite which it uses.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.domain.approval import Choice, Via
from bot.domain.delivery import FINAL, AttemptState, PartState, State
from bot.domain.grant import GrantState
from bot.domain.platform import Proof
from bot.domain.records import Health
from bot.domain.series import EntryKind
from bot.store.columns import Instant, JsonText, Named, Wall, Words, by_bytes, row_id

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

UNFINISHED = f"state NOT IN ({', '.join(repr(s.value) for s in sorted(FINAL))})"
OPEN_ATTEMPT = "state IN ('calling', 'unknown', 'ok')"
STALE_CARD = "painted < wanted"
UNSAID = "NOT sent"
UNDONE = "NOT done"
OCCURRENCE = "rule IS NOT NULL"
TO_MAKE = "look_at IS NOT NULL"


def _index(name: str, *columns: str, where: str = "", unique: bool = False) -> sa.Index:
    condition = sa.text(where) if where else None
    return sa.Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


meta = sa.Table(
    "meta",
    metadata,
    sa.Column("key", Words(), primary_key=True),
    sa.Column("value", Words(), nullable=False),
)

posts = sa.Table(
    "posts",
    metadata,
    sa.Column("id", row_id(), primary_key=True),
    sa.Column("brand", Words(), nullable=False),
    sa.Column("author", Words(), nullable=False),
    sa.Column("brief", Words(), nullable=False),
    sa.Column("wish", Words(), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", Instant(), nullable=False),
    sa.Column("campaign", Words(), nullable=False),
    _index("ix_posts_brand", "brand", "id"),
)

versions = sa.Table(
    "versions",
    metadata,
    sa.Column("post_id", row_id(), sa.ForeignKey("posts.id"), primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("author", Words(), nullable=False),
    sa.Column("at", Instant(), nullable=False),
    sa.Column("wish", Words(), nullable=False),
    sa.Column("variants", JsonText(), nullable=False),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", row_id(), primary_key=True),
    sa.Column("post_id", row_id(), sa.ForeignKey("posts.id"), nullable=False),
    sa.Column("brand", Words(), nullable=False),
    sa.Column("account", Words(), nullable=False),
    sa.Column("platform", Words(), nullable=False),
    sa.Column("variant", JsonText(), nullable=False),
    sa.Column("fingerprint", Words(), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", Named(State), nullable=False),
    sa.Column("due", Instant()),
    sa.Column("wake_at", Instant()),
    sa.Column("fence", sa.BigInteger, nullable=False),
    sa.Column("lease_until", Instant()),
    sa.Column("lease_owner", Words()),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("checks", sa.Integer, nullable=False),
    sa.Column("platform_wait", sa.Boolean, nullable=False),
    sa.Column("reason", Words(), nullable=False),
    sa.Column("rule", Words()),
    sa.Column("wall", Wall()),
    sa.Column("zone", Words()),
    _index("ix_deliveries_post", "post_id"),
    _index("ux_deliveries_occurrence", "post_id", "account", "wall", where=OCCURRENCE, unique=True),
    _index("ix_deliveries_state", "state", "brand", "post_id"),
    _index("ix_deliveries_unfinished", "brand", "due", "id", "state", where=UNFINISHED),
    _index("ix_deliveries_due", "state", "due", "wake_at", "brand"),
    _index("ix_deliveries_queue", "account", "state", "due", "id", "wake_at"),
    _index("ix_deliveries_ready", "account", "state", "wake_at", "due", where="wake_at IS NOT NULL"),
    _index("ix_deliveries_wake", "wake_at", "account", where="wake_at IS NOT NULL"),
    _index("ix_deliveries_lease", "lease_owner", where="lease_owner IS NOT NULL"),
)

parts = sa.Table(
    "parts",
    metadata,
    sa.Column("delivery_id", row_id(), sa.ForeignKey("deliveries.id"), primary_key=True, autoincrement=False),
    sa.Column("idx", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("state", Named(PartState), nullable=False),
    sa.Column("ref", JsonText()),
    sa.Column("url", Words()),
    sa.Column("proof", Named(Proof)),
    sa.Column("out_at", Instant()),
    sa.Column("checkpoint", JsonText(), nullable=False),
    sa.Column("checkpoint_expires", Instant()),
)

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("id", row_id(), primary_key=True),
    sa.Column("delivery_id", row_id(), sa.ForeignKey("deliveries.id"), nullable=False),
    sa.Column("part", sa.Integer, nullable=False),
    sa.Column("fence", sa.BigInteger, nullable=False),
    sa.Column("key", Words(), nullable=False),
    sa.Column("state", Named(AttemptState), nullable=False),
    sa.Column("started_at", Instant(), nullable=False),
    sa.Column("deadline", Instant(), nullable=False),
    sa.Column("request_hash", Words(), nullable=False),
    sa.Column("ref", JsonText()),
    sa.Column("error", Words(), nullable=False),
    sa.Column("price", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("charged", sa.BigInteger, nullable=False, server_default="0"),
    _index("ix_attempts_delivery", "delivery_id"),
    _index("ux_attempts_open", "delivery_id", "part", where=OPEN_ATTEMPT, unique=True),
)

votes = sa.Table(
    "votes",
    metadata,
    sa.Column("delivery_id", row_id(), sa.ForeignKey("deliveries.id"), primary_key=True, autoincrement=False),
    sa.Column("member", Words(), primary_key=True),
    sa.Column("choice", Named(Choice), nullable=False),
    sa.Column("fingerprint", Words(), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("via", Named(Via), nullable=False),
    sa.Column("at", Instant(), nullable=False),
    sa.Column("reason", Words(), nullable=False),
)

cards = sa.Table(
    "cards",
    metadata,
    sa.Column("id", row_id(), primary_key=True),
    sa.Column("post_id", row_id(), sa.ForeignKey("posts.id"), nullable=False),
    sa.Column("chat", Words(), nullable=False),
    sa.Column("channel", Words(), nullable=False),
    sa.Column("thread", row_id()),
    sa.Column("ref", Words()),
    sa.Column("wanted", sa.Integer, nullable=False),
    sa.Column("painted", sa.Integer, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("not_before", Instant(), nullable=False),
    sa.Column("since", Instant()),
    _index("ix_cards_post", "post_id"),
    _index("ix_cards_ref", "chat", "channel", "ref"),
    _index("ix_cards_stale", "not_before", "id", where=STALE_CARD),
)

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", row_id(), primary_key=True),
    sa.Column("key", by_bytes(), nullable=False, unique=True),
    sa.Column("chat", Words(), nullable=False),
    sa.Column("channel", Words(), nullable=False),
    sa.Column("thread", row_id()),
    sa.Column("message", JsonText(), nullable=False),
    sa.Column("brand", Words(), nullable=False),
    sa.Column("post_id", row_id()),
    sa.Column("delivery_id", row_id()),
    sa.Column("to", Words()),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("ref", Words()),
    sa.Column("sent", sa.Boolean, nullable=False),
    sa.Column("not_before", Instant(), nullable=False),
    sa.Column("since", Instant()),
    _index("ix_notices_ref", "chat", "channel", "ref"),
    _index("ix_notices_due", "not_before", "id", where=UNSAID),
)

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("name", Words(), primary_key=True),
    sa.Column("brand", Words(), nullable=False),
    sa.Column("platform", Words(), nullable=False),
    sa.Column("health", Named(Health), nullable=False),
    sa.Column("blocked_until", Instant()),
    sa.Column("why", Words(), nullable=False),
    sa.Column("handle", Words(), nullable=False),
)

grants = sa.Table(
    "grants",
    metadata,
    sa.Column("account", Words(), primary_key=True),
    sa.Column("platform", Words(), nullable=False),
    sa.Column("sealed", sa.Text, nullable=False),
    sa.Column("serial", sa.BigInteger, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("state", Named(GrantState), nullable=False),
    sa.Column("renewable", sa.Boolean, nullable=False),
    sa.Column("expires_at", Instant()),
    sa.Column("refresh_expires_at", Instant()),
    sa.Column("scopes", Words(), nullable=False),
    sa.Column("subject", Words(), nullable=False),
    sa.Column("app", Words(), nullable=False),
    sa.Column("lease_owner", Words()),
    sa.Column("lease_until", Instant()),
    sa.Column("updated_at", Instant(), nullable=False),
)

rules = sa.Table(
    "rules",
    metadata,
    sa.Column("post_id", row_id(), sa.ForeignKey("posts.id"), primary_key=True, autoincrement=False),
    sa.Column("brand", Words(), nullable=False),
    sa.Column("look_at", Instant()),
    sa.Column("ended", Words(), nullable=False),
    _index("ix_rules_look", "look_at", "post_id", where=TO_MAKE),
)

calendar = sa.Table(
    "calendar",
    metadata,
    sa.Column("brand", Words(), primary_key=True),
    sa.Column("kind", Named(EntryKind), primary_key=True),
    sa.Column("text", Words(), primary_key=True),
    sa.Column("by", Words(), nullable=False),
    sa.Column("at", Instant(), nullable=False),
)

halts = sa.Table(
    "halts",
    metadata,
    sa.Column("brand", Words(), primary_key=True),
    sa.Column("by", Words(), nullable=False),
    sa.Column("at", Instant(), nullable=False),
    sa.Column("reason", Words(), nullable=False),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", row_id(), primary_key=True),
    sa.Column("at", Instant(), nullable=False),
    sa.Column("brand", Words(), nullable=False),
    sa.Column("who", Words(), nullable=False),
    sa.Column("what", Words(), nullable=False),
    sa.Column("post_id", row_id()),
    sa.Column("delivery_id", row_id()),
    sa.Column("facts", JsonText(), nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("prev", Words(), nullable=False, server_default=""),
    sa.Column("hash", Words(), nullable=False, server_default=""),
    _index("ix_audit_post", "post_id"),
    _index("ux_audit_chain", "brand", "seq", unique=True),
)

audit_heads = sa.Table(
    "audit_heads",
    metadata,
    sa.Column("brand", Words(), primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("hash", Words(), nullable=False),
)

reminders = sa.Table(
    "reminders",
    metadata,
    sa.Column("post_id", row_id(), sa.ForeignKey("posts.id"), primary_key=True, autoincrement=False),
    sa.Column("fingerprint", Words(), primary_key=True),
    sa.Column("step", Words(), primary_key=True),
    sa.Column("at", Instant(), nullable=False),
    sa.Column("called", JsonText(), nullable=False),
)

buckets = sa.Table(
    "buckets",
    metadata,
    sa.Column("key", Words(), primary_key=True),
    sa.Column("tat", Instant(), nullable=False),
    sa.Column("used", sa.BigInteger, nullable=False),
    sa.Column("until", Instant(), nullable=False),
    sa.Column("told_left", sa.BigInteger),
    sa.Column("told_at", Instant()),
)

spending = sa.Table(
    "spending",
    metadata,
    sa.Column("account", Words(), primary_key=True),
    sa.Column("day", Instant(), primary_key=True),
    sa.Column("brand", Words(), nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    _index("ix_spending_brand", "brand", "day"),
)

purses = sa.Table(
    "purses",
    metadata,
    sa.Column("key", Words(), primary_key=True),
    sa.Column("asked", sa.BigInteger, nullable=False),
)

identities = sa.Table(
    "identities",
    metadata,
    sa.Column("chat", Words(), primary_key=True),
    sa.Column("user_id", Words(), primary_key=True),
    sa.Column("member", Words(), nullable=False),
    sa.Column("was", Words(), nullable=False),
    sa.Column("name", Words(), nullable=False),
    sa.Column("zone", Words(), nullable=False),
    sa.Column("seen_at", Instant(), nullable=False),
    _index("ix_identities_member", "member"),
)

links = sa.Table(
    "links",
    metadata,
    sa.Column("code", Words(), primary_key=True),
    sa.Column("chat", Words(), nullable=False),
    sa.Column("user_id", Words(), nullable=False),
    sa.Column("expires_at", Instant(), nullable=False),
)

groups = sa.Table(
    "groups",
    metadata,
    sa.Column("chat", Words(), primary_key=True),
    sa.Column("name", Words(), primary_key=True),
    sa.Column("users", JsonText(), nullable=False),
    sa.Column("read_at", Instant(), nullable=False),
)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("key", by_bytes(), primary_key=True),
    sa.Column("at", Instant(), nullable=False),
    sa.Column("owner", Words(), nullable=False),
    sa.Column("said", JsonText(), nullable=False),
    sa.Column("done", sa.Boolean, nullable=False),
    _index("ix_inbox_at", "at"),
    _index("ix_inbox_undone", "at", "key", where=UNDONE),
)

kept = sa.Table(
    "kept",
    metadata,
    sa.Column("post_id", row_id(), sa.ForeignKey("posts.id"), primary_key=True, autoincrement=False),
    sa.Column("member", Words(), primary_key=True),
    sa.Column("brand", Words(), nullable=False),
    sa.Column("via", Named(Via), nullable=False),
    sa.Column("at", Instant(), nullable=False),
    _index("ix_kept_brand", "brand", "at"),
)
