"""Carries what the rows say to the chats: stale cards are painted again, notices are sent once.

Chats in which a team lives have a lane for each channel (`bot.services.lanes`), on which the engine
works. Everything else, the console and events for plugins, keeps one order and is done at once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.card import paint
from bot.domain.message import Message, Target
from bot.domain.records import Card, Notice
from bot.domain.sheet import Sheet
from bot.ports import Tx
from bot.services.context import Services
from bot.services.lanes import CARDS, NEWS, Lane, at_work, resting, serve_lane
from bot.services.people import dressed
from bot.services.sheet import sheet_of

LATER = (1, 5, 30, 120, 600)
"""Seconds before a chat that failed is tried again."""

TAKEN, HANDFUL = timedelta(seconds=20), 10
"""How long one courier has for what it took, before another one carries it; and how much it takes."""

LANE, REST = "lane", "rest"
"""The engine's tasks: one channel, and everything that has no lane."""


async def carry(svc: Services) -> bool:
    """Send everything that is due to be said now, or have it sent; True when there was something.

    A chat that fails costs only its own message, which is tried again later. The channels of team
    chats are not waited for: the engine works on them, and looks again when it has done.
    """
    if not svc.teams:
        return await _carry_all(svc)
    lanes, rest = await _open_lanes(svc)
    return await _carry_some(svc, rest) or lanes


async def hand_out(svc: Services) -> None:
    """The same, waiting for nothing; without team chats there is nothing that could take long."""
    if not svc.teams:
        await carry(svc)
        return
    _, rest = await _open_lanes(svc)
    if rest:
        await svc.engine.defer(REST, key=REST, queue=REST)


async def carry_rest(svc: Services) -> None:
    """The engine's task: everything that has no lane."""
    await carry(svc)


async def _open_lanes(svc: Services) -> tuple[bool, list[Target]]:
    """Set the engine to work on every channel of a team chat where something is due; whether there
    was one, and the other places with something due."""
    now = svc.clock.now()
    cards, news = await svc.store.read(lambda tx: (tx.cards.channels(now), tx.notices.channels(now)))
    lanes = [
        (where, side)
        for side, places in ((CARDS, cards), (NEWS, news))
        for where in sorted(places, key=lambda t: t.address)
        if where.chat in svc.teams and not resting(svc, where.address, side)
    ]
    for where, side in lanes:
        if side == NEWS and (where, CARDS) in lanes and not at_work(svc, where.address, CARDS):
            continue  # what is said in a thread needs the card it hangs on
        queue = f"{LANE}:{where.address}:{side}"
        await svc.engine.defer(LANE, where.chat, where.channel, side, key=queue, queue=queue)
    return bool(lanes), [t for t in {*cards, *news} if t.chat not in svc.teams]


async def serve_channel(svc: Services, chat: str, channel: str, side: str) -> None:
    """The engine's task: the cards, or the news, that are due in one channel of a team chat."""
    await serve_lane(svc, Lane(chat=svc.teams[chat], where=Target(chat=chat, channel=channel)), side)
    if side == CARDS:
        svc.wake()  # news may have waited for it


async def _carry_all(svc: Services) -> bool:
    async with svc.carrying:
        now = svc.clock.now()
        return await _say(svc, *await _what_to_say(svc, now))


async def _carry_some(svc: Services, channels: list[Target]) -> bool:
    """The same beside team chats: only what is for other places."""
    if not channels:
        return False
    async with svc.carrying:
        return await _say(svc, *await _what_to_say_in(svc, channels, svc.clock.now()))


async def _say(svc: Services, cards: tuple[Card, ...], notices: tuple[Notice, ...]) -> bool:
    for card in cards:
        await _paint(svc, card)
    for notice in notices:
        await _send(svc, notice)
    return bool(cards or notices)


async def _what_to_say(svc: Services, now: datetime) -> tuple[tuple[Card, ...], tuple[Notice, ...]]:
    """Where other couriers carry too, what one has taken is not given to another, unless it dies with it."""
    if svc.alone:
        return await svc.store.read(lambda tx: (tx.cards.stale(now), tx.notices.due(now)))
    until = now + TAKEN

    def unit(tx: Tx) -> tuple[tuple[Card, ...], tuple[Notice, ...]]:
        cards = tx.cards.take(now, until=until, limit=HANDFUL)
        return cards, tx.notices.take(now, until=until, limit=HANDFUL)

    return await svc.store.write(unit)


