"""What a running bot does with each kind of answer: again, wait, ask, or never again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.domain.delivery import BACKOFF, AttemptState, PartState, State
from bot.domain.platform import Proof
from bot.testing.picture import png
from bot.testing.platforms._demo_server import CREATE
from bot.testing.simulator import CUT, LOST_REPLY, Failure
from tests.unit.demo_world import BLIND, KEY, LOOK, World, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as made:
        yield made


async def sent(world: World, to: str = LOOK, *, text: str = "Hello", at: str = "now", more: str = "") -> None:
    await world.say("alice", f'/post "{text}" --to {to} --at "{at}" {more}')
    await world.say("bob", "/approve latest")


async def field(world: World, post_id: int = 1) -> str:
    """What the card says about the post's only target."""
    return (await world.card(post_id)).fields[0].value


async def test_a_clean_answer_is_a_receipt(world: World) -> None:
    await sent(world)
    row = await world.row()
    (part,) = row.parts
    assert (row.state, part.proof, part.ref, part.url) == (
        State.LIVE,
        Proof.RECEIPT,
        "d1",
        "https://demo.example/d1",
    )
    assert await field(world) == f"{LOOK}  live 09:00:00 (receipt) · demo.example/d1"
    (attempt,) = await world.attempts()
    assert (attempt.state, attempt.ref) == (AttemptState.OK, "d1")


async def test_a_platform_out_of_reach_is_tried_at_growing_gaps_then_a_person_is_asked(
    world: World,
) -> None:
    """T5: consecutive attempts are at least the scheduled gap apart."""
    world.wall.down = True
    await sent(world, at="in 1m")
    await world.wait(timedelta(hours=6))
    times = [a.started_at for a in await world.attempts()]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(gaps) >= 3
    assert all(gap >= least for gap, least in zip(gaps, BACKOFF, strict=False))
    assert all(gap <= least + timedelta(seconds=1) for gap, least in zip(gaps, BACKOFF, strict=False))
    assert {a.state for a in await world.attempts()} == {AttemptState.FAILED}
    assert (await world.row()).state is State.HELD
    assert world.asked(LOOK) == 0
    world.wall.down = False
    await world.wait(timedelta(days=1))
    assert world.asked(LOOK) == 0, "held is held until a person says so"
    await world.say("bob", "/retry P1")
    assert (await world.row()).state is State.LIVE


async def test_a_short_outage_ends_by_itself(world: World) -> None:
    world.wall.down = True
    await sent(world)
    assert await field(world) == f"{LOOK}  Demo (lookup) could not be reached; next try 09:00:05"
    world.wall.down = False
    await world.wait(timedelta(seconds=5))
    assert (await world.row()).state is State.LIVE
    assert world.created(LOOK) == 1


async def test_a_platform_that_says_when_is_obeyed_and_the_card_says_so(world: World) -> None:
    world.sims[LOOK].fail(CREATE, Failure(status=429, headers={"retry-after": "420"}))
    await sent(world)
    assert await field(world) == f"{LOOK}  waits for Demo (lookup) until 09:07:00 (its limit)"
    await world.wait(timedelta(seconds=419))
    assert world.asked(LOOK) == 1
    await world.wait(timedelta(seconds=1))
    assert (world.asked(LOOK), world.created(LOOK)) == (2, 1)
    assert (await world.row()).state is State.LIVE


async def test_what_waits_behind_it_waits_for_the_platform_too(world: World) -> None:
    """Half an hour behind the platform's limit is the platform's doing: it goes out unasked."""
    world.sims[LOOK].fail(CREATE, Failure(status=429, headers={"retry-after": "1800"}))
    await sent(world, text="First")
    await sent(world, text="Second")
    await sent(world, text="Third", at="in 5m")
    await world.wait(timedelta(minutes=29))
    assert world.asked(LOOK) == 1
    await world.wait(timedelta(minutes=1))
    assert [p.text for p in world.sims[LOOK].posts] == ["First", "Second", "Third"]


async def test_other_accounts_do_not_wait(world: World) -> None:
    world.sims[LOOK].fail(CREATE, Failure(status=429, headers={"retry-after": "1800"}))
    await sent(world)
    await sent(world, KEY)
    assert (await world.row(2)).state is State.LIVE


