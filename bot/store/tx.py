"""One transaction as the rest of the program sees it."""

from __future__ import annotations

import sqlalchemy as sa

from bot import ports
from bot.store.accounts import SqlAccounts, SqlHalts
from bot.store.attempts import SqlAttempts
from bot.store.audit import SqlAudit, SqlMeta
from bot.store.cards import SqlCards
from bot.store.deliveries import SqlDeliveries
from bot.store.notices import SqlNotices
from bot.store.posts import SqlPosts
from bot.store.upserts import Upserts
from bot.store.votes import SqlVotes


class SqlTx:
    """`bot.ports.Tx` on a connection; who made it begins and ends the transactions."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        deliveries = SqlDeliveries(connection, upserts)
        self.deliveries: ports.Deliveries = deliveries
        self.posts: ports.Posts = SqlPosts(connection, upserts, deliveries)
        self.attempts: ports.Attempts = SqlAttempts(connection, upserts)
        self.votes: ports.Votes = SqlVotes(connection, upserts)
        self.cards: ports.Cards = SqlCards(connection)
        self.notices: ports.Notices = SqlNotices(connection, upserts)
        self.accounts: ports.Accounts = SqlAccounts(connection, upserts)
        self.halts: ports.Halts = SqlHalts(connection, upserts)
        self.audit: ports.Audit = SqlAudit(connection)
        self.meta: ports.Meta = SqlMeta(connection, upserts)
