"""Reading what stands on a card: after an event or an outage, and before it shows a new version."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from bot.domain.ballot import Ballot, Stroke, mark_of
from bot.domain.people import Brand
from bot.domain.post import Post
from bot.domain.records import Card
from bot.errors import ChatBusy, ChatClosed, ChatError, ChatRefused
from bot.ports import Chat, Tx
from bot.services.ballots import ballot_of
from bot.services.context import Services
from bot.services.groups import fresh
from bot.services.people import member_of
from bot.services.reactions import Seen, look_at

OPEN_CARDS = 500
"""Cards that are read again at once after a connection was away."""

PATIENCE, LONGEST = 3, 60.0
"""How often a card is asked for while the service is busy, and the most seconds between two tries."""


async def read_card(
    svc: Services,
    chat: Chat,
    card: Card,
    post: Post,
    *,
    change: Stroke | None = None,
    added: bool = True,
    by: str = "",
) -> str | None:
    """Read one card and do what its marks say; returns what to tell ``by``, a user of the chat.

    ``change`` is what an event said; it is believed where the chat cannot tell what stands there.
    """
    return await look_at(svc, card, _reader(svc, chat, card, post, change, added=added), by=by)


async def read_again(svc: Services, chat: str) -> None:
    """After a connection was away: every open card of a chat, one after the other, as if somebody had
    just reacted to it. Votes cast meanwhile count, votes taken back are withdrawn."""
    service = svc.chats.get(chat)
    if service is None:
        return

    def unit(tx: Tx) -> list[tuple[Card, Post]]:
        numbers = dict.fromkeys(d.post_id for d in tx.deliveries.unfinished(limit=2 * OPEN_CARDS))
        posts = [post for number in numbers if (post := tx.posts.get(number)) is not None]
        return [(c, p) for p in posts for c in tx.cards.of_post(p.id) if c.target.chat == chat and c.ref]

    for card, post in (await svc.store.read(unit))[:OPEN_CARDS]:
        if post.brand in svc.brands:
            await fresh(svc, post.brand)
            await read_card(svc, service, card, post)


async def read_before(svc: Services, chat: Chat, card: Card, post: Post) -> None:
    """Before a card shows another version: what stands there now was meant for the one it shows.

    Raises what the chat raises that may pass: without having looked, the card must not be painted.
    """
    known = await svc.store.read(lambda tx: ballot_of(tx, card.id))
    if card.ref is None or known.shown in (0, post.version):
        return
    try:
        standing = await chat.reactions(card.target, card.ref)
    except (ChatClosed, ChatRefused) as error:  # nobody's reactions reach us there
        svc.log.warning("card_not_read", card=card.id, error=type(error).__name__)
        return
    if standing is not None:
        seen = await _seen(svc, post, card, {(m, who) for emoji, who in standing if (m := mark_of(emoji))})

        async def read(before: Ballot) -> Seen | None:
            return seen

        await look_at(svc, card, read)


def _reader(
    svc: Services, chat: Chat, card: Card, post: Post, change: Stroke | None, *, added: bool
) -> Callable[[Ballot], Awaitable[Seen | None]]:
    async def read(before: Ballot) -> Seen | None:
        standing = await _on(svc, chat, card)
        if standing is not None:
            marks = {(mark, user) for emoji, user in standing if (mark := mark_of(emoji)) is not None}
        elif change is None:
            return None
        else:
            marks = {*before.marks, change} if added else {*before.marks} - {change}
        return await _seen(svc, post, card, marks)

    return read


async def _on(svc: Services, chat: Chat, card: Card) -> Sequence[tuple[str, str]] | None:
    """What stands on a card; None when the service cannot say, or does not in time."""
    if card.ref is None:
        return None
    for _ in range(PATIENCE):
        try:
            return await chat.reactions(card.target, card.ref)
        except ChatBusy as busy:
            wait = (busy.until - svc.clock.now()).total_seconds()
            await svc.clock.sleep(min(max(wait, 0.1), LONGEST))
        except ChatError as error:
            svc.log.warning("card_not_read", card=card.id, error=type(error).__name__)
            return None
    return None


async def _seen(svc: Services, post: Post, card: Card, marks: set[Stroke]) -> Seen:
    brand = svc.brands[post.brand]
    return Seen(strokes=frozenset(marks), members=await _members(svc, brand, card, marks))


async def _members(svc: Services, brand: Brand, card: Card, marks: set[Stroke]) -> dict[str, str]:
    """The member behind every user who has a mark on any card of the post."""

    def unit(tx: Tx) -> list[tuple[str, str]]:
        cards = tx.cards.of_post(card.post_id)
        return [(c.target.chat, user) for c in cards for _, user in ballot_of(tx, c.id).marks]

    pairs = {*await svc.store.read(unit), *((card.target.chat, user) for _, user in marks)}
    return {user: await member_of(svc, brand, chat, user) for chat, user in sorted(pairs)}
