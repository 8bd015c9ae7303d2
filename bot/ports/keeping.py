"""What people put aside for later."""

from __future__ import annotations

from typing import Protocol

from bot.domain.records import Keepsake


class Kept(Protocol):
    """Published posts that people want to keep."""

    def put(self, keepsake: Keepsake) -> bool:
        """False when this person keeps it already."""

    def drop(self, post_id: int, member: str) -> bool: ...
    def of_post(self, post_id: int) -> tuple[Keepsake, ...]: ...
    def of_brand(self, brand: str, limit: int = 100) -> tuple[Keepsake, ...]:
        """The newest first."""
