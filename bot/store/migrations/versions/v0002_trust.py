"""Secrets, budgets, recurrence and a chained audit trail."""

from __future__ import annotations

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _secrets()
    _budgets()
    _calendar()
    _approvals()


def _secrets() -> None:
    """What accounts were granted, sealed."""


def _budgets() -> None:
    """Rates and money."""


def _calendar() -> None:
    """Rules, slots and days off."""


def _approvals() -> None:
    """The chained trail, reminders."""
