"""/alerts: what was news lately, what is muted, and muting it."""

from __future__ import annotations

from typing import Annotated, Literal

from bot.commands.context import Context, said
from bot.commands.spec import Opt, command
from bot.domain.alarms import WORDS, Alert, Kind, Mute
from bot.domain.message import Field, Message
from bot.domain.people import Role
from bot.domain.when import say
from bot.domain.words import listed
from bot.ports import Tx
from bot.services.alerting.muting import mute, unmute, words

SHOWN = 10


@command(role=Role.VIEW)
async def alerts(
    ctx: Context,
    *,
    what: Annotated[
        Literal["list", "mute", "unmute", "settings"],
        Opt("List them (default), mute, unmute, settings", positional=True),
    ] = "list",
    kind: Annotated[str, Opt("Which kind, like spike; all if left out", positional=True)] = "all",
    account: Annotated[str, Opt("Only of this account")] = "",
    days: Annotated[int, Opt("For how many days it is muted, 1 to 90")] = 7,
) -> Message:
    """Show what was news lately, and what is muted; or mute it.

    Everything has a number: /why A9 says what it rests on.
    """
    match what:
        case "mute":
            return said(await mute(ctx.svc, ctx.brand, ctx.user, kind, account, days))
        case "unmute":
            return said(await unmute(ctx.svc, ctx.brand, ctx.user, kind, account))
        case "settings":
            return _settings(ctx)
    return await _list(ctx)


async def _list(ctx: Context) -> Message:
    brand, now = ctx.brand, ctx.svc.clock.now()

    def unit(tx: Tx) -> tuple[tuple[Alert, ...], tuple[Mute, ...]]:
        return tx.alerts.recent(brand.name, SHOWN), tx.alerts.mutes(brand.name, now)

    recent, mutes = await ctx.svc.store.read(unit)
    fields = [Field(name=alert.name, value=_line(ctx, alert)) for alert in recent]
    for one in mutes:
        until = say(one.until, brand.timezone, now=now)
        fields.append(Field(name="Muted", value=f"{words(one.kind, one.account)} until {until}, by {one.by}"))
    text = "" if recent else "Nothing was news so far."
    return Message(title=f"Alerts of {brand.name}", text=text, fields=tuple(fields))


def _line(ctx: Context, alert: Alert) -> str:
    now = ctx.svc.clock.now()
    at = say(alert.opened_at, ctx.brand.timezone, now=now)
    held = f" ({alert.held})" if alert.held else ""
    waits = " (waits)" if alert.told_at is None and alert.due_at is not None else ""
    over = "" if alert.closed_at is not None else " · going on"
    return f"{at} · {alert.text}{held}{waits}{over}"


def _settings(ctx: Context) -> Message:
    rules, brand = ctx.brand.alerts, ctx.brand
    levels = [
        Field(name=f"Levels of {metric}", value=", ".join(f"{n:,}" for n in steps) or "none")
        for metric, steps in rules.levels.items()
    ]
    off = listed([WORDS[Kind(kind)] for kind in sorted(rules.off)]) or "nothing"
    quiet = f"{brand.quiet}, only what is urgent is told then" if brand.quiet else "none"
    pace = f"{rules.daily} a day; the rest comes together at {rules.digest:%H:%M}"
    fields = (
        *levels,
        Field(name="Switched off", value=off),
        Field(name="One by one", value=pace),
        Field(name="Quiet hours", value=quiet),
        Field(name="Change it", value=f"[brand.{brand.name}.alerts] in the configuration"),
    )
    return Message(title=f"What {brand.name} hears of", fields=fields)
