"""What is done here now and then, and by which tasks of the engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from bot.services.chores import Chore

CHORES: tuple[Chore, ...] = ()
"""They look at the tables and defer tasks; nothing slow, as posts go out between them."""

TASKS: Mapping[str, Callable[..., Awaitable[None]]] = MappingProxyType({})
"""By the name that `Engine.defer` is given; each takes the services first, then its arguments."""
