"""One channel of a chat in which a team lives, and what is to be said there, one thing after the other.

Every channel has its own lane, so that none waits for another; and in each, cards do not wait for news,
as people look at the card they have just decided about. What may have been said without our
knowing is looked for before it is said again: the intention is committed before the first try.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.message import Target
from bot.domain.records import Card, Notice
from bot.errors import ChatBusy, ChatClosed, ChatRefused
from bot.ports import TeamChat, Tx
from bot.services.context import Rest, Services
from bot.services.letters import Letter, say_card, say_notice
from bot.services.locked_out import open_again, tell_refused, tell_shut

CARDS, NEWS = "cards", "news"
"""The two sides of a lane; each keeps its order."""

HANDFUL = 8
"""How many cards or pieces of news are taken at a time."""

CALL = 30.0
"""Seconds that one message may take, with whatever its adapter waits for by itself."""

TAKEN = timedelta(seconds=3 * CALL)
"""How long what one process has taken is its own; no call of it is under way any more after that."""

LATER = (1, 5, 30, 120)
"""Seconds before what failed is tried again."""

REFUSED = (60, 600, 3600)
"""The same for what a service does not take: it may have changed by then."""

SHUT = timedelta(minutes=10)
"""How long a channel rests that does not let us in."""

STUMBLES = (1, 2, 5, 15, 30)
"""Seconds a channel rests after a failure; after more in a row, longer."""

LEAST = timedelta(seconds=0.2)
"""The least a busy channel rests, whatever its service's clock says."""


@dataclass(frozen=True, kw_only=True)
class Lane:
    """A channel and who speaks there."""

    chat: TeamChat
    where: Target

    @property
    def address(self) -> str:
        return self.where.address


async def serve_lane(svc: Services, lane: Lane, side: str) -> None:
    """Say everything that is due on one side of a channel; at most one of ours is at work there at a time."""
    key = _key(lane.address, side)
    if key in svc.speaking:
        return
    svc.speaking.add(key)
    try:
        while not svc.engine.stopping and not resting(svc, lane.address, side):
            if not await _handful(svc, lane, side):
                return
    finally:
        svc.speaking.discard(key)


def at_work(svc: Services, address: str, side: str) -> bool:
    """Whether we are saying something on that side of a channel."""
    return _key(address, side) in svc.speaking


def resting(svc: Services, address: str, side: str) -> bool:
    """Whether one side of a channel is left alone for now."""
    rest = svc.resting.get(_key(address, side))
    return rest is not None and svc.clock.now() < rest.until


def _key(address: str, side: str) -> str:
    return f"{address} {side}"


def rouse(svc: Services, chat: str) -> None:
    """A chat is there again: none of its channels rests any more."""
    svc.roused[chat] += 1
    for address in [a for a in svc.resting if a.startswith(f"{chat}:")]:
        svc.resting[address] = replace(svc.resting[address], until=svc.clock.now())


async def _handful(svc: Services, lane: Lane, side: str) -> bool:
    """Say a few things; False when nothing is due."""
    now = svc.clock.now()
    take = _take_cards if side == CARDS else _take_news
    letters: list[Letter] = await svc.store.write(lambda tx: [*take(svc, tx, lane.where, now)])
    for place, letter in enumerate(letters):
        late = svc.engine.stopping or (
            not svc.alone and svc.clock.now() > now + TAKEN - timedelta(seconds=CALL)
        )
        if late or not await _say(svc, lane, side, letter):
            left = letters[place:] if late else letters[place + 1 :]
            await svc.store.write(lambda tx, left=left: _give_back(tx, left, now))  # type: ignore[misc]  # mypy infers no lambda with a default
            break
    return bool(letters)


def _take_cards(svc: Services, tx: Tx, where: Target, now: datetime) -> Sequence[Card]:
    """New cards first, then those to be painted again."""
    if svc.alone:
        cards = tx.cards.stale_in(where, now, HANDFUL)
    else:
        cards = tx.cards.take_in(where, now, until=now + TAKEN, limit=HANDFUL)
    new = [card for card in cards if card.ref is None]
    for card in new:
        tx.cards.trying(card.id, now)
    return [*new, *(card for card in cards if card.ref is not None)]


def _take_news(svc: Services, tx: Tx, where: Target, now: datetime) -> Sequence[Notice]:
    if svc.alone:
        notices = tx.notices.due_in(where, now, HANDFUL)
    else:
        notices = tx.notices.take_in(where, now, until=now + TAKEN, limit=HANDFUL)
    for notice in notices:
        if notice.ref is None and notice.to is None:
            tx.notices.trying(notice.id, now)
    return notices


