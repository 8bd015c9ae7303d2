"""By which task of the engine a card gets its numbers; whoever has read some defers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from bot.services.showing.numbers import show_numbers

TASKS: Mapping[str, Callable[..., Awaitable[None]]] = MappingProxyType({"numbers": show_numbers})
"""By the name that `Engine.defer` is given."""
