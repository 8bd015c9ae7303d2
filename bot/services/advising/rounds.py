"""What is done here now and then, and by which tasks of the engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

from bot.services.advising.ledger import SETTLE, due_claims, settle_claims
from bot.services.advising.times import fitted
from bot.services.chores import Chore
from bot.services.context import Services

REFIT = "fit-times"
"""The engine's task that fits one brand's model again, so that nobody has to wait for it."""


async def refresh_models(svc: Services) -> None:
    """Models that somebody has asked lately are kept fresh; one that nobody asks is not fitted."""
    now = svc.clock.now()
    for brand in svc.fits.stale(now):
        if brand in svc.brands:
            await svc.engine.defer(REFIT, brand, key=f"{REFIT}:{brand}", queue="metrics")


async def refit(svc: Services, brand: str) -> None:
    """Fit the brand's model to what is known now."""
    await fitted(svc, brand)


CHORES: tuple[Chore, ...] = (
    Chore(name=SETTLE, every=timedelta(hours=1), run=due_claims),
    Chore(name=REFIT, every=timedelta(hours=6), run=refresh_models),
)
"""They look at the tables and defer tasks; nothing slow, as posts go out between them."""

TASKS: Mapping[str, Callable[..., Awaitable[None]]] = MappingProxyType({SETTLE: settle_claims, REFIT: refit})
"""By the name that `Engine.defer` is given; each takes the services first, then its arguments."""
