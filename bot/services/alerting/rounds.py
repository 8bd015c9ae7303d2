"""What is done here now and then, and by which tasks of the engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

from bot.services.alerting.announce import say_due
from bot.services.alerting.health import check_health
from bot.services.alerting.look import look
from bot.services.chores import Chore
from bot.services.context import Services

LOOK = "look for news"
"""The engine's task that looks at one account; at most one at a time for each."""


async def hand_out(svc: Services) -> None:
    """Hand every account of which something new was read to the engine."""
    for name in await svc.store.read(lambda tx: tx.alerts.unlooked_accounts()):
        if name not in svc.accounts:
            continue  # nobody is told of what is not configured any more
        await svc.engine.defer(LOOK, name, key=f"{LOOK}:{name}", queue="metrics")


CHORES: tuple[Chore, ...] = (
    Chore(name=LOOK, every=timedelta(seconds=15), run=hand_out),
    Chore(name="publishing health", every=timedelta(minutes=10), run=check_health),
    Chore(name="say news", every=timedelta(seconds=15), run=say_due),
)
"""They look at the tables and defer tasks; nothing slow, as posts go out between them."""

TASKS: Mapping[str, Callable[..., Awaitable[None]]] = MappingProxyType({LOOK: look})
"""By the name that `Engine.defer` is given; each takes the services first, then its arguments."""
