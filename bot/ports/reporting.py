"""Reports that were made, once for each brand and period."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.evidence import Evidence
from bot.domain.report import MadeReport, Report


class Reports(Protocol):
    """Reports that were made, once for each brand and period."""

    def claim(
        self, report: Report, *, owner: str, now: datetime, lease: timedelta, most: int
    ) -> MadeReport | None:
        """Make it ours to make. None when it was made, when somebody else is at it (for the time of
        ``lease``), and after ``most`` tries."""

    def done(self, number: int, *, owner: str, at: datetime, evidence: Evidence) -> bool:
        """It is about to be said, with what it rests on; False when it is not ours any more."""

    def get(self, number: int) -> MadeReport | None: ...
    def of_period(self, brand: str, period: str) -> MadeReport | None: ...
    def latest(self, brand: str) -> MadeReport | None:
        """The one that was made last."""
