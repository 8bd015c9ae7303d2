"""What is done here now and then, and by which tasks of the engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

from bot.domain.crosspost import OFF
from bot.services.chores import Chore
from bot.services.context import Services
from bot.services.proposing.asking import judge_of
from bot.services.proposing.crossposts import propose_crossposts
from bot.services.proposing.propose import lapse

CROSSPOSTS = "crossposts"
LOOK, LAPSE = timedelta(minutes=30), timedelta(minutes=5)


async def look_for_winners(svc: Services) -> None:
    """One task for each brand that has more than one account and wants it."""
    if judge_of(svc) is None:
        return
    for brand in svc.brands.values():
        if brand.crosspost.mode != OFF and len(svc.accounts_of(brand.name)) > 1:
            await svc.engine.defer(
                CROSSPOSTS, brand.name, key=f"{CROSSPOSTS}:{brand.name}", queue="autonomous"
            )


async def let_lapse(svc: Services) -> None:
    """Proposals that nobody decided about in time."""
    await lapse(svc)


CHORES: tuple[Chore, ...] = (
    Chore(name="winners", every=LOOK, run=look_for_winners),
    Chore(name="proposals", every=LAPSE, run=let_lapse),
)
"""They look at the tables and defer tasks; nothing slow, as posts go out between them."""

TASKS: Mapping[str, Callable[..., Awaitable[None]]] = MappingProxyType({CROSSPOSTS: propose_crossposts})
"""By the name that `Engine.defer` is given; each takes the services first, then its arguments."""
