"""/report: what a week or a month came to."""

from __future__ import annotations

import secrets
from typing import Annotated, Literal

from bot.commands.context import Context, said
from bot.commands.spec import Opt, command
from bot.domain.message import Message
from bot.domain.people import Role
from bot.domain.periods import parse_period
from bot.errors import NotFound
from bot.services.reporting.make import make


@command(role=Role.VIEW)
async def report(
    ctx: Context,
    *,
    what: Annotated[Literal["week", "month"], Opt("A week or a month", positional=True)] = "week",
    for_: Annotated[str, Opt("Which one: 2026-W46, 2026-11, last, this")] = "last",
) -> Message:
    """Tell what a week or a month came to, with charts.

    Everything in it is reckoned now, from what has been read by now. Posts are compared with others at
    the same age, so a period that has just ended is compared with earlier ones as they stood then.
    """
    svc, brand = ctx.svc, ctx.brand
    period = parse_period(for_, what, now=svc.clock.now(), zone=brand.timezone)
    home = svc.channels(brand.name)
    here = [target for target in home if target.address == ctx.target.address]
    where = here or home[:1]
    if not where:
        raise NotFound(f"{brand.name} has no channel to tell it in. Add one to its `channels`.")
    await make(svc, brand, period, where, f"report:{brand.name}:{period.name}:{secrets.token_hex(6)}")
    return said(f"{period.title} of {brand.name}, {'here' if here else f'in {where[0].address}'}:")
