"""A reaction came or went: the card it stands on is read again, and what stands there counts."""

from __future__ import annotations

from bot.commands.context import answered
from bot.domain.ballot import GLYPHS, Mark, Stroke, mark_of
from bot.domain.message import Message, Reaction
from bot.domain.post import Post
from bot.domain.records import Card
from bot.errors import NotFound
from bot.ports import Tx
from bot.services.ballots import ballot_of, post_of_old
from bot.services.context import Services
from bot.services.groups import attend
from bot.services.readings import read_again, read_card

__all__ = ["reacted", "read_again"]


async def reacted(svc: Services, reaction: Reaction) -> Message | None:
    """What to tell whoever reacted; None when it means nothing here. Raises `UserError`."""
    target, mark = reaction.target, mark_of(reaction.emoji)
    chat = svc.chats.get(target.chat)
    if chat is None or mark is None:
        return None
    card = await svc.store.read(lambda tx: tx.cards.by_ref(target.chat, target.channel, reaction.ref))
    if card is None:
        return await _elsewhere(svc, reaction, mark)
    post = await svc.store.read(lambda tx: tx.posts.get(card.post_id))
    if post is None or post.brand not in svc.brands:
        raise NotFound("That post is not here any more, so nothing changed.")
    await attend(svc, svc.brands[post.brand], reaction)
    change, who = (mark, reaction.user), reaction.user
    words = await read_card(svc, chat, card, post, change=change, added=reaction.added, by=who)
    if words is None and reaction.added:
        words = await _stale(svc, card, change, mark)
    return answered(words) if words else None


async def _elsewhere(svc: Services, reaction: Reaction, mark: Mark) -> Message | None:
    """On an older card, or on something below one: nothing counts there, and that is said."""
    chat, channel, ref = reaction.target.chat, reaction.target.channel, reaction.ref

    def unit(tx: Tx) -> tuple[int | None, int | None]:
        notice = tx.notices.by_ref(chat, channel, ref)
        return post_of_old(tx, chat, channel, ref), notice.post_id if notice else None

    old, below = await svc.store.read(unit)
    if not reaction.added or (old is None and below is None):
        return None
    what = f"an older card of P{old}" if old is not None else f"a message about P{below}"
    return answered(f"{GLYPHS[mark]} does not count on {what}. Put it on the card, or press its buttons.")


async def _stale(svc: Services, card: Card, change: Stroke, mark: Mark) -> str | None:
    """Somebody put again what is still known from an older version: that cannot be told apart from a
    repeat of the old event, so it does not sign the new one."""

    def unit(tx: Tx) -> tuple[int | None, Post | None]:
        return ballot_of(tx, card.id).marks.get(change), tx.posts.get(card.post_id)

    version, post = await svc.store.read(unit)
    if version is None or post is None or version == post.version or mark not in (Mark.YES, Mark.NO):
        return None
    return (
        f"Your {GLYPHS[mark]} there is from v{version}, and {post.name} is v{post.version} now. Press a "
        f"button, or take the {GLYPHS[mark]} away, wait a second and put it again."
    )
