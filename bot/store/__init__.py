"""Where the truth is: posts, the ledger, votes, cards, notices, on SQLite or PostgreSQL."""

from __future__ import annotations

from bot.store.opening import SqlStore, open_store

__all__ = ["SqlStore", "open_store"]
