"""A reaction came or went: the card it stands on is read again, and what stands there counts."""

from __future__ import annotations

from collections.abc import Sequence

from bot.commands.context import answered
from bot.domain.approval import Choice, Via
from bot.domain.message import Message, Reaction
from bot.domain.people import Brand
from bot.services.context import Services
from bot.services.hold import is_pause, known_pauses, read_pauses
from bot.services.people import member_of
from bot.services.reactions import NO, YES, choice_of, read_reactions


async def reacted(svc: Services, reaction: Reaction) -> Message | None:
    """What to tell whoever reacted; None when it means nothing here. Raises `UserError`."""
    target = reaction.target
    card = await svc.store.read(lambda tx: tx.cards.by_ref(target.chat, target.channel, reaction.ref))
    chat = svc.chats.get(target.chat)
    choice, pause = choice_of(reaction.emoji), is_pause(reaction.emoji)
    if card is None or chat is None or (choice is None and not pause):
        return None
    brand = svc.brand_of(target)
    user = await member_of(svc, brand, target.chat, reaction.user)
    seen = await chat.reactions(target, reaction.ref)
    standing = (
        None
        if seen is None
        else [(emoji, await member_of(svc, brand, target.chat, who)) for emoji, who in seen]
    )
    if choice is None:
        return await _pause(svc, brand, card.post_id, standing, user, added=reaction.added)
    if standing is None:
        standing = await _remembered(svc, card.post_id, choice, user, added=reaction.added)
    words = await read_reactions(svc, card.post_id, standing, user)
    return answered(words) if words else None


async def _pause(
    svc: Services,
    brand: Brand,
    post_id: int,
    seen: Sequence[tuple[str, str]] | None,
    user: str,
    *,
    added: bool,
) -> Message | None:
    """⏸ on a card: what stands there, or what we knew and this one change."""
    if seen is None:
        known = await known_pauses(svc, post_id)
        stands = known | {user} if added else known - {user}
    else:
        stands = frozenset(who for emoji, who in seen if is_pause(emoji))
    words = await read_pauses(svc, brand, post_id, stands, user)
    return answered(words) if words else None


async def _remembered(
    svc: Services, post_id: int, choice: Choice, user: str, *, added: bool
) -> list[tuple[str, str]]:
    """The chat cannot read the card: what we counted before, and this one change."""
    votes = await svc.store.read(lambda tx: tx.votes.of_post(post_id))
    counted = {(v.choice, v.member) for v in votes if v.via is Via.REACTION}
    stands = counted | {(choice, user)} if added else counted - {(choice, user)}
    return [(YES if c is Choice.YES else NO, who) for c, who in sorted(stands)]


async def read_again(svc: Services, chat: str) -> None:
    """After a connection was away: every open card of a chat, as if somebody had just reacted."""
