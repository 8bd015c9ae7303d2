"""/proposals: what Clarion proposes, and what people say to it."""

from __future__ import annotations

import re
from typing import Annotated

from bot.commands.context import Context, said
from bot.commands.spec import Opt, command
from bot.domain.message import Field, Message
from bot.domain.people import Role
from bot.domain.proposal import Proposal, Standing
from bot.domain.when import say
from bot.domain.words import did_you_mean
from bot.errors import BadInput
from bot.services.proposing.deciding import decline, proposal_of, take, undo
from bot.services.proposing.propose import headline, message_of
from bot.services.proposing.reserving import allow, reserve, reserved_words

DO = ("list", "all", "show", "take", "decline", "undo", "forbid", "allow")
SHOWN = 20
WHAT = "list, all, show, take, decline, undo; forbid or allow a post"


@command(role=Role.VIEW)
async def proposals(
    ctx: Context,
    *,
    do: Annotated[str, Opt(WHAT, positional=True)] = "list",
    which: Annotated[str, Opt("R7; for forbid and allow a post: P42", positional=True)] = "",
) -> Message:
    """List what I propose; take, decline or undo one; keep a post from being proposed elsewhere."""
    word, number = do.strip().casefold(), which
    if re.fullmatch(r"[rp]?\d{1,12}", word):
        word, number = "show", do
    if word not in DO:
        hint = did_you_mean(word, DO) or f"; it is one of {', '.join(DO)}."
        raise BadInput(f"“{do}” is nothing I can do with a proposal{hint}")
    svc, brand, user = ctx.svc, ctx.brand, ctx.user
    match word:
        case "list" | "all":
            return await _listed(ctx, everything=word == "all")
        case "forbid" | "allow":
            post = await ctx.post(number or "latest")
            return said(await (reserve if word == "forbid" else allow)(svc, brand, post.id, user))
        case "take":
            return said(await take(svc, brand, numbered(number), user))
        case "decline":
            return said(await decline(svc, brand, numbered(number), user))
        case "undo":
            return said(await undo(svc, brand, numbered(number), user))
    if number.strip().casefold().startswith("p"):
        return said(await reserved_words(svc, brand, await ctx.post(number)))
    id_ = numbered(number)
    return message_of(svc, await svc.store.read(lambda tx: proposal_of(tx, brand, id_)))


async def _listed(ctx: Context, *, everything: bool) -> Message:
    standing = () if everything else (Standing.OPEN,)
    found = await ctx.svc.store.read(lambda tx: tx.proposals.of_brand(ctx.brand.name, standing, SHOWN))
    if not found:
        if everything:
            return said(f"Nothing was proposed for {ctx.brand.name} yet.")
        return said(f"No proposal is open for {ctx.brand.name}. /proposals all shows what was decided.")
    fields = tuple(Field(name=one.name, value=_line(ctx, one)) for one in found)
    marks = "SIMULATED — no account is connected" if ctx.svc.simulated else ""
    return Message(title=f"Proposals for {ctx.brand.name}", fields=fields, footer=marks)


def _line(ctx: Context, one: Proposal) -> str:
    zone, now = ctx.brand.timezone, ctx.svc.clock.now()
    if one.standing is Standing.OPEN:
        return f"{headline(one)} · open until {say(one.expires_at, zone, now=now)}"
    made = f", P{one.post_id}" if one.post_id else ""
    by = f" by {one.decided_by}" if one.decided_by not in ("", "clarion") else ""
    return f"{headline(one)} · {one.standing.value}{by}{made}"


def numbered(text: str) -> int:
    """The number in ``R7`` or ``7``; raises `BadInput`."""
    match = re.fullmatch(r"r?(\d{1,12})", text.strip().casefold())
    if match is None:
        raise BadInput(f"“{text}” is no proposal. Write R7; /proposals lists them.")
    return int(match[1])
