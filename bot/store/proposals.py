"""What was proposed to people, once for each reason, and what they said."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.upserts import Upserts


class SqlProposals:
    """`bot.ports.Proposals` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts
