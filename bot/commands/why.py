"""/why: what led to where something stands."""

from __future__ import annotations

from typing import Annotated

from bot.commands.context import LATEST, Context
from bot.commands.spec import Opt, PostRef, command
from bot.domain.message import Field, Message
from bot.domain.people import Role
from bot.errors import NotFound
from bot.ports import Tx
from bot.services.why import Reason, pick, reasons


@command(role=Role.VIEW)
async def why(
    ctx: Context,
    *,
    post: Annotated[PostRef, Opt("Which post: P42 or latest", positional=True)] = LATEST,
    account: Annotated[str, Opt("Only this account", positional=True)] = "",
) -> Message:
    """Explain a refusal, a delay or a time: the rules that led there, with their facts."""
    found = await ctx.post(post)

    def unit(tx: Tx) -> list[tuple[str, tuple[Reason, ...]]]:
        rows = pick(tx.deliveries.of_post(found.id), account)
        return [(d.account, reasons(ctx.svc, tx, found, d)) for d in rows]

    told = await ctx.svc.store.read(unit)
    if not told:
        rows = await ctx.svc.store.read(lambda tx: tx.deliveries.of_post(found.id))
        raise NotFound(
            f"{found.name} does not go to “{account}”; it goes to {', '.join(d.account for d in rows)}."
        )
    several = len(told) > 1
    fields = tuple(
        Field(name=f"{name} · {reason.about}" if several else reason.about, value=reason.text)
        for name, whole in told
        for reason in whole
    )
    return Message(title=f"Why {found.name}" + ("" if several else f" on {told[0][0]}"), fields=fields)
