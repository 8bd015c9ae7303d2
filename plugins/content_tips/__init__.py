"""Tips about a draft: what is certain, what this account's own posts show, what holds in general."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.api import hookimpl
from plugins.content_tips.adviser import ContentTips

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.api import Optimizer

__all__ = ["register_optimizers"]


@hookimpl
def register_optimizers() -> Iterable[Optimizer]:
    """What this plugin advises."""
    return (ContentTips(),)
