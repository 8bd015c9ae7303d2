"""What a claim rests on: enough to say it again from the rows it cites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.post import Json


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """``method`` names how it was computed, with its version ("best_time/1"); ``rows`` are the ids of what it
    was computed from, of the ``kind`` of rows ("snapshot", "delivery"), ``facts`` whatever else went in
    (a seed, a policy) and came out. ``n`` posts between ``since`` and ``until``, read at ``at``."""

    method: str
    at: datetime
    n: int
    kind: str = "delivery"
    rows: tuple[int, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)
