"""What was announced, once, and what people do not want to hear for a while."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.upserts import Upserts


class SqlAlerts:
    """`bot.ports.Alerts` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts
