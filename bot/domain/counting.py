"""How a platform tells how posts do: how many at a time, at what price, how often, until when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.money import Price
from bot.domain.post import Variant
from bot.domain.rates import Rate


@dataclass(frozen=True, kw_only=True)
class Counting:
    """Declarative facts about reading numbers; each comes with its source in the plugin's folder.

    ``at_once``: posts that one question takes; ``calls``: requests that one question makes. ``rates``: how
    many requests are taken. ``price``: what a post costs to read; ``once_a_day``: read again on the same UTC
    day it costs nothing. ``full_until``: the age of a post from which on some of its numbers cannot be
    read any more, so that a last look is due before. ``lag``: how far behind the numbers may be.
    ``lasts``: how long a post like this is to be seen at all, None for good; afterwards nobody misses it.
    ``followers``: `Publisher.check` tells how many follow the account, and asking daily costs nothing.
    """

    at_once: int = 20
    calls: int = 1
    rates: tuple[Rate, ...] = ()
    price: Price | None = None
    once_a_day: bool = False
    full_until: timedelta | None = None
    lasts: Callable[[Variant], timedelta | None] | None = None
    lag: timedelta = timedelta(0)
    followers: bool = False

    def questions(self, posts: int) -> int:
        """Requests that so many posts take."""
        return -(-posts // self.at_once) * self.calls

    def fits(self, requests: int) -> int:
        """The inverse: posts that so many requests are enough for."""
        return requests // self.calls * self.at_once

    def costs(self, read_at: datetime | None, now: datetime) -> int:
        """Micro-dollars of reading one post now that was last read at ``read_at``."""
        if self.price is None:
            return 0
        again = read_at is not None and read_at.astimezone(UTC).date() == now.astimezone(UTC).date()
        return 0 if again and self.once_a_day else self.price.micros
