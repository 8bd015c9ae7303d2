"""What is done here now and then, and by which tasks of the engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

from bot.services.chores import Chore
from bot.services.context import Services
from bot.services.measuring import followers
from bot.services.measuring.begin import catch_up
from bot.services.measuring.read import measure_account

MEASURE = "measure"
"""The engine's task that reads one account; at most one at a time for each."""


async def hand_out(svc: Services) -> None:
    """Hand every account with something to look at to the engine, on a queue of its platform."""
    now = svc.clock.now()
    for name in await svc.store.read(lambda tx: tx.snapshots.due_accounts(now)):
        connected = svc.accounts.get(name)
        queue = f"metrics:{connected.platform.name}" if connected else "metrics"
        await svc.engine.defer(MEASURE, name, key=f"{MEASURE}:{name}", queue=queue)


CHORES: tuple[Chore, ...] = (
    Chore(name="watch what is live", every=timedelta(hours=6), run=catch_up),
    Chore(name=MEASURE, every=timedelta(seconds=15), run=hand_out),
    Chore(name=followers.FOLLOWERS, every=timedelta(hours=1), run=followers.hand_out),
)
"""They look at the tables and defer tasks; nothing slow, as posts go out between them."""

TASKS: Mapping[str, Callable[..., Awaitable[None]]] = MappingProxyType(
    {MEASURE: measure_account, followers.FOLLOWERS: followers.count_followers}
)
"""By the name that `Engine.defer` is given; each takes the services first, then its arguments."""
