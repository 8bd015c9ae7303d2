"""/approve, /changes, /reject, /withdraw, /hold, /unhold: deciding about a post."""

from __future__ import annotations

from typing import Annotated

from bot.commands.context import Context, said
from bot.commands.spec import Accounts, Opt, PostRef, command
from bot.domain.approval import Choice, Via
from bot.domain.message import Message
from bot.domain.people import Role
from bot.services.hold import hold as park
from bot.services.hold import unhold as release
from bot.services.review import decide
from bot.services.review import withdraw as take_back


@command(role=Role.VIEW)
async def approve(
    ctx: Context,
    *,
    post: Annotated[PostRef, Opt("Which post: P42 or latest")],
    to: Annotated[Accounts | None, Opt("Only for these accounts")] = None,
) -> Message:
    """Approve a post as it stands."""
    found = await ctx.post(post)
    return said(await decide(ctx.svc, found.id, ctx.user, Choice.YES, via=Via.COMMAND, accounts=to or ()))


@command(role=Role.VIEW)
async def changes(
    ctx: Context,
    *,
    post: Annotated[PostRef, Opt("Which post: P42 or latest")],
    reason: Annotated[str, Opt("What should change", long=True)],
) -> Message:
    """Ask for changes; the author is told what."""
    found = await ctx.post(post)
    return said(await decide(ctx.svc, found.id, ctx.user, Choice.CHANGES, via=Via.COMMAND, reason=reason))


@command(role=Role.VIEW)
async def reject(
    ctx: Context,
    *,
    post: Annotated[PostRef, Opt("Which post: P42 or latest")],
    reason: Annotated[str, Opt("Why", long=True)],
) -> Message:
    """Reject a post; it does not go out."""
    found = await ctx.post(post)
    return said(await decide(ctx.svc, found.id, ctx.user, Choice.NO, via=Via.COMMAND, reason=reason))


@command(role=Role.VIEW)
async def withdraw(
    ctx: Context,
    *,
    post: Annotated[PostRef, Opt("Which post: P42 or latest")],
) -> Message:
    """Take your vote back; what has not been sent asks again."""
    found = await ctx.post(post)
    return said(await take_back(ctx.svc, found.id, ctx.user))


@command(role=Role.VIEW)
async def hold(
    ctx: Context,
    *,
    post: Annotated[PostRef, Opt("Which post: P42 or latest")],
    reason: Annotated[str, Opt("Why, for the others", long=True, positional=True)] = "",
    to: Annotated[Accounts | None, Opt("Only for these accounts")] = None,
) -> Message:
    """Park a post: nothing of it goes out, its approval stays."""
    found = await ctx.post(post)
    return said(await park(ctx.svc, ctx.brand, found.id, ctx.user, reason, to or ()))


@command(role=Role.VIEW)
async def unhold(
    ctx: Context,
    *,
    post: Annotated[PostRef, Opt("Which post: P42 or latest")],
    to: Annotated[Accounts | None, Opt("Only for these accounts")] = None,
) -> Message:
    """Let a post go on that was put on hold."""
    found = await ctx.post(post)
    return said(await release(ctx.svc, ctx.brand, found.id, ctx.user, to or ()))
