"""Tests that were planned before they began, and what was observed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from bot.domain.approval import Vote
from bot.domain.trial import Arm, Experiment, Looked, Phase, Shown


class Experiments(Protocol):
    """Tests that were planned before they began, and what was observed."""

    def add(self, experiment: Experiment) -> Experiment:
        """Write a new one; the ``id`` given is ignored, the real one is in the answer."""

    def get(self, number: int) -> Experiment | None: ...
    def of_brand(self, brand: str, phases: Collection[Phase] = (), limit: int = 50) -> tuple[Experiment, ...]:
        """The newest first; all of them where no phase is named."""

    def of_delivery(self, delivery_id: int) -> tuple[Experiment, ...]: ...
    def due(self, now: datetime, limit: int = 50) -> tuple[int, ...]:
        """Those that have something to do by ``now``, the longest due first."""

    def save(self, experiment: Experiment) -> bool:
        """Overwrite the row if it still has this ``turn``, which then counts on; else False."""

    def vote(self, number: int, vote: Vote) -> None:
        """A person's opinion on the variants; a later one of the same person replaces it."""

    def votes(self, number: int) -> tuple[Vote, ...]: ...
    def keep(self, block: Shown) -> None:
        """Write what became of a block, over what was written before."""

    def blocks(self, number: int) -> tuple[Shown, ...]: ...
    def look(self, looked: Looked) -> bool:
        """Write a look down; False when that look was taken before."""

    def looks(self, number: int) -> tuple[Looked, ...]: ...
    def assign(self, arm: Arm) -> bool:
        """Give a post its variant; False when the post has one, or the place is taken."""

    def arms(self, number: int) -> tuple[Arm, ...]: ...
    def arm_of(self, post_id: int) -> Arm | None: ...
