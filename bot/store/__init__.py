"""Where the truth is: posts, the ledger, votes, cards, notices, on SQLite or PostgreSQL."""

from __future__ import annotations

from bot.store.copying import copy_database, tame
from bot.store.opening import SqlStore, open_store

__all__ = ["SqlStore", "copy_database", "open_store", "tame"]
