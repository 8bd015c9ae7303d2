"""What is said on Discord stands there once, whatever happens on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.domain.message import Message, Target
from bot.errors import ChatBusy, ChatClosed, ChatError, ChatRefused
from bot.testing.chats.discord import Guild
from bot.testing.clock import FakeClock
from bot.testing.guards import nothing_left
from tests.integration.discord_world import (
    ALICE,
    BOB,
    GUILD_ROOM,
    ROOM,
    Scene,
    card,
    connected,
    guilded,
    soon,
)


@pytest.fixture(autouse=True)
def leaving_nothing(tmp_path: Path) -> Iterator[None]:
    with nothing_left():
        yield


def forget_nonces(guild: Guild) -> None:
    """The few minutes in which Discord knows them are over."""
    for message in guild.world.messages.values():
        message.nonce = None


POST = "POST /channels/{channel}/messages"
PATCH = "PATCH /channels/{channel}/messages/{message}"
THREAD = "POST /channels/{channel}/messages/{message}/threads"


def thread_of(ref: str) -> Target:
    return Target(chat="discord", channel=GUILD_ROOM, thread=42, under=ref)


async def test_a_card_is_said_and_repainted_in_place() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        assert await scene.chat.edit(ROOM, ref, card(version=2, text="Launch night")) == ref
        (shown,) = guild.messages(GUILD_ROOM)
        assert "Launch night" in guild.words(shown)
        assert "Launch day" not in guild.words(shown)
        assert guild.buttons(shown) == ["Approve", "Reject", "Take down"]


async def test_the_same_key_at_once_is_one_message() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        refs = await asyncio.gather(*(scene.chat.send(ROOM, card(), key="card:1") for _ in range(4)))
        assert len(set(refs)) == 1
        assert len(guild.messages(GUILD_ROOM)) == 1
        await scene.chat.send(ROOM, card(), key="card:2")
        assert len(guild.messages(GUILD_ROOM)) == 2


@pytest.mark.parametrize("remembers", [True, False], ids=["nonce", "look-back"])
async def test_a_lost_reply_gives_no_second_message(remembers: bool) -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        since = SystemClock().now()
        guild.fail(POST, "lost-reply")
        with pytest.raises(ChatError) as caught:
            await scene.chat.send(ROOM, card(), key="card:1")
        assert not isinstance(caught.value, ChatRefused | ChatClosed | ChatBusy)
        if not remembers:
            forget_nonces(guild)
        ref = await scene.chat.resend(ROOM, card(), key="card:1", since=since)
        assert [one["id"] for one in guild.messages(GUILD_ROOM)] == [ref]


async def test_a_card_that_changed_meanwhile_is_found_and_brought_up_to_date() -> None:
    async with guilded() as guild:
        async with connected(guild, serve=False) as scene:
            since = SystemClock().now()
            first = await scene.chat.send(ROOM, card(), key="card:1")
        forget_nonces(guild)
        async with connected(guild, serve=False) as scene:  # another process, which knows nothing of it
            again = await scene.chat.resend(ROOM, card(version=2, text="New"), key="card:1", since=since)
            assert again == first
            assert len(guild.messages(GUILD_ROOM)) == 1
            assert "New" in guild.words(guild.messages(GUILD_ROOM)[0])


async def test_what_was_never_said_is_said_and_other_peoples_messages_are_not_ours() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        since = SystemClock().now()
        await guild.say(ALICE, GUILD_ROOM, "Published.")
        await scene.chat.send(ROOM, Message(text="Published."), key="notice:1")
        ref = await scene.chat.resend(ROOM, Message(text="Published."), key="notice:2", since=since)
        assert len(guild.messages(GUILD_ROOM)) == 3
        assert guild.messages(GUILD_ROOM)[-1]["id"] == ref


async def test_a_key_of_another_life_does_not_swallow_a_new_card() -> None:
    """The bot begins anew with an empty database, minutes later, in the same channel."""
    clock = FakeClock()
    async with guilded(clock=clock) as guild:
        async with connected(guild, serve=False, clock=clock) as scene:
            old = await scene.chat.send(ROOM, card(text="An old database"), key="card:1")
        clock.advance(120)
        async with connected(guild, serve=False, clock=clock) as scene:
            new = await scene.chat.send(ROOM, card(text="A new database"), key="card:1")
            again = await scene.chat.send(ROOM, card(text="A new database"), key="card:1")
        assert [one["id"] for one in guild.messages(GUILD_ROOM)] == [old, new] or new == again
        assert ["new" in guild.words(one) for one in guild.messages(GUILD_ROOM)][:2] == [False, True]


async def test_one_that_was_deleted_is_said_anew() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        await guild.erase(GUILD_ROOM, ref)
        again = await scene.chat.edit(ROOM, ref, card(version=2))
        assert again != ref
        assert [one["id"] for one in guild.messages(GUILD_ROOM)] == [again]
        assert await scene.chat.reactions(ROOM, ref) is None


@pytest.mark.parametrize("mine", [True, False], ids=["ours", "theirs"])
async def test_news_goes_under_its_card_also_when_the_thread_is_there_or_put_away(mine: bool) -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        if not mine:
            await guild.start_thread(ALICE, GUILD_ROOM, ref, "Talk")
        first = await scene.chat.send(thread_of(ref), Message(text="bob approved"), key="notice:1")
        await guild.archive(ref)
        await scene.chat.send(thread_of(ref), Message(text="X refused"), key="notice:2")
        await guild.archive(ref)
        again = await scene.chat.edit(thread_of(ref), first, Message(text="bob approved v2"))
        said = [guild.words(one) for one in guild.thread(GUILD_ROOM, ref)]
        if mine:
            assert (again, said) == (first, ["bob approved v2", "X refused"])
        else:  # not ours to open: said anew, which opens it
            assert said == ["bob approved", "X refused", "bob approved v2"]
        assert guild.called(THREAD) == 1


@pytest.mark.parametrize("fault", ["missing-permissions", "wrong-channel", "too-many-threads"])
async def test_where_no_thread_can_be_news_answers_the_card(fault: str) -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        guild.fail(THREAD, fault, times=0)
        said = await scene.chat.send(thread_of(ref), Message(text="X refused"), key="notice:1")
        (sent,) = [call.json() for call in guild.calls if call.endpoint == POST][1:]
        assert sent["message_reference"] == {"message_id": ref, "fail_if_not_exists": False}
        await scene.chat.edit(thread_of(ref), said, Message(text="X took it"))
        assert guild.words(guild.message(GUILD_ROOM, said)) == "X took it"


async def test_nobody_is_pinged_but_those_who_are_meant() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        text = f"Look @everyone @here <@{ALICE}> <@&123>"
        await scene.chat.send(ROOM, Message(text=text, mentions=(BOB,)), key="notice:1")
        (sent,) = [call.json() for call in guild.calls if call.endpoint == POST]
        assert sent["allowed_mentions"] == {"parse": [], "users": [BOB], "replied_user": False}
        assert len(sent["nonce"]) <= 25
        assert sent["enforce_nonce"] is True
        assert [user["id"] for user in guild.messages(GUILD_ROOM)[0]["mentions"]] == [BOB]


async def test_a_picture_and_a_long_text_come_along_and_stay(tmp_path: Path) -> None:
    picture = tmp_path / "Läunch day.png"
    picture.write_bytes(b"\x89PNG one")
    async with guilded() as guild, connected(guild, serve=False) as scene:
        shown = card(text="word " * 2_000, image=picture, image_alt="The card in Slack")
        ref = await scene.chat.send(ROOM, shown, key="card:1")
        files = guild.message(GUILD_ROOM, ref)["attachments"]
        assert [file["filename"] for file in files] == ["L_unch_day.png", "whole.txt"]
        assert files[0]["description"] == "The card in Slack"
        await scene.chat.edit(ROOM, ref, shown)
        assert guild.message(GUILD_ROOM, ref)["attachments"] == files
        picture.write_bytes(b"\x89PNG two")
        await scene.chat.edit(ROOM, ref, shown)
        assert guild.message(GUILD_ROOM, ref)["attachments"] != files
        await scene.chat.edit(ROOM, ref, card())
        assert guild.message(GUILD_ROOM, ref)["attachments"] == []


async def test_what_is_too_large_goes_without_its_files(tmp_path: Path) -> None:
    picture = tmp_path / "big.png"
    picture.write_bytes(b"\x89PNG")
    async with guilded() as guild, connected(guild, serve=False) as scene:
        guild.fail(POST, "too-large")
        ref = await scene.chat.send(ROOM, card(image=picture), key="card:1")
        shown = guild.message(GUILD_ROOM, ref)
        assert shown["attachments"] == []
        assert "Approve" in guild.buttons(shown)


async def test_a_refused_card_is_said_plainly_with_its_buttons_and_then_given_up() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        guild.fail(POST, "invalid-form")
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        shown = guild.message(GUILD_ROOM, ref)
        assert not shown["embeds"]
        assert guild.buttons(shown) == ["Approve", "Reject", "Take down"]
        guild.fail(PATCH, "invalid-form", times=2)
        with pytest.raises(ChatRefused, match="does not take this"):
            await scene.chat.edit(ROOM, ref, card(version=2))


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("missing-access", "View Channel"),
        ("missing-permissions", "Send Messages"),
        ("unknown-channel", "Invite me again"),
        ("unauthorized", "no longer accepts my token"),
    ],
)
async def test_being_shut_out_says_the_way_back(fault: str, words: str) -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        guild.fail(POST, fault, times=0)
        with pytest.raises(ChatClosed, match=words):
            await scene.chat.send(ROOM, card(), key="card:1")


async def test_a_revoked_token_is_not_tried_again_and_again() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        await scene.chat.send(ROOM, card(), key="card:1")
        await guild.revoke()
        for _ in range(5):
            with pytest.raises(ChatClosed, match="Reset it in the developer portal"):
                await scene.chat.send(ROOM, card(), key="card:2")
        assert guild.called(POST) == 2


async def test_thrown_out_and_let_in_again() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        await guild.kick(GUILD_ROOM)
        with pytest.raises(ChatClosed):
            await scene.chat.edit(ROOM, ref, card(version=2))
        await guild.invite(GUILD_ROOM)
        assert await scene.chat.edit(ROOM, ref, card(version=2)) == ref


@pytest.mark.parametrize("fault", ["rate-long", "banned"])
async def test_a_long_wait_is_the_couriers(fault: str) -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        guild.fail(POST, fault)
        asked = SystemClock().now()
        with pytest.raises(ChatBusy) as caught:
            await scene.chat.send(ROOM, card(), key="card:1")
        assert caught.value.until > asked + timedelta(minutes=50)
        await scene.chat.send(ROOM, card(), key="card:1")  # nothing is locked afterwards


async def test_a_short_wait_is_the_librarys_and_holds_up_nobody_else() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        other = "1187026123847319999"
        guild.add_channel(other, "elsewhere")
        await scene.chat.send(ROOM, card(), key="card:1")
        guild.go_wrong(POST, "rate-user", wait=0.5)
        slow = asyncio.ensure_future(scene.chat.send(ROOM, card(), key="card:2"))
        await soon(lambda: guild.called(POST) == 2)
        await scene.chat.send(Target(chat="discord", channel=other), card(), key="card:3")
        assert not slow.done()
        await slow
        assert len(guild.messages(GUILD_ROOM)) == 2


async def test_the_buckets_are_kept() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        guild.rates.enforce, guild.rates.scale = True, 0.2
        refs = await asyncio.gather(*(scene.chat.send(ROOM, card(), key=f"card:{n}") for n in range(7)))
        await asyncio.gather(*(scene.chat.edit(ROOM, ref, card(version=2)) for ref in refs))
        assert len(set(refs)) == 7
        assert not guild.breaches


async def told(scene: Scene, hook: str, text: str) -> None:
    await scene.chat.whisper(Target(chat="discord", channel=GUILD_ROOM, hook=hook), BOB, Message(text=text))


async def test_without_an_interaction_a_person_gets_a_direct_message() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        await told(scene, "", "Approving is for the leads.")
        await told(scene, "follow:123:gone-long-ago", "Too late for that one.")
        await told(scene, "follow:123:gone-long-ago", "And again.")
        assert [guild.words(one) for one in guild.direct(BOB)] == [
            "Approving is for the leads.",
            "Too late for that one.",
            "And again.",
        ]
        assert guild.called("POST /webhooks/{app}/{token}") == 1  # a dead address is not called again


async def test_who_takes_no_messages_is_answered_in_the_thread_without_a_name() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        guild.close_dms(BOB)
        said = Message(text="Approving is for the leads.", mentions=(BOB,))
        await scene.chat.whisper(Target(chat="discord", channel=GUILD_ROOM, under=ref), BOB, said)
        (line,) = guild.thread(GUILD_ROOM, ref)
        assert guild.words(line) == "Approving is for the leads."
        assert not line["mentions"]


async def test_a_private_answer_to_a_command_is_never_said_aloud() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        guild.close_dms(BOB)
        to = Target(chat="discord", channel=GUILD_ROOM, under=ref, hook="original:123:gone")
        with pytest.raises(ChatRefused):
            await scene.chat.whisper(to, BOB, Message(text="Your code is 1234"))
        assert not guild.thread(GUILD_ROOM, ref)
        assert len(guild.messages(GUILD_ROOM)) == 1


TEXTS = ("  two  spaces ", "a\n\n\nb", "😀" * 300, "*_`~|<@1> @everyone", "\u202eto the left", "x " * 1_500)


@pytest.mark.parametrize("title", ["", "P42 · acme"])
@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
async def test_whatever_is_said_is_recognised_by_another_process(text: str, title: str) -> None:
    """The look back after a lost answer has to know every message that Discord gives back."""
    async with guilded() as guild:
        since = SystemClock().now()
        said = Message(text=text, title=title)
        async with connected(guild, serve=False) as scene:
            ref = await scene.chat.send(ROOM, said, key="notice:1")
        forget_nonces(guild)
        async with connected(guild, serve=False) as scene:
            assert await scene.chat.resend(ROOM, said, key="notice:1", since=since) == ref
        assert len(guild.messages(GUILD_ROOM)) == 1


async def test_a_limit_of_the_whole_bot_is_waited_for() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        guild.go_wrong(POST, "rate-global", wait=0.3)
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        assert [one["id"] for one in guild.messages(GUILD_ROOM)] == [ref]
