"""What is to be said, channel by channel, and what was heard: alike on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.message import Action, Button, Message, Target
from bot.domain.records import Card, Heard, Notice
from bot.ports import Tx
from bot.store import SqlStore
from bot.testing.clock import START
from tests.contract.store_rows import add, new

HERE, THERE = Target(chat="hall", channel="H1"), Target(chat="yard", channel="Y1")
SOON, LATER = START + timedelta(seconds=10), START + timedelta(minutes=5)


@pytest.fixture
async def cards(store: SqlStore) -> tuple[int, ...]:
    """Four cards in one channel, one in another; the second and third were painted before."""
    post = (await add(store, new()))[0].post_id

    def unit(tx: Tx) -> tuple[int, ...]:
        for where in (HERE, HERE, HERE, HERE, THERE):
            tx.cards.add(Card(id=0, post_id=post, target=replace(where, thread=post)))
        ids = tuple(c.id for c in tx.cards.of_post(post))
        for card in ids[1:3]:
            tx.cards.painted(card, rev=1, ref=f"ref{card}")
        tx.cards.touch(post)
        return ids

    return await store.write(unit)


async def test_channels_in_which_something_is_stale(store: SqlStore, cards: tuple[int, ...]) -> None:
    assert set(await store.read(lambda tx: tx.cards.channels(START))) == {HERE, THERE}
    await store.write(lambda tx: tx.cards.later(cards[4], LATER, since=None))
    assert await store.read(lambda tx: tx.cards.channels(SOON)) == (HERE,)
    assert THERE in await store.read(lambda tx: tx.cards.channels(LATER))


async def test_new_cards_come_first_then_the_newest(store: SqlStore, cards: tuple[int, ...]) -> None:
    wanted = [cards[0], cards[3], cards[2], cards[1]]
    assert [c.id for c in await store.read(lambda tx: tx.cards.stale_in(HERE, START, 9))] == wanted
    assert [c.id for c in await store.read(lambda tx: tx.cards.stale_in(HERE, START, 2))] == wanted[:2]
    taken = await store.write(lambda tx: tx.cards.take_in(HERE, START, until=LATER, limit=3))
    assert [c.id for c in taken] == wanted[:3]
    rest = await store.write(lambda tx: tx.cards.take_in(HERE, START, until=LATER, limit=3))
    assert [c.id for c in rest] == wanted[3:]
    again = await store.write(lambda tx: tx.cards.take_in(HERE, LATER, until=LATER, limit=9))
    assert [c.id for c in again] == wanted


async def test_what_was_surely_not_said_counts_as_no_try(store: SqlStore, cards: tuple[int, ...]) -> None:
    def unit(tx: Tx) -> None:
        tx.cards.trying(cards[0], START)
        tx.cards.trying(cards[0], SOON)
        tx.cards.failed(cards[0], not_before=SOON)

    await store.write(unit)
    card = await store.read(lambda tx: tx.cards.get(cards[0]))
    assert card is not None
    assert (card.since, card.tries) == (START, 1)
    await store.write(lambda tx: tx.cards.later(cards[0], LATER, since=None))
    card = await store.read(lambda tx: tx.cards.get(cards[0]))
    assert card is not None
    assert (card.since, card.tries) == (None, 1)
    assert await store.read(lambda tx: tx.cards.get(10_000)) is None


@pytest.mark.parametrize("doubtful", [True, False])
async def test_a_chat_that_is_back_rouses_what_failed_in_it(
    store: SqlStore, cards: tuple[int, ...], *, doubtful: bool
) -> None:
    """What may have arrived is not hurried while somebody may still be at it."""

    def unit(tx: Tx) -> None:
        tx.cards.trying(cards[0], START)
        for card in (cards[0], cards[1], cards[4]):
            tx.cards.failed(card, not_before=LATER)
        tx.cards.take_in(HERE, START, until=LATER, limit=9)
        tx.cards.rouse_in("hall", SOON, doubtful=doubtful)

    await store.write(unit)
    due = {c.id for c in await store.read(lambda tx: tx.cards.stale_in(HERE, SOON, 9))}
    assert due == ({cards[0], cards[1]} if doubtful else {cards[1]})
    assert await store.read(lambda tx: tx.cards.stale_in(THERE, SOON, 9)) == ()


def news(key: str, where: Target = HERE) -> Notice:
    return Notice(id=0, key=key, target=where, message=Message(text=key), brand="acme")


async def test_news_of_a_channel_keeps_its_order(store: SqlStore) -> None:
    def unit(tx: Tx) -> None:
        for number in range(5):
            tx.notices.put(news(f"n{number}", THERE if number == 2 else HERE))

    await store.write(unit)
    assert set(await store.read(lambda tx: tx.notices.channels(START))) == {HERE, THERE}
    assert [n.key for n in await store.read(lambda tx: tx.notices.due_in(HERE, START, 3))] == [
        "n0",
        "n1",
        "n3",
    ]
    taken = await store.write(lambda tx: tx.notices.take_in(HERE, START, until=LATER, limit=2))
    assert [n.key for n in taken] == ["n0", "n1"]
    assert [n.key for n in await store.read(lambda tx: tx.notices.due_in(HERE, START, 9))] == ["n3", "n4"]
    first = taken[0].id
    await store.write(lambda tx: tx.notices.later(first, SOON, since=START))
    (again,) = [n for n in await store.read(lambda tx: tx.notices.due_in(HERE, SOON, 9)) if n.id == first]
    assert again.since == START


async def test_an_incident_that_changes_is_said_anew_in_its_place(store: SqlStore) -> None:
    await store.write(lambda tx: tx.notices.put(news("fault")))
    (notice,) = await store.read(lambda tx: tx.notices.due_in(HERE, START, 9))
    await store.write(lambda tx: tx.notices.sent(notice.id, "r1", message=notice.message))
    assert await store.read(lambda tx: tx.notices.due_in(HERE, START, 9)) == ()
    button = Button(label="Retry", action=Action(verb="retry", kind="post", id=1))
    over = Message(text="It is over.", buttons=(button,))
    assert await store.write(lambda tx: tx.notices.revise("fault", over))
    assert not await store.write(lambda tx: tx.notices.revise("fault", over))
    assert not await store.write(lambda tx: tx.notices.revise("nothing", over))
    (again,) = await store.read(lambda tx: tx.notices.due_in(HERE, START, 9))
    assert (again.ref, again.message) == ("r1", over)


async def test_what_is_revised_while_it_is_said_is_said_again(store: SqlStore) -> None:
    await store.write(lambda tx: tx.notices.put(news("fault")))
    (notice,) = await store.read(lambda tx: tx.notices.due_in(HERE, START, 9))
    await store.write(lambda tx: tx.notices.revise("fault", Message(text="worse")))
    await store.write(lambda tx: tx.notices.sent(notice.id, "r1", message=notice.message))
    (again,) = await store.read(lambda tx: tx.notices.due_in(HERE, START, 9))
    assert (again.ref, again.message.text) == ("r1", "worse")
    await store.write(lambda tx: tx.notices.sent(notice.id, "r1", message=again.message))
    assert await store.read(lambda tx: tx.notices.due_in(HERE, START, 9)) == ()


async def test_what_was_heard_is_taken_by_one(store: SqlStore) -> None:
    heard = Heard(key="hall:E1", at=START, owner="one", said={"a": 1})
    assert await store.write(lambda tx: tx.inbox.first(heard))
    assert not await store.write(lambda tx: tx.inbox.first(replace(heard, owner="other")))
    assert await store.read(lambda tx: tx.inbox.undone(START)) == ()
    assert await store.read(lambda tx: tx.inbox.undone(SOON)) == (heard,)
    assert await store.write(lambda tx: tx.inbox.take("hall:E1", was="one", owner="other"))
    assert not await store.write(lambda tx: tx.inbox.take("hall:E1", was="one", owner="third"))
    assert await store.write(lambda tx: tx.inbox.forget(LATER)) == 0
    await store.write(lambda tx: tx.inbox.done("hall:E1"))
    assert not await store.write(lambda tx: tx.inbox.take("hall:E1", was="other", owner="third"))
    assert await store.write(lambda tx: tx.inbox.forget(LATER)) == 1
