"""Winners: posts far above their account's usual, and what could be made of them elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.api import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bot.api import Absolute, Interval, Optimizer, Performer, PostOutcome, PostStanding, Relative

__all__ = ["register_optimizers"]


class CrossPost:
    """Implements `bot.api.Winners`; what computes is imported when it is first asked."""

    name = "cross_post"
    title = "Winners"

    def high_performers(
        self, posts: Sequence[PostOutcome], *, policy: Absolute | Relative, now: datetime
    ) -> list[Performer]:
        from plugins.cross_post import api

        return api.high_performers(posts, policy=policy, now=now)

    def standings(self, posts: Sequence[PostOutcome], *, now: datetime) -> list[PostStanding]:
        from plugins.cross_post import api

        return api.standings(posts, now=now)

    def expected(self, ratios: Sequence[float]) -> Interval | None:
        from plugins.cross_post import api

        return api.expected(ratios)


@hookimpl
def register_optimizers() -> Iterable[Optimizer]:
    """What this plugin advises."""
    return (CrossPost(),)
