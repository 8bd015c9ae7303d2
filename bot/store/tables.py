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
from bot.store.alert_tables import alerts, looked, milestones, mutes, usuals
from bot.store.chat_tables import (
    STALE_CARD,
    UNDONE,
    UNSAID,
    cards,
    groups,
    identities,
    inbox,
    kept,
    links,
    notices,
)
from bot.store.columns import Instant, JsonText, Named, Wall, Words, row_id
from bot.store.experiments_tables import (
    experiment_arms,
    experiment_blocks,
    experiment_looks,
    experiment_votes,
    experiments,
)
from bot.store.forecast_tables import FORETOLD, forecasts
from bot.store.media_tables import MAKING, preparations
from bot.store.metadata import index, metadata
from bot.store.proposals_tables import proposals, reserved
from bot.store.reports_tables import reports
from bot.store.snapshots_tables import account_counts, flagged, samplings, snapshots, watches

UNFINISHED = f"state NOT IN ({', '.join(repr(s.value) for s in sorted(FINAL))})"
OPEN_ATTEMPT = "state IN ('calling', 'unknown', 'ok')"
OCCURRENCE = "rule IS NOT NULL"
TO_MAKE = "look_at IS NOT NULL"


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
    index("ix_posts_brand", "brand", "id"),
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
    index("ix_deliveries_post", "post_id"),
    index("ux_deliveries_occurrence", "post_id", "account", "wall", where=OCCURRENCE, unique=True),
    index("ix_deliveries_state", "state", "brand", "post_id"),
    index("ix_deliveries_unfinished", "brand", "due", "id", "state", where=UNFINISHED),
    index("ix_deliveries_due", "state", "due", "wake_at", "brand"),
    index("ix_deliveries_queue", "account", "state", "due", "id", "wake_at"),
    index("ix_deliveries_ready", "account", "state", "wake_at", "due", where="wake_at IS NOT NULL"),
    index("ix_deliveries_wake", "wake_at", "account", where="wake_at IS NOT NULL"),
    index("ix_deliveries_lease", "lease_owner", where="lease_owner IS NOT NULL"),
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
    index("ix_attempts_delivery", "delivery_id"),
    index("ux_attempts_open", "delivery_id", "part", where=OPEN_ATTEMPT, unique=True),
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
    index("ix_rules_look", "look_at", "post_id", where=TO_MAKE),
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
    index("ix_audit_post", "post_id"),
    index("ux_audit_chain", "brand", "seq", unique=True),
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
    index("ix_spending_brand", "brand", "day"),
)

purses = sa.Table(
    "purses",
    metadata,
    sa.Column("key", Words(), primary_key=True),
    sa.Column("asked", sa.BigInteger, nullable=False),
)

__all__ = [
    "FORETOLD",
    "MAKING",
    "OCCURRENCE",
    "OPEN_ATTEMPT",
    "STALE_CARD",
    "TO_MAKE",
    "UNDONE",
    "UNFINISHED",
    "UNSAID",
    "account_counts",
    "accounts",
    "alerts",
    "attempts",
    "audit",
    "audit_heads",
    "buckets",
    "calendar",
    "cards",
    "deliveries",
    "experiment_arms",
    "experiment_blocks",
    "experiment_looks",
    "experiment_votes",
    "experiments",
    "flagged",
    "forecasts",
    "grants",
    "groups",
    "halts",
    "identities",
    "inbox",
    "kept",
    "links",
    "looked",
    "meta",
    "metadata",
    "milestones",
    "mutes",
    "notices",
    "parts",
    "posts",
    "preparations",
    "proposals",
    "purses",
    "reminders",
    "reports",
    "reserved",
    "rules",
    "samplings",
    "snapshots",
    "spending",
    "usuals",
    "versions",
    "votes",
    "watches",
]
