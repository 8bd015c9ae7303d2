"""The optimizer as the bot asks it. Arrays are imported when it is asked, not when the bot starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.api import Audience, PostOutcome, SlotAdvice, SlotScores

if TYPE_CHECKING:
    from plugins.best_time.api import Model


class WeekCurves:
    """Satisfies `bot.api.BestTimes`."""

    name = "best_time"
    title = "Best times"

    def fit(self, posts: Sequence[PostOutcome], *, zones: Mapping[str, str], now: datetime) -> Model:
        """See `plugins.best_time.api.fit`."""
        from plugins.best_time import api

        return api.fit(posts, zones=zones, now=now)

    def recommend(
        self,
        model: Model,
        *,
        account_id: str,
        platform: str,
        content_type: str,
        tz: str,
        window: tuple[datetime, datetime],
        now: datetime,
        seed: int,
        audience: Audience | None = None,
        chart: Sequence[float] | None = None,
        quiet: Sequence[tuple[int, int]] = (),
        busy: Sequence[datetime] = (),
        k: int = 3,
        min_gap: timedelta = timedelta(hours=3),
        explore: bool = True,
        slope: float | None = None,
    ) -> list[SlotAdvice]:
        """See `plugins.best_time.api.recommend`; the same seed gives the same advice again.

        An hour that is tried comes first here: whoever places a post by itself takes the first.
        """
        from numpy.random import default_rng

        from plugins.best_time import api

        found = api.recommend(
            model,
            account_id=account_id,
            platform=platform,
            content_type=content_type,
            tz=tz,
            window=window,
            now=now,
            rng=default_rng(seed),
            audience=audience,
            chart=chart,
            quiet=quiet,
            busy=busy,
            k=k,
            min_gap=min_gap,
            explore=explore,
            slope=slope,
        )
        return sorted(found, key=lambda one: not one.explore)

    def score_slots(
        self,
        model: Model,
        *,
        account_id: str,
        platform: str,
        content_type: str,
        audience: Audience | None = None,
        chart: Sequence[float] | None = None,
    ) -> SlotScores:
        """See `plugins.best_time.api.score_slots`."""
        from plugins.best_time import api

        return api.score_slots(
            model,
            account_id=account_id,
            platform=platform,
            content_type=content_type,
            audience=audience,
            chart=chart,
        )
