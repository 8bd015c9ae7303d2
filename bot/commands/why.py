"""/why: what led to where something stands, and what a number or a proposal rests on."""

from __future__ import annotations

import re
from typing import Annotated

from bot.commands.context import LATEST, Context
from bot.commands.spec import Opt, PostRef, Subject, command
from bot.domain.delivery import Delivery
from bot.domain.message import Field, Message
from bot.domain.people import Role
from bot.errors import BadInput, NotFound
from bot.ports import Tx
from bot.services.advising.explain import explain as explain_times
from bot.services.reporting.numbers import number_reasons
from bot.services.reporting.subjects import ROOMS, explain_hour, hour_of_week, numbered
from bot.services.why import Reason, pick, reasons

THE_LATEST = Subject(LATEST)
POST = re.compile(r"p?\d{1,12}|latest", re.IGNORECASE)


@command(role=Role.VIEW)
async def why(
    ctx: Context,
    *,
    post: Annotated[
        Subject, Opt("What: P42, latest, R7, E3, A9, or an hour like tue 18:30", positional=True)
    ] = THE_LATEST,
    account: Annotated[str, Opt("Only this account", positional=True)] = "",
) -> Message:
    """Explain a refusal, a delay, a time, a number or a proposal: the rules and rows that led there.

    Whatever is reckoned is reckoned again from the rows that were cited, and you are told whether it
    still comes out the same.
    """
    what, only = post.split(" · ")[0].strip(), account.strip()
    if hour_of_week(f"{what} {only}") is not None:
        what, only = f"{what} {only}", ""
    hour = hour_of_week(what)
    if hour is not None:
        known = ctx.svc.accounts_of(ctx.brand.name)
        chosen = tuple(a for a in known if not only or only in (a.name, a.platform.name))
        return await explain_hour(ctx.svc, ctx.brand, hour, chosen)
    found = numbered(what)
    if found is not None:
        letter, number = found
        return await ROOMS[letter](ctx.svc, ctx.brand, number)
    if POST.fullmatch(what) is None:
        raise BadInput(
            f"“{what}” is nothing I know. Write P42, latest, {_names()} or an hour like tue 18:30."
        )
    return await _of_post(ctx, PostRef(what), only)


def _names() -> str:
    examples = {"r": "R7", "e": "E3", "a": "A9"}.get
    return ", ".join(examples(letter, letter.upper()) for letter in ROOMS)


async def _of_post(ctx: Context, name: PostRef, account: str) -> Message:
    """Everything that led to where a post stands, the nearest first; of all its accounts or one."""
    found = await ctx.post(name)

    def unit(tx: Tx) -> list[tuple[Delivery, tuple[Reason, ...]]]:
        rows = pick(tx.deliveries.of_post(found.id), account)
        return [(d, reasons(ctx.svc, tx, found, d)) for d in rows]

    told = await ctx.svc.store.read(unit)
    if not told:
        rows = await ctx.svc.store.read(lambda tx: tx.deliveries.of_post(found.id))
        raise NotFound(
            f"{found.name} does not go to “{account}”; it goes to {', '.join(d.account for d in rows)}."
        )
    several = len(told) > 1
    fields: list[Field] = []
    for row, whole in told:
        for reason in (*whole, *await number_reasons(ctx.svc, ctx.brand, row)):
            about = f"{row.account} · {reason.about}" if several else reason.about
            fields.append(Field(name=about, value=reason.text))
    if await ctx.svc.store.read(lambda tx: tx.forecasts.of_post(found.id)):
        fields += (await explain_times(ctx.svc, ctx.brand, found.id)).fields
    title = f"Why {found.name}" + ("" if several else f" on {told[0][0].account}")
    return Message(title=title, fields=tuple(fields))
