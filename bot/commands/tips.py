"""/suggest: what to consider about a post before it goes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from bot.commands.context import LATEST, Context
from bot.commands.spec import Opt, PostRef, command
from bot.domain.delivery import State
from bot.domain.message import Field, Message
from bot.domain.people import Role
from bot.domain.tips import GENERAL, OWN, Suggestion, tip_words
from bot.errors import NotFound
from bot.services.tips import Told, advises, tips_about
from bot.services.why import pick

LEAST = 20
"""Posts from which an account's own patterns are looked for at all (ten with something, ten without)."""

SEEN = "What went together in your posts need not be the cause: the hour, the topic and chance play in."
WEAK = "What holds in general is weak: it told the better of two headlines in 54 of 100 pairs."
MORE = "--more adds what holds in general and how it reads."


@command(role=Role.VIEW, name="suggest")
async def suggest(
    ctx: Context,
    *,
    post: Annotated[PostRef, Opt("Which post: P42 or latest", positional=True)] = LATEST,
    for_: Annotated[str, Opt("Only this account")] = "",
    more: Annotated[bool, Opt("Also what holds in general, and how it reads")] = False,
) -> Message:
    """Tips about a post: what is certain, and what this account's own posts show."""
    found = await ctx.post(post)
    if not advises(ctx.svc):
        raise NotFound("No plugin here has tips. `clarion plugins` lists what is loaded.")
    rows = await ctx.svc.store.read(lambda tx: tx.deliveries.of_post(found.id))
    asked = [d for d in pick(rows, for_) if d.state is not State.CANCELLED]
    if not asked:
        raise NotFound(
            f"{found.name} does not go to “{for_}”; it goes to {', '.join(d.account for d in rows)}."
        )
    told = await tips_about(ctx.svc, ctx.brand.name, asked)
    fields = tuple(Field(name=one.delivery.account, value=line) for one in told for line in _lines(one, more))
    out = [d.account for d in asked if d.begun]
    text = f"It is out already on {', '.join(out)}; this is for the next one." if out else ""
    return Message(title=f"Tips for {found.name}", text=text, fields=fields, footer=_footer(told, more))


def _lines(one: Told, more: bool) -> list[str]:
    """What is said about one target, the strongest first; and what could not be said."""
    if one.tips is None:
        return ["— the plugin that has tips could not look at this."]
    shown = [tip for tip in one.tips if more or tip.kind != GENERAL]
    lines = [tip_words(tip) for tip in shown]
    if not any(tip.kind == OWN for tip in shown):
        lines.append(_nothing_own(one.posts))
    return lines


def _nothing_own(posts: int) -> str:
    if not posts:
        return "Nothing of its own to go by yet: no post of this account has numbers."
    counted = f"{posts} post{'s' if posts > 1 else ''} with numbers"
    if posts < LEAST:
        return f"Nothing of its own to go by yet: {counted}, and it takes {LEAST}."
    return f"No pattern of its own that this one goes against stands out from chance ({counted})."


def _footer(told: Sequence[Told], more: bool) -> str:
    tips: list[Suggestion] = [tip for one in told for tip in one.tips or ()]
    words = [SEEN] if any(tip.kind == OWN for tip in tips) else []
    general = any(tip.kind == GENERAL for tip in tips)
    if general:
        words.append(WEAK if more else MORE)
    return " ".join(words)
