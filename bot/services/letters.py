"""One thing that is to be said in a chat in which a team lives: a card or a notice, said once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.card import for_team, paint
from bot.domain.message import Message, Target
from bot.domain.post import Post
from bot.domain.records import Card, Notice
from bot.domain.sheet import Sheet
from bot.errors import ChatClosed, ChatRefused
from bot.ports import TeamChat, Tx
from bot.services.ballots import now_shows, remember_old
from bot.services.context import Services
from bot.services.people import dressed, known_as
from bot.services.readings import read_before
from bot.services.sheet import sheet_of

Letter = Card | Notice

FIRST = timedelta(seconds=1)
"""How long news about a post waits before it looks again whether the post's card is there."""

GIVEN_UP = 4
"""Failed tries of a card after which its news goes into the channel itself, rather than nowhere."""

NEVER = timedelta(minutes=10)
"""The same for a card that nothing can be painted on: its post or its brand is gone."""

SKEW = timedelta(minutes=2)
"""How far a service's clock may be from ours, when it is asked what was said since an instant."""


async def say_card(svc: Services, chat: TeamChat, card: Card) -> datetime | None:
    """Paint a card as its post is at this moment; until when it has to wait, if it does."""
    fresh, view = await svc.store.read(lambda tx: _look(svc, tx, card))
    if fresh is None or view is None:
        return svc.clock.now() + NEVER
    if fresh.painted >= fresh.wanted:
        return None  # another process was faster
    message = await dressed(svc, paint(for_team(view)), chat.name)
    to, rev = replace(card.target, thread=None), fresh.wanted
    if fresh.ref is not None:
        await read_before(svc, chat, fresh, view.post)
        ref = await chat.edit(to, fresh.ref, message)
    elif card.since is None:
        ref = await chat.send(to, message, key=f"card:{card.id}")
    else:
        # what arrived then may be older than what is to be seen: it is painted again at once
        rev = fresh.painted
        ref = await chat.resend(to, message, key=f"card:{card.id}", since=card.since - SKEW)
    shown = view.post.version if rev == fresh.wanted else max(1, view.post.version - 1)
    await svc.store.write(lambda tx: _painted(tx, fresh, view.post, rev, ref, shown))
    return None


def _painted(tx: Tx, card: Card, post: Post, rev: int, ref: str, shown: int) -> None:
    """What the card shows, and for which version a reaction to it stands from now on."""
    tx.cards.painted(card.id, rev=rev, ref=ref)
    now_shows(tx, card.id, shown)
    if card.ref not in (None, ref):
        remember_old(tx, card.target.chat, card.target.channel, card.ref, post.id)


def _look(svc: Services, tx: Tx, card: Card) -> tuple[Card | None, Sheet | None]:
    """The card's row and what it shows, of one moment."""
    fresh = tx.cards.get(card.id)
    post = tx.posts.get(card.post_id)
    return fresh, sheet_of(svc, tx, post) if post is not None and post.brand in svc.brands else None


async def say_notice(svc: Services, chat: TeamChat, notice: Notice) -> datetime | None:
    """Say news, in the thread of its post's card or of the message it belongs below, if there is one; until
    when it has to wait, if it does."""
    card = await svc.store.read(lambda tx: _card_of(tx, notice.target))
    if card is not None and card.ref is None and card.tries < GIVEN_UP:
        return svc.clock.now() + FIRST
    below = notice.below
    head = await svc.store.read(lambda tx: tx.notices.of_key(below)) if below else None
    if head is not None and head.ref is None and head.tries < GIVEN_UP:
        return svc.clock.now() + FIRST
    above = card or head
    to = replace(notice.target, under=above.ref or "") if above is not None else notice.target
    ref, reached = "", notice.to is not None and await _whisper(svc, to, notice.to, notice.message)
    if not reached and not (notice.to and notice.message.private):
        ref = await _say_aloud(svc, chat, to, notice)
    await svc.store.write(lambda tx: tx.notices.sent(notice.id, ref, message=notice.message))
    return None


def _card_of(tx: Tx, target: Target) -> Card | None:
    """The newest card of the post whose thread is meant, in that channel."""
    if target.thread is None:
        return None
    cards = tx.cards.of_post(target.thread)
    here = [c for c in cards if (c.target.chat, c.target.channel) == (target.chat, target.channel)]
    return here[-1] if here else None


async def _say_aloud(svc: Services, chat: TeamChat, to: Target, notice: Notice) -> str:
    key = f"notice:{notice.id}"
    message = await dressed(svc, replace(notice.message, private=False), chat.name)
    if notice.ref:
        return await chat.edit(to, notice.ref, message)
    if notice.since is None:
        return await chat.send(to, message, key=key)
    ref = await chat.resend(to, message, key=key, since=notice.since - SKEW)
    # what arrived then may say something older
    return await chat.edit(to, ref, message)


async def _whisper(svc: Services, to: Target, member: str, message: Message) -> bool:
    """Tell one person, a member or a chat's own ``chat:id``, there or in another chat of theirs; False
    when none of them reaches them."""
    for name in (to.chat, *(n for n in svc.teams if n != to.chat)):
        own, _, id_ = member.partition(":")
        user = id_ if own == name and id_ else await known_as(svc, member, name)
        if user is None:
            continue
        there = to if name == to.chat else Target(chat=name, channel=_any_channel(svc, name))
        try:
            await svc.teams[name].whisper(there, user, await dressed(svc, message, name))
        except (ChatClosed, ChatRefused) as error:
            svc.log.warning("not_reached_there", chat=name, error=str(error))
            continue
        return True
    return False


def _any_channel(svc: Services, chat: str) -> str:
    """Where a person of that chat can be spoken to, when the service wants to know a channel."""
    channels = (t.channel for brand in svc.brands for t in svc.channels(brand) if t.chat == chat)
    return next(channels, "")
