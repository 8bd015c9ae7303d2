"""/schedule, /cancel, /retry, /delete, /confirm: what happens to a post, and when."""

from __future__ import annotations

from typing import Annotated, Literal

from bot.commands.context import Context, said
from bot.commands.moving import moved
from bot.commands.rehearsal import shown
from bot.commands.spec import Accounts, Opt, PostRef, WhenText, command
from bot.domain.message import Message
from bot.domain.people import Role
from bot.services.answer import answer
from bot.services.rehearse import rehearse
from bot.services.schedule import cancel as drop
from bot.services.schedule import reschedule
from bot.services.schedule import retry as send_again
from bot.services.takedown import take_down


@command(role=Role.CREATE)
async def schedule(
    ctx: Context,
    *,
    post: Annotated[PostRef, Opt("Which post: P42 or latest")],
    at: Annotated[WhenText, Opt("When: now, best, fri 17:30, next slot, every fri 9:00 10 times")],
    dry_run: Annotated[bool, Opt("Show what there would be, and write nothing")] = False,
) -> Message:
    """Give a post another time. The time was part of what was approved, so people are asked again."""
    found = await ctx.post(post)
    if dry_run:
        seen = await rehearse(
            ctx.svc, lambda svc: reschedule(svc, ctx.brand, found.id, ctx.user, at), post_id=found.id
        )
        return shown(ctx, seen, title=f"Dry run of {found.name} v{seen.post.version}")
    return await moved(ctx.svc, ctx.brand, found, ctx.user, at, ctx.target)


@command(role=Role.CREATE)
async def cancel(
    ctx: Context,
    *,
    post: Annotated[PostRef, Opt("Which post: P42 or latest")],
) -> Message:
    """Drop what has not been sent. /edit brings it back."""
    found = await ctx.post(post)
    return said(await drop(ctx.svc, ctx.brand, found.id, ctx.user))


@command(role=Role.APPROVE)
async def retry(
    ctx: Context,
    *,
    post: Annotated[PostRef, Opt("Which post: P42 or latest")],
    to: Annotated[Accounts | None, Opt("Only this account")] = None,
) -> Message:
    """Send now what was refused, held or left half out."""
    found = await ctx.post(post)
    accounts = to or (None,)
    return said(" ".join([await send_again(ctx.svc, ctx.brand, found.id, ctx.user, a) for a in accounts]))


@command(role=Role.APPROVE)
async def delete(
    ctx: Context,
    *,
    post: Annotated[PostRef, Opt("Which post: P42 or latest")],
    to: Annotated[Accounts | None, Opt("Only from these accounts")] = None,
) -> Message:
    """Take a live post down from its platforms."""
    found = await ctx.post(post)
    accounts = to or (None,)
    return said(" ".join([await take_down(ctx.svc, ctx.brand, found.id, ctx.user, a) for a in accounts]))


@command(role=Role.CREATE)
async def confirm(
    ctx: Context,
    *,
    post: Annotated[PostRef, Opt("Which post: P42 or latest")],
    answer_: Annotated[Literal["live", "not", "leave"], Opt("What you found on the platform")],
    link: Annotated[str, Opt("The post's address, if it is live")] = "",
    to: Annotated[Accounts | None, Opt("Which account")] = None,
) -> Message:
    """Say what became of a post whose outcome I could not find out."""
    found = await ctx.post(post)
    accounts = to or (None,)
    words = [await answer(ctx.svc, found.id, ctx.user, answer_, link=link, account=a) for a in accounts]
    return said(" ".join(words))
