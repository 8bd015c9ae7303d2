"""Experiments that have something to do: found here, done by the engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

from bot.services.chores import Chore
from bot.services.context import Services
from bot.services.experimenting.arms import look_at_posts
from bot.services.experimenting.deciding import EXPERIMENT, QUEUE
from bot.services.experimenting.swapping import step


async def due(svc: Services) -> None:
    """Hand every experiment whose time has come to the engine."""
    now = svc.clock.now()
    for number in await svc.store.read(lambda tx: tx.experiments.due(now)):
        await svc.engine.defer(EXPERIMENT, number, key=f"{EXPERIMENT}:{number}", queue=QUEUE)


async def experiment(svc: Services, number: int) -> None:
    """The engine's task: one step of one experiment."""
    await step(svc, number)
    await look_at_posts(svc, number)


CHORES: tuple[Chore, ...] = (Chore(name="experiments", every=timedelta(minutes=1), run=due),)
"""They look at the tables and defer tasks; nothing slow, as posts go out between them."""

TASKS: Mapping[str, Callable[..., Awaitable[None]]] = MappingProxyType({EXPERIMENT: experiment})
"""By the name that `Engine.defer` is given; each takes the services first, then its arguments."""