async def test_a_platform_that_makes_us_wait_too_long_makes_us_ask(world: World) -> None:
    world.sims[LOOK].fail(CREATE, Failure(status=429, headers={"retry-after": "9000"}))
    await sent(world)
    await world.wait(timedelta(minutes=149))
    assert (await world.row()).state is State.SCHEDULED
    await world.wait(timedelta(minutes=1))
    assert (await world.row()).state is State.HELD
    assert world.asked(LOOK) == 1


async def test_a_refusal_is_told_once_and_never_repeated(world: World) -> None:
    world.sims[LOOK].fail(CREATE, Failure(status=403, body={"error": "You are not permitted."}), times=1)
    await sent(world)
    row = await world.row()
    assert (row.state, row.reason) == (State.REFUSED, "You are not permitted.")
    told = [t for t in world.room.texts() if "refused P1" in t]
    assert told == ["Demo (lookup) refused P1: “You are not permitted.”"]
    await world.wait(timedelta(days=1))
    assert world.asked(LOOK) == 1
    await world.press("bob", await world.button("Try again"))
    assert (await world.row()).state is State.LIVE


async def test_a_dead_authorisation_pauses_the_account_and_is_said_once(world: World) -> None:
    """T13: one incident, one message."""
    world.sims[LOOK].fail(CREATE, Failure(status=401), times=1)
    await sent(world, text="First")
    await sent(world, text="Second")
    assert [(await world.row(n)).state for n in (1, 2)] == [State.SCHEDULED] * 2
    assert world.asked(LOOK) == 1
    said = [t for t in world.room.texts() if "is paused" in t]
    assert len(said) == 1
    assert "dana can fix it" in said[0]
    await world.wait(timedelta(minutes=40))
    assert world.asked(LOOK) == 1
    await world.say("bob", "/accounts --check")
    assert [p.text for p in world.sims[LOOK].posts] == ["First", "Second"]
    world.sims[LOOK].fail(CREATE, Failure(status=401), times=1)
    await sent(world, text="Third")
    assert len([t for t in world.room.texts() if "is paused" in t]) == 2, "a new incident is a new message"


@pytest.mark.parametrize(
    "failure",
    [
        LOST_REPLY,
        Failure(status=503, effect=True),
        Failure(effect=True, truncate=True),
        Failure(status=200, body=b"<p>", effect=True),
    ],
)
async def test_a_lost_answer_is_looked_for_and_found(world: World, failure: Failure) -> None:
    world.sims[LOOK].fail(CREATE, failure)
    await sent(world)
    card = await world.card()
    assert card.status == "CHECKING"
    assert card.fields[0].value == (
        f"{LOOK}  no clear answer after sending at 09:00:00. Looking for it; I'll ask you at 09:02:00."
    )
    assert card.footer.startswith("nothing is sent twice while I look")
    await world.wait(timedelta(seconds=10))
    row = await world.row()
    assert (row.state, row.parts[0].proof) == (State.LIVE, Proof.READ_BACK)
    assert (world.asked(LOOK), world.created(LOOK)) == (1, 1)


async def test_a_key_that_proves_absence_sends_again_with_the_same_key(world: World) -> None:
    world.sims[KEY].fail(CREATE, CUT)
    await sent(world, KEY)
    await world.wait(timedelta(minutes=1))
    assert (await world.row()).state is State.LIVE
    assert (world.asked(KEY), world.created(KEY)) == (2, 1)
    first, second = await world.attempts()
    assert (first.state, second.state) == (AttemptState.ABSENT, AttemptState.OK)
    assert first.key == second.key
    looked = timedelta(seconds=10)
    assert second.started_at - first.started_at == looked + BACKOFF[0]


