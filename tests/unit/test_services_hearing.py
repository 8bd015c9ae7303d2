"""What a chat service was told had arrived is done once: repeats, restarts, floods; who is answered how."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.approval import Choice
from bot.domain.inbound import inbound_from_json, inbound_to_json
from bot.domain.message import Action, Attachment, Inbound, Invocation, Press, Reaction, Target
from bot.errors import ChatBusy, ChatClosed
from bot.services.hearing import FORGET, accept
from bot.testing.picture import png
from tests.unit.team_world import HALL, HERE, THERE, YARD, Team, broken, open_team, user_in

PNG = png(160, 90)
POST = '/post "Hello" --at "mon 17:30"'


@pytest.fixture
async def team(tmp_path: Path) -> AsyncIterator[Team]:
    async with open_team(tmp_path) as found:
        yield found


def posting(where: Target, key: str) -> Invocation:
    return Invocation(command="post", raw=POST[6:], user=user_in(where.chat, "alice"), target=where, key=key)


async def votes(team: Team, post: int = 1) -> list[tuple[str, Choice]]:
    found = await team.svc.store.read(lambda tx: tx.votes.of_post(post))
    return sorted({(v.member, v.choice) for v in found})


async def posts(team: Team) -> int:
    latest = await team.svc.store.read(lambda tx: tx.posts.latest("acme"))
    return latest.id if latest else 0


@pytest.mark.parametrize("where", [HERE, THERE], ids=["hall", "yard"])
async def test_T20_what_is_delivered_four_times_is_done_once(team: Team, where: Target) -> None:
    command = Invocation(
        command="post", raw=POST[6:], user=user_in(where.chat, "alice"), target=where, key="E1"
    )
    assert [await team.give(command) for _ in range(4)] == [True, False, False, False]
    await team.app.settle()
    assert await posts(team) == 1
    button, ref = team.button("Approve", where)
    press = team.pressing("bob", button.action, where, "E2", ref)
    assert sorted(await asyncio.gather(*(team.give(press) for _ in range(4)))) == [False, False, False, True]
    await team.app.settle()
    assert await votes(team) == [("bob", Choice.YES)]
    chat = team.hall if where == HERE else team.yard
    assert len(chat.told(user_in(where.chat, "bob"))) == 1


async def test_the_same_key_in_two_chats_is_two_events(team: Team) -> None:
    for where in (HERE, THERE):
        call = Invocation(
            command="post", raw=POST[6:], user=user_in(where.chat, "alice"), target=where, key="1"
        )
        assert await team.give(call)
    assert await posts(team) == 2


@pytest.mark.parametrize("where", [HERE, THERE], ids=["hall", "yard"])
async def test_T16_the_first_click_after_a_restart_counts(tmp_path: Path, where: Target) -> None:
    async with open_team(tmp_path) as team:
        await team.say("alice", POST)
        hall, yard, clock = team.hall, team.yard, team.clock
    async with open_team(tmp_path, hall=hall, yard=yard, clock=clock) as team:
        await team.press("bob", "Approve", where)
        assert await votes(team) == [("bob", Choice.YES)]
        for there in (HERE, THERE):
            assert "SCHEDULED" in team.card(there).message.status


async def test_a_click_that_was_accepted_by_a_process_that_died_counts(tmp_path: Path) -> None:
    async with open_team(tmp_path) as team:
        await team.say("alice", POST)
        button, ref = team.button("Approve", HERE)
        press = replace(
            team.pressing("bob", button.action, HERE, "E7", ref), target=replace(HERE, hook="door")
        )
        assert await team.app.dispatch.accept(press)
        hall, yard, clock = team.hall, team.yard, team.clock
        # and the process ends here, after the service was told
    async with open_team(tmp_path, hall=hall, yard=yard, clock=clock) as team:
        await team.app.dispatch.reconnected(YARD)
        assert await votes(team) == []  # it came from the other chat
        await team.app.dispatch.reconnected(HALL)
        await team.app.settle()
        assert await votes(team) == [("bob", Choice.YES)]
        assert "SCHEDULED" in team.card(THERE).message.status
        assert not await team.give(press)  # the service repeats it: it was done
        done = len(hall.told("H-bob"))
        await team.app.dispatch.reconnected(HALL)
        assert len(hall.told("H-bob")) == done


async def test_a_command_that_died_half_way_is_given_back_and_not_repeated(tmp_path: Path) -> None:
    async with open_team(tmp_path) as team:
        call = Invocation(
            command="post",
            raw="",
            user="H-alice",
            target=replace(HERE, hook="https://hooks.test/very-secret"),
            values={"text": "A long text that took an hour", "at": "now", "to": ["a", "b"]},
            key="E9",
        )
        assert await team.app.dispatch.accept(call)
        assert b"very-secret" not in (tmp_path / "team.db").read_bytes()
        assert b"very-secret" not in (tmp_path / "team.db-wal").read_bytes()
        hall, clock = team.hall, team.clock
    async with open_team(tmp_path, hall=hall, clock=clock) as team:
        await team.app.dispatch.reconnected(HALL)
        await team.app.dispatch.reconnected(HALL)
        (told,) = hall.told("H-alice")
        assert told.startswith("I was restarted while working on your /post. Look at /queue, then repeat it")
        assert "A long text that took an hour" in told
        assert await posts(team) == 0


async def test_what_was_done_is_not_taken_up_again(tmp_path: Path) -> None:
    async with open_team(tmp_path) as team:
        await team.say("alice", POST, key="E1")
        hall, clock = team.hall, team.clock
    told = len(hall.whispers)
    async with open_team(tmp_path, hall=hall, clock=clock) as team:
        await team.app.dispatch.reconnected(HALL)
        assert len(hall.whispers) == told
        assert await posts(team) == 1


async def test_keys_are_forgotten_after_days(team: Team) -> None:
    await team.say("alice", "/queue", key="old")
    pending = Invocation(command="queue", raw="", user="H-bob", target=HERE, key="pending")
    await team.app.dispatch.accept(pending)
    team.clock.advance(timedelta(days=3, minutes=1))
    await team.say("alice", "/queue", key="new")
    await FORGET.run(team.svc)
    again = [await team.app.dispatch.accept(replace(pending, key=k)) for k in ("old", "new", "pending")]
    assert again == [True, False, False]


async def test_T17_a_hundred_decisions_at_once_have_one_winner(team: Team) -> None:
    """Both chats, buttons and reactions, everybody answered."""
    await team.say("alice", POST)
    chance = random.Random(17)
    events: list[Inbound] = []
    for number in range(100):
        where = chance.choice([HERE, THERE])
        chat = team.hall if where == HERE else team.yard
        who = chance.choice(["bob", "carol", "dana"])
        user = user_in(where.chat, who)
        card = team.card(where)
        action = next(b.action for b in card.message.buttons if b.label == "Approve")
        if chance.random() < 0.3:
            chat.marks.setdefault(card.ref, []).append(("✅", user))
            events.append(Reaction(emoji="✅", user=user, ref=card.ref, target=where, key=f"R{number}"))
        else:
            events.append(team.pressing(who, action, where, f"P{number}", card.ref))
    await asyncio.gather(*(team.give(event) for event in events))
    await team.app.settle()
    (row,) = {d.state for d in await team.svc.store.read(lambda tx: tx.deliveries.of_post(1))}
    assert row.value == "scheduled"
    assert len(await votes(team)) == 1
    presses = [e for e in events if isinstance(e, Press)]
    answers = [m.text for chat in (team.hall, team.yard) for u, _, m in chat.whispers if "alice" not in u]
    assert len(answers) >= len(presses)
    winners = [t for t in answers if "already" not in t]
    assert len(winners) <= 1 + len(events) - len(presses)


async def test_what_waits_for_a_chat_that_was_away_is_said_when_it_is_back(team: Team) -> None:
    """T19, with a connection that is cut for a minute."""
    await team.say("alice", POST)
    team.hall.trouble = broken()
    await team.press("bob", "Approve", THERE)
    for _ in range(6):
        await team.wait(10)
    assert "IN REVIEW" in team.card(HERE).message.status
    team.hall.trouble = lambda what, to: None
    await team.app.dispatch.reconnected(HALL)
    await team.app.settle()
    assert "SCHEDULED" in team.card(HERE).message.status
    assert max(team.hall.tally().values()) == 1


# answers


async def test_answers_are_for_the_person_alone(team: Team) -> None:
    assert "P1 waits for approval" in await team.say("alice", POST)
    public = team.hall.texts()
    for line in ("/queue", "/help", "/post", "/nonsense", "/approve P1"):
        assert await team.say("alice", line), line
    assert team.hall.texts() == public
    (whisper,) = {to.hook for _, to, _ in team.hall.whispers}
    assert whisper == "door"


async def test_help_is_given_in_place_when_somebody_mentions_the_bot(team: Team) -> None:
    target = replace(HERE, under="h99")
    await team.give(Invocation(command="help", raw="", user="H-alice", target=target, key="M1"))
    (answer,) = team.hall.said.values()
    assert answer.to.under == "h99"
    assert not team.hall.whispers


async def test_a_person_that_cannot_be_answered_stops_nothing(team: Team) -> None:
    def deaf(what: str, to: Target) -> None:
        if what == "whisper":
            raise ChatClosed("This user cannot be written to.")

    team.hall.trouble = deaf
    await team.say("alice", POST)
    assert team.card(HERE)
    assert "not_answered" in team.log.getvalue()


async def test_an_answer_that_a_busy_chat_does_not_take_comes_later(team: Team) -> None:
    until = team.clock.now() + timedelta(seconds=30)

    def busy(what: str, to: Target) -> None:
        if what == "whisper" and team.clock.now() < until:
            raise ChatBusy(until)

    team.hall.trouble = busy
    assert await team.say("alice", POST) == ""
    assert team.card(HERE)
    await team.wait(31)
    (answer,) = team.hall.told("H-alice")
    assert "P1 waits for approval" in answer
    await team.wait(600)
    assert len(team.hall.told("H-alice")) == 1
    assert team.hall.whispers[0][1].hook == ""


@pytest.mark.parametrize(
    "action",
    [
        Action(verb="approve", kind="post", id=77, version=1),
        Action(verb="dance", kind="post", id=1, version=1),
        Action(verb="approve", kind="nothing", id=1, version=1),
        Action(verb="retry", kind="delivery", id=99, version=0),
    ],
    ids=lambda a: a.encode(),
)
async def test_a_button_that_means_nothing_is_answered(team: Team, action: Action) -> None:
    await team.say("alice", POST)
    await team.give(team.pressing("bob", action, HERE, "E5"))
    (answer,) = team.hall.told("H-bob")
    assert answer.endswith(".")
    assert "incident" not in answer
    assert await votes(team) == []


# files


def photo(name: str = "bread.png", size: int = 0, alt: str = "") -> Attachment:
    return Attachment(name=name, ref=f"file-{name}", size=size, alt=alt)


async def test_files_of_a_command_become_its_media(team: Team) -> None:
    team.hall.files["file-bread.png"] = PNG
    await team.say("alice", POST, files=(photo(alt="A loaf"),))
    rows = await team.svc.store.read(lambda tx: tx.deliveries.of_post(1))
    media = [m for row in rows for part in row.variant.parts for m in part.media]
    assert {(m.name, m.alt) for m in media} == {("bread.png", "A loaf")}
    assert {await team.svc.media.read(one) for one in media} == {PNG}


@pytest.mark.parametrize(
    ("line", "files", "words"),
    [
        ('/post "Hi" --media /etc/passwd', (), "Attach the file instead"),
        ('/post "Hi"', (photo(size=5 * 10**9),), "bread.png has 5,000 MB; at most 4,000 MB can be handled."),
        ('/post "Hi"', (photo("gone.png"),), "I could not fetch gone.png."),
        ('/post "Hi"', (photo(),) * 11, "That is 11 files; I take 10 at a time."),
        ("/queue", (photo(),), "/queue takes no files."),
    ],
)
async def test_files_that_do_not_go_are_told(
    team: Team, line: str, files: tuple[Attachment, ...], words: str
) -> None:
    assert words in await team.say("alice", line, files=files)
    assert await posts(team) == 0


async def test_a_path_in_a_form_reads_nothing(team: Team) -> None:
    call = Invocation(
        command="post",
        raw="",
        user="H-alice",
        target=HERE,
        values={"text": "Hi", "media": ("/etc/passwd",)},
        key="E1",
    )
    await team.give(call)
    rows = await team.svc.store.read(lambda tx: tx.deliveries.of_post(1))
    assert not [m for row in rows for part in row.variant.parts for m in part.media]


# rows


TARGETS = st.builds(
    Target,
    chat=st.just("hall"),
    channel=st.text(max_size=9),
    thread=st.none() | st.integers(0, 9),
    under=st.text(),
)
KEYS: dict[str, Any] = {
    "user": st.text(),
    "target": TARGETS,
    "key": st.text(),
    "groups": st.none() | st.lists(st.text()).map(tuple),
}
ACTIONS = st.builds(
    Action,
    verb=st.sampled_from(["approve", "is-live"]),
    kind=st.just("post"),
    id=st.integers(0, 10**12),
    version=st.integers(0, 9),
)
VALUES = st.dictionaries(st.text(), st.text() | st.booleans() | st.lists(st.text()))
INBOUND = st.one_of(
    st.builds(
        Invocation, command=st.text(), raw=st.text(), values=st.none() | VALUES, files=st.just(()), **KEYS
    ),
    st.builds(
        Press,
        action=ACTIONS,
        ref=st.text(),
        text=st.text(),
        values=st.dictionaries(st.text(), st.text()),
        **KEYS,
    ),
    st.builds(Reaction, emoji=st.text(), ref=st.text(), added=st.booleans(), **KEYS),
)


@given(INBOUND)
def test_what_was_heard_can_be_read_again(said: Inbound) -> None:
    assert inbound_from_json(inbound_to_json(said)) == said


async def test_what_opens_doors_is_not_written_down(team: Team) -> None:
    said = Invocation(command="queue", raw="", user="u", target=replace(HERE, hook="secret-door"), key="k")
    assert "secret-door" not in str(inbound_to_json(said))
    await accept(team.svc, said)
    assert "secret-door" not in repr(said)
