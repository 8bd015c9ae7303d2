"""Tests that were planned before they began, and what was observed."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.upserts import Upserts


class SqlExperiments:
    """`bot.ports.Experiments` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts
