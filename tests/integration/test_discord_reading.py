"""What Discord is asked: reactions, roles, people, files; and the check that proves it can be used."""

from __future__ import annotations

import asyncio
import io
import os
from pathlib import Path

import pytest

from bot.chat.discord import register, registered
from bot.chat.discord.declare import declared
from bot.clock import SystemClock
from bot.commands import all_commands
from bot.domain.message import Attachment, Message
from bot.errors import ChatClosed, ChatError, ChatRefused
from bot.ports import Profile
from bot.testing.chats.discord import Upload
from bot.testing.simulator import Failure
from tests.integration.discord_world import (
    ALICE,
    BOB,
    CAROL,
    COMMANDS,
    GUILD_ROOM,
    LEADS,
    ROOM,
    card,
    connected,
    guilded,
    make_chat,
    settings_for,
    soon,
)

WHO = "GET /channels/{channel}/messages/{message}/reactions/{emoji}"


async def test_all_reactions_that_mean_something_are_read_with_tones_and_variants() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        for user, emoji in ((ALICE, "✅"), (BOB, "⏸️"), (CAROL, "❌"), (BOB, "🎉"), (CAROL, "♻️")):
            await guild.react(user, GUILD_ROOM, ref, emoji)
        found = await scene.chat.reactions(ROOM, ref)
        assert found is not None
        assert sorted(found) == sorted([("✅", ALICE), ("⏸️", BOB), ("❌", CAROL), ("♻️", CAROL)])


async def test_a_hundred_who_ask_at_once_share_readings_that_began_after_they_asked() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        await guild.react(BOB, GUILD_ROOM, ref, "✅")
        first = asyncio.ensure_future(scene.chat.reactions(ROOM, ref))
        await soon(lambda: guild.called(WHO) == 1)
        await guild.react(CAROL, GUILD_ROOM, ref, "✅")
        rest = await asyncio.gather(*(scene.chat.reactions(ROOM, ref) for _ in range(100)))
        assert await first is not None
        assert all(sorted(found or ()) == [("✅", BOB), ("✅", CAROL)] for found in rest)
        assert guild.called("GET /channels/{channel}/messages/{message}") <= 3


async def test_more_than_a_page_of_people() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        crowd = [str(70_000_000_000_000_000 + n) for n in range(230)]
        for id_ in crowd:
            guild.add_member(id_, f"m{id_}", (LEADS,))
            await guild.react(id_, GUILD_ROOM, ref, "✅")
        found = await scene.chat.reactions(ROOM, ref)
        assert found is not None
        assert sorted(user for _, user in found) == sorted(crowd)


async def test_a_card_that_cannot_be_read_is_unknown_not_empty() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        await guild.kick(GUILD_ROOM)
        assert await scene.chat.reactions(ROOM, ref) is None
        await guild.invite(GUILD_ROOM)
        guild.fail("GET /channels/{channel}/messages/{message}", "cut", times=0)
        with pytest.raises(ChatError, match="try again in a minute"):
            await scene.chat.reactions(ROOM, ref)


async def test_a_connection_that_broke_is_no_reason_not_to_read_or_repaint() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        ref = await scene.chat.send(ROOM, card(), key="card:1")
        guild.fail("GET /channels/{channel}/messages/{message}", "cut")
        assert await scene.chat.reactions(ROOM, ref) == []
        guild.fail("PATCH /channels/{channel}/messages/{message}", "lost-reply")
        assert await scene.chat.edit(ROOM, ref, card(version=2)) == ref
        assert guild.called("PATCH /channels/{channel}/messages/{message}") == 2


async def test_who_has_a_role_by_number_or_name() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        guild.world.privileged = {"members"}
        for name in (LEADS, "marketing", "@Marketing"):
            assert sorted(await scene.chat.group(name) or ()) == sorted([BOB, CAROL])
        await guild.regroup(LEADS, [BOB])
        assert await scene.chat.group(LEADS) == [BOB]
        assert await scene.chat.group("Sales") is None


async def test_members_that_cannot_be_listed_are_not_nobody() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        guild.world.privileged = set()
        with pytest.raises(ChatClosed, match="Server Members Intent"):
            await scene.chat.group(LEADS)


async def test_a_role_of_another_server_is_not_found_by_name() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        two = [{"id": guild.id, "name": "Acme"}, {"id": "123456789012345678", "name": "Mallory's"}]
        guild.world.privileged = {"members"}
        guild.fail("GET /users/@me/guilds", Failure(status=200, body=two), times=0)
        with pytest.raises(ChatRefused, match="write the role 'marketing' as its id"):
            await scene.chat.group("marketing")
        assert sorted(await scene.chat.group(LEADS) or ()) == sorted([BOB, CAROL])


async def test_who_somebody_is() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        assert await scene.chat.profile(BOB) == Profile(id=BOB, name="Bob")
        assert await scene.chat.profile("11111111111111111") is None
        assert await scene.chat.profile("bob") is None
        me = await scene.chat.profile(guild.bot.id)
        assert me is not None
        assert me.bot


