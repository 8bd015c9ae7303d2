"""Best times: a shrunken curve over the week for each account, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.api import hookimpl
from plugins.best_time.adviser import WeekCurves

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.api import Optimizer

__all__ = ["register_optimizers"]


@hookimpl
def register_optimizers() -> Iterable[Optimizer]:
    """What this plugin advises."""
    return (WeekCurves(),)
