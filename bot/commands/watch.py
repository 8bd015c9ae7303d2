"""/status, /halt, /resume: the state of things."""

from __future__ import annotations

from typing import Annotated

from bot.commands.context import Context, said
from bot.commands.spec import Opt, command
from bot.domain.delivery import State
from bot.domain.message import Field, Message
from bot.domain.people import Role
from bot.domain.when import say
from bot.services.sight import unseen, unseen_words
from bot.services.stop import halt as stop
from bot.services.stop import resume as go_on


@command(role=Role.VIEW)
async def status(ctx: Context) -> Message:
    """Tell how things stand: what waits, what is in flight, what needs a person."""
    rows = await ctx.svc.store.read(lambda tx: tx.deliveries.unfinished(ctx.brand.name, limit=1000))
    halted = await ctx.svc.store.read(lambda tx: tx.halts.active(ctx.brand.name))
    now, zone = ctx.svc.clock.now(), ctx.brand.timezone
    asked = [d for d in rows if d.state is State.UNCONFIRMED and d.wake_at is None]
    upcoming = sorted((d.due, d.post_id) for d in rows if d.state is State.SCHEDULED and d.due)[:1]
    counts = {
        "Waits for approval": sum(d.state is State.IN_REVIEW for d in rows),
        "Scheduled": sum(d.state is State.SCHEDULED for d in rows),
        "In flight": sum(d.state is State.PUBLISHING for d in rows),
        "Being checked": sum(d.state is State.UNCONFIRMED for d in rows) - len(asked),
        "Needs your word": len(asked)
        + sum(d.state in (State.HELD, State.PARTIAL, State.REFUSED) for d in rows),
    }
    fields = [Field(name=name, value=str(count)) for name, count in counts.items()]
    hidden = await ctx.svc.store.read(lambda tx: unseen(ctx.svc, tx, ctx.brand.name))
    for name, since in hidden.items():
        fields.append(Field(name="Out of sight", value=unseen_words(ctx.svc, ctx.brand.name, name, since)))
    if upcoming:
        fields.append(Field(name="Next", value=f"P{upcoming[0][1]} at {say(upcoming[0][0], zone, now=now)}"))
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
