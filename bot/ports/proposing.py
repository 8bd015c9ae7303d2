"""What was proposed to people, once for each reason, and what they said."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from bot.domain.proposal import Proposal, Standing


class Proposals(Protocol):
    """What was proposed to people, once for each reason, and what they said."""

    def put(self, proposal: Proposal) -> Proposal | None:
        """Write it, unless its brand has one with the same key, whatever became of that: then None.
        The ``id`` given is ignored; the real one is in the answer."""

    def get(self, number: int) -> Proposal | None: ...
    def of_key(self, brand: str, key: str) -> Proposal | None: ...
    def of_brand(
        self, brand: str, standing: Collection[Standing] = (), limit: int = 50
    ) -> tuple[Proposal, ...]:
        """The newest first; all of them where no ``standing`` is named."""

    def of_source(self, post_id: int) -> tuple[Proposal, ...]:
        """What was made from a post, in the order in which it was proposed."""

    def made(self, brand: str, kind: str) -> Mapping[int, Proposal]:
        """Posts that were made of proposals of a kind, by their number."""

    def decide(
        self, number: int, *, turn: int, standing: Standing, by: str, at: datetime, why: str = ""
    ) -> bool:
        """Move it on, if nobody has since ``turn``; False when somebody has. The turn grows by one."""

    def settle(self, number: int, post_id: int) -> None:
        """Write down the post that was made of it; the first one stays."""

    def due(self, now: datetime, limit: int = 100) -> tuple[Proposal, ...]:
        """Open ones whose time is over."""

    def forbid(self, brand: str, post_id: int, member: str, at: datetime) -> bool:
        """Nothing is to be made of this post elsewhere; False when that was said before."""

    def allow(self, post_id: int) -> bool:
        """Take that back; False when nobody had said it."""

    def forbidden(self, post_id: int) -> str | None:
        """Who said so, if anybody did."""
