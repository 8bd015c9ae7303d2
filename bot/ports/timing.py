"""The ledger of what was predicted for a time, and what came of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from bot.domain.forecast import Forecast


class Forecasts(Protocol):
    """The ledger of what was predicted for a time, and what came of it: one row for each delivery whose
    time Clarion chose, or a person took from what it proposed."""

    def put(self, forecast: Forecast) -> Forecast:
        """Write a delivery's forecast; one that is still open gives way, one that is closed stays.

        The ``id`` given is ignored and the real one returned.
        """

    def of_delivery(self, delivery_id: int) -> Forecast | None: ...
    def of_post(self, post_id: int) -> tuple[Forecast, ...]: ...
    def at(self, account: str, slot: datetime) -> Forecast | None:
        """The open forecast of an account for that very instant; the newest where there are several."""

    def close(
        self,
        id_: int,
        *,
        at: datetime,
        realised: float | None = None,
        compared: int = 0,
        why: str = "",
    ) -> bool:
        """What it came to, or ``why`` it never will; False when that had been written before."""

    def drop(self, delivery_id: int) -> None:
        """The time was chosen by somebody else after all: an open forecast is forgotten."""

    def open(self, brand: str, *, before: datetime, limit: int = 200) -> tuple[Forecast, ...]:
        """Open ones whose slot lies before an instant, the earliest first."""

    def brands_open(self, *, before: datetime) -> tuple[str, ...]:
        """Brands that have any of those."""

    def realised(self, brand: str, *, account: str | None = None, limit: int = 500) -> tuple[Forecast, ...]:
        """What has been compared, the newest last; of one account where it is named.

        Without ``later``, ``rows`` and ``facts``, which nobody compares by.
        """

    def recent(self, brand: str, *, account: str | None = None, limit: int = 20) -> tuple[Forecast, ...]:
        """The newest rows, whatever became of them, the newest first."""

    def count(self, account: str) -> int:
        """How many of an account there ever were: the number of the next choice."""

    def explored(self, ids: Collection[int]) -> frozenset[int]:
        """Those of the deliveries whose hour was tried in order to learn from it."""

    def slots(self, ids: Collection[int]) -> Mapping[int, datetime]:
        """The instants that were foretold for these deliveries, by delivery."""
