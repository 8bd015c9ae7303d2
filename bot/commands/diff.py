"""/diff: what changed between two versions of a post."""

from __future__ import annotations

import re
from typing import Annotated

from bot.commands.context import Context, said
from bot.commands.spec import Opt, PostRef, command
from bot.domain.diff import differences
from bot.domain.message import Message
from bot.domain.people import Role
from bot.domain.records import Version
from bot.domain.when import say
from bot.domain.words import listed
from bot.errors import BadInput, NotFound


@command(role=Role.VIEW)
async def diff(
    ctx: Context,
    *,
    post: Annotated[PostRef, Opt("Which post: P42 or latest")],
    old: Annotated[
        str, Opt("The earlier version, like v2; without it, the one before", positional=True)
    ] = "",
    new: Annotated[str, Opt("The later version, like v3; without it, the newest", positional=True)] = "",
) -> Message:
    """Show word by word what changed between two versions."""
    found = await ctx.post(post)
    versions = {v.number: v for v in await ctx.svc.store.read(lambda tx: tx.posts.versions(found.id))}
    last = max(versions)
    if last == 1 and not old:
        return said(f"{found.name} has one version; nothing was changed.")
    after = _pick(versions, new, last, found.name)
    before = _pick(versions, old, max(1, after.number - 1), found.name)
    if before.number > after.number:
        before, after = after, before
    lines = differences(
        {v.account: v for v in before.variants},
        {v.account: v for v in after.variants},
        old_wish=before.wish,
        new_wish=after.wish,
    )
    at = say(after.at, ctx.brand.timezone, now=ctx.svc.clock.now())
    head = f"{found.name} v{before.number} → v{after.number}, by {after.author} {at}:"
    return said("\n".join([head, *(lines or ("nothing is different",))]))


def _pick(versions: dict[int, Version], text: str, usual: int, name: str) -> Version:
    if not text.strip():
        return versions[usual]
    match = re.fullmatch(r"v?(\d{1,9})", text.strip().casefold())
    if match is None:
        raise BadInput(f"“{text}” is no version. Write it like v2.")
    if int(match[1]) not in versions:
        known = listed([f"v{number}" for number in sorted(versions)])
        raise NotFound(f"{name} has no v{match[1]}; there {'is' if len(versions) == 1 else 'are'} {known}.")
    return versions[int(match[1])]
