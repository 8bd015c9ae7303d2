"""/set and /cover: what a post gets on one platform alone, and what goes with its video."""

from __future__ import annotations

from typing import Annotated

from bot.commands.context import Context, said
from bot.commands.spec import Accounts, MediaPaths, Opt, PostRef, command
from bot.domain.message import Message
from bot.domain.people import Role
from bot.services.choose import choose
from bot.services.covers import choose_cover, cover_sheet

FILES = "A picture as cover, or subtitles (.srt, .vtt) with their language, like de.srt:de"


@command(role=Role.CREATE)
async def set_(
    ctx: Context,
    *,
    post: Annotated[PostRef, Opt("Which post: P42 or latest")],
    account: Annotated[str, Opt("Which account or platform")],
    values: Annotated[str, Opt("What is chosen, like privacy=public; several at once", long=True)],
) -> Message:
    """Choose something for one account of a post: who may see it, its title, how its video is cut.

    An empty value (`title=`) takes a choice back. Only that account is asked about again.
    """
    found = await ctx.post(post)
    return said(await choose(ctx.svc, ctx.brand, found.id, ctx.user, account, values))


@command(role=Role.CREATE)
async def cover(
    ctx: Context,
    *,
    post: Annotated[PostRef, Opt("Which post: P42 or latest")],
    choice: Annotated[int | None, Opt("A number of the contact sheet", positional=True)] = None,
    file: Annotated[
        MediaPaths | None, Opt("A picture as cover, or subtitles (.srt, .vtt), like de.srt:de")
    ] = None,
    to: Annotated[Accounts | None, Opt("Only for these accounts")] = None,
) -> Message:
    """Choose the picture a video is announced with, or give it subtitles.

    Without a number or a file it shows frames to choose from.
    """
    found = await ctx.post(post)
    if choice is None and not file:
        shown = await cover_sheet(ctx.svc, found, to or ())
        return Message(text=shown.words, image=shown.path, image_alt=shown.words)
    return said(
        await choose_cover(
            ctx.svc, ctx.brand, found, ctx.user, choice=choice, files=file or (), names=to or ()
        )
    )
