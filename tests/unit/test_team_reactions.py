"""Reactions where teams live: on two cards at once, repeated, reordered, lost and read again."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.approval import Choice, Via
from bot.domain.delivery import State
from bot.domain.message import Press, Reaction, Target
from bot.domain.people import Policy
from bot.errors import ChatBusy, ChatError
from bot.services.readings import read_again
from tests.unit.team_world import BRAND, HALL, HERE, THERE, YARD, Hall, Team, open_team, user_in

LATER = '/post "Hello" --to acme-lookup --at "in 3h"'
TWO = replace(BRAND, policy=Policy(needed=2))


@pytest.fixture
async def team(tmp_path: Path) -> AsyncIterator[Team]:
    async with open_team(tmp_path, brand=TWO) as made:
        await made.say("alice", LATER)
        yield made


def chat_of(team: Team, where: Target) -> Hall:
    return team.hall if where.chat == HALL else team.yard


def mark(team: Team, who: str, emoji: str, where: Target = HERE, *, added: bool = True) -> Reaction:
    """What stands on the card changes; the event that tells of it is still to come."""
    card, user = team.card(where), user_in(where.chat, who)
    standing = chat_of(team, where).marks.setdefault(card.ref, [])
    if added:
        standing.append((emoji, user))
    else:
        standing.remove((emoji, user))
    return Reaction(emoji=emoji, user=user, ref=card.ref, target=where, added=added)


async def react(team: Team, who: str, emoji: str, where: Target = HERE, *, added: bool = True) -> str:
    """A reaction comes or goes; what that person was told alone about it."""
    chat, user = chat_of(team, where), user_in(where.chat, who)
    before = len(chat.told(user))
    await team.app.dispatch(mark(team, who, emoji, where, added=added))
    await team.app.settle()
    return " ".join(chat.told(user)[before:])


async def cast(team: Team) -> dict[str, tuple[Choice, Via]]:
    votes = await team.svc.store.read(lambda tx: tx.votes.of_post(1))
    return {v.member: (v.choice, v.via) for v in votes}


async def row(team: Team, post: int = 1) -> tuple[State, str]:
    (found,) = await team.svc.store.read(lambda tx: tx.deliveries.of_post(post))
    return found.state, found.reason


@pytest.mark.parametrize(
    "emoji", ["✅", "✅\ufe0f", "white_check_mark", "✅\U0001f3fd", "white_check_mark::skin-tone-3"]
)
async def test_t22_every_tone_and_name_of_an_emoji_is_the_same_vote(team: Team, emoji: str) -> None:
    assert await react(team, "bob", emoji) == "Your ✅ on P1 v1 counts: 1 of 2."
    assert await cast(team) == {"bob": (Choice.YES, Via.REACTION)}


async def test_t22_only_the_voters_own_removal_withdraws_and_only_what_was_cast_by_reaction(
    team: Team,
) -> None:
    await react(team, "bob", "✅")
    await react(team, "eve", "✅")
    await react(team, "eve", "✅", added=False)
    # somebody else's event about the card, with bob's name nowhere in it
    await team.app.dispatch(mark(team, "carol", "🎉"))
    assert await cast(team) == {"bob": (Choice.YES, Via.REACTION)}
    assert await react(team, "bob", "✅", added=False) == "Your vote is withdrawn."
    assert await cast(team) == {}
    await team.press("bob", "Approve")
    await react(team, "bob", "✅")
    await react(team, "bob", "✅", added=False)
    assert await cast(team) == {"bob": (Choice.YES, Via.BUTTON)}


async def test_t19_a_decision_by_reaction_in_one_chat_repaints_the_card_in_the_other(team: Team) -> None:
    await react(team, "bob", "✅", HERE)
    await react(team, "carol", "✅", THERE)
    assert team.card(HERE).message.status == team.card(THERE).message.status == "SCHEDULED"
    assert not any(b.label == "Approve" for b in team.card(HERE).message.buttons)


async def test_t16_the_first_reaction_after_a_restart_counts(tmp_path: Path) -> None:
    async with open_team(tmp_path) as first:
        await first.say("alice", LATER)
        clock, hall, yard = first.clock, first.hall, first.yard
    async with open_team(tmp_path, clock=clock, hall=hall, yard=yard) as again:
        await react(again, "bob", "✅")
        assert await row(again) == (State.SCHEDULED, "")


async def test_t17_a_hundred_presses_and_reactions_at_once_have_one_winner(tmp_path: Path) -> None:
    async with open_team(tmp_path) as team:
        await team.say("alice", LATER)
        people = ("bob", "carol", "dana")
        deeds: list[Press | Reaction] = []
        for n in range(50):
            who, where = people[n % 3], (HERE, THERE)[n % 2]
            deeds.append(team.pressing(who, team.button("Approve", where)[0].action, where, f"p{n}"))
            if n < 6:
                deeds.append(mark(team, who, "✅", where))
            else:
                deeds.append(
                    Reaction(
                        emoji="✅", user=user_in(where.chat, who), ref=team.card(where).ref, target=where
                    )
                )
        random.Random(7).shuffle(deeds)
        await asyncio.gather(*(team.app.dispatch(deed) for deed in deeds))
        await team.app.settle()
        assert await row(team) == (State.SCHEDULED, "")
        entries = await team.svc.store.read(lambda tx: tx.audit.of_post(1))
        assert sum(e.what == "yes" for e in entries) == 1
        told = [m.text for c in (team.hall, team.yard) for who, _, m in c.whispers if "alice" not in who]
        won = [text for text in told if text.startswith("P1 v1 is approved and goes out")]
        late = [text for text in told if "already approved v1 at" in text and "Nothing changed" in text]
        counts = [text for text in told if text == "Your ✅ on P1 v1 counts: it is approved and goes out."]
        assert len(won) <= 1  # the winner may be a mark that somebody else's event made us see
        assert len(won) + len(late) + len(counts) == len(told) == 100
        await team.wait(60)
        assert sum(len(c.whispers) for c in (team.hall, team.yard)) == 101  # nobody hears it twice


async def test_the_same_mark_on_both_cards_is_one_vote_and_stays_while_one_of_them_stands(team: Team) -> None:
    await react(team, "bob", "✅", HERE)
    await react(team, "bob", "✅", THERE)
    assert await cast(team) == {"bob": (Choice.YES, Via.REACTION)}
    assert (await row(team))[0] is State.IN_REVIEW
    await react(team, "bob", "✅", HERE, added=False)
    assert await cast(team) == {"bob": (Choice.YES, Via.REACTION)}
    assert await react(team, "bob", "✅", THERE, added=False) == "Your vote is withdrawn."
    assert await cast(team) == {}


async def test_reading_one_card_leaves_the_votes_of_the_other_alone(team: Team) -> None:
    await react(team, "bob", "✅", THERE)
    await react(team, "eve", "🎉", HERE)
    await react(team, "eve", "✅", HERE)
    assert await cast(team) == {"bob": (Choice.YES, Via.REACTION)}


async def test_ones_own_post_is_refused_alone(team: Team) -> None:
    said = len(team.hall.said)
    assert "You wrote P1, so someone else has to approve it" in await react(team, "alice", "✅")
    assert (await cast(team), len(team.hall.said)) == ({}, said)


async def test_a_withdrawn_vote_does_not_come_back_because_its_emoji_still_stands(team: Team) -> None:
    await react(team, "bob", "✅")
    await team.say("bob", "/withdraw P1")
    await react(team, "eve", "🎉")
    await react(team, "eve", "✅")
    await read_again(team.svc, HALL)
    assert await cast(team) == {}


async def test_an_emoji_put_on_an_older_version_never_signs_the_new_one(team: Team) -> None:
    """Its event is lost, so it is first seen when the card is about to show the next version."""
    event = mark(team, "bob", "✅")
    await team.say("alice", '/edit P1 "Other words"')
    await team.wait(11)
    assert team.card().message.footer.startswith("v2")
    assert any(
        "P1 changed since this card (v1 → v2: text for acme-lookup)" in text
        for text in team.hall.told("H-bob")
    )
    before = len(team.hall.told("H-bob"))
    for _ in range(4):
        await team.app.dispatch(event)  # late, and four times
    await read_again(team.svc, HALL)
    assert await cast(team) == {}
    assert "from v1, and P1 is v2 now" in team.hall.told("H-bob")[before]
    await react(team, "bob", "✅", added=False)
    await react(team, "bob", "✅")
    assert await cast(team) == {"bob": (Choice.YES, Via.REACTION)}


async def test_while_a_card_still_shows_the_older_version_nothing_put_on_it_counts(team: Team) -> None:
    team.hall.gate.clear()  # the chat hangs: the edit is not to be seen there yet
    await team.svc.store.write(lambda tx: None)
    edit = asyncio.ensure_future(team.say("alice", '/edit P1 "Other words"', THERE))
    await team.working(lambda: team.card(THERE).message.footer.startswith("v2"))
    deed = asyncio.ensure_future(team.app.dispatch(mark(team, "bob", "✅", HERE)))
    await team.working(lambda: team.hall.calls["whisper"] > 1)
    assert await cast(team) == {}
    team.hall.gate.set()
    await asyncio.gather(edit, deed)
    assert any("changed since this card" in text for text in team.hall.told("H-bob"))


async def test_a_cross_counts_at_once_and_its_reason_is_asked_for_in_the_thread(team: Team) -> None:
    await react(team, "bob", "❌")
    assert await row(team) == (State.CANCELLED, "rejected by bob")
    (asked,) = [s for s in team.hall.said.values() if "What should change?" in s.message.text]
    assert asked.to.under == team.card().ref
    assert [b.label for b in asked.message.buttons] == ["Say why", "Edit"]
    press = team.pressing("bob", asked.message.buttons[0].action, HERE, ref=asked.ref)
    form = await team.app.dispatch.ask(press)
    assert form is not None
    assert [i.name for i in form.inputs] == ["label", "text"]
    await team.app.dispatch(replace(press, values={"label": "Wrong facts", "text": "it is 2.0"}))
    await team.app.settle()
    assert await row(team) == (State.CANCELLED, "rejected by bob: Wrong facts: it is 2.0")
    assert asked.message.buttons == ()
    assert asked.message.text.endswith("→ Wrong facts: it is 2.0")
    assert any("bob: Wrong facts: it is 2.0" in text for text in team.yard.texts())


async def test_nobody_gives_the_reason_of_another_persons_cross(team: Team) -> None:
    await react(team, "bob", "❌")
    (asked,) = [s for s in team.hall.said.values() if "What should change?" in s.message.text]
    press = team.pressing("carol", asked.message.buttons[0].action, HERE, ref=asked.ref)
    await team.app.dispatch(replace(press, values={"label": "", "text": "because"}))
    assert "You have not said no to P1" in team.hall.told("H-carol")[-1]
    assert (await row(team))[1] == "rejected by bob"


async def test_pauses_of_two_people_hold_until_the_last_is_gone(team: Team) -> None:
    await react(team, "bob", "⏸️")
    assert await row(team) == (State.HELD, "held by bob")
    await react(team, "carol", "double_vertical_bar", THERE)
    assert "stays on hold: carol's" in await react(team, "bob", "⏸️", added=False)
    assert await row(team) == (State.HELD, "held by carol")
    await react(team, "carol", "double_vertical_bar", THERE, added=False)
    assert await row(team) == (State.IN_REVIEW, "")


async def test_resumed_by_hand_a_pause_that_still_stands_does_not_hold_again(team: Team) -> None:
    await react(team, "bob", "⏸")
    await team.press("bob", "Resume")
    await react(team, "eve", "✅")
    await read_again(team.svc, HALL)
    assert (await row(team))[0] is State.IN_REVIEW


async def test_a_reaction_anywhere_else_in_the_thread_is_answered_and_counts_for_nothing(team: Team) -> None:
    news = next(s for s in team.hall.said.values() if s.key.startswith("notice:"))
    reaction = Reaction(emoji="✅", user="H-bob", ref=news.ref, target=HERE)
    await team.app.dispatch(reaction)
    assert team.hall.told("H-bob") == [
        "✅ does not count on a message about P1. Put it on the card, or press its buttons."
    ]
    await team.app.dispatch(replace(reaction, ref="of somebody else"))
    await team.app.dispatch(replace(reaction, added=False))
    assert (len(team.hall.told("H-bob")), await cast(team)) == (1, {})


async def test_a_reaction_on_the_card_of_a_post_that_is_gone_is_told(team: Team) -> None:
    """Its brand was taken out of the configuration; its card still stands in the channel."""
    event = mark(team, "bob", "✅")
    del team.svc.brands["acme"]
    await team.app.dispatch(event)
    assert team.hall.told("H-bob") == ["That post is not here any more, so nothing changed."]
    await team.app.dispatch(replace(event, emoji="🎉"))
    assert len(team.hall.told("H-bob")) == 1


async def test_a_reaction_on_a_card_that_was_said_anew_is_told_where_the_new_one_is(team: Team) -> None:
    """The card was deleted by a moderator; repainting it makes another message."""
    old = team.card()

    async def edit(to: Target, ref: str, message: object) -> str:
        del team.hall.said[ref]
        team.hall.edit = usual  # type: ignore[method-assign]
        return await team.hall.send(to, message, key=old.key)  # type: ignore[arg-type]

    usual = team.hall.edit
    team.hall.edit = edit  # type: ignore[method-assign]
    await react(team, "bob", "✅", THERE)
    assert team.card().ref != old.ref
    await team.app.dispatch(Reaction(emoji="✅", user="H-carol", ref=old.ref, target=HERE))
    assert team.hall.told("H-carol") == [
        "✅ does not count on an older card of P1. Put it on the card, or press its buttons."
    ]
    assert set(await cast(team)) == {"bob"}


async def test_what_happened_while_the_connection_was_away_counts_when_it_is_back(team: Team) -> None:
    await react(team, "bob", "✅")
    mark(team, "bob", "✅", added=False)
    mark(team, "carol", "✅")
    mark(team, "alice", "✅")
    await team.app.dispatch.reconnected(HALL)
    await team.wait(11)
    assert await cast(team) == {"carol": (Choice.YES, Via.REACTION)}
    assert any("You wrote P1" in text for text in team.hall.told("H-alice"))
    before = len(team.hall.whispers)
    await team.app.dispatch.reconnected(HALL)
    await team.wait(11)
    assert len(team.hall.whispers) == before


async def test_a_service_that_is_busy_is_asked_again_and_one_that_fails_costs_nothing(team: Team) -> None:
    mark(team, "bob", "✅")
    answers: list[Exception | None] = [ChatBusy(team.clock.now() + timedelta(seconds=5)), None]
    usual = team.hall.reactions

    async def moody(to: Target, ref: str) -> Sequence[tuple[str, str]] | None:
        answer = answers.pop(0) if answers else None
        if answer is not None:
            raise answer
        return await usual(to, ref)

    team.hall.reactions = moody  # type: ignore[method-assign]
    again = asyncio.ensure_future(read_again(team.svc, HALL))
    while not again.done():
        await asyncio.sleep(0.001)
        team.clock.advance(1)
    assert set(await cast(team)) == {"bob"}
    answers[:] = [ChatError("no")]
    await read_again(team.svc, HALL)
    assert set(await cast(team)) == {"bob"}
    # an event is believed where the card cannot be read
    answers[:] = [ChatError("no")]
    await team.app.dispatch(mark(team, "carol", "✅"))
    assert set(await cast(team)) == {"bob", "carol"}


@dataclass(frozen=True)
class Deed:
    """Somebody puts an emoji on a card, or takes it away if it is there."""

    who: str
    emoji: str
    there: bool


DEEDS = st.lists(
    st.builds(
        Deed,
        who=st.sampled_from(["bob", "carol", "alice", "eve"]),
        emoji=st.sampled_from(["✅", "⏸"]),
        there=st.booleans(),
    ),
    min_size=1,
    max_size=12,
)
ENDS = st.sampled_from(["open", "approved", "rejected"])


async def final(deeds: Sequence[Deed], end: str, chance: random.Random | None) -> tuple[State, set[str]]:
    """What becomes of it; in order without ``chance``, else four of each event, shuffled, some lost."""
    brand = replace(BRAND, policy=Policy(needed=3))
    with tempfile.TemporaryDirectory() as folder:
        async with open_team(Path(folder), brand=brand) as team:
            await team.say("alice", LATER)
            late: list[Reaction] = []
            last = {"open": [], "approved": ["bob", "carol", "dana"], "rejected": ["dana"]}[end]
            finale = [Deed(who, "❌" if end == "rejected" else "✅", False) for who in last]
            for deed in (*deeds, *finale):
                where = THERE if deed.there else HERE
                pair = (deed.emoji, user_in(where.chat, deed.who))
                stands = pair in chat_of(team, where).marks.get(team.card(where).ref, ())
                if stands and deed in finale:
                    continue
                event = mark(team, deed.who, deed.emoji, where, added=not stands)
                if chance is None:
                    await team.app.dispatch(event)
                    continue
                late += [event] * (4 if chance.random() < 0.6 else 0)
                chance.shuffle(late)
                for _ in range(chance.randrange(3)):
                    if late:
                        await team.app.dispatch(late.pop())
            for event in late:
                await team.app.dispatch(event)
            for chat in (HALL, YARD):
                await read_again(team.svc, chat)
            state, _ = await row(team)
            return state, set() if end == "rejected" else set(await cast(team))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DEEDS, ENDS, st.randoms(use_true_random=False))
def test_t20_repeated_reordered_and_lost_events_end_as_those_in_order(
    deeds: list[Deed], end: str, chance: random.Random
) -> None:
    async def both() -> None:
        assert await final(deeds, end, chance) == await final(deeds, end, None)

    asyncio.run(both())