async def test_a_key_never_stands_for_other_words(world: World) -> None:
    """A wrong "it is not there" and an edit: the platform must not take the new words for the old ones."""
    sim = world.sims[KEY]
    sim.fail(CREATE, LOST_REPLY)
    sim.fail("GET /keys/{key}", Failure(status=503), times=3)
    await sent(world, KEY)
    await world.wait(timedelta(seconds=130))
    assert (await world.row()).wake_at is None, "a person is asked"
    await world.say("alice", "/halt")
    await world.say("bob", "/confirm P1 not")
    await world.say("alice", '/edit P1 "Other words"')
    await world.say("dana", "/resume")
    await world.say("bob", "/approve P1")
    row = await world.row()
    assert row.state is State.LIVE
    assert [p.text for p in sim.posts if p.id == row.parts[0].ref] == ["Other words"]


async def test_a_timeline_that_does_not_show_it_proves_nothing(world: World) -> None:
    world.sims[LOOK].fail(CREATE, CUT)
    await sent(world)
    looks = world.sims[LOOK].count("GET /posts")
    await world.wait(timedelta(seconds=121))
    assert world.sims[LOOK].count("GET /posts") - looks == 3, "at 10, 30 and 120 seconds"
    row = await world.row()
    assert (row.state, row.wake_at) == (State.UNCONFIRMED, None)
    assert (await world.card()).status == "UNCONFIRMED"
    await world.wait(timedelta(days=2))
    assert world.asked(LOOK) == 1
    asking = [t for t in world.room.texts() if t.startswith("P1 on") and "could not find out" in t]
    assert len(asking) == 1


async def unconfirmed(world: World, *, effect: bool) -> None:
    world.sims[BLIND].fail(CREATE, LOST_REPLY if effect else CUT)
    await sent(world, BLIND)
    await world.wait(timedelta(seconds=121))
    assert (await world.row()).state is State.UNCONFIRMED


async def test_it_is_live_on_a_persons_word(world: World) -> None:
    await unconfirmed(world, effect=True)
    button = await world.button("It's live")
    said = await world.press("alice", button, "https://demo.example/d1")
    assert said == "P1 on Demo (neither) counts as live, on alice's word."
    (part,) = (await world.row()).parts
    assert (part.proof, part.url) == (Proof.HUMAN, "https://demo.example/d1")
    assert "(a person's word)" in await field(world)
    assert world.asked(BLIND) == 1
    assert "Nothing here waits for your word" in await world.say("bob", "/confirm P1 not")


async def test_it_is_not_there_so_it_is_sent_but_only_by_who_may_send(world: World) -> None:
    await unconfirmed(world, effect=False)
    assert "for people who may approve" in await world.say("alice", "/confirm P1 not")
    assert (await world.row()).state is State.UNCONFIRMED
    assert await world.say("bob", "/confirm P1 not") == "P1 goes out again on Demo (neither), on bob's word."
    assert (await world.row()).state is State.LIVE
    assert (world.asked(BLIND), world.created(BLIND)) == (2, 1)


async def test_left_as_it_is_it_stays_open_and_can_be_answered_later(world: World) -> None:
    await unconfirmed(world, effect=True)
    await world.press("bob", await world.button("Leave it"))
    row = await world.row()
    assert (row.state, row.reason) == (State.UNCONFIRMED, "left as it is by bob")
    assert "unconfirmed" in (await queue(world))
    assert "may be out already" in await world.say("bob", "/retry P1")
    await world.say("alice", "/confirm P1 live")
    assert (await world.row()).state is State.LIVE


async def queue(world: World) -> str:
    await world.say("alice", "/queue")
    return " ".join(f.value for m in world.room.said[-1:] for f in m.fields)


@pytest.mark.parametrize("who", ["eve", "mallory"])
@pytest.mark.parametrize("label", ["It's live", "It's not", "Leave it"])
async def test_a_stranger_has_no_word(world: World, who: str, label: str) -> None:
    await unconfirmed(world, effect=True)
    assert "is for" in await world.press(who, await world.button(label))
    row = await world.row()
    assert (row.state, row.reason.startswith("left")) == (State.UNCONFIRMED, False)
    assert world.asked(BLIND) == 1


