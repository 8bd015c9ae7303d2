"""One transaction as the rest of the program sees it."""

from __future__ import annotations

import sqlalchemy as sa

from bot import ports
from bot.store.accounts import SqlAccounts, SqlHalts
from bot.store.alerts import SqlAlerts
from bot.store.attempts import SqlAttempts
from bot.store.audit import SqlAudit, SqlMeta
from bot.store.budgets import SqlBudgets
from bot.store.calendar import SqlCalendars
from bot.store.cards import SqlCards
from bot.store.deliveries import SqlDeliveries
from bot.store.echoes import SqlEchoes
from bot.store.experiments import SqlExperiments
from bot.store.forecasts import SqlForecasts
from bot.store.grants import SqlGrants
from bot.store.heard import SqlInbox
from bot.store.kept import SqlKept
from bot.store.notices import SqlNotices
from bot.store.people import SqlPeople
from bot.store.posts import SqlPosts
from bot.store.preparations import SqlPreparations
from bot.store.proposals import SqlProposals
from bot.store.queue import SqlQueue
from bot.store.reminders import SqlReminders
from bot.store.reports import SqlReports
from bot.store.rules import SqlRules
from bot.store.snapshots import SqlSnapshots
from bot.store.upserts import Upserts
from bot.store.votes import SqlVotes


class SqlTx:
    """`bot.ports.Tx` on a connection; who made it begins and ends the transactions."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        deliveries = SqlDeliveries(connection, upserts)
        self.deliveries: ports.Deliveries = deliveries
        self.queue: ports.Queue = SqlQueue(connection, deliveries)
        self.posts: ports.Posts = SqlPosts(connection, upserts, deliveries)
        self.attempts: ports.Attempts = SqlAttempts(connection, upserts)
        self.votes: ports.Votes = SqlVotes(connection, upserts)
        self.cards: ports.Cards = SqlCards(connection)
        self.notices: ports.Notices = SqlNotices(connection, upserts)
        self.accounts: ports.Accounts = SqlAccounts(connection, upserts)
        self.grants: ports.Grants = SqlGrants(connection, upserts)
        self.rules: ports.Rules = SqlRules(connection, upserts)
        self.calendars: ports.Calendars = SqlCalendars(connection, upserts)
        self.halts: ports.Halts = SqlHalts(connection, upserts)
        self.budgets: ports.Budgets = SqlBudgets(connection, upserts)
        self.echoes: ports.Echoes = SqlEchoes(connection)
        self._audit = SqlAudit(connection, upserts)
        self.audit: ports.Audit = self._audit
        self.reminders: ports.Reminders = SqlReminders(connection)
        self.people: ports.People = SqlPeople(connection, upserts)
        self.inbox: ports.Heards = SqlInbox(connection, upserts)
        self.kept: ports.Kept = SqlKept(connection, upserts)
        self.preparations: ports.Preparations = SqlPreparations(connection)
        self.snapshots: ports.Snapshots = SqlSnapshots(connection, upserts)
        self.forecasts: ports.Forecasts = SqlForecasts(connection, upserts)
        self.proposals: ports.Proposals = SqlProposals(connection, upserts)
        self.experiments: ports.Experiments = SqlExperiments(connection, upserts)
        self.alerts: ports.Alerts = SqlAlerts(connection, upserts)
        self.reports: ports.Reports = SqlReports(connection, upserts)
        self.meta: ports.Meta = SqlMeta(connection, upserts)

    def finish(self) -> None:
        """Write what waits for the end of the unit: the audit trail, whose end everybody shares."""
        self._audit.flush()

    def forget(self) -> None:
        """The unit failed: what it left for the end is dropped."""
        self._audit.forget()
