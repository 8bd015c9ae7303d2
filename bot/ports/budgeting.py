"""What a transaction knows of rates, money and what was said before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.delivery import State
from bot.domain.rates import Bucket


class Budgets(Protocol):
    """Buckets of rates, and what was spent. Spending itself is written with the attempts."""

    def bucket(self, key: str) -> Bucket:
        """The bucket; nobody else reads it for writing until the transaction ends."""

    def keep(self, key: str, bucket: Bucket) -> None: ...
    def lock(self, key: str) -> None:
        """Only one at a time decides about the money under ``key``, until the transaction ends."""

    def spent(
        self, *, since: datetime, until: datetime, account: str | None = None, brand: str | None = None
    ) -> int:
        """Micro-dollars of an account or a brand on the days from ``since`` up to ``until``:
        what came off and what may yet (calls whose outcome is open)."""

    def charge(self, account: str, brand: str, day: datetime, amount: int) -> None:
        """Count micro-dollars that no attempt's row stands for, as for reading; below 0 gives back."""

    def reserved(self, *, account: str | None = None, brand: str | None = None) -> int:
        """The part of it that belongs to calls whose outcome is open."""


@dataclass(frozen=True, kw_only=True)
class Echo:
    """What an account said, or is about to say: enough to be shown beside a new post."""

    post_id: int
    delivery_id: int
    state: State
    due: datetime
    text: str
    url: str | None = None


class Echoes(Protocol):
    """What an account said and will say; a bounded number of rows, however much is stored."""

    def near(
        self, account: str, *, since: datetime, until: datetime, states: tuple[State, ...], limit: int
    ) -> tuple[Echo, ...]:
        """Deliveries due in the span (both ends included), the latest ``limit`` in each state."""