async def test_files_are_fetched_from_discord_alone(tmp_path: Path) -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        message = await guild.say(ALICE, GUILD_ROOM, "look", [Upload(name="evil name.png", data=b"\x89PNG")])
        (file,) = message["attachments"]
        given = Attachment(name="../évil name.png", ref=file["url"], size=file["size"])
        path = await scene.chat.download(given, tmp_path)
        assert path == tmp_path / "vil_name.png"
        assert path.read_bytes() == b"\x89PNG"
        for ref in (
            "http://169.254.169.254/latest",
            "file:///etc/passwd",
            "https://cdn.discordapp.com.evil.org/x",
        ):
            with pytest.raises(ChatRefused, match="does not lie on Discord's servers"):
                await scene.chat.download(Attachment(name="x", ref=ref), tmp_path)


async def test_a_file_that_is_too_large_or_gone_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        ref = f"{guild.url}/attachments/1/2/gone.png"
        with pytest.raises(ChatRefused, match="attach it again"):
            await scene.chat.download(Attachment(name="gone.png", ref=ref), tmp_path)
        with pytest.raises(ChatRefused, match="too large"):
            await scene.chat.download(Attachment(name="big.mp4", ref=ref, size=600 << 20), tmp_path)
        guild.fail("GET /attachments/{channel}/{file}/{name}", "cut")
        with pytest.raises(ChatError):
            await scene.chat.download(Attachment(name="cut.png", ref=ref), tmp_path)
        assert not os.listdir(tmp_path)


async def test_the_check_finds_nothing_where_all_is_well_and_leaves_nothing() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        assert await scene.chat.check([GUILD_ROOM]) == []
        assert not guild.messages(GUILD_ROOM)
        assert guild.count("POST /channels/{channel}/messages") == 1


@pytest.mark.parametrize(
    ("permission", "named"),
    [
        ("view_channel", "Give me View Channel"),
        ("send_messages", "Send Messages"),
        ("embed_links", "Embed Links"),
        ("attach_files", "Attach Files"),
        ("read_message_history", "Read Message History"),
        ("create_public_threads", "Create Public Threads"),
        ("send_messages_in_threads", "Send Messages in Threads"),
    ],
)
async def test_the_check_names_what_is_missing(permission: str, named: str) -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        await guild.deny(GUILD_ROOM, permission)
        (problem,) = await scene.chat.check([GUILD_ROOM])
        assert named in problem
        assert problem.startswith(GUILD_ROOM)


async def test_the_check_tells_every_problem() -> None:
    async with guilded() as guild, connected(guild, serve=False, members_intent=True) as scene:
        guild.world.privileged = set()
        problems = await scene.chat.check(["launch", "1187026123847000000", GUILD_ROOM])
        assert len(problems) == 3
        assert "Server Members Intent" in problems[0]
        assert "Copy Channel ID" in problems[1]
        assert "Invite me again" in problems[2]


async def test_the_check_says_how_registered_commands_differ() -> None:
    commands = all_commands(())
    async with guilded() as guild, connected(guild, serve=False) as scene:
        guild.declare([])
        (problem,) = await scene.chat.unregistered([GUILD_ROOM], commands)
        assert "manifest discord --register" in problem
        guild.declare(declared(commands))
        assert await scene.chat.unregistered([GUILD_ROOM], commands) == ()
        guild.declare(declared(commands, top_level=True))
        assert await scene.chat.unregistered([GUILD_ROOM], commands) == ()
        guild.declare(declared(commands[:-1], top_level=True))
        problems = await scene.chat.unregistered([GUILD_ROOM], commands)
        assert len(problems) == 2
        assert commands[-1].name in problems[0]


async def test_the_check_of_a_wrong_token_is_one_sentence() -> None:
    async with guilded() as guild:
        guild.world.token = "another"
        chat = make_chat(guild, io.StringIO())
        (problem,) = await chat.check([GUILD_ROOM])
        assert "no longer accepts my token" in problem
        await chat.aclose()


async def test_commands_are_registered_as_a_whole() -> None:
    from bot.app import make_log

    async with guilded() as guild:
        here = {"clock": SystemClock(), "log": make_log(io.StringIO())}
        settings = settings_for(guild)
        live = await registered(settings, **here)  # type: ignore[arg-type]  # a clock and a log
        assert [one["name"] for one in live] == [one["name"] for one in COMMANDS]
        await register(settings, COMMANDS[:1], **here)  # type: ignore[arg-type]
        assert [one["name"] for one in await registered(settings, **here)] == ["clarion"]  # type: ignore[arg-type]
        await register(settings, COMMANDS[1:2], guild=guild.id, **here)  # type: ignore[arg-type]
        there = await registered(settings, guild=guild.id, **here)  # type: ignore[arg-type]
        assert [one["name"] for one in there] == ["queue"]
        assert len(await registered(settings, **here)) == 1  # type: ignore[arg-type]


async def test_a_message_of_nothing_but_a_picture_needs_no_words() -> None:
    async with guilded() as guild, connected(guild, serve=False) as scene:
        await scene.chat.send(ROOM, Message(), key="notice:1")
        assert len(guild.messages(GUILD_ROOM)) == 1
