"""/queue, /status, /accounts, /halt, /resume: the state of things."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from bot.commands.context import Context, said
from bot.commands.spec import Opt, command
from bot.domain.delivery import Delivery, State
from bot.domain.message import Field, Message
from bot.domain.people import Role
from bot.domain.records import AccountState, Health
from bot.domain.when import say
from bot.errors import PublishError
from bot.ports import Tx
from bot.services.context import Connected
from bot.services.stop import halt as stop
from bot.services.stop import resume as go_on


@command(role=Role.VIEW)
async def queue(ctx: Context) -> Message:
    """List everything unfinished, unconfirmed included."""
    rows = await ctx.svc.store.read(lambda tx: tx.deliveries.unfinished(ctx.brand.name, limit=100))
    if not rows:
        return said(f"Nothing is unfinished for {ctx.brand.name}.")
    fields = tuple(Field(name=f"P{d.post_id} {d.account}", value=_line(ctx, d)) for d in rows)
    return Message(title=f"Queue of {ctx.brand.name}", status=f"{len(rows)}", fields=fields)


def _line(ctx: Context, delivery: Delivery) -> str:
    zone, now = ctx.brand.timezone, ctx.svc.clock.now()
    word = delivery.state.value.replace("_", " ")
    if delivery.state is State.UNCONFIRMED and delivery.wake_at:
        word = "unconfirmed, checking"
    when = f" · {say(delivery.due, zone, now=now)}" if delivery.due else ""
    text = delivery.variant.text.replace("\n", " ")
    brief = text if len(text) <= 40 else text[:39] + "…"
    reason = f" · {delivery.reason}" if delivery.reason else ""
    return f"{word}{when} · “{brief}”{reason}"


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
    if upcoming:
        fields.append(Field(name="Next", value=f"P{upcoming[0][1]} at {say(upcoming[0][0], zone, now=now)}"))
    if halted is not None:
        at = say(halted.at, zone, now=now, seconds=True)
        fields.append(
            Field(
                name="Stopped", value=f"by {halted.by} at {at}{': ' + halted.reason if halted.reason else ''}"
            )
        )
    sim = "SIMULATED — no account is connected" if ctx.svc.simulated else ""
    return Message(title=f"{ctx.brand.name}, {say(now, zone)}", fields=tuple(fields), footer=sim)


@command(role=Role.VIEW)
async def accounts(
    ctx: Context,
    *,
    check: Annotated[bool, Opt("Ask each platform now; a paused account that answers goes on")] = False,
) -> Message:
    """List the brand's accounts and how they are."""
    fields = []
    for connected in ctx.svc.accounts_of(ctx.brand.name):
        known = await ctx.svc.store.read(lambda tx, name=connected.name: tx.accounts.get(name))  # type: ignore[misc]
        value = (
            await _check(ctx, connected, known)
            if check and connected.platform.features
            else _health(ctx, connected, known)
        )
        fields.append(Field(name=connected.name, value=f"{connected.platform.title} · {value}"))
    sim = "SIMULATED — no account is connected" if ctx.svc.simulated else ""
    return Message(title=f"Accounts of {ctx.brand.name}", fields=tuple(fields), footer=sim)


def _health(ctx: Context, connected: Connected, state: AccountState | None) -> str:
    if not connected.platform.features:
        return "previews only; it cannot publish yet"
    if state is None:
        return "not used yet"
    now, zone = ctx.svc.clock.now(), ctx.brand.timezone
    if state.health is not Health.OK:
        return f"paused: {state.why}"
    if state.blocked_until is not None and state.blocked_until > now:
        return f"waits until {say(state.blocked_until, zone, now=now, seconds=True)} ({state.why})"
    return state.handle or "ready; /accounts --check asks the platform"


async def _check(ctx: Context, connected: Connected, known: AccountState | None) -> str:
    base = known or AccountState(name=connected.name, brand=connected.brand, platform=connected.platform.name)
    try:
        info = await connected.publisher.check()
    except PublishError as error:
        return f"not well: {error}"
    well = replace(base, health=Health.OK, why="", handle=info.handle or base.handle)
    now = ctx.svc.clock.now()

    def unit(tx: Tx) -> int:
        tx.accounts.save(well)
        tx.notices.forget(f"account:{connected.name}:")
        return tx.deliveries.pull_wakes(connected.name, now)

    await ctx.svc.store.write(unit)
    ctx.svc.wake()
    return f"answers as {info.handle or info.title or info.id}"


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
