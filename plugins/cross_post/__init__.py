"""Winners: posts far above their account's usual, and what could be made of them elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.api import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.api import Optimizer

__all__ = ["register_optimizers"]


@hookimpl
def register_optimizers() -> Iterable[Optimizer]:
    """What this plugin advises."""
    return ()
