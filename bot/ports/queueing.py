"""What a transaction knows of the work of a brand, as people ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.delivery import Delivery, State


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """What is unfinished, in numbers. ``asked``: unconfirmed ones that only a person can settle;
    ``upcoming``: due time and post of the first that is scheduled."""

    states: Mapping[State, int]
    asked: int = 0
    upcoming: tuple[datetime, int] | None = None


class Queue(Protocol):
    """Unfinished deliveries of a brand; what it costs does not grow with those nobody asked for."""

    def backlog(self, brand: str) -> Backlog: ...
    def open(self, brand: str, *, since: datetime, until: datetime, limit: int = 200) -> tuple[Delivery, ...]:
        """By due time; of those that are only scheduled the ones from ``since`` up to before ``until``."""
