"""What was read about published posts."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.upserts import Upserts


class SqlSnapshots:
    """`bot.ports.Snapshots` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts
