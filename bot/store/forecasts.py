"""The ledger of what was predicted for a time, and what came of it."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.upserts import Upserts


class SqlForecasts:
    """`bot.ports.Forecasts` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts
