"""One transaction, and the store that runs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from bot.ports.alerting import Alerts
from bot.ports.budgeting import Budgets, Echoes
from bot.ports.experimenting import Experiments
from bot.ports.granting import Grants
from bot.ports.keeping import Kept
from bot.ports.measuring import Snapshots
from bot.ports.preparing import Preparations
from bot.ports.proposing import Proposals
from bot.ports.queueing import Queue
from bot.ports.reporting import Reports
from bot.ports.saying import Cards, Heards, Notices
from bot.ports.storing import (
    Accounts,
    Attempts,
    Audit,
    Calendars,
    Deliveries,
    Halts,
    Meta,
    People,
    Posts,
    Reminders,
    Rules,
    Votes,
)
from bot.ports.timing import Forecasts

T = TypeVar("T")


class Tx(Protocol):
    """One transaction. Plain calls, so that nothing can wait for the network inside it."""

    posts: Posts
    deliveries: Deliveries
    queue: Queue
    attempts: Attempts
    votes: Votes
    cards: Cards
    notices: Notices
    accounts: Accounts
    grants: Grants
    rules: Rules
    calendars: Calendars
    halts: Halts
    budgets: Budgets
    echoes: Echoes
    audit: Audit
    reminders: Reminders
    people: People
    inbox: Heards
    kept: Kept
    preparations: Preparations
    snapshots: Snapshots
    forecasts: Forecasts
    proposals: Proposals
    experiments: Experiments
    alerts: Alerts
    reports: Reports
    meta: Meta


class Store(Protocol):
    """Where the truth is. A unit is a plain function of a `Tx` and may be run twice."""

    async def write(self, unit: Callable[[Tx], T]) -> T:
        """Run ``unit`` in a write transaction and return its result after the commit.

        Concurrent units may share one commit, each behind a savepoint of its own; when the
        commit itself fails each is run once more alone. So a unit must not touch anything
        but its `Tx`.
        """

    async def read(self, unit: Callable[[Tx], T]) -> T:
        """Run ``unit`` on a consistent snapshot; writing in it is an error."""

    async def aclose(self) -> None: ...
