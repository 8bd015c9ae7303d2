"""Models that have been fitted, kept in memory while they are fresh: one for each brand."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.domain.claims import Record

FRESH = timedelta(hours=1)
"""How long a model is asked without a look at whether numbers have come."""

MOST = 32
"""Brands whose model is kept; a model of 500 accounts takes a few MB."""


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A brand's model with what it was fitted on: ``rows`` are deliveries by account, ``newest`` the last
    reading among them. ``record``: what the brand's claims came to until then."""

    model: Any
    method: str
    at: datetime
    rows: dict[str, tuple[int, ...]]
    newest: datetime | None
    record: Record = field(default_factory=Record)


@dataclass
class Fits:
    """The models of this process; ``lock`` lets one fit at a time."""

    known: OrderedDict[str, Fit] = field(default_factory=OrderedDict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def fresh(self, brand: str, now: datetime) -> Fit | None:
        """The brand's model, unless it is too old; a clock that went back makes it old."""
        found = self.known.get(brand)
        if found is None or not found.at <= now < found.at + FRESH:
            return None
        self.known.move_to_end(brand)
        return found

    def keep(self, brand: str, fit: Fit) -> None:
        self.known[brand] = fit
        self.known.move_to_end(brand)
        while len(self.known) > MOST:
            self.known.popitem(last=False)

    def stale(self, now: datetime) -> tuple[str, ...]:
        """Brands whose model has to be fitted again before it is asked."""
        return tuple(name for name, fit in self.known.items() if not fit.at <= now < fit.at + FRESH)

    def forget(self, brand: str) -> None:
        """Numbers have come that it does not know."""
        self.known.pop(brand, None)
