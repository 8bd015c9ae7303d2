"""/keep and /unkeep: published posts that are to be used again."""

from __future__ import annotations

from typing import Annotated

from bot.commands.context import Context, said
from bot.commands.spec import Opt, PostRef, command
from bot.domain.approval import Via
from bot.domain.message import Message
from bot.domain.people import Role
from bot.services.keep import keep as put_aside
from bot.services.keep import unkeep as let_go


@command(role=Role.CREATE)
async def keep(
    ctx: Context,
    *,
    post: Annotated[PostRef, Opt("Which post: P42 or latest")],
) -> Message:
    """Keep a published post, to be used again."""
    found = await ctx.post(post)
    return said(await put_aside(ctx.svc, ctx.brand, found.id, ctx.user, via=Via.COMMAND))


@command(role=Role.CREATE)
async def unkeep(
    ctx: Context,
    *,
    post: Annotated[PostRef, Opt("Which post: P42 or latest")],
) -> Message:
    """Let go of a post that you kept."""
    found = await ctx.post(post)
    return said(await let_go(ctx.svc, ctx.brand, found.id, ctx.user))