def _give_back(tx: Tx, letters: list[Letter], now: datetime) -> None:
    """What was taken and not tried."""
    for letter in letters:
        shelf = tx.cards if isinstance(letter, Card) else tx.notices
        shelf.later(letter.id, now, since=letter.since)


async def _say(svc: Services, lane: Lane, side: str, letter: Letter) -> bool:
    """Say one thing; False when this side of the channel is to rest."""
    roused = svc.roused[lane.where.chat]
    try:
        async with asyncio.timeout(CALL):
            waits = await (
                say_card(svc, lane.chat, letter)
                if isinstance(letter, Card)
                else say_notice(svc, lane.chat, letter)
            )
    except ChatBusy as busy:
        until = max(busy.until, svc.clock.now() + LEAST)
        await _later(svc, letter, until)
        return _rest(svc, lane, side, until)
    except ChatClosed as error:
        svc.log.error("channel_shut", channel=lane.address, error=str(error), detail=error.detail)
        await _later(svc, letter, svc.clock.now())
        await tell_shut(svc, lane.address, error)
        old = roused != svc.roused[lane.where.chat]  # it was asked before the chat was there again
        until = svc.clock.now() + (_step(STUMBLES, 0) if old else SHUT)
        _rest(svc, lane, NEWS if side == CARDS else CARDS, until, shut=True)
        return _rest(svc, lane, side, until, shut=True)
    except ChatRefused as error:
        svc.log.error("message_refused", what=_name(letter), error=str(error), detail=error.detail)
        await _later(svc, letter, svc.clock.now() + _step(REFUSED, letter.tries), failed=True)
        await tell_refused(svc, lane.where, _name(letter), _words(letter), error)
        return True
    except Exception as error:
        # Network, a library's fault, a fault of ours: nobody knows whether it arrived. The lane goes on.
        svc.log.warning("not_said", what=_name(letter), error=type(error).__name__, exc_info=error)
        in_doubt = letter.ref is None
        wait = _step(LATER, letter.tries + in_doubt)
        await _failed(svc, letter, svc.clock.now() + wait)
        known = svc.resting.get(_key(lane.address, side))
        stumbled = known.stumbles if known is not None else 0
        return _rest(svc, lane, side, svc.clock.now() + _step(STUMBLES, stumbled), stumbles=stumbled + 1)
    if waits is not None:
        await _later(svc, letter, waits)
        return True
    await _well(svc, lane, side)
    return True


async def _well(svc: Services, lane: Lane, side: str) -> None:
    """Something was said: whatever was wrong with it is over, and a channel that was shut is open."""
    rest = svc.resting.pop(_key(lane.address, side), None)
    if rest is not None and rest.shut:
        svc.resting.pop(_key(lane.address, NEWS if side == CARDS else CARDS), None)
        await svc.store.write(lambda tx: open_again(tx, lane.address))


def _rest(
    svc: Services, lane: Lane, side: str, until: datetime, *, shut: bool = False, stumbles: int = 0
) -> bool:
    known = svc.resting.get(_key(lane.address, side))
    shut = shut or (known is not None and known.shut)
    svc.resting[_key(lane.address, side)] = Rest(until=until, shut=shut, stumbles=stumbles)
    return False


async def _later(svc: Services, letter: Letter, until: datetime, *, failed: bool = False) -> None:
    """It was surely not said: no look is needed before the next try, unless an earlier one was in doubt."""

    def unit(tx: Tx) -> None:
        shelf = tx.cards if isinstance(letter, Card) else tx.notices
        if failed:
            shelf.failed(letter.id, not_before=until)
        shelf.later(letter.id, until, since=letter.since)

    await svc.store.write(unit)


async def _failed(svc: Services, letter: Letter, until: datetime) -> None:
    def unit(tx: Tx) -> None:
        shelf = tx.cards if isinstance(letter, Card) else tx.notices
        shelf.failed(letter.id, not_before=until)

    await svc.store.write(unit)


def _step(steps: tuple[int, ...], number: int) -> timedelta:
    return timedelta(seconds=steps[min(number, len(steps) - 1)])


def _name(letter: Letter) -> str:
    return f"{'card' if isinstance(letter, Card) else 'notice'}:{letter.id}"


def _words(letter: Letter) -> str:
    post = letter.post_id
    if isinstance(letter, Card):
        return f"the card of P{post}"
    return f"news about P{post}" if post else "a message"
