"""The tables of the chats: what is shown and said there, who people are, what was heard."""

from __future__ import annotations

import sqlalchemy as sa

from bot.domain.approval import Via
from bot.store.columns import Instant, JsonText, Named, Words, by_bytes, row_id
from bot.store.metadata import index, metadata

STALE_CARD = "painted < wanted"
UNSAID = "NOT sent"
UNDONE = "NOT done"

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
    index("ix_cards_post", "post_id"),
    index("ix_cards_ref", "chat", "channel", "ref"),
    index("ix_cards_stale", "not_before", "id", where=STALE_CARD),
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
    sa.Column("below", Words()),
    index("ix_notices_ref", "chat", "channel", "ref"),
    index("ix_notices_due", "not_before", "id", where=UNSAID),
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
    index("ix_identities_member", "member"),
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
    index("ix_inbox_at", "at"),
    index("ix_inbox_undone", "at", "key", where=UNDONE),
)


kept = sa.Table(
    "kept",
    metadata,
    sa.Column("post_id", row_id(), sa.ForeignKey("posts.id"), primary_key=True, autoincrement=False),
    sa.Column("member", Words(), primary_key=True),
    sa.Column("brand", Words(), nullable=False),
    sa.Column("via", Named(Via), nullable=False),
    sa.Column("at", Instant(), nullable=False),
    index("ix_kept_brand", "brand", "at"),
)
