"""/paid: a post that money was spent on is not compared with those that found their readers by themselves."""

from __future__ import annotations

from typing import Annotated

from bot.commands.context import Context, said
from bot.commands.spec import Opt, PostRef, command
from bot.domain.message import Message
from bot.domain.outcomes import PAID
from bot.domain.people import Role
from bot.ports import Tx
from bot.services.tell import audit


@command(role=Role.CREATE)
async def paid(
    ctx: Context,
    *,
    post: Annotated[PostRef, Opt("Which post", positional=True)],
    undo: Annotated[bool, Opt("No money was spent on it after all")] = False,
) -> Message:
    """Say that a post was promoted for money, so that it counts for itself."""
    found = await ctx.post(post)

    def unit(tx: Tx) -> bool:
        known = (PAID, "") in tx.snapshots.flags([found.id]).get(found.id, frozenset())
        if known != undo:
            return False
        if undo:
            tx.snapshots.unflag(found.id, PAID)
        else:
            tx.snapshots.flag(found.id, PAID)
        audit(ctx.svc, tx, found.brand, ctx.user, "unpaid" if undo else "paid", post=found)
        tx.cards.touch(found.id)
        return True

    changed = await ctx.svc.store.write(unit)
    if not changed:
        return said(f"{found.name} was {'not ' if undo else ''}marked as paid before. Nothing changed.")
    if undo:
        return said(f"{found.name} is compared with the others again.")
    return said(
        f"{found.name} is marked as paid: best times, winners, tips and what is usual leave it out. "
        f"/paid {found.name} --undo takes that back."
    )
