"""/status, /halt, /resume: the state of things."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from bot.commands.context import Context, said
from bot.commands.spec import Opt, command
from bot.domain.delivery import State
from bot.domain.message import Field, Message
from bot.domain.people import Role
from bot.domain.records import Halt
from bot.domain.when import say
from bot.ports import Backlog, Tx
from bot.services.sight import unseen, unseen_words
from bot.services.stop import halt as stop
from bot.services.stop import resume as go_on


@command(role=Role.VIEW)
async def status(ctx: Context) -> Message:
    """Tell how things stand: what waits, what is in flight, what needs a person."""
    brand = ctx.brand.name

    def unit(tx: Tx) -> tuple[Backlog, Halt | None, Mapping[str, datetime | None]]:
        return tx.queue.backlog(brand), tx.halts.active(brand), unseen(ctx.svc, tx, brand)

    backlog, halted, hidden = await ctx.svc.store.read(unit)
    now, zone = ctx.svc.clock.now(), ctx.brand.timezone
    many = Counter(backlog.states)
    counts = {
        "Waits for approval": many[State.IN_REVIEW],
        "Scheduled": many[State.SCHEDULED],
        "In flight": many[State.PUBLISHING],
        "Being checked": many[State.UNCONFIRMED] - backlog.asked,
        "Needs your word": backlog.asked + many[State.HELD] + many[State.PARTIAL] + many[State.REFUSED],
    }
    fields = [Field(name=name, value=str(count)) for name, count in counts.items()]
    for name, since in hidden.items():
        fields.append(Field(name="Out of sight", value=unseen_words(ctx.svc, brand, name, since)))
    if backlog.upcoming is not None:
        due, number = backlog.upcoming
        fields.append(Field(name="Next", value=f"P{number} at {say(due, zone, now=now)}"))
    if halted is not None:
        at = say(halted.at, zone, now=now, seconds=True)
        fields.append(
            Field(
                name="Stopped", value=f"by {halted.by} at {at}{': ' + halted.reason if halted.reason else ''}"
            )
        )
    marks = ["DRY RUN — nothing is sent"] if ctx.brand.dry_run else []
    marks += ["SIMULATED — no account is connected"] if ctx.svc.simulated else []
    return Message(
        title=f"{ctx.brand.name}, {say(now, zone)}", fields=tuple(fields), footer=" · ".join(marks)
    )


@command(role=Role.CREATE)
async def halt(
    ctx: Context,
    *,
    reason: Annotated[str, Opt("Why, for the others", long=True, positional=True)] = "",
) -> Message:
    """Stop sending for this brand at once."""
    return said(await stop(ctx.svc, ctx.brand, ctx.user, reason))


@command(role=Role.APPROVE)
async def resume(ctx: Context) -> Message:
    """Send again after /halt."""
    return said(await go_on(ctx.svc, ctx.brand, ctx.user))