async def test_an_old_not_there_does_not_answer_for_a_new_call(world: World) -> None:
    """The button spoke of the first call; the second may well be out."""
    await unconfirmed(world, effect=False)
    old = await world.button("It's not")
    world.sims[BLIND].fail(CREATE, LOST_REPLY)
    await world.press("bob", old)
    await world.wait(timedelta(seconds=121))
    assert (await world.row()).state is State.UNCONFIRMED
    assert world.created(BLIND) == 1
    assert "changed since that button was shown" in await world.press("carol", old)
    assert (world.created(BLIND), (await world.row()).state) == (1, State.UNCONFIRMED)


async def test_a_link_must_be_one(world: World) -> None:
    await unconfirmed(world, effect=True)
    assert "is not a link" in await world.say("alice", '/confirm P1 live --link "over there"')
    assert (await world.row()).state is State.UNCONFIRMED


THREAD = "one / two / three"


async def test_a_thread_goes_out_in_order_each_part_once(world: World) -> None:
    await sent(world, text=THREAD, more="--thread")
    posts = world.sims[LOOK].posts
    assert [(p.text, p.parent) for p in posts] == [("one", None), ("two", "d1"), ("three", "d2")]
    assert "3 parts" in await field(world)


async def test_a_lost_answer_in_the_middle_does_not_repeat_the_first(world: World) -> None:
    world.sims[LOOK].fail(CREATE, LOST_REPLY, nth=2)
    await sent(world, text=THREAD, more="--thread")
    await world.wait(timedelta(minutes=1))
    assert [p.text for p in world.sims[LOOK].posts] == ["one", "two", "three"]
    assert [p.proof for p in (await world.row()).parts] == [Proof.RECEIPT, Proof.READ_BACK, Proof.RECEIPT]


async def test_a_thread_that_is_refused_half_way_is_continued_or_taken_down(world: World) -> None:
    world.sims[LOOK].fail(CREATE, Failure(status=403, body={"error": "enough"}), nth=2)
    await sent(world, text=THREAD, more="--thread")
    card = await world.card()
    assert card.status == "PARTIAL"
    assert card.fields[0].value == f"{LOOK}  enough · 1 of 3 parts are out"
    assert [b.label for b in card.buttons] == ["Continue", "Take down"]
    await world.press("bob", await world.button("Continue"))
    assert [p.text for p in world.sims[LOOK].posts] == ["one", "two", "three"]


async def begun(world: World) -> None:
    """A thread whose first part is out and whose second waits for the platform."""
    world.sims[LOOK].fail(CREATE, Failure(status=429, headers={"retry-after": "600"}), nth=2)
    await sent(world, text=THREAD, more="--thread")
    row = await world.row()
    assert row.state is State.SCHEDULED
    assert row.parts[0].state is PartState.OUT


@pytest.mark.parametrize(
    ("who", "line"),
    [
        ("alice", "/cancel P1"),
        ("carol", '/reject P1 "stop"'),
        ("carol", '/changes P1 "stop"'),
        ("bob", "/withdraw P1"),
    ],
)
async def test_stopping_a_thread_half_way_keeps_in_sight_what_is_out(
    world: World, who: str, line: str
) -> None:
    await begun(world)
    await world.say(who, line)
    assert (await world.row()).state is State.PARTIAL
    await world.wait(timedelta(hours=1))
    assert world.created(LOOK) == 1
    said = await world.say("bob", "/delete P1")
    assert said == "P1 is taken down from Demo (lookup)."
    assert [p.removed for p in world.sims[LOOK].posts] == [True]


async def test_a_thread_half_out_is_not_edited(world: World) -> None:
    await begun(world)
    said = await world.say("alice", '/edit P1 "Other words"')
    assert said == f"P1 can no longer be edited: {LOOK} is partly out."
    await world.wait(timedelta(minutes=10))
    assert [p.text for p in world.sims[LOOK].posts] == ["one", "two", "three"]


async def test_a_thread_that_cannot_be_finished_for_hours_is_partial_not_held(world: World) -> None:
    await begun(world)
    world.wall.down = True
    await world.wait(timedelta(hours=6))
    assert (await world.row()).state is State.PARTIAL
    world.wall.down = False
    await world.press("bob", await world.button("Continue"))
    assert [p.text for p in world.sims[LOOK].posts] == ["one", "two", "three"]


