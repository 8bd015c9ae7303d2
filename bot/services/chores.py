"""What has to be looked after now and then, whatever is due: chores, at their own pace.

A chore is level-triggered like everything else: it looks at the tables, does what it finds,
and is right when it runs twice, late or never. When it last ran lives in memory only.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.errors import BotError

if TYPE_CHECKING:
    from bot.services.context import Services


@dataclass(frozen=True, kw_only=True)
class Chore:
    """``run`` is called at the start and then every ``every``; failing costs one turn."""

    name: str
    every: timedelta
    run: Callable[[Services], Awaitable[None]]


def due(svc: Services, chore: Chore, now: datetime) -> bool:
    """Whether its time has come; a clock that went back does not silence it."""
    last = svc.chored.get(chore.name)
    return last is None or not last <= now < last + chore.every


async def do_chores(svc: Services, chores: tuple[Chore, ...]) -> None:
    """Run every chore whose time has come, one after the other."""
    now = svc.clock.now()
    for chore in chores:
        if not due(svc, chore, now):
            continue
        svc.chored[chore.name] = now
        try:
            await chore.run(svc)
        except BotError as error:
            svc.log.error("chore_failed", chore=chore.name, error=str(error))
        except Exception as error:
            # A fault of ours in what is done now and then must not keep posts from going out.
            svc.log.error("chore_broke", chore=chore.name, error=type(error).__name__, exc_info=error)


def next_chore(svc: Services, chores: tuple[Chore, ...]) -> datetime | None:
    """When the first of them is due again; None while there are none."""
    return min((svc.chored[c.name] + c.every for c in chores if c.name in svc.chored), default=None)
