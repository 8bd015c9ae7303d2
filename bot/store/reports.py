"""Reports that were made, once for each brand and period."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.upserts import Upserts


class SqlReports:
    """`bot.ports.Reports` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts
