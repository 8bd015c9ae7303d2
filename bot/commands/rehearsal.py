"""What a dry run answers: the card and the previews of a post that does not exist."""

from __future__ import annotations

from bot.commands.context import Context
from bot.domain.card import paint
from bot.domain.delivery import State
from bot.domain.message import Field, Message
from bot.domain.money import dollars
from bot.services.budget import price_of
from bot.services.preview import preview_text
from bot.services.rehearse import Rehearsed

NOTHING = "DRY RUN — nothing was written or sent"


def shown(ctx: Context, seen: Rehearsed, *, title: str, words: str = "") -> Message:
    """Everything there would be, without buttons. ``words`` is what the command would have said."""
    card = paint(seen.sheet)
    made = [d for d in seen.deliveries if d.state is not State.CANCELLED]
    previews = [preview_text(ctx.svc, seen.post, d) for d in made]
    price = sum(
        price_of(ctx.svc.accounts[d.account], part)
        for d in made
        if d.account in ctx.svc.accounts
        for part in d.variant.parts
    )
    cost = (Field(name="Price", value=f"{dollars(price)} when it goes out"),) if price else ()
    return Message(
        title=title,
        status=f"{card.status}, if it were real",
        text="\n".join(text for text in (words, *previews) if text).rstrip(),
        fields=(*card.fields, *cost),
        footer=NOTHING,
    )
