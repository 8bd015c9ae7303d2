"""What was read about a published post at an instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.platform import Metrics


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A delivery's numbers at an instant. ``at``: when we read them, aware UTC.

    ``source`` says where from ("api", "report"). ``gone``: the platform says that it does not exist any
    more; its last numbers stay what they were. None in ``metrics`` is unknown, which is not zero.
    """

    delivery_id: int
    account: str
    at: datetime
    metrics: Metrics
    source: str = "api"
    gone: bool = False
    id: int = 0