async def test_a_thread_half_out_is_not_finished_hours_later_unasked(world: World) -> None:
    await begun(world)
    world.clock.advance(timedelta(hours=5))  # the machine slept
    await world.app.settle()
    row = await world.row()
    assert (row.state, world.created(LOOK)) == (State.PARTIAL, 1)
    assert "too long ago to send unasked" in row.reason


async def test_a_thread_that_somebody_objects_to_is_not_continued_over_their_head(world: World) -> None:
    await begun(world)
    await world.say("carol", '/changes P1 "stop"')
    said = await world.say("bob", "/retry P1")
    assert said == "carol said no to P1, and may /withdraw that. /delete takes down what is out."
    assert (await world.row()).state is State.PARTIAL
    await world.say("carol", "/withdraw P1")
    await world.wait(timedelta(minutes=10))
    assert world.created(LOOK) == 1
    await world.say("bob", "/retry P1")
    assert world.created(LOOK) == 3


async def test_words_that_nobody_signed_are_not_sent(world: World) -> None:
    """Somebody changed the row behind our back; what goes out is what was approved, or nothing."""
    await sent(world, at="in 1h")
    world.sql("UPDATE deliveries SET variant = replace(variant, 'Hello', 'Hallo')")
    await world.wait(timedelta(hours=1))
    row = await world.row()
    assert (row.state, world.asked(LOOK)) == (State.HELD, 0)
    assert "it is not what was approved any more" in row.reason


async def test_taking_down_is_for_approvers_and_only_of_what_is_out(world: World) -> None:
    await sent(world)
    assert "for" in await world.say("alice", "/delete P1")
    assert not world.sims[LOOK].posts[0].removed
    take_down = await world.button("Take down")
    assert "Taking down is for bob" in await world.press("eve", take_down)
    assert await world.press("bob", take_down) == "P1 is taken down from Demo (lookup)."
    row = await world.row()
    assert (row.state, row.reason) == (State.REMOVED, "taken down by bob")
    assert world.sims[LOOK].posts[0].removed
    assert "Nothing of P1 is out" in await world.say("bob", "/delete P1")


async def test_a_take_down_that_fails_is_told_and_can_be_repeated(world: World) -> None:
    await sent(world)
    world.sims[LOOK].fail("DELETE /posts/{id}", Failure(status=503))
    assert "did not take it down" in await world.say("bob", "/delete P1")
    assert (await world.row()).state is State.LIVE
    await world.say("bob", "/delete P1")
    assert (await world.row()).state is State.REMOVED


async def test_what_was_live_on_a_word_alone_is_removed_by_hand(world: World) -> None:
    await unconfirmed(world, effect=True)
    await world.say("alice", "/confirm P1 live")
    assert "I do not know its address" in await world.say("bob", "/delete P1")
    assert (await world.row()).state is State.LIVE


async def test_a_picture_is_uploaded_once_and_an_interrupted_upload_is_not_a_question(
    world: World, tmp_path: Path
) -> None:
    picture = tmp_path / "launch.png"
    picture.write_bytes(png(64, 32))
    world.sims[LOOK].fail("POST /media", LOST_REPLY)
    await sent(world, more=f'--media {picture} --alt "a launch"')
    assert (await world.row()).state is State.SCHEDULED
    await world.wait(timedelta(seconds=5))
    assert (await world.row()).state is State.LIVE
    assert world.sims[LOOK].posts[0].media == ("m2",)
    assert world.asked(LOOK) == 1


async def test_a_picture_that_changed_after_it_was_signed_is_not_sent(world: World, tmp_path: Path) -> None:
    picture = tmp_path / "launch.png"
    picture.write_bytes(png(64, 32))
    await world.say("alice", f'/post "Hello" --to {LOOK} --at "in 1h" --media {picture} --alt "a launch"')
    await world.say("bob", "/approve latest")
    (media,) = (await world.row()).variant.media
    kept = world.app.services.media.path(media)
    kept.write_bytes(png(32, 64))
    await world.wait(timedelta(hours=1))
    row = await world.row()
    assert (row.state, row.reason) == (State.REFUSED, "launch.png is not the file that was approved.")
    assert world.asked(LOOK) == 0
