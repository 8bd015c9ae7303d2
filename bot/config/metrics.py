"""``metric = "engagement"``: what a brand goes by when it says that one post did better than another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.people import METRICS
from bot.domain.words import did_you_mean, listed

if TYPE_CHECKING:
    from bot.config.table import Table


def read_metric(table: Table) -> str:
    """One of `METRICS`; what is none of them is told, and the first counts."""
    metric = table.take("metric", str, METRICS[0])
    if metric in METRICS:
        return metric
    quoted = listed([f'"{name}"' for name in METRICS], "or")
    table.wrong(
        "metric",
        f"{metric!r} is nothing that is counted{did_you_mean(metric, METRICS) or f'; write {quoted}'}",
    )
    return METRICS[0]
