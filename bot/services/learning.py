"""Everything that is learned and told after publishing, as the pump and the engine are given it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from bot.services.advising import rounds as advising
from bot.services.alerting import rounds as alerting
from bot.services.chores import Chore
from bot.services.experimenting import rounds as experimenting
from bot.services.measuring import rounds as measuring
from bot.services.proposing import rounds as proposing
from bot.services.reporting import rounds as reporting
from bot.services.showing import rounds as showing

CHORES: tuple[Chore, ...] = (
    *measuring.CHORES,
    *alerting.CHORES,
    *advising.CHORES,
    *proposing.CHORES,
    *experimenting.CHORES,
    *reporting.CHORES,
)
"""In the order in which they run: what is told of numbers comes after they are read."""

TASKS: Mapping[str, Callable[..., Awaitable[None]]] = MappingProxyType(
    {
        **measuring.TASKS,
        **alerting.TASKS,
        **advising.TASKS,
        **proposing.TASKS,
        **experimenting.TASKS,
        **reporting.TASKS,
        **showing.TASKS,
    }
)
