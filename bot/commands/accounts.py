"""/accounts: who is connected, how they are, and until when."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from bot.commands.context import Context
from bot.commands.spec import Opt, command
from bot.domain.grant import Grant
from bot.domain.message import Field, Message
from bot.domain.people import Role
from bot.domain.records import AccountState, Health
from bot.domain.when import say
from bot.errors import PublishError
from bot.ports import Tx
from bot.services.context import Connected
from bot.services.health import DASH, signs_in, until
from bot.services.tell import settled


@command(role=Role.VIEW)
async def accounts(
    ctx: Context,
    *,
    check: Annotated[bool, Opt("Ask each platform now; a paused account that answers goes on")] = False,
) -> Message:
    """List the brand's accounts and how they are."""
    known, grants = await ctx.svc.store.read(
        lambda tx: ({a.name: a for a in tx.accounts.all()}, {g.account: g for g in tx.grants.all()})
    )
    fields, notes = [], []
    for connected in ctx.svc.accounts_of(ctx.brand.name):
        state, grant = known.get(connected.name), grants.get(connected.name)
        if check and connected.platform.features:
            value, more = await _check(ctx, connected, state)
            notes += more
        else:
            value = _health(ctx, connected, state)
        line = f"{connected.platform.title} · {value}{_consent(ctx, connected, grant)}"
        fields.append(Field(name=connected.name, value=line))
    sim = "SIMULATED — no account is connected" if ctx.svc.simulated else ""
    return Message(
        title=f"Accounts of {ctx.brand.name}", text="\n".join(notes), fields=tuple(fields), footer=sim
    )


def _consent(ctx: Context, connected: Connected, grant: Grant | None) -> str:
    """How it signs in and until when, where that is known."""
    if ctx.svc.simulated or not connected.platform.features:
        return ""
    ends = until(grant if connected.granted else None, ctx.svc.clock.now())
    return f" · {signs_in(grant, granted=connected.granted)}" + ("" if ends == DASH else f", {ends}")


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


async def _check(ctx: Context, connected: Connected, known: AccountState | None) -> tuple[str, list[str]]:
    """What the platform says, and what will stop working."""
    base = known or AccountState(name=connected.name, brand=connected.brand, platform=connected.platform.name)
    try:
        info = await connected.publisher.check()
    except PublishError as error:
        return f"not well: {error}", []
    well = replace(base, health=Health.OK, why="", handle=info.handle or base.handle)
    now = ctx.svc.clock.now()

    def unit(tx: Tx) -> int:
        tx.accounts.save(well)
        for health in Health:
            key = f"account:{connected.name}:{health.value}"
            settled(ctx.svc, tx, connected.brand, key, "It answers again.")
        tx.notices.forget(f"account:{connected.name}:")
        return tx.deliveries.pull_wakes(connected.name, now)

    await ctx.svc.store.write(unit)
    ctx.svc.wake()
    notes = [f"{connected.name}: {note}" for note in info.notes]
    return f"answers as {info.handle or info.title or info.id}", notes
