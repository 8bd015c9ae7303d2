"""What a week or a month of a brand came to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Report:
    """``period`` is its name ("2026-W47", "2026-11"): from ``since`` (included) to ``until`` (not),
    aware UTC."""

    brand: str
    period: str
    since: datetime
    until: datetime
