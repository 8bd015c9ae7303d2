"""What Clarion says in Slack, against a workspace that refuses, limits, loses answers and throws us out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.chat.slack.refusals import BUSY, CLOSED, UNKNOWN
from bot.domain.message import Button, Message, Target
from bot.errors import ChatBusy, ChatClosed, ChatError, ChatRefused
from bot.testing.chats.slack import FAULTS
from bot.testing.clock import FakeClock
from bot.testing.picture import png
from tests.integration.slack_world import APPROVE, CARD, HALL, HERE, SwiftClock, World, quiet

REFUSED = (
    *("invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long", "no_text"),
    *("block_mismatch", "metadata_too_large", "invalid_arguments", "markdown_text_conflict"),
)


class CountingClock(FakeClock):
    """Knows how many sleep by it."""

    asleep = 0

    async def sleep(self, seconds: float) -> None:
        self.asleep += 1
        try:
            await super().sleep(seconds)
        finally:
            self.asleep -= 1


async def played(clock: CountingClock, *works: Awaitable[str]) -> None:
    """Until all is done, while the clock goes on whenever everybody sleeps by it."""

    async def done(work: Awaitable[str]) -> None:
        await work

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(done(work)) for work in works]
        while left := sum(not task.done() for task in tasks):
            wake = clock.next_wake
            if wake is not None and clock.asleep == left:
                clock.advance(max(0.0, wake - clock.monotonic()) + 1e-6)
            await asyncio.sleep(0)


def secretless(world: World, *texts: str) -> None:
    """Nothing that opens a door is in what people or the log read."""
    state = world.slack.state
    doors = (state.bot_token, state.app_token, state.signing_secret, "/hooks/", "/upload/v1/")
    everything = "\n".join([*world.log.lines, *texts])
    assert not [door for door in doors if door in everything]


# --- being shut out, refused, told to wait --------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(set(CLOSED) & set(FAULTS)))
async def test_whoever_shuts_us_out_is_named_with_the_way_back(code: str) -> None:
    async with quiet() as world:
        world.slack.go_wrong("chat.postMessage", code)
        with pytest.raises(ChatClosed) as caught:
            await world.chat.send(HERE, CARD, key="card:1")
        words = str(caught.value)
        assert caught.value.detail == code
        assert words.endswith(".")
        assert "{" not in words
        if "{place}" in CLOSED[code]:
            assert "#launch" in words
        if code == "missing_scope":
            assert "chat:write" in words
        assert world.slack.called("chat.postMessage") == 1
        secretless(world, words)


async def test_every_word_for_being_shut_out_was_tried() -> None:
    assert set(CLOSED) <= set(FAULTS)
    assert set(REFUSED) <= set(FAULTS)


@pytest.mark.parametrize("code", REFUSED)
async def test_a_refused_message_goes_once_more_plainly_with_its_buttons(code: str) -> None:
    async with quiet() as world:
        world.slack.go_wrong("chat.postMessage", code)
        ref = await world.chat.send(HERE, CARD, key="card:1")
        (said,) = world.slack.messages(HALL)
        assert said["ts"] == ref
        assert world.slack.buttons(said) == ["Approve", "Reject"]
        assert "Launch day" in world.slack.words(said)
        world.slack.go_wrong("chat.update", code)
        assert await world.chat.edit(HERE, ref, replace(CARD, status="LIVE")) == ref
        assert "LIVE" in world.slack.words(world.slack.messages(HALL)[0])
        world.slack.go_wrong("chat.postMessage", code, times=2)
        with pytest.raises(ChatRefused) as caught:
            await world.chat.send(HERE, CARD, key="card:2")
        assert type(caught.value) is ChatRefused
        assert len(world.slack.messages(HALL)) == 1


@pytest.mark.parametrize(
    "fault", [*sorted(UNKNOWN & set(FAULTS)), "http_500", "http_502", "http_503", "not_json"]
)
async def test_trouble_at_slack_is_neither_refusal_nor_success(fault: str) -> None:
    async with quiet() as world:
        world.slack.go_wrong("chat.postMessage", fault)
        with pytest.raises(ChatError) as caught:
            await world.chat.send(HERE, CARD, key="card:1")
        assert type(caught.value) is ChatError
        assert world.slack.called("chat.postMessage") == 1
        await world.chat.resend(HERE, CARD, key="card:1", since=world.earlier)
        assert len(world.slack.messages(HALL)) == 1


@pytest.mark.parametrize("fault", ["ratelimited", *sorted(BUSY & set(FAULTS))])
async def test_wait_says_slack(fault: str) -> None:
    clock = FakeClock()
    async with quiet(clock) as world:
        world.slack.go_wrong("chat.postMessage", fault)
        with pytest.raises(ChatBusy) as caught:
            await world.chat.send(HERE, CARD, key="card:1")
        assert caught.value.until == clock.now() + timedelta(seconds=30)
        with pytest.raises(ChatBusy):  # nobody is asked again before that
            await world.chat.send(HERE, CARD, key="card:1")
        assert world.slack.called("chat.postMessage") == 1
        clock.advance(30)
        await world.chat.send(HERE, CARD, key="card:1")
        assert len(world.slack.messages(HALL)) == 1


async def test_a_limited_channel_holds_up_no_other() -> None:
    clock = FakeClock()
    async with quiet(clock) as world:
        world.slack.add_channel("C0OTHER", "other", ["U1"])
        world.slack.go_wrong("chat.postMessage", "ratelimited", wait=600)
        with pytest.raises(ChatBusy):
            await world.chat.send(HERE, CARD, key="card:1")
        await world.chat.send(Target(chat="slack", channel="C0OTHER"), CARD, key="card:2")


async def test_thrown_out_and_invited_again() -> None:
    async with quiet() as world:
        ref = await world.chat.send(HERE, CARD, key="card:1")
        world.slack.state.channels[HALL].members.discard(world.slack.state.bot_user)
        for work in (
            world.chat.send(HERE, CARD, key="card:2"),
            world.chat.edit(HERE, ref, CARD),
            world.chat.resend(HERE, CARD, key="card:2", since=world.earlier),
        ):
            with pytest.raises(ChatClosed, match="#launch"):
                await work
        world.slack.state.channels[HALL].members.add(world.slack.state.bot_user)
        await world.chat.send(HERE, CARD, key="card:2")
        assert len(world.slack.messages(HALL)) == 2


@pytest.mark.parametrize("error", ["token_revoked", "account_inactive", "invalid_auth"])
async def test_a_revoked_token(error: str) -> None:
    async with quiet() as world:
        world.slack.revoke(error)
        with pytest.raises(ChatClosed, match=r"token|removed the app"):
            await world.chat.send(HERE, CARD, key="card:1")
        world.slack.restore()
        await world.chat.send(HERE, CARD, key="card:1")


# --- exactly once ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("thread", [False, True], ids=["channel", "thread"])
@pytest.mark.parametrize(
    "fault",
    ["lost_reply", "truncated", "done_but_fatal", "done_but_internal", "done_but_500", "cut", "http_500"],
)
async def test_an_answer_is_lost_and_nothing_is_said_twice(fault: str, thread: bool) -> None:
    async with quiet() as world:
        await world.chat.profile("U1")  # a connection stands, as it would in life
        card = await world.chat.send(HERE, CARD, key="card:1")
        to = replace(HERE, under=card) if thread else HERE
        world.slack.go_wrong("chat.postMessage", fault)
        with pytest.raises(ChatError) as caught:
            await world.chat.send(to, Message(text="Look"), key="notice:7")
        assert type(caught.value) is ChatError
        ref = await world.chat.resend(to, Message(text="Look"), key="notice:7", since=world.earlier)
        said = world.slack.thread(HALL, card) if thread else world.slack.messages(HALL)[1:]
        assert [one["ts"] for one in said] == [ref]
        again = await world.chat.resend(to, Message(text="Look"), key="notice:7", since=world.earlier)
        assert again == ref


@pytest.mark.parametrize("thread", [False, True], ids=["channel", "thread"])
async def test_killed_at_any_moment_of_sending_and_said_once(thread: bool) -> None:
    clock = SwiftClock()
    async with quiet(clock) as world:
        card = await world.chat.send(HERE, CARD, key="card:0")
        to = replace(HERE, under=card) if thread else HERE
        finished = 0
        for n in range(1, 120):
            message, key, since = Message(text=f"Notice {n}"), f"notice:{n}", clock.now()
            async with asyncio.TaskGroup() as group:
                sending = group.create_task(world.chat.send(to, message, key=key))
                for _ in range(n):
                    await asyncio.sleep(0)
                finished += sending.done()
                sending.cancel()
            clock.advance(5)
            await world.chat.resend(to, message, key=key, since=since)
            said = world.slack.thread(HALL, card) if thread else world.slack.messages(HALL)[1:]
            assert [world.slack.words(one) for one in said][-1] == f"Notice {n}"
            assert len(said) == n
        assert 0 < finished < 119  # some were killed early, some late


async def test_the_look_back_reads_on_and_believes_only_our_own_key() -> None:
    async with quiet() as world:
        card = await world.chat.send(HERE, CARD, key="card:1")
        for n in range(450):
            world.slack.say("U1", HALL, f"chatter {n}")
        forged = {"event_type": "clarion_message", "event_payload": {"key": "card:1"}}
        world.slack.state.channels[HALL].messages[world.slack.say("U9", HALL, "fake")["ts"]] |= {
            "metadata": forged,
            "bot_id": "B0STRANGER",
        }
        assert await world.chat.resend(HERE, CARD, key="card:1", since=world.earlier) == card
        assert world.slack.called("conversations.history") == 3
        assert await world.chat.resend(HERE, CARD, key="card:10", since=world.earlier) != card


async def test_a_card_that_somebody_deleted_is_said_anew_once() -> None:
    async with quiet() as world:
        ref = await world.chat.send(HERE, CARD, key="card:1")
        world.slack.erase(HALL, ref)
        fresh = await world.chat.edit(HERE, ref, CARD)
        assert fresh != ref
        assert [m["ts"] for m in world.slack.messages(HALL)] == [fresh]
        # The new ref was not written down: the next repaint finds the one that stands.
        assert await world.chat.edit(HERE, ref, CARD) == fresh
        assert len(world.slack.messages(HALL)) == 1


async def test_a_thread_whose_card_is_gone_goes_on_in_the_channel() -> None:
    async with quiet() as world:
        ref = await world.chat.send(HERE, CARD, key="card:1")
        world.slack.erase(HALL, ref)
        said = await world.chat.send(replace(HERE, under=ref), Message(text="Look"), key="notice:1")
        assert [m["ts"] for m in world.slack.messages(HALL)] == [said]


# --- pacing ---------------------------------------------------------------------------------------------


async def persist(world: World, what: str, n: int, ref: str = "") -> str:
    """As the courier does: what is told to wait is tried again when it may."""
    clock = world.clock
    to = Target(chat="slack", channel=f"C{n % 5}")
    while True:
        try:
            if what == "send":
                return await world.chat.send(to, replace(CARD, title=f"P{n}"), key=f"card:{n}")
            return await world.chat.edit(to, ref, replace(CARD, title=f"P{n}", status="LIVE"))
        except ChatBusy as busy:
            await clock.sleep((busy.until - clock.now()).total_seconds())


async def test_1000_cards_repainted_break_no_limit() -> None:
    async with quiet() as world:
        for n in range(5):
            world.slack.add_channel(f"C{n}", f"hall-{n}", ["U1"])
        refs = [await persist(world, "send", n) for n in range(200)]
        for n in range(1_000):
            await persist(world, "edit", n % 200, refs[n % 200])
        assert not world.slack.breaches
        assert world.slack.called("chat.update") == 1_000
        assert sum(len(world.slack.messages(f"C{n}")) for n in range(5)) == 200


async def test_many_lanes_at_once_break_no_limit() -> None:
    clock = CountingClock()
    async with quiet(clock) as world:
        for n in range(5):
            world.slack.add_channel(f"C{n}", f"hall-{n}", ["U1"])
        await played(clock, *(persist(world, "send", n) for n in range(60)))
        assert not world.slack.breaches
        assert sum(len(world.slack.messages(f"C{n}")) for n in range(5)) == 60
        assert clock.monotonic() < 20  # 12 in each channel, one a second


# --- private words --------------------------------------------------------------------------------------


async def test_whispers_fall_back_until_somebody_hears() -> None:
    async with quiet() as world:
        secret = Message(text="Between us", private=True)
        hook = world.slack.url + world.slack.state.hook("U1", HALL)
        to = replace(HERE, hook=hook)
        for n in range(5):
            await world.chat.whisper(to, "U1", secret)
            assert len(world.slack.ephemerals("U1")) == n + 1
        assert world.slack.called("chat.postEphemeral") == 0
        await world.chat.whisper(to, "U1", secret)  # used up
        assert world.slack.called("chat.postEphemeral") == 1
        assert len(world.slack.ephemerals("U1")) == 6
        world.slack.add_user("U7", "dana")  # not in the channel
        await world.chat.whisper(HERE, "U7", secret)
        assert [world.slack.words(m) for m in world.slack.direct("U7")] == ["Between us"]
        assert not world.slack.messages(HALL)
        secretless(world)


async def test_whispers_where_we_are_not() -> None:
    async with quiet() as world:
        world.slack.add_channel("C0FAR", "far", ["U1"], bot=False)
        await world.chat.whisper(Target(chat="slack", channel="C0FAR"), "U1", Message(text="Psst"))
        assert [world.slack.words(m) for m in world.slack.direct("U1")] == ["Psst"]
        await world.chat.whisper(Target(chat="slack", channel="U1"), "U1", Message(text="Home"))
        assert [world.slack.words(m) for m in world.slack.direct("U1")] == ["Psst", "Home"]


async def test_whispers_in_a_thread() -> None:
    async with quiet() as world:
        card = await world.chat.send(HERE, CARD, key="card:1")
        await world.chat.whisper(replace(HERE, under=card), "U1", Message(text="Psst"))
        (seen,) = world.slack.ephemerals("U1")
        assert seen["thread_ts"] == card


# --- pictures and whole texts ---------------------------------------------------------------------------


async def test_a_picture_and_a_text_that_is_too_long_are_put_beside_the_card_once(tmp_path: Path) -> None:
    picture = tmp_path / "launch.png"
    picture.write_bytes(png(64, 36))
    long = replace(CARD, text="word " * 8_000, image=picture, image_alt="A gradient")
    async with quiet() as world:
        ref = await world.chat.send(HERE, long, key="card:1")
        (said,) = world.slack.messages(HALL)
        assert world.slack.buttons(said) == ["Approve", "Reject"]
        files = [file["name"] for one in world.slack.thread(HALL, ref) for file in one.get("files", ())]
        assert [name.partition("-")[0] for name in files] == ["picture", "whole"]
        stored = {file.name: file for file in world.slack.state.files.values()}
        assert stored[files[0]].data == picture.read_bytes()
        assert stored[files[0]].alt == "A gradient"
        assert (stored[files[1]].data or b"").count(b"word") == 8_000
        assert await world.chat.edit(HERE, ref, replace(long, status="LIVE")) == ref
        assert await world.chat.resend(HERE, long, key="card:1", since=world.earlier) == ref
        assert len(world.slack.state.files) == 2
        secretless(world)


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
@pytest.mark.parametrize("fault", ["missing_scope", "internal_error", "lost_reply", "ratelimited"])
async def test_a_file_that_does_not_go_never_stops_the_card(method: str, fault: str, tmp_path: Path) -> None:
    picture = tmp_path / "launch.png"
    picture.write_bytes(png(64, 36))
    async with quiet() as world:
        world.slack.go_wrong(method, fault, wait=1 if fault == "ratelimited" else 0)
        ref = await world.chat.send(HERE, replace(CARD, image=picture), key="card:1")
        assert [m["ts"] for m in world.slack.messages(HALL)] == [ref]
        if fault == "lost_reply":  # the next repaint finds out how it was
            await world.chat.edit(HERE, ref, replace(CARD, image=picture))
            names = [f["name"] for m in world.slack.thread(HALL, ref) for f in m.get("files", ())]
            assert len(names) == 1
        secretless(world)


# --- who is who -----------------------------------------------------------------------------------------


async def test_profiles() -> None:
    async with quiet() as world:
        bob = await world.chat.profile("U2")
        assert bob is not None
        assert (bob.id, bob.name, bob.zone, bob.bot) == ("U2", "bob", "Europe/Berlin", False)
        assert await world.chat.profile("U404") is None
        itself = await world.chat.profile(world.slack.state.bot_user)
        assert itself is not None
        assert itself.bot


async def test_groups_by_id_handle_and_mention() -> None:
    clock = FakeClock()
    async with quiet(clock) as world:
        world.slack.add_group("S0LEADS", "marketing-leads", ["U2", "U9"])
        world.slack.add_group("S0GONE", "gone", ["U1"]).disabled = True
        for name in ("S0LEADS", "marketing-leads", "@Marketing-Leads", "<!subteam^S0LEADS|@marketing-leads>"):
            assert tuple(await world.chat.group(name) or ()) == ("U2", "U9")
        assert await world.chat.group("nobody") is None
        assert await world.chat.group("gone") is None
        world.slack.state.groups["S0LEADS"].users = ["U1"]
        clock.advance(5)
        assert tuple(await world.chat.group("marketing-leads") or ()) == ("U1",)


async def test_a_hundred_decisions_ask_for_a_group_once() -> None:
    async with quiet() as world:
        world.slack.add_group("S0LEADS", "leads", ["U2"])
        found = await asyncio.gather(*(world.chat.group("leads") for _ in range(100)))
        assert {tuple(one or ()) for one in found} == {("U2",)}
        assert world.slack.called("usergroups.users.list") == 1


async def test_reactions_are_read_from_the_card() -> None:
    async with quiet() as world:
        ref = await world.chat.send(HERE, CARD, key="card:1")
        await world.slack.react("U1", HALL, ref, "white_check_mark::skin-tone-6")
        await world.slack.react("U2", HALL, ref, "white_check_mark")
        await world.slack.react("U2", HALL, ref, "x")
        await world.slack.unreact("U2", HALL, ref, "white_check_mark")
        assert sorted(await world.chat.reactions(HERE, ref) or ()) == [("✅", "U1"), ("❌", "U2")]
        world.slack.erase(HALL, ref)
        with pytest.raises(ChatRefused):  # gone is not the same as nobody
            await world.chat.reactions(HERE, ref)


async def test_sixty_buttons_arrive() -> None:
    buttons = tuple(Button(label=f"B{n}", action=replace(APPROVE, id=n)) for n in range(60))
    async with quiet() as world:
        await world.chat.send(HERE, replace(CARD, buttons=buttons), key="card:1")
        (said,) = world.slack.messages(HALL)
        assert len(world.slack.buttons(said)) == 60