async def _what_to_say_in(
    svc: Services, channels: list[Target], now: datetime
) -> tuple[tuple[Card, ...], tuple[Notice, ...]]:
    until = now + TAKEN

    def look(tx: Tx) -> tuple[tuple[Card, ...], tuple[Notice, ...]]:
        cards = [c for where in channels for c in tx.cards.stale_in(where, now, 50)]
        notices = [n for where in channels for n in tx.notices.due_in(where, now, 50)]
        return _in_order(cards, notices)

    def take(tx: Tx) -> tuple[tuple[Card, ...], tuple[Notice, ...]]:
        cards = [c for w in channels for c in tx.cards.take_in(w, now, until=until, limit=HANDFUL)]
        notices = [n for w in channels for n in tx.notices.take_in(w, now, until=until, limit=HANDFUL)]
        return _in_order(cards, notices)

    return await (svc.store.read(look) if svc.alone else svc.store.write(take))


def _in_order(cards: list[Card], notices: list[Notice]) -> tuple[tuple[Card, ...], tuple[Notice, ...]]:
    return tuple(sorted(cards, key=lambda c: c.id)), tuple(sorted(notices, key=lambda n: n.id))


async def _paint(svc: Services, card: Card) -> None:
    chat = svc.chats.get(card.target.chat)
    view = await svc.store.read(lambda tx: _view(svc, tx, card))
    if chat is None or view is None:
        await _later_card(svc, card)
        return
    message = await _for_the_chat(svc, paint(view), chat.name)
    try:
        if card.ref is None:
            ref = await chat.send(replace(card.target, thread=None), message, key=f"card:{card.id}")
        else:
            ref = await chat.edit(replace(card.target, thread=None), card.ref, message)
    except Exception as error:
        svc.log.warning("card_not_painted", card=card.id, error=type(error).__name__)
        await _later_card(svc, card)
        return
    await svc.store.write(lambda tx: tx.cards.painted(card.id, rev=card.wanted, ref=ref))


def _view(svc: Services, tx: Tx, card: Card) -> Sheet | None:
    post = tx.posts.get(card.post_id)
    return sheet_of(svc, tx, post) if post is not None and post.brand in svc.brands else None


async def _later_card(svc: Services, card: Card) -> None:
    wait = LATER[min(card.tries, len(LATER) - 1)]
    at = svc.clock.now() + timedelta(seconds=wait)
    await svc.store.write(lambda tx: tx.cards.failed(card.id, not_before=at))


async def _send(svc: Services, notice: Notice) -> None:
    try:
        ref = await _deliver(svc, notice)
    except Exception as error:
        svc.log.warning("notice_not_sent", notice=notice.id, error=type(error).__name__)
        wait = LATER[min(notice.tries, len(LATER) - 1)]
        at = svc.clock.now() + timedelta(seconds=wait)
        await svc.store.write(lambda tx: tx.notices.failed(notice.id, not_before=at))
        return
    await svc.store.write(lambda tx: tx.notices.sent(notice.id, ref, message=notice.message))


async def _deliver(svc: Services, notice: Notice) -> str:
    if notice.target.chat == "event":
        await _tell_plugins(svc, notice)
        return ""
    chat = svc.chats[notice.target.chat]
    message = await _for_the_chat(svc, notice.message, chat.name)
    if notice.to is not None:
        await chat.whisper(notice.target, notice.to, message)
        return ""
    if notice.ref:
        return await chat.edit(notice.target, notice.ref, message)
    return await chat.send(notice.target, message, key=f"notice:{notice.id}")


async def _for_the_chat(svc: Services, message: Message, chat: str) -> Message:
    """Where nobody has an id of a service there is nothing to translate."""
    return await dressed(svc, message, chat) if svc.teams else message


async def _tell_plugins(svc: Services, notice: Notice) -> None:
    post_id, delivery_id = notice.post_id or 0, notice.delivery_id or 0
    post, delivery = await svc.store.read(lambda tx: (tx.posts.get(post_id), tx.deliveries.get(delivery_id)))
    if post is None:
        return
    if delivery is None:
        await svc.registry.emit(notice.target.channel, post=post)
    else:
        await svc.registry.emit(notice.target.channel, post=post, delivery=delivery)
