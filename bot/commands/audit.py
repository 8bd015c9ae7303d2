"""/audit: who did what when, and whether the trail is whole."""

from __future__ import annotations

from typing import Annotated

from bot.commands.context import Context, said
from bot.commands.spec import Opt, PostRef, command
from bot.domain.message import Field, Message
from bot.domain.people import Role
from bot.domain.records import AuditEntry
from bot.domain.when import say
from bot.services.trail import prove, summary, told

SHOWN = 20
"""Entries on one card; `clarion audit --export` has all of them."""


@command(role=Role.VIEW)
async def audit(
    ctx: Context,
    *,
    post: Annotated[PostRef | None, Opt("Which post; without it, the whole brand", positional=True)] = None,
    verify: Annotated[bool, Opt("Prove that nothing in the trail was changed")] = False,
) -> Message:
    """Tell who did what, and when."""
    if verify:
        proof = await prove(ctx.svc.store, ctx.brand.name)
        way_out = (
            [] if proof.sound else ["`clarion audit --verify` tells all; a copy of the database may help."]
        )
        return said("\n".join([summary(proof), *proof.faults[:SHOWN], *way_out]))
    if post is None:
        rows = await ctx.svc.store.read(lambda tx: tx.audit.recent(ctx.brand.name, SHOWN))
        entries, title = tuple(row.entry for row in rows), ctx.brand.name
    else:
        found = await ctx.post(post)
        entries = await ctx.svc.store.read(lambda tx: tx.audit.of_post(found.id))
        title = found.name
    if not entries:
        return said(f"Nothing has been written down about {title} yet.")
    left = len(entries) - SHOWN
    return Message(
        title=f"Audit of {title}",
        fields=tuple(_row(ctx, entry, post is None) for entry in entries[-SHOWN:]),
        footer=f"{left} earlier entries: clarion audit --export FILE" if left > 0 else "",
    )


def _row(ctx: Context, entry: AuditEntry, named: bool) -> Field:
    at = say(entry.at, ctx.brand.timezone, now=ctx.svc.clock.now(), seconds=True)
    about = f"P{entry.post_id}: " if named and entry.post_id else ""
    return Field(name=at, value=about + told(entry))
