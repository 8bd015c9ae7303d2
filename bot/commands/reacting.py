"""A reaction came or went: the card it stands on is read again, and what stands there counts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from bot.commands.context import answered
from bot.domain.ballot import GLYPHS, Ballot, Mark, Stroke, mark_of
from bot.domain.message import Message, Reaction
from bot.domain.people import Brand
from bot.domain.post import Post
from bot.domain.records import Card
from bot.errors import ChatBusy, ChatError, NotFound
from bot.ports import Chat, Tx
from bot.services.ballots import ballot_of, post_of_old
from bot.services.context import Services
from bot.services.groups import attend, fresh
from bot.services.people import member_of
from bot.services.reactions import Seen, look_at

OPEN_CARDS = 500
"""Cards that are read again at once after a connection was away."""

PATIENCE = 3
"""How often a card is asked for again while the service is busy."""


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
    change = (mark, reaction.user)
    words = await look_at(
        svc, card, _reader(svc, chat, card, post, change, added=reaction.added), by=reaction.user
    )
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


def _reader(
    svc: Services, chat: Chat, card: Card, post: Post, change: Stroke | None = None, *, added: bool = True
) -> Callable[[Ballot], Awaitable[Seen | None]]:
    """Reads a card; where the chat cannot tell, what was known and this one ``change`` are believed."""
    brand = svc.brands[post.brand]

    async def read(before: Ballot) -> Seen | None:
        standing = await _on(svc, chat, card)
        if standing is not None:
            marks = {(mark, user) for emoji, user in standing if (mark := mark_of(emoji)) is not None}
        elif change is None:
            return None
        else:
            marks = {*before.marks, change} if added else {*before.marks} - {change}
        return Seen(strokes=frozenset(marks), members=await _members(svc, brand, card, marks))

    return read


async def _on(svc: Services, chat: Chat, card: Card) -> Sequence[tuple[str, str]] | None:
    """What stands on a card; None when the service cannot say, or does not in time."""
    if card.ref is None:
        return None
    for _ in range(PATIENCE):
        try:
            return await chat.reactions(card.target, card.ref)
        except ChatBusy as busy:
            await svc.clock.sleep(max((busy.until - svc.clock.now()).total_seconds(), 0.1))
        except ChatError as error:
            svc.log.warning("card_not_read", card=card.id, error=type(error).__name__)
            return None
    return None


async def _members(svc: Services, brand: Brand, card: Card, marks: set[Stroke]) -> dict[str, str]:
    """The member behind every user who has a mark on any card of the post."""

    def unit(tx: Tx) -> list[tuple[str, str]]:
        cards = tx.cards.of_post(card.post_id)
        return [(c.target.chat, user) for c in cards for _, user in ballot_of(tx, c.id).marks]

    pairs = {*await svc.store.read(unit), *((card.target.chat, user) for _, user in marks)}
    return {user: await member_of(svc, brand, chat, user) for chat, user in sorted(pairs)}


async def read_again(svc: Services, chat: str) -> None:
    """After a connection was away: every open card of a chat, one after the other, as if somebody had
    just reacted to it. Votes cast meanwhile count, votes taken back are withdrawn."""
    service = svc.chats.get(chat)
    if service is None:
        return

    def unit(tx: Tx) -> list[tuple[Card, Post]]:
        names = dict.fromkeys(d.post_id for d in tx.deliveries.unfinished(limit=2 * OPEN_CARDS))
        posts = [post for number in names if (post := tx.posts.get(number)) is not None]
        return [(c, p) for p in posts for c in tx.cards.of_post(p.id) if c.target.chat == chat and c.ref]

    for card, post in (await svc.store.read(unit))[:OPEN_CARDS]:
        if post.brand in svc.brands:
            await fresh(svc, post.brand)
            await look_at(svc, card, _reader(svc, service, card, post))
