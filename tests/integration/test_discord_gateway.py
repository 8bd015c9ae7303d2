"""The gateway breaks in every way, and nothing is lost, doubled or left behind."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta

import pytest

from bot.domain.message import Inbound, Message
from bot.errors import ChatClosed, ChatError
from bot.testing.clock import FakeClock
from tests.integration.discord_world import (
    ALICE,
    BOB,
    CAROL,
    GUILD_ROOM,
    ROOM,
    Notebook,
    card,
    connected,
    guilded,
    make_chat,
    soon,
)

pytestmark = pytest.mark.usefixtures("clarion_guard")


async def test_what_happened_while_the_connection_was_away_is_played_back() -> None:
    async with guilded() as guild, connected(guild) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        await guild.cut()
        patience, guild.patience = guild.patience, 0
        pressed = await guild.press(BOB, GUILD_ROOM, ref, "Approve")
        await guild.react(CAROL, GUILD_ROOM, ref, "✅")
        guild.patience = patience
        guild.mend()
        await scene.inbox.until(lambda: len(scene.inbox.said) == 2)
        assert [said.key for said in scene.inbox.presses] == [pressed.id]
        assert scene.inbox.reactions[0].user == CAROL
        assert (guild.gateway.identified, guild.gateway.resumed) == (1, 1)
        await scene.inbox.until(lambda: scene.inbox.reconnections == 2)


async def test_a_connection_refused_is_tried_again_and_resumed() -> None:
    async with guilded() as guild, connected(guild) as scene:
        await guild.cut(refuse=True)
        await asyncio.sleep(0)
        guild.mend()
        await scene.inbox.until(lambda: scene.inbox.reconnections == 2)
        assert (guild.gateway.identified, guild.gateway.resumed) == (1, 1)


async def test_a_minute_without_any_network_costs_seconds_afterwards() -> None:
    clock = FakeClock()
    async with guilded(clock=clock) as guild, connected(guild, clock=clock) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        await guild.cut(everything=True, refuse=True)
        for _ in range(60):
            for _ in range(20):
                await asyncio.sleep(0.0005)
            clock.advance(1)
        guild.mend()
        guild.patience = 0
        await guild.press(BOB, GUILD_ROOM, ref, "Approve")
        tried = clock.now()
        while not scene.inbox.presses:
            await asyncio.sleep(0.005)
            clock.advance(0.5)
        assert clock.now() - tried < timedelta(seconds=60)
        assert guild.gateway.identified == 1
        assert not guild.breaches


async def test_events_played_back_twice_are_done_once() -> None:
    async with guilded() as guild, connected(guild) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        await guild.press(BOB, GUILD_ROOM, ref, "Approve")
        await guild.react(CAROL, GUILD_ROOM, ref, "✅")
        await scene.inbox.until(lambda: len(scene.inbox.said) == 2)
        guild.gateway.rewind = 10
        await guild.gateway.reconnect()
        await scene.inbox.until(lambda: scene.inbox.reconnections == 2)
        last = await guild.command(ALICE, GUILD_ROOM, "queue")
        await scene.inbox.until(lambda: any(said.key == last.id for said in scene.inbox.said))
        assert len(scene.inbox.said) == 3


async def test_presses_out_of_order_all_arrive() -> None:
    async with guilded() as guild, connected(guild) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        guild.gateway.hold()
        guild.patience = 0
        sent = [await guild.press(who, GUILD_ROOM, ref, "Approve") for who in (ALICE, BOB, CAROL)]
        await guild.gateway.release(reversed)  # type: ignore[arg-type]  # any order will do
        await scene.inbox.until(lambda: len(scene.inbox.presses) == 3)
        assert {said.key for said in scene.inbox.presses} == {one.id for one in sent}


async def test_a_session_that_is_lost_begins_anew_without_haste() -> None:
    clock = FakeClock()
    async with guilded(clock=clock) as guild, connected(guild, clock=clock) as scene:
        for lost in range(1, 4):
            await guild.gateway.invalidate()
            waited = clock.now()
            while guild.gateway.identified <= lost:
                await asyncio.sleep(0.005)
                if clock.next_wake is not None:
                    clock.advance(0.5)
            assert clock.now() - waited >= timedelta(seconds=(0, 2, 5, 15)[lost])
        await scene.inbox.until(lambda: scene.inbox.reconnections == 4)


async def test_the_first_click_after_a_restart_counts() -> None:
    async with guilded() as guild:
        async with connected(guild) as scene:
            ref = await scene.chat.send(ROOM, card(), key="card:1")
        async with connected(guild) as scene:

            async def react(said: Inbound) -> None:
                await scene.chat.whisper(said.target, said.user, Message(text="Your vote counts."))

            scene.inbox.react = react
            done = await guild.press(BOB, GUILD_ROOM, ref, "Approve")
            await scene.inbox.until(lambda: bool(scene.inbox.presses))
            assert done.answer == 6
            assert [guild.words(one) for one in guild.ephemerals(BOB)] == ["Your vote counts."]


async def test_a_form_that_was_open_over_a_restart_counts() -> None:
    from tests.integration.test_discord_hearing import asks

    async with guilded() as guild:
        async with connected(guild, inbox=Notebook(forms=asks)) as scene:
            ref = await scene.chat.send(ROOM, card(), key="card:1")
            await guild.press(BOB, GUILD_ROOM, ref, "Reject")
        async with connected(guild, inbox=Notebook(forms=asks)) as scene:
            await guild.submit(BOB, {"text": "Not today"})
            await scene.inbox.until(lambda: bool(scene.inbox.presses))
            assert scene.inbox.presses[0].text == "Not today"


async def test_a_token_revoked_while_it_runs_ends_it_with_the_way_back() -> None:
    clock = FakeClock()
    async with guilded(clock=clock) as guild, connected(guild, clock=clock) as scene:
        await guild.revoke()
        await scene.inbox.until(lambda: scene.failure is not None)
        assert isinstance(scene.failure, ChatClosed)
        assert "Reset it in the developer portal" in str(scene.failure)
        guild.restore()
        scene.running = asyncio.get_running_loop().create_task(scene.run(), name="discord again")
        while scene.inbox.reconnections < 2:
            await asyncio.sleep(0.005)
            clock.advance(0.5)


async def test_an_intent_that_is_off_is_named() -> None:
    async with guilded() as guild:
        guild.world.privileged = set()
        chat = make_chat(guild, io.StringIO(), members_intent=True)
        with pytest.raises(ChatClosed, match="Server Members Intent"):
            await asyncio.wait_for(chat.run(Notebook()), 5)
        await chat.aclose()


async def test_a_wrong_token_is_said_at_once() -> None:
    async with guilded() as guild:
        guild.world.token = "another"
        chat = make_chat(guild, io.StringIO())
        with pytest.raises(ChatClosed, match="Reset it"):
            await chat.run(Notebook())
        await chat.aclose()


async def test_a_service_that_is_away_at_the_start_is_said_and_tried_again() -> None:
    async with guilded() as guild:
        guild.down = True
        chat = make_chat(guild, io.StringIO())
        with pytest.raises(ChatError) as caught:
            await chat.run(Notebook())
        assert not isinstance(caught.value, ChatClosed)
        guild.mend()
        inbox = Notebook()
        running = asyncio.get_running_loop().create_task(chat.run(inbox))
        await inbox.until(lambda: inbox.reconnections == 1)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await chat.aclose()


async def test_leaving_says_goodbye_and_leaves_no_session() -> None:
    async with guilded() as guild:
        async with connected(guild):
            assert len(guild.gateway.sessions) == 1
        await soon(lambda: not guild.gateway.sessions)


async def test_leaving_while_nobody_answers_takes_no_time() -> None:
    loop = asyncio.get_running_loop()
    async with guilded() as guild:
        async with connected(guild):
            await guild.cut()
            began = loop.time()
        assert loop.time() - began < 3
        guild.mend()


async def test_what_breaks_over_one_event_breaks_no_other() -> None:
    async with guilded() as guild, connected(guild) as scene:

        async def react(said: Inbound) -> None:
            if said.user == ALICE:
                raise ZeroDivisionError

        scene.inbox.react = react
        await guild.command(ALICE, GUILD_ROOM, "queue")
        await guild.command(BOB, GUILD_ROOM, "queue")
        await scene.inbox.until(lambda: bool(scene.inbox.said))
        assert "ZeroDivisionError" in scene.log.getvalue()
        assert scene.failure is None


async def test_what_the_library_cannot_read_ends_nothing() -> None:
    async with guilded() as guild, connected(guild) as scene:
        await guild.gateway.dispatch("MESSAGE_CREATE", {"id": "not a number", "mentions": None})
        await guild.gateway.dispatch("INTERACTION_CREATE", {"id": "1", "type": 2})
        await guild.command(BOB, GUILD_ROOM, "queue")
        await scene.inbox.until(lambda: bool(scene.inbox.said))
        assert guild.gateway.identified == 1
        assert scene.failure is None
        assert "event_unread" in scene.log.getvalue()
