"""Tests of titles, covers and captions: planned before they begin, judged by rules set beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.api import hookimpl
from plugins.experiments.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.api import Optimizer

__all__ = ["register_optimizers"]


@hookimpl
def register_optimizers() -> Iterable[Optimizer]:
    """What this plugin advises."""
    return (Desk(),)
