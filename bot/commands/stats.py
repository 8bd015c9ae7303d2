"""/stats: numbers of a post, an account or everything, with their age."""

from __future__ import annotations

import re
from typing import Annotated

from bot.commands.context import Context
from bot.commands.spec import Opt, PostRef, command
from bot.domain.message import Message
from bot.domain.people import Role
from bot.domain.words import did_you_mean
from bot.errors import BadInput, NotFound
from bot.services.reporting.stats import account_stats, post_stats

LONGEST = 365


@command(role=Role.VIEW)
async def stats(
    ctx: Context,
    *,
    what: Annotated[
        str, Opt("A post (P42, latest) or an account; without it, every account", positional=True)
    ] = "",
    days: Annotated[int, Opt("How many days of an account, 1 to 365")] = 28,
) -> Message:
    """Tell the numbers of a post or an account: how many, how old, from where, against what is usual."""
    if not 1 <= days <= LONGEST:
        raise BadInput(f"{days} days is not possible; give 1 to {LONGEST}.")
    svc, brand, word = ctx.svc, ctx.brand, what.strip()
    accounts = svc.accounts_of(brand.name)
    named = [
        a
        for a in accounts
        if word.casefold() in (a.name.casefold(), a.platform.name, a.platform.title.casefold())
    ]
    if word and not named and re.fullmatch(r"[Pp]?\d{1,15}|latest", word, re.IGNORECASE):
        return await post_stats(svc, brand, await ctx.post(PostRef(word)))
    if word and not named:
        hint = did_you_mean(word, [a.name for a in accounts]) or "; write P42, latest or an account."
        raise NotFound(f"“{word}” is neither a post nor an account of {brand.name}{hint}")
    return await account_stats(svc, brand, named or accounts, days)
