"""A reaction came or went: the card it stands on is read again, and what stands there counts."""

from __future__ import annotations

from bot.commands.context import answered
from bot.domain.approval import Choice, Decision
from bot.domain.ballot import CHOICES, GLYPHS, Mark, Stroke, mark_of
from bot.domain.message import Message, Reaction
from bot.domain.records import Card
from bot.errors import NotFound, UserError
from bot.ports import Tx
from bot.services.ballots import ballot_of, post_of_old
from bot.services.context import Services
from bot.services.groups import attend
from bot.services.people import member_of
from bot.services.reactions import told_already
from bot.services.readings import read_again, read_card
from bot.services.review import votable
from bot.services.signed import standing

__all__ = ["reacted", "read_again"]

ARRIVING = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between two looks for a card whose ref is not written down yet."""


async def reacted(svc: Services, reaction: Reaction) -> Message | None:
    """What to tell whoever reacted; None when it means nothing here. Raises `UserError`."""
    target, mark = reaction.target, mark_of(reaction.emoji)
    chat = svc.chats.get(target.chat)
    if chat is None or mark is None:
        return None
    card = await _card(svc, reaction)
    if card is None:
        return await _elsewhere(svc, reaction, mark)
    post = await svc.store.read(lambda tx: tx.posts.get(card.post_id))
    if post is None or post.brand not in svc.brands:
        raise NotFound("That post is not here any more, so nothing changed.")
    await attend(svc, svc.brands[post.brand], reaction)
    change, who = (mark, reaction.user), reaction.user
    words = await read_card(svc, chat, card, post, change=change, added=reaction.added, by=who)
    if words is None and reaction.added:
        words = await _known(svc, card, post.brand, change)
    return answered(words) if words else None


async def _card(svc: Services, reaction: Reaction) -> Card | None:
    """The card it stands on. People see a card before we are told its ref, so one that may be
    arriving is waited for: what was put on it in that moment counts too."""
    chat, channel, ref = reaction.target.chat, reaction.target.channel, reaction.ref
    for wait in (*ARRIVING, 0.0):
        card, arriving = await svc.store.read(
            lambda tx: (tx.cards.by_ref(chat, channel, ref), tx.cards.arriving(chat, channel))
        )
        if card is not None or not arriving or not wait:
            return card
        await svc.clock.sleep(wait)
    return None


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


async def _known(svc: Services, card: Card, brand: str, change: Stroke) -> str | None:
    """What became of a mark that another person's event made us see: whoever put it is told now."""
    mark, user = change
    member = await member_of(svc, svc.brands[brand], card.target.chat, user)

    def unit(tx: Tx) -> tuple[str | None, bool]:
        """The words, and whether they are said whatever was said before."""
        version, post = ballot_of(tx, card.id).marks.get(change), tx.posts.get(card.post_id)
        choice = CHOICES.get(mark)
        if version is None or post is None or choice is None:
            return None, False
        if version != post.version:
            # put anew, or a repeat of the old event: as nobody can tell, it does not sign the new version
            return (
                f"Your {GLYPHS[mark]} there is from v{version}, and {post.name} is v{post.version} now. "
                f"Press a button, or take the {GLYPHS[mark]} away, wait a second and put it again.",
                True,
            )
        rows = tx.deliveries.of_post(post.id)
        votes = [v for v in tx.votes.of_post(post.id) if v.member == member and v.choice is choice]
        mine = [d for d in rows if any(v.fingerprint == d.fingerprint for v in votes)]
        found = [standing(tx, svc.brands[brand], post, d, now=svc.clock.now()).decision for d in mine]
        if mine:
            end = ": it is approved and goes out" if set(found) == {Decision.APPROVED} else ""
            return f"Your {GLYPHS[mark]} on {post.name} v{version} counts{end}.", False
        try:
            votable(svc, tx, post.id, member, choice, version, parked_too=choice is Choice.YES)
        except UserError as error:
            return str(error), False
        return None, False

    words, anyway = await svc.store.read(unit)
    if words is None or anyway:
        return words
    return None if await svc.store.write(lambda tx: told_already(tx, card, change)) else words
