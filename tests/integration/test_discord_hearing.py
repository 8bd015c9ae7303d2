"""What people do on Discord reaches the inbox, once, after an answer in time."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.asks import Form, Input, InputKind
from bot.domain.message import Inbound, Invocation, Message, Press, Target
from bot.errors import NotFound, StoreBusy
from bot.testing.chats.discord import Upload
from tests.integration.discord_world import (
    ALICE,
    BOB,
    GUILD_ROOM,
    LEADS,
    ROOM,
    Notebook,
    Scene,
    card,
    connected,
    guilded,
    soon,
)

pytestmark = pytest.mark.usefixtures("clarion_guard")


CALLBACK = "POST /interactions/{interaction}/{token}/callback"


def answering(scene: Scene, *words: str) -> None:
    """From now on everything is answered with these, for the person alone."""

    async def react(said: Inbound) -> None:
        for text in words:
            await scene.chat.whisper(said.target, said.user, Message(text=text))

    scene.inbox.react = react


async def test_a_command_with_native_options_and_files_is_answered_for_the_person_alone() -> None:
    async with guilded() as guild, connected(guild) as scene:
        answering(scene, "P42 is drafted.", "And a word more.")
        files = {"media": Upload(name="launch.jpg", data=b"\xff\xd8", kind="image/jpeg")}
        done = await guild.command(
            ALICE, GUILD_ROOM, "clarion post", {"text": "Launch day", "repeat": 3, "draft": True}, files
        )
        assert done.answer == 5
        assert done.ephemeral
        await scene.inbox.until(lambda: bool(scene.inbox.commands))
        (said,) = scene.inbox.commands
        assert said.command == "post"
        assert said.values == {"text": "Launch day", "repeat": 3, "draft": True}
        assert [(file.name, file.size, file.kind) for file in said.files] == [("launch.jpg", 2, "image/jpeg")]
        assert (said.user, said.groups, said.key) == (ALICE, (), done.id)
        assert said.target == Target(chat="discord", channel=GUILD_ROOM)
        told = guild.ephemerals(ALICE)
        assert [guild.words(one) for one in told] == ["P42 is drafted.", "And a word more."]
        assert not guild.loading()
        assert not guild.messages(GUILD_ROOM)
        assert done.token not in repr(said)


async def test_a_command_without_its_group_is_the_same_one() -> None:
    async with guilded() as guild, connected(guild) as scene:
        await guild.command(BOB, GUILD_ROOM, "queue")
        await guild.command(BOB, GUILD_ROOM, "clarion queue")
        await scene.inbox.until(lambda: len(scene.inbox.commands) == 2)
        assert {said.command for said in scene.inbox.commands} == {"queue"}
        assert {said.groups for said in scene.inbox.commands} == {(LEADS,)}


async def test_a_promise_that_nobody_keeps_is_taken_back() -> None:
    async with guilded() as guild, connected(guild) as scene:
        done = await guild.command(BOB, GUILD_ROOM, "queue")
        await scene.inbox.until(lambda: bool(scene.inbox.commands))
        await soon(lambda: not guild.loading())
        assert done.answer == 5
        assert not guild.ephemerals(BOB)


async def test_what_is_typed_is_completed() -> None:
    async with guilded() as guild, connected(guild) as scene:
        scene.inbox.offered = [f"acme-{n}" for n in range(40)]
        assert len(await guild.autocomplete(ALICE, GUILD_ROOM, "clarion post", "to", "acme")) == 25
        assert await guild.autocomplete(ALICE, GUILD_ROOM, "clarion post", "to", "acme-39") == ["acme-39"]


async def test_a_message_becomes_a_post() -> None:
    async with guilded() as guild, connected(guild) as scene:
        picture = Upload(name="launch.png", data=b"\x89PNG", kind="image/png")
        message = await guild.say(BOB, GUILD_ROOM, f"Look <@{ALICE}> <:party:123> today", [picture])
        await guild.message_command(ALICE, GUILD_ROOM, message["id"])
        await scene.inbox.until(lambda: bool(scene.inbox.commands))
        (said,) = scene.inbox.commands
        assert said.command == "post"
        assert said.user == ALICE
        assert said.values is not None
        assert str(said.values["text"]).endswith(":party: today")
        assert "<@" not in said.values["text"]
        assert [file.name for file in said.files] == ["launch.png"]


async def test_a_button_and_a_press_of_a_button_in_a_menu() -> None:
    async with guilded() as guild, connected(guild) as scene:
        answering(scene, "Your vote counts.")
        ref = await scene.chat.send(ROOM, card(version=3), key="card:1")
        done = await guild.press(BOB, GUILD_ROOM, ref, "Approve")
        assert done.answer == 6
        await scene.inbox.until(lambda: bool(scene.inbox.presses))
        (said,) = scene.inbox.presses
        assert said.action.encode() == "approve:post:42:3"
        assert (said.user, said.ref, said.groups, said.key) == (BOB, ref, (LEADS,), done.id)
        assert [guild.words(one) for one in guild.ephemerals(BOB)] == ["Your vote counts."]


async def test_what_cannot_be_undone_is_asked_twice() -> None:
    async with guilded() as guild, connected(guild) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        await guild.press(BOB, GUILD_ROOM, ref, "Take down")
        assert not scene.inbox.said
        (question,) = guild.ephemerals(BOB)
        assert "cannot be undone" in guild.words(question)
        await guild.press(BOB, GUILD_ROOM, question["id"], "Yes, take down")
        await scene.inbox.until(lambda: bool(scene.inbox.presses))
        (said,) = scene.inbox.presses
        assert (said.action.verb, said.ref, said.user) == ("take-down", ref, BOB)
        assert not guild.buttons(guild.ephemerals(BOB)[0])


REASON = Form(
    title="Reject",
    inputs=(
        Input(name="label", label="Reason", kind=InputKind.CHOICE, choices=("Wrong facts", "Bad moment")),
        Input(name="text", label="Why?", kind=InputKind.LONG, required=True),
    ),
    submit="Reject",
)


def asks(said: object) -> Form | None:
    return REASON if isinstance(said, Press) and said.action.verb == "reject" else None


async def test_a_form_is_shown_at_once_and_completes_the_press() -> None:
    async with guilded() as guild, connected(guild, inbox=Notebook(forms=asks)) as scene:
        answering(scene, "Rejected.")
        ref = await scene.chat.send(ROOM, card(version=2), key="card:1")
        opened = await guild.press(BOB, GUILD_ROOM, ref, "Reject")
        assert opened.answer == 9
        assert not scene.inbox.said
        form = guild.modal(BOB)
        assert form is not None
        assert form.title == "Reject"
        sent = await guild.submit(BOB, {"label": "Bad moment", "text": "Wait a day"})
        await scene.inbox.until(lambda: bool(scene.inbox.presses))
        (said,) = scene.inbox.presses
        assert (said.action.encode(), said.ref, said.key) == ("reject:post:42:2", ref, sent.id)
        assert said.text == "Wait a day"
        assert dict(said.values)["label"] == "Bad moment"
        assert [guild.words(one) for one in guild.ephemerals(BOB)] == ["Rejected."]


async def test_a_form_sent_twice_comes_twice_with_a_key_of_its_own_and_once_when_delivered_twice() -> None:
    async with guilded() as guild, connected(guild, inbox=Notebook(forms=asks)) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        await guild.press(BOB, GUILD_ROOM, ref, "Reject")
        form = guild.modal(BOB)
        guild.gateway.repeat = 4
        first = await guild.submit(BOB, {"text": "No"}, form=form)
        second = await guild.submit(BOB, {"text": "No"}, form=form)
        await scene.inbox.until(lambda: len(scene.inbox.presses) >= 2)
        assert sorted(said.key for said in scene.inbox.presses) == sorted([first.id, second.id])


async def test_what_cannot_be_done_is_said_instead_of_a_form() -> None:
    def gone(said: object) -> Form | None:
        raise NotFound("That post is not here any more.")

    async with guilded() as guild, connected(guild, inbox=Notebook(forms=gone)) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        await guild.press(BOB, GUILD_ROOM, ref, "Approve")
        assert [guild.words(one) for one in guild.ephemerals(BOB)] == ["That post is not here any more."]
        assert not scene.inbox.said


async def test_an_unknown_button_is_answered_in_words() -> None:
    async with guilded() as guild, connected(guild) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        strange = guild.message(GUILD_ROOM, ref)
        strange["components"][0]["components"][0]["custom_id"] = "💥 not ours"
        await guild.press(BOB, GUILD_ROOM, ref, "Approve", seen=strange)
        assert [guild.words(one) for one in guild.ephemerals(BOB)] == ["That button is not one of mine."]
        assert not scene.inbox.said


async def test_when_it_cannot_be_written_down_nothing_is_done_and_the_person_hears_it() -> None:
    async with guilded() as guild, connected(guild) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        scene.inbox.refuse = StoreBusy("The database is busy; try again.")
        await guild.press(BOB, GUILD_ROOM, ref, "Approve")
        assert [guild.words(one) for one in guild.ephemerals(BOB)] == ["The database is busy; try again."]
        assert not scene.inbox.said


async def test_a_slow_store_does_not_delay_the_answer() -> None:
    async with guilded() as guild, connected(guild) as scene:
        answering(scene, "Done.")
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        scene.inbox.hold = asyncio.Event()
        done = await guild.press(BOB, GUILD_ROOM, ref, "Approve")
        assert done.answer == 6
        assert done.latency is not None
        assert done.latency < 2.5
        assert not scene.inbox.said
        scene.inbox.hold.set()
        await scene.inbox.until(lambda: bool(scene.inbox.presses))
        assert [guild.words(one) for one in guild.ephemerals(BOB)] == ["Done."]


@pytest.mark.parametrize("kind", ["command", "press"])
async def test_each_event_four_times_is_one(kind: str) -> None:
    async with guilded() as guild, connected(guild) as scene:
        answering(scene, "Done.")
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        guild.gateway.repeat = 4
        if kind == "command":
            await guild.command(BOB, GUILD_ROOM, "queue")
        else:
            await guild.press(BOB, GUILD_ROOM, ref, "Approve")
        guild.gateway.repeat = 1
        last = await guild.command(ALICE, GUILD_ROOM, "queue")
        await scene.inbox.until(lambda: last.id in {said.key for said in scene.inbox.said})
        assert len([said for said in scene.inbox.said if said.user == BOB]) == 1
        assert len(guild.ephemerals(BOB)) == 1


async def test_reactions_tell_who_and_what_groups_they_are_in() -> None:
    async with guilded() as guild, connected(guild) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        await guild.react(BOB, GUILD_ROOM, ref, "✅")
        await guild.unreact(BOB, GUILD_ROOM, ref, "✅")
        await scene.inbox.until(lambda: len(scene.inbox.reactions) == 2)
        came, went = sorted(scene.inbox.reactions, key=lambda said: not said.added)
        assert (came.emoji, came.user, came.ref, came.groups) == ("✅", BOB, ref, (LEADS,))
        assert (went.user, went.added, went.groups) == (BOB, False, None)
        assert came.target.channel == GUILD_ROOM


async def test_a_moderator_who_clears_all_reactions_is_nobody_in_particular() -> None:
    async with guilded() as guild, connected(guild) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        await guild.react(BOB, GUILD_ROOM, ref, "✅")
        await guild.clear_reactions(GUILD_ROOM, ref)
        await scene.inbox.until(lambda: len(scene.inbox.reactions) == 3)
        cleared = [said for said in scene.inbox.reactions if not said.user]
        assert {said.emoji for said in cleared} == {"✅", "⏸"}
        for said in cleared:
            await scene.chat.whisper(said.target, said.user, Message(text="to nobody"))
        assert len(guild.messages(GUILD_ROOM)) == 1


async def test_naming_the_bot_asks_for_help_and_answering_it_does_not() -> None:
    async with guilded() as guild, connected(guild) as scene:
        await guild.say(ALICE, GUILD_ROOM, "nobody meant")
        named = await guild.mention(ALICE, GUILD_ROOM, "what can you do?")
        await guild.whisper(BOB, "hello?")
        await scene.inbox.until(lambda: len(scene.inbox.commands) == 2)
        assert {(said.command, said.user) for said in scene.inbox.commands} == {
            ("help", ALICE),
            ("help", BOB),
        }
        assert named["id"] in {said.key for said in scene.inbox.commands}


async def test_a_press_in_a_thread_belongs_to_the_channel() -> None:
    async with guilded() as guild, connected(guild) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        under = Target(chat="discord", channel=GUILD_ROOM, thread=42, under=ref)
        notice = await scene.chat.send(under, card(text="X refused P42"), key="notice:1")
        await guild.press(BOB, ref, notice, "Approve")
        await scene.inbox.until(lambda: bool(scene.inbox.presses))
        (said,) = scene.inbox.presses
        assert (said.target.channel, said.target.under, said.ref) == (GUILD_ROOM, ref, notice)


async def test_naming_the_bot_in_a_thread_is_naming_it_in_its_channel() -> None:
    async with guilded() as guild, connected(guild) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        await guild.start_thread(ALICE, GUILD_ROOM, ref, "Talk")
        await guild.mention(ALICE, ref)
        await scene.inbox.until(lambda: bool(scene.inbox.commands))
        (said,) = scene.inbox.commands
        assert (said.target.channel, said.target.under) == (GUILD_ROOM, ref)
        await scene.chat.send(said.target, Message(text="I can …"), key="reply:1")
        assert [guild.words(one) for one in guild.thread(GUILD_ROOM, ref)][-1] == "I can …"


@pytest.mark.parametrize("fault", ["lost-reply", "cut"])
async def test_an_answer_whose_reply_is_lost_is_given_again(fault: str) -> None:
    async with guilded() as guild, connected(guild) as scene:
        answering(scene, "Done.")
        guild.fail(CALLBACK, fault)
        done = await guild.command(BOB, GUILD_ROOM, "queue")
        assert done.answer == 5
        await scene.inbox.until(lambda: bool(scene.inbox.said))
        assert [guild.words(one) for one in guild.ephemerals(BOB)] == ["Done."]


async def test_when_the_answer_came_too_late_the_person_is_written_to() -> None:
    async with guilded() as guild, connected(guild) as scene:
        answering(scene, "P42 is drafted.")
        guild.fail(CALLBACK, "unknown-interaction")
        guild.patience = 0
        await guild.command(BOB, GUILD_ROOM, "queue")
        await scene.inbox.until(lambda: bool(scene.inbox.said))
        assert [guild.words(one) for one in guild.direct(BOB)] == ["P42 is drafted."]


async def test_a_dead_token_is_followed_by_a_direct_message() -> None:
    async with guilded() as guild, connected(guild) as scene:
        answering(scene, "P42 is drafted.")
        guild.fail("PATCH /webhooks/{app}/{token}/messages/{message}", "dead-webhook")
        await guild.command(BOB, GUILD_ROOM, "queue")
        await scene.inbox.until(lambda: bool(scene.inbox.said))
        assert [guild.words(one) for one in guild.direct(BOB)] == ["P42 is drafted."]


MORE = Form(title="/post", inputs=(Input(name="text", label="Text", initial="Look"),), command="post")


def asks_more(said: object) -> Form | None:
    return MORE if isinstance(said, Invocation) and said.command == "post" else None


@pytest.mark.parametrize("restarted", [False, True])
async def test_files_wait_while_a_form_is_filled_in_and_their_loss_is_said(restarted: bool) -> None:
    async with guilded() as guild:
        async with connected(guild, inbox=Notebook(forms=asks_more)) as scene:
            message = await guild.say(BOB, GUILD_ROOM, "Look", [Upload(name="a.png", data=b"1")])
            await guild.message_command(ALICE, GUILD_ROOM, message["id"])
            if not restarted:
                await guild.submit(ALICE, {"text": "Look here"})
                await scene.inbox.until(lambda: bool(scene.inbox.commands))
                (said,) = scene.inbox.commands
                assert (said.command, dict(said.values or {})) == ("post", {"text": "Look here"})
                assert [file.name for file in said.files] == ["a.png"]
                return
        async with connected(guild, inbox=Notebook(forms=asks_more)) as scene:
            await guild.submit(ALICE, {"text": "Look here"})
            assert "lost the files" in guild.words(guild.ephemerals(ALICE)[0])
            assert not scene.inbox.said


async def test_a_server_that_runs_slowly_makes_no_one_wait_for_another() -> None:
    async with guilded() as guild, connected(guild) as scene:
        release = asyncio.Event()

        async def react(said: Inbound) -> None:
            if said.user == ALICE:
                await release.wait()

        scene.inbox.react = react
        await guild.command(ALICE, GUILD_ROOM, "queue")
        done = await guild.command(BOB, GUILD_ROOM, "queue")
        assert done.latency is not None
        assert done.latency < 1
        await scene.inbox.until(lambda: [said.user for said in scene.inbox.said] == [BOB])
        release.set()
        await scene.inbox.until(lambda: len(scene.inbox.said) == 2)
