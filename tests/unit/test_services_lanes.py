"""Channels of team chats: each has its own lane, none waits for another, nothing is said twice or lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from bot.domain.message import Message, Target
from bot.domain.records import Card, Notice
from bot.errors import ChatBusy, ChatClosed, ChatError, ChatRefused
from bot.ports import Tx
from bot.services.courier import carry, serve_channel
from bot.services.lanes import NEWS, SHUT, rouse
from bot.services.tell import tell_brand
from bot.testing.clock import FakeClock
from tests.unit.team_world import BRAND, HALL, HERE, THERE, YARD, Hall, Killed, Team, broken, open_team

CARDS = 150


@pytest.fixture
async def team(tmp_path: Path) -> AsyncIterator[Team]:
    async with open_team(tmp_path) as found:
        yield found


async def test_a_card_stands_once_in_every_channel(team: Team) -> None:
    await team.say("alice", '/post "Hello" --at "mon 17:30"')
    assert set(team.hall.tally().values()) == {1}
    assert (team.hall.tally()["card:1"], team.yard.tally()["card:2"]) == (1, 1)
    assert "IN REVIEW" in team.card(HERE).message.status
    assert "IN REVIEW" in team.card(THERE).message.status


async def test_T19_a_decision_in_one_chat_repaints_the_other(team: Team) -> None:
    await team.say("alice", '/post "Hello" --at "mon 17:30"')
    began = team.clock.now()
    await team.press("bob", "Approve", THERE)
    for where in (HERE, THERE):
        card = team.card(where).message
        assert "SCHEDULED" in card.status
        assert not [b for b in card.buttons if b.label == "Approve"]
    assert team.clock.now() - began <= timedelta(seconds=2)


async def test_T19_a_repaint_that_failed_is_tried_again(team: Team) -> None:
    await team.say("alice", '/post "Hello" --at "mon 17:30"')
    team.hall.trouble = broken("the line is dead")
    await team.press("bob", "Approve", THERE)
    assert "SCHEDULED" in team.card(THERE).message.status
    assert "IN REVIEW" in team.card(HERE).message.status
    team.hall.trouble = lambda what, to: None
    await team.wait(2)
    assert "SCHEDULED" in team.card(HERE).message.status


async def test_a_slow_chat_keeps_no_other_waiting(team: Team) -> None:
    await team.say("alice", '/post "Hello" --at "mon 17:30"')
    team.hall.gate.clear()
    button, ref = team.button("Approve", THERE)
    await team.give(team.pressing("bob", button.action, THERE, ref=ref))
    await team.working(lambda: "SCHEDULED" in team.card(THERE).message.status)
    assert "IN REVIEW" in team.card(HERE).message.status
    # and again while the first is still stuck
    for number in range(3):
        await team.svc.store.write(
            lambda tx, n=number: tell_brand(team.svc, tx, "acme", f"news:{n}", Message(text=f"News {n}."))
        )
        await carry(team.svc)
        await team.working(lambda n=number: f"News {n}." in team.yard.texts())  # type: ignore[misc]  # mypy infers no lambda with a default
    assert not [t for t in team.hall.texts() if t.startswith("News")]
    assert not await team.app.quiet()
    team.hall.gate.set()
    await team.app.settle()
    assert [t for t in team.hall.texts() if t.startswith("News")] == ["News 0.", "News 1.", "News 2."]
    assert "SCHEDULED" in team.card(HERE).message.status


async def test_a_slow_channel_keeps_no_other_channel_of_its_chat_waiting(tmp_path: Path) -> None:
    second = Target(chat=HALL, channel="H2")
    async with open_team(tmp_path, brand=replace(BRAND, channels=(*BRAND.channels, second.address))) as team:
        stuck = asyncio.Event()

        async def call(what: str, to: Target) -> None:
            if to.channel == "H1":
                await stuck.wait()

        team.hall._call = call  # type: ignore[method-assign]
        await team.svc.store.write(lambda tx: tell_brand(team.svc, tx, "acme", "n", Message(text="News.")))
        await carry(team.svc)
        await team.working(lambda: team.hall.texts("H2") == ["News."])
        assert team.hall.texts("H1") == []
        stuck.set()
        await team.app.settle()
        assert team.hall.texts("H1") == ["News."]


async def test_a_busy_chat_is_left_alone_until_it_says(team: Team) -> None:
    until = team.clock.now() + timedelta(seconds=40)

    def busy(what: str, to: Target) -> None:
        if team.clock.now() < until:
            raise ChatBusy(until)

    team.hall.trouble = busy
    await team.say("alice", '/post "Hello" --at "mon 17:30"')
    assert team.hall.calls["send"] == 1
    await team.wait(39)
    assert team.hall.calls["send"] == 1
    assert team.yard.tally()["card:2"] == 1
    await team.wait(1.1)
    assert team.hall.tally()["card:1"] == 1
    # being told to wait is no failure, and surely nothing was said: nobody looks for it
    assert team.hall.calls["resend"] == 0
    (card, _) = await team.svc.store.read(lambda tx: tx.cards.of_post(1))
    assert card.tries == 0


async def test_what_is_refused_is_told_once_elsewhere_and_holds_up_nothing(team: Team) -> None:
    def refuse(what: str, to: Target) -> None:
        if what == "send" and team.hall.calls["send"] == 1:
            raise ChatRefused("It takes no message like this.")

    team.hall.trouble = refuse
    await team.say("alice", '/post "First" --at "mon 17:30"')
    await team.say("alice", '/post "Second" --at "mon 17:30"')
    assert team.card(HERE, post=2)
    told = [t for t in team.yard.texts() if "I could not show the card of P1 in hall:H1" in t]
    assert told == [
        "I could not show the card of P1 in hall:H1: It takes no message like this. I try again later."
    ]
    assert "message_refused" in team.log.getvalue()
    await team.wait(61)
    assert team.card(HERE, post=1)
    assert team.hall.calls["resend"] == 0


async def test_thrown_out_of_a_channel_nothing_is_lost(team: Team) -> None:
    words = "I cannot write in hall #launch: somebody removed me. Invite me again with /invite."

    def closed(what: str, to: Target) -> None:
        raise ChatClosed(words, detail="not_in_channel")

    await team.say("alice", '/post "Hello" --at "mon 17:30"')
    team.hall.trouble = closed
    await team.press("bob", "Approve", THERE)
    await team.say("alice", '/post "More" --at "mon 18:30"', THERE)
    told = [t for t in team.yard.texts() if words in t]
    assert told == [f"{words} What belongs there waits; nothing is lost."]
    tried = team.hall.calls.total()
    await team.wait(SHUT.total_seconds() - 30)
    assert team.hall.calls.total() == tried
    await team.wait(31)
    assert tried < team.hall.calls.total() <= tried + 2, "a card and a piece of news at the most"
    assert len([t for t in team.yard.texts() if words in t]) == 1
    team.hall.trouble = lambda what, to: None
    await team.app.dispatch.reconnected(HALL)
    await team.app.settle()
    assert "SCHEDULED" in team.card(HERE, post=1).message.status
    assert team.card(HERE, post=2)
    # it is over: the next time it is news again
    team.hall.trouble = closed
    await team.press("carol", "Approve", THERE, post=2)
    assert len([t for t in team.yard.texts() if words in t]) == 2


async def test_a_late_no_from_before_we_were_let_in_again_keeps_nothing_waiting(team: Team) -> None:
    """The channel lets us in again while the answer to an earlier message is still on its way."""

    def closed(what: str, to: Target) -> None:
        rouse(team.svc, HALL)
        raise ChatClosed("I cannot write there.", detail="not_in_channel")

    await team.say("alice", '/post "Hello" --at "mon 17:30"')
    team.hall.trouble = closed
    await team.press("bob", "Approve", THERE)
    assert "IN REVIEW" in team.card(HERE).message.status
    team.hall.trouble = lambda what, to: None
    await team.wait(2)
    assert "SCHEDULED" in team.card(HERE).message.status


async def test_after_a_connection_is_back_nothing_waits_for_its_turn(team: Team) -> None:
    await team.say("alice", '/post "Hello" --at "mon 17:30"')
    team.hall.trouble = broken()
    await team.press("bob", "Approve", THERE)
    for _ in range(5):
        await team.wait(40)
    team.hall.trouble = lambda what, to: None
    await team.app.dispatch.reconnected(HALL)
    await team.app.settle()
    assert "SCHEDULED" in team.card(HERE).message.status


async def test_a_lost_answer_is_looked_for_before_it_is_said_again(team: Team) -> None:
    def cut(what: str, to: Target) -> None:
        if team.hall.calls[what] == 1:
            raise ChatError("the connection was cut")

    team.hall.lost = cut
    await team.say("alice", '/post "Hello" --at "mon 17:30"')
    assert team.hall.tally()["card:1"] == 1
    (card, _) = await team.svc.store.read(lambda tx: tx.cards.of_post(1))
    assert card.ref is None
    await team.press("bob", "Approve", THERE)
    await team.wait(10)
    assert team.hall.tally()["card:1"] == 1
    assert team.hall.calls["resend"] == 1
    # what had arrived was an older painting: the one that counts is there now
    assert "SCHEDULED" in team.card(HERE).message.status


async def test_news_goes_into_the_thread_of_its_card_once_that_is_there(team: Team) -> None:
    def no_cards(what: str, to: Target) -> None:
        if team.clock.now() < began + timedelta(seconds=3):
            raise ChatError("the connection was cut")

    began = team.clock.now()
    team.hall.trouble = no_cards
    await team.say("alice", '/post "Hello" --at "mon 17:30"')
    target = replace(HERE, thread=1)
    notice = Notice(
        id=0, key="n", target=target, message=Message(text="News of it."), brand="acme", post_id=1
    )
    await team.svc.store.write(lambda tx: tx.notices.put(notice))
    await team.app.settle()
    assert team.hall.texts() == []
    for _ in range(12):
        await team.wait(1)
    (card, news) = [
        s for s in team.hall.said.values() if s.key == "card:1" or s.message.text == "News of it."
    ]
    assert (news.message.text, news.to.under) == ("News of it.", card.ref)


async def test_a_word_to_one_person_finds_them(team: Team) -> None:
    def to(member: str, key: str) -> None:
        pending.append(
            Notice(id=0, key=key, target=HERE, message=Message(text=f"For {key}."), brand="acme", to=member)
        )

    pending: list[Notice] = []
    to("bob", "bob")
    to("frank", "frank")
    to("nobody", "nobody")
    to(f"{HALL}:U77", "stranger")
    secret = Message(text="For nobody else.", private=True)
    pending.append(Notice(id=0, key="secret", target=HERE, message=secret, brand="acme", to="nobody"))

    def unit(tx: Tx) -> None:
        tx.people.bind(YARD, "Y-frank", "frank", team.clock.now())
        for notice in pending:
            tx.notices.put(notice)

    await team.svc.store.write(unit)
    await team.app.settle()
    assert team.hall.told("H-bob") == ["For bob."]
    assert team.yard.told("Y-frank") == ["For frank."]
    assert team.hall.told("U77") == ["For stranger."]
    assert team.hall.texts() == ["For nobody."]  # nobody is named, nothing is lost
    assert "nobody" not in [user for user, *_ in team.hall.whispers]


async def test_a_person_who_takes_no_messages_shuts_no_channel(team: Team) -> None:
    def deaf(what: str, to: Target) -> None:
        if what == "whisper":
            raise ChatClosed("This person takes no messages.")

    team.hall.trouble = deaf
    notice = Notice(id=0, key="n", target=HERE, message=Message(text="For one."), brand="acme", to="bob")
    await team.svc.store.write(lambda tx: tx.notices.put(notice))
    await team.app.settle()
    assert team.yard.told("Y-bob") == ["For one."]  # another chat of theirs
    team.yard.trouble = deaf
    await team.svc.store.write(lambda tx: tx.notices.put(replace(notice, key="m")))
    await team.app.settle()
    assert team.hall.texts() == ["For one."]  # a line that names nobody
    assert not team.svc.resting


async def test_news_of_a_card_that_is_never_taken_is_told_all_the_same(team: Team) -> None:
    def no_cards(what: str, to: Target) -> None:
        if to.thread is None:
            raise ChatRefused("It takes no message like this.")

    team.hall.trouble = no_cards
    await team.say("alice", '/post "Hello" --at "mon 17:30"')
    notice = Notice(
        id=0, key="n", target=replace(HERE, thread=1), message=Message(text="It failed."), brand="acme"
    )
    await team.svc.store.write(lambda tx: tx.notices.put(notice))
    await team.wait(60)
    assert "It failed." not in team.hall.texts()
    for _ in range(4):
        await team.wait(3601)
    assert "It failed." in team.hall.texts()


async def test_what_changes_while_it_is_painted_is_painted_once_more(team: Team) -> None:
    await team.say("alice", '/post "Hello" --at "mon 17:30"')
    edits = team.hall.calls["edit"]
    team.hall.gate.clear()
    await team.svc.store.write(lambda tx: tx.cards.touch(1))
    await carry(team.svc)
    await team.working(lambda: team.hall.calls["edit"] == edits + 1)
    for _ in range(100):
        await team.svc.store.write(lambda tx: tx.cards.touch(1))
        await carry(team.svc)
    team.hall.gate.set()
    await team.app.settle()
    assert team.hall.calls["edit"] == edits + 2
    (card, _) = await team.svc.store.read(lambda tx: tx.cards.of_post(1))
    assert card.painted == card.wanted


async def test_T13_one_incident_is_one_message_that_changes(team: Team) -> None:
    await team.say("alice", '/post "Hello" --at "mon 17:30"')

    def incident(text: str) -> Notice:
        target = replace(HERE, thread=1)
        return Notice(id=0, key="fault", target=target, message=Message(text=text), brand="acme", post_id=1)

    for _ in range(3):
        await team.svc.store.write(lambda tx: tx.notices.put(incident("It failed.")))
        await team.app.settle()
    (fault,) = [s for s in team.hall.said.values() if s.message.text == "It failed."]
    assert await team.svc.store.write(lambda tx: tx.notices.revise("fault", Message(text="It is over.")))
    assert not await team.svc.store.write(lambda tx: tx.notices.revise("fault", Message(text="It is over.")))
    await team.app.settle()
    assert team.hall.said[fault.ref].message.text == "It is over."
    assert [k for k, n in team.hall.tally().items() if n > 1] == []


async def test_a_channel_that_fails_over_one_message_goes_on_with_the_others(team: Team) -> None:
    def poison(what: str, to: Target) -> None:
        if what == "send" and (team.hall.calls["send"] % 2):
            raise RuntimeError("a fault of ours")

    team.hall.trouble = poison
    for number in range(6):
        await team.svc.store.write(
            lambda tx, n=number: tell_brand(team.svc, tx, "acme", f"news:{n}", Message(text=f"News {n}."))
        )
    for _ in range(30):
        await team.wait(5)
    team.hall.trouble = lambda what, to: None
    for _ in range(10):
        await team.wait(60)
    assert sorted(team.hall.texts()) == sorted(f"News {n}." for n in range(6))


async def test_hundreds_of_cards_keep_to_the_pace_and_hold_up_no_other_chat(tmp_path: Path) -> None:

    clock = FakeClock()
    hall = Hall(HALL, clock, pace=1.0)
    async with open_team(tmp_path, clock=clock, hall=hall) as team:
        await team.say("alice", '/post "Hello" --at "mon 17:30"')
        elsewhere = team.yard.calls.total()

        def more(tx: Tx) -> None:
            for _ in range(CARDS):
                tx.cards.add(Card(id=0, post_id=1, target=replace(HERE, thread=1)))

        await team.svc.store.write(more)
        seconds = 0
        while await team.svc.store.read(lambda tx: tx.cards.stale(clock.now() + timedelta(days=1), limit=1)):
            await team.wait(1)
            seconds += 1
            assert seconds < 1_200
        assert len([k for k in hall.tally() if k.startswith("card:")]) == CARDS + 1
        assert set(hall.tally().values()) == {1}
        assert hall.calls["resend"] == 0
        # each time once too early, as a service says by its refusal when to come back
        assert hall.breaches <= seconds + 2
        assert team.yard.calls.total() == elsewhere


class Deadly:
    """Counts the moments at which a process may die, and lets it die at one of them."""

    def __init__(self, at: int | None = None) -> None:
        self.at = at
        self.passed = 0

    def point(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            raise Killed

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        async def wrapped(*args: Any, **named: Any) -> Any:
            self.point()
            found = await call(*args, **named)
            self.point()
            return found

        return wrapped


class Proxy:
    """Something whose calls may be the last; everything else is the thing itself."""

    def __init__(self, inner: Any, deadly: Deadly, names: tuple[str, ...]) -> None:
        self._inner, self._deadly, self._names = inner, deadly, names

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return self._deadly.around(found) if name in self._names else found


async def lived(folder: Path, at: int | None) -> int:
    """A card and news are said by a courier that dies at its ``at``-th moment, then by another one."""
    deadly = Deadly(at)
    async with open_team(folder) as team:
        team.hall.trouble = broken()
        await team.say("alice", '/post "Hello" --at "mon 17:30"', THERE)
        target = replace(HERE, thread=1)
        for number in range(2):
            notice = Notice(id=0, key=f"n{number}", target=target, message=Message(text=f"News {number}."))
            await team.svc.store.write(
                lambda tx, n=notice: tx.notices.put(replace(n, brand="acme", post_id=1))
            )
        team.hall.trouble = lambda what, to: None
        assert not team.hall.said
        # as after a start: what was tried and failed before is nothing to us here
        await team.svc.store.write(lambda tx: tx.cards.later(1, team.clock.now(), since=None))
        team.svc.resting.clear()
        chat: Any = Proxy(team.hall, deadly, ("send", "resend", "edit", "whisper"))
        dying = replace(
            team.svc,
            store=Proxy(team.svc.store, deadly, ("read", "write")),
            chats={HALL: chat, YARD: team.yard},
            speaking=set(),
            resting={},
        )
        dying.__dict__["teams"] = dying.chats
        for _ in range(4):
            try:
                await serve_channel(dying, HALL, "H1", NEWS)
            except Killed:
                break
        for _ in range(20):
            await team.wait(30)
        texts = Counter(s.message.text for s in team.hall.said.values() if s.key.startswith("notice:"))
        assert {t: n for t, n in texts.items() if t.startswith("News")} == {"News 0.": 1, "News 1.": 1}, at
        assert team.hall.tally()["card:1"] == 1, at
        assert set(team.hall.tally().values()) == {1}, at
        assert not await team.svc.store.read(lambda tx: tx.cards.stale(team.clock.now()))
        return deadly.passed


async def test_whenever_the_process_dies_everything_is_said_once(tmp_path: Path) -> None:
    points = await lived(tmp_path, None)
    assert points > 15
    for at in range(1, points + 1):
        with TemporaryDirectory() as folder:
            await lived(Path(folder), at)
