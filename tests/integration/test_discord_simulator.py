"""The simulated guild against discord.py, unmodified: what it shows, takes and tells."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest

from bot.testing.chats.discord import CannotDo, Upload
from bot.testing.clock import FakeClock
from tests.integration.guild_world import ALICE, APPROVERS, BOB, CAROL, SOCIAL, Library, acme, connected


@pytest.fixture
async def library(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Library]:
    async with connected(acme(), monkeypatch) as library:
        yield library


def card(*labels: str) -> discord.ui.View:
    """Buttons that nothing in this process waits for."""
    view = discord.ui.View(timeout=None)
    for number, label in enumerate(labels):
        view.add_item(discord.ui.Button(label=label, custom_id=f"{label.lower()}:post:{number}:1"))
    view.stop()
    return view


async def test_the_library_logs_in_and_sees_the_guild(library: Library) -> None:
    guild, seen = library.guild, library.client.guilds[0]
    assert (seen.id, seen.name, seen.member_count) == (int(guild.id), "Acme", 4)
    assert {role.name for role in seen.roles} == {"@everyone", "approvers"}
    assert [channel.name for channel in seen.text_channels] == ["social", "other"]
    assert library.client.user is not None
    assert library.client.user.id == int(guild.bot.id)
    bob = await seen.fetch_member(int(BOB))
    assert [role.id for role in bob.roles[1:]] == [int(APPROVERS)]
    assert (await library.client.fetch_user(int(ALICE))).name == "alice"
    assert (await library.client.application_info()).flags.gateway_guild_members_limited is False


async def test_a_command_is_deferred_privately_and_answered_in_place(library: Library) -> None:
    typed = asyncio.ensure_future(library.guild.command(ALICE, SOCIAL, "post", {"text": "hello"}))
    got: discord.Interaction = await library.hear("interaction")
    assert got.data is not None
    assert (got.data["name"], got.data["options"][0]["value"]) == ("post", "hello")  # type: ignore[typeddict-item]
    await got.response.defer(ephemeral=True, thinking=True)
    done = await typed
    assert done.ok
    assert done.ephemeral
    assert library.guild.loading(ALICE)
    await got.followup.send("P1 is in review")
    assert [m["content"] for m in library.guild.ephemerals(ALICE)] == ["P1 is in review"]
    await got.edit_original_response(content="P1 is approved")
    assert [m["content"] for m in library.guild.ephemerals(ALICE)] == ["P1 is approved"]
    assert library.guild.ephemerals(BOB) == library.guild.messages(SOCIAL) == library.guild.loading() == []
    with pytest.raises(discord.NotFound):
        await library.channel.fetch_message(int(library.guild.ephemerals(ALICE)[0]["id"]))
    await got.delete_original_response()
    assert library.guild.ephemerals(ALICE) == []


async def test_a_file_comes_with_a_command_and_can_be_fetched(library: Library) -> None:
    picture = Upload(name="launch.jpg", data=b"\xff\xd8\r\n--x", kind="image/jpeg")
    typed = asyncio.ensure_future(
        library.guild.command(ALICE, SOCIAL, "post", {"text": "hi"}, {"file": picture})
    )
    got = await library.hear("interaction")
    await got.response.send_message("Got it.", ephemeral=True)
    assert (await typed).told[0].content == "Got it."
    (attachment,) = got.data["resolved"]["attachments"].values()
    assert (attachment["filename"], attachment["size"]) == ("launch.jpg", 7)
    assert await library.client.http.get_from_cdn(attachment["url"]) == picture.data


async def test_options_are_completed_while_they_are_typed(library: Library) -> None:
    typing = asyncio.ensure_future(library.guild.autocomplete(ALICE, SOCIAL, "post", "brand", "ac"))
    got = await library.hear("interaction")
    assert got.type is discord.InteractionType.autocomplete
    choices = [discord.app_commands.Choice(name=name, value=name) for name in ("acme", "acme-labs")]
    await got.response.autocomplete(choices)
    assert await typing == ["acme", "acme-labs"]
    assert library.guild.acks == []


async def test_a_press_opens_a_form_and_the_form_is_sent(library: Library) -> None:
    sent = await library.channel.send("P1", view=card("Approve", "Reject"))
    pressing = asyncio.ensure_future(library.guild.press(BOB, SOCIAL, str(sent.id), "Reject"))
    got = await library.hear("interaction")
    assert got.data["custom_id"] == "reject:post:1:1"
    assert [role.id for role in got.user.roles[1:]] == [int(APPROVERS)]
    modal = discord.ui.Modal(title="Why?", custom_id="reject:post:1:1", timeout=None)
    modal.add_item(discord.ui.TextInput(label="Reason", custom_id="reason", max_length=20))
    await got.response.send_modal(modal)
    modal.stop()
    assert (await pressing).ok
    form = library.guild.modal(BOB)
    assert form is not None
    assert (form.title, library.guild.modal(ALICE)) == ("Why?", None)
    with pytest.raises(CannotDo, match="1 to 20"):
        await library.guild.submit(BOB, {"Reason": "x" * 21})
    sending = asyncio.ensure_future(library.guild.submit(BOB, {"Reason": "too long"}))
    said = await library.hear("interaction")
    assert said.data["components"][0]["components"][0]["value"] == "too long"
    assert said.message.id == sent.id
    await said.response.defer()
    await said.followup.send("Rejected.", ephemeral=True)
    assert (await sending).told[0].reader == BOB
    assert library.guild.modal(BOB) is None


async def test_an_update_repaints_the_message_that_was_pressed(library: Library) -> None:
    sent = await library.channel.send("P1", view=card("Approve"))
    pressing = asyncio.ensure_future(library.guild.press(BOB, SOCIAL, str(sent.id), "Approve"))
    got = await library.hear("interaction")
    await got.response.edit_message(content="P1 approved by bob", view=None)
    await pressing
    assert library.guild.message(SOCIAL, str(sent.id))["content"] == "P1 approved by bob"
    with pytest.raises(CannotDo, match="nothing"):
        await library.guild.press(BOB, SOCIAL, str(sent.id), "Approve")


async def test_a_message_becomes_a_command(library: Library) -> None:
    said = await library.guild.say(CAROL, SOCIAL, "We are live!", [Upload(name="a.png", data=b"png")])
    choosing = asyncio.ensure_future(library.guild.message_command(ALICE, SOCIAL, said["id"]))
    got = await library.hear("interaction")
    (target,) = got.data["resolved"]["messages"].values()
    assert (got.data["name"], got.data["target_id"]) == ("Make this a post", said["id"])
    assert (target["content"], target["attachments"][0]["filename"]) == ("We are live!", "a.png")
    await got.response.send_message("P2 it is.", ephemeral=True)
    assert (await choosing).ok


async def test_nobody_answers_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    async with connected(acme(clock=clock), monkeypatch) as library:
        typed = asyncio.ensure_future(library.guild.command(ALICE, SOCIAL, "post", {"text": "hello"}))
        got = await library.hear("interaction")
        clock.advance(3.5)
        assert not (await typed).ok
        with pytest.raises(discord.NotFound) as error:
            await got.response.defer(ephemeral=True)
        assert error.value.code == 10062
        assert library.guild.acks == [float("inf")]


async def test_an_interaction_is_answered_once_and_for_fifteen_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = FakeClock()
    async with connected(acme(clock=clock), monkeypatch) as library:
        typed = asyncio.ensure_future(library.guild.command(ALICE, SOCIAL, "post", {"text": "hello"}))
        got = await library.hear("interaction")
        path = f"/interactions/{got.id}/{got.token}/callback"
        with pytest.raises(discord.HTTPException) as early:
            await got.followup.send("too soon")
        assert early.value.code == 10015
        with pytest.raises(discord.HTTPException, match="Value must be one of"):
            await library.request("POST", path, json={"type": 6})
        await got.response.defer(ephemeral=True)
        await typed
        form = {"custom_id": "a", "title": "Why?", "components": []}
        with pytest.raises(discord.HTTPException) as again:
            await library.request("POST", path, json={"type": 9, "data": form})
        assert again.value.code == 40060
        clock.advance(899)
        await got.followup.send("still here")
        clock.advance(2)
        with pytest.raises(discord.HTTPException) as late:
            await got.followup.send("too late")
        assert (late.value.status, late.value.code) == (401, 50027)


async def test_the_same_nonce_gives_the_first_message_back(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    async with connected(acme(clock=clock), monkeypatch) as library:
        first = await library.channel.send("P1", nonce="card-1")
        assert (await library.channel.send("P1", nonce="card-1")).id == first.id
        body = {"content": "P1", "nonce": "card-1"}
        path = f"/channels/{SOCIAL}/messages"
        loose = await library.request("POST", path, json=body)
        assert int(loose["id"]) != first.id
        clock.advance(600)
        assert (await library.channel.send("P1", nonce="card-1")).id != first.id


async def test_a_thread_hangs_from_its_message(library: Library) -> None:
    sent = await library.channel.send("P1")
    thread = await sent.create_thread(name="P1")
    assert thread.id == sent.id
    with pytest.raises(discord.HTTPException) as error:
        await sent.create_thread(name="P1")
    assert error.value.code == 160004
    said = await thread.send("bob approved")
    assert [m["content"] for m in library.guild.thread(SOCIAL, str(sent.id))] == ["bob approved"]
    await library.guild.archive(str(thread.id))
    with pytest.raises(discord.HTTPException) as error:
        await said.edit(content="carol approved")
    assert error.value.code == 50083
    await thread.send("carol approved")
    assert not library.guild.world.channels[str(thread.id)].archived
    await library.guild.archive(str(thread.id), locked=True)
    with pytest.raises(discord.HTTPException) as error:
        await thread.send("too late")
    assert error.value.code == 160005
    kinds = [m.type async for m in thread.history()]
    assert kinds[-1] is discord.MessageType.thread_starter_message


async def test_reactions_come_in_pages_and_with_the_roles_of_who_put_them(library: Library) -> None:
    guild = library.guild
    sent = await library.channel.send("P1")
    for number in range(120):
        guild.add_member(str(1000 + number), f"user{number}")
        await guild.react(str(1000 + number), SOCIAL, str(sent.id), "✅")
    raw = await library.hear("raw_reaction_add")
    assert (str(raw.emoji), raw.message_id, raw.message_author_id) == ("✅", sent.id, int(guild.bot.id))
    await guild.react(BOB, SOCIAL, str(sent.id), "👍🏽")
    while raw.user_id != int(BOB):
        raw = await library.hear("raw_reaction_add")
    assert [role.id for role in raw.member.roles[1:]] == [int(APPROVERS)]
    read = await library.channel.fetch_message(sent.id)
    assert {str(one.emoji): one.count for one in read.reactions} == {"✅": 120, "👍🏽": 1}
    users = [user.id async for user in read.reactions[0].users()]
    assert sorted(users) == [1000 + number for number in range(120)]
    await guild.unreact(BOB, SOCIAL, str(sent.id), "👍🏽")
    assert (await library.hear("raw_reaction_remove")).user_id == int(BOB)
    assert [str(r.emoji) for r in (await library.channel.fetch_message(sent.id)).reactions] == ["✅"]


async def test_history_is_read_in_every_direction(library: Library) -> None:
    sent = [await library.channel.send(str(number)) for number in range(7)]

    async def read(**given: Any) -> list[str]:
        return [message.content async for message in library.channel.history(**given)]

    assert await read(limit=3) == ["6", "5", "4"]
    assert await read(before=sent[3], limit=2) == ["2", "1"]
    assert await read(after=sent[3]) == ["4", "5", "6"]
    assert set(await read(around=sent[3], limit=3)) == {"2", "3", "4"}
    await sent[6].delete()
    assert await read(limit=1) == ["5"]


async def test_files_go_up_are_kept_and_are_taken_away(library: Library) -> None:
    data = bytes(range(256)) * 4 + b"\r\n"
    sent = await library.channel.send(
        "P1", file=discord.File(io.BytesIO(data), "p.png", description="a card")
    )
    assert await sent.attachments[0].read() == data
    assert sent.attachments[0].description == "a card"
    await sent.edit(content="P1 again")
    assert library.guild.message(SOCIAL, str(sent.id))["attachments"]
    await sent.edit(attachments=[])
    assert not library.guild.message(SOCIAL, str(sent.id))["attachments"]


async def test_components_v2_stay_v2(library: Library) -> None:
    view = discord.ui.LayoutView(timeout=None)
    box: discord.ui.Container[Any] = discord.ui.Container(
        discord.ui.TextDisplay("# P1"), accent_colour=0x336699
    )
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow()
    row.add_item(discord.ui.Button(label="Approve", custom_id="approve:post:1:1"))
    box.add_item(row)
    view.add_item(box)
    sent = await library.channel.send(view=view)
    view.stop()
    seen = library.guild.message(SOCIAL, str(sent.id))
    assert (library.guild.words(seen), library.guild.buttons(seen)) == ("# P1", ["Approve"])
    path = f"/channels/{SOCIAL}/messages/{sent.id}"
    with pytest.raises(discord.HTTPException, match="IS_COMPONENTS_V2"):
        await library.request("PATCH", path, json={"content": "plain again", "flags": 0})


async def test_only_whom_the_bot_may_ping_is_pinged(library: Library) -> None:
    text = f"<@{ALICE}> <@{BOB}> <@&{APPROVERS}> @everyone"
    quiet = await library.channel.send(text, allowed_mentions=discord.AllowedMentions.none())
    one = discord.AllowedMentions(everyone=False, roles=False, users=[discord.Object(int(BOB))])
    aimed = await library.channel.send(text, allowed_mentions=one)
    assert (quiet.mentions, quiet.role_mentions, quiet.mention_everyone) == ([], [], False)
    assert [user.id for user in aimed.mentions] == [int(BOB)]
    assert not aimed.role_mentions


async def test_a_mention_carries_its_text_without_the_content_intent(library: Library) -> None:
    await library.guild.say(ALICE, SOCIAL, "nobody's business")
    await library.guild.mention(ALICE, SOCIAL, "help")
    await library.guild.whisper(ALICE, "hello you")
    heard = [await library.hear("message") for _ in range(3)]
    assert [m.content for m in heard] == ["", f"<@{library.guild.bot.id}> help", "hello you"]
    assert isinstance(heard[2].channel, discord.DMChannel)


async def test_a_private_word_reaches_one_person(library: Library) -> None:
    alice = await library.client.fetch_user(int(ALICE))
    await alice.send("You wrote P1.")
    assert [m["content"] for m in library.guild.direct(ALICE)] == ["You wrote P1."]
    library.guild.close_dms(ALICE)
    with pytest.raises(discord.Forbidden) as error:
        await alice.send("Hello?")
    assert error.value.code == 50007
    assert library.guild.direct(BOB) == []


async def test_commands_are_registered_by_the_library(library: Library) -> None:
    tree = discord.app_commands.CommandTree(library.client)

    @tree.command(name="queue", description="What waits")
    async def queue(interaction: discord.Interaction, days: discord.app_commands.Range[int, 1, 14]) -> None:
        await interaction.response.send_message(f"{days} days", ephemeral=True)

    made = await tree.sync()
    assert [command.name for command in made] == ["queue"]
    assert [command.name for command in await tree.fetch_commands()] == ["queue"]
    with pytest.raises(CannotDo, match="only: queue"):
        await library.guild.command(ALICE, SOCIAL, "post", {"text": "gone"})
    with pytest.raises(CannotDo, match="does not take 15"):
        await library.guild.command(ALICE, SOCIAL, "queue", {"days": 15})
    assert (await library.guild.command(ALICE, SOCIAL, "queue", {"days": 3})).told[0].content == "3 days"


async def test_a_group_of_commands_is_typed_with_its_words(library: Library) -> None:
    post = {"type": 1, "name": "post", "description": "Post", "options": []}
    library.guild.declare([{"name": "clarion", "description": "All of it", "options": [post]}])
    with pytest.raises(CannotDo, match="needs a subcommand: post"):
        await library.guild.command(ALICE, SOCIAL, "clarion")
    typed = asyncio.ensure_future(library.guild.command(ALICE, SOCIAL, "clarion post"))
    got = await library.hear("interaction")
    assert got.data["name"] == "clarion"
    assert got.data["options"] == [{"type": 1, "name": "post", "options": []}]
    await got.response.send_message("P1", ephemeral=True)
    await typed
