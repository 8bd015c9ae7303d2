"""Best times without the bot: pure functions, typed; ``now`` and ``rng`` are passed in.

`fit` learns from what became of posts, `recommend` advises when to post, `score_slots` scores a whole
week. All instants are aware UTC; an instant without a zone is a ValueError.
"""

from __future__ import annotations

from bot.api import (
    CROSSPOST,
    EXPLORE,
    HERO,
    PAID,
    TEST,
    Audience,
    Interval,
    PostOutcome,
    SlotAdvice,
    SlotScores,
)
from plugins.best_time.advice import recommend, score_slots
from plugins.best_time.charts import chart
from plugins.best_time.model import Model, fit

__all__ = [
    "CROSSPOST",
    "EXPLORE",
    "HERO",
    "PAID",
    "TEST",
    "Audience",
    "Interval",
    "Model",
    "PostOutcome",
    "SlotAdvice",
    "SlotScores",
    "chart",
    "fit",
    "recommend",
    "score_slots",
]
