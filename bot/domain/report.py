"""What a week or a month of a brand came to: which one, and what was made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.evidence import Evidence


@dataclass(frozen=True, kw_only=True)
class Report:
    """``period`` is its name ("2026-W47", "2026-11"): from ``since`` (included) to ``until`` (not),
    aware UTC."""

    brand: str
    period: str
    since: datetime
    until: datetime


@dataclass(frozen=True, kw_only=True)
class MadeReport:
    """A report's row. ``made_at`` None: somebody is at it until ``held_until``, or died over it, ``tries``
    times so far."""

    id: int
    report: Report
    tries: int = 0
    held_until: datetime | None = None
    made_at: datetime | None = None
    evidence: Evidence | None = None
