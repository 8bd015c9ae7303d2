"""/experiment: tests of titles, thumbnails and captions, planned before they begin."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from bot.commands.context import Context, said
from bot.commands.spec import Accounts, MediaPaths, Opt, Texts, command
from bot.domain.message import Message
from bot.domain.people import Role
from bot.domain.post import MediaKind
from bot.errors import BadInput, NotAllowed
from bot.services.experimenting.begin import Wanted, start, start_posts
from bot.services.experimenting.deciding import apply, approve, go_on, reject, stop
from bot.services.experimenting.explain import status
from bot.services.experimenting.lines import line

Action = Literal["start", "status", "stop", "list", "approve", "reject", "go-on", "apply"]


@command(role=Role.VIEW)
async def experiment(
    ctx: Context,
    *,
    action: Annotated[Action, Opt("What to do", positional=True)],
    of: Annotated[str, Opt("The live post (P42) to test on, or the test (E3)", positional=True)] = "",
    kind: Annotated[
        Literal["title", "thumbnail", "caption"], Opt("What differs between the variants")
    ] = "title",
    variant: Annotated[Texts, Opt("Another title, or what authors are told; once for each variant")] = (),
    file: Annotated[MediaPaths, Opt("Another thumbnail; once for each variant")] = (),
    days: Annotated[int, Opt("How many days, of a test on one post")] = 28,
    posts: Annotated[int, Opt("How many posts of each variant, of a test of captions")] = 80,
    metric: Annotated[
        Literal["ctr", "views", "engagement"] | None, Opt("The one number that decides")
    ] = None,
    smallest: Annotated[int, Opt("The lift it must be able to see, in percent")] = 100,
    to: Annotated[Accounts | None, Opt("Which account; of a test of captions, which ones")] = None,
    reason: Annotated[str, Opt("Why, when you reject")] = "",
) -> Message:
    """Test titles, thumbnails or captions by rules set before it begins.

    `start` plans a test, says what it can detect, and asks for approval of the variants. On one live video
    a variant is shown a day, in a drawn order. Captions are tested over new posts, which get their variant
    with /post --experiment E3. `status E3`, `stop E3`, `list`; `apply E3` shows a winner from now on.
    """
    svc, brand, user = ctx.svc, ctx.brand, ctx.user
    if action == "list":
        return await _list(ctx)
    if action == "start":
        if brand.role_of(user) < Role.CREATE:
            raise NotAllowed("Starting a test is for people who may make posts.")
        pictures = tuple([await svc.media.add(Path(path)) for path in file])
        if any(p.kind is not MediaKind.IMAGE for p in pictures):
            raise BadInput("A thumbnail is a picture: JPEG or PNG.")
        wanted = Wanted(
            kind=kind,
            texts=tuple(variant),
            files=pictures,
            metric=metric or "",
            days=days,
            per_arm=posts,
            smallest=smallest / 100,
        )
        if kind == "caption" and not of:
            return said(await start_posts(svc, brand, user, wanted, to or ()))
        found = await ctx.post(of or "latest")
        return said(await start(svc, brand, found, user, wanted, to[0] if to else None))
    number = number_of(of)
    match action:
        case "stop":
            return said(await stop(svc, brand, number, user))
        case "approve":
            return said(await approve(svc, brand, number, user))
        case "reject":
            return said(await reject(svc, brand, number, user, reason))
        case "go-on":
            return said(await go_on(svc, brand, number, user))
        case "apply":
            return said(await apply(svc, brand, number, user))
        case _:
            return await status(svc, brand, number)


def number_of(name: str) -> int:
    """``E3`` or ``3``; raises `BadInput`."""
    match = re.fullmatch(r"e?(\d{1,12})", name.strip().casefold())
    if match is None:
        raise BadInput("Which test? Write it like E3; /experiment list shows what there is.")
    return int(match[1])


async def _list(ctx: Context) -> Message:
    """Every test of the brand, the newest first."""
    svc, now = ctx.svc, ctx.svc.clock.now()
    rows = await svc.store.read(
        lambda tx: [
            (e, tx.experiments.looks(e.id)) for e in tx.experiments.of_brand(ctx.brand.name, limit=20)
        ]
    )
    if not rows:
        return said(
            "No tests yet. /experiment start P42 --variant “Another title” plans one and says what it sees."
        )
    footer = "SIMULATED — no account is connected" if svc.simulated else ""
    return Message(text="\n".join(line(e, looks, now) for e, looks in rows), footer=footer)
