"""The simulated gateway against discord.py: sessions that end, resume, repeat, reorder and lose."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord
import pytest

from bot.testing.chats.discord import Guild
from bot.testing.clock import FakeClock
from tests.integration.guild_world import ALICE, BOB, INTENTS, OTHER, SOCIAL, Library, acme, bare, connected

PRIVILEGED = discord.Intents(guilds=True, members=True)


@pytest.fixture
async def library(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Library]:
    async with connected(acme(), monkeypatch) as library:
        yield library


async def test_what_happened_while_the_line_was_cut_is_told_afterwards(library: Library) -> None:
    guild = library.guild
    sent = await library.channel.send("P1")
    await guild.cut()
    await guild.react(ALICE, SOCIAL, str(sent.id), "✅")
    pressed = await guild.command(BOB, SOCIAL, "post", {"text": "nobody hears this in time"})
    assert not pressed.ok
    assert not guild.gateway.connected
    guild.mend()
    assert (await library.hear("raw_reaction_add")).user_id == int(ALICE)
    assert (await library.hear("interaction")).user.id == int(BOB)
    await library.hear("resumed")
    assert (guild.gateway.identified, guild.gateway.resumed) == (1, 1)


async def test_a_resume_can_tell_what_was_told_before(library: Library) -> None:
    guild = library.guild
    sent = await library.channel.send("P1")
    for user in (ALICE, BOB):
        await guild.react(user, SOCIAL, str(sent.id), "✅")
        assert (await library.hear("raw_reaction_add")).user_id == int(user)
    guild.gateway.rewind = 2
    await guild.gateway.reconnect()
    again = [(await library.hear("raw_reaction_add")).user_id for _ in range(2)]
    assert again == [int(ALICE), int(BOB)]
    await library.hear("resumed")


async def test_a_lost_session_begins_anew_and_forgets(library: Library) -> None:
    guild = library.guild
    sent = await library.channel.send("P1")
    await guild.cut()
    await guild.react(ALICE, SOCIAL, str(sent.id), "✅")
    guild.gateway.forget()
    guild.mend()
    await library.hear("ready")
    assert (guild.gateway.identified, guild.gateway.resumed) == (2, 0)
    await guild.react(BOB, SOCIAL, str(sent.id), "✅")
    assert (await library.hear("raw_reaction_add")).user_id == int(BOB)


@pytest.mark.parametrize("resumable", [True, False])
async def test_a_session_is_declared_invalid(library: Library, resumable: bool) -> None:
    await library.guild.gateway.invalidate(resumable=resumable)
    await library.hear("resumed" if resumable else "ready")
    assert library.guild.gateway.identified == (1 if resumable else 2)


async def test_an_event_is_told_four_times_out_of_order_or_never(library: Library) -> None:
    guild = library.guild
    sent = await library.channel.send("P1")
    guild.gateway.repeat = 4
    await guild.react(ALICE, SOCIAL, str(sent.id), "✅")
    assert {(await library.hear("raw_reaction_add")).user_id for _ in range(4)} == {int(ALICE)}
    guild.gateway.repeat = 1
    guild.gateway.hold()
    await guild.react(BOB, SOCIAL, str(sent.id), "✅")
    await guild.unreact(BOB, SOCIAL, str(sent.id), "✅")
    await guild.gateway.release(lambda held: held[::-1])
    assert [(await library.heard.get())[0] for _ in range(2)] == ["raw_reaction_remove", "raw_reaction_add"]
    guild.gateway.drops["MESSAGE_REACTION_ADD"] = 1
    await guild.react(BOB, SOCIAL, str(sent.id), "❌")
    await guild.react(ALICE, SOCIAL, str(sent.id), "❌")
    assert (await library.hear("raw_reaction_add")).user_id == int(ALICE)


async def test_two_instances_hear_the_same_and_one_answer_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(acme(), monkeypatch) as one, Library(one.guild, monkeypatch, INTENTS) as two:
        typed = asyncio.ensure_future(one.guild.command(ALICE, SOCIAL, "post", {"text": "hello"}))
        heard: list[discord.Interaction] = [await library.hear("interaction") for library in (one, two)]
        answers = await asyncio.gather(
            *(got.response.send_message("P1", ephemeral=True) for got in heard), return_exceptions=True
        )
        refused = [error for error in answers if isinstance(error, discord.HTTPException)]
        assert [error.code for error in refused] == [40060]
        assert len((await typed).told) == 1


async def test_a_wrong_token_is_not_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    guild = acme()
    await guild.revoke()
    with pytest.raises(discord.LoginFailure):
        async with connected(guild, monkeypatch):
            pass


async def test_a_token_is_revoked_while_connected(library: Library) -> None:
    await library.guild.revoke()
    with pytest.raises(discord.ConnectionClosed) as closed:
        await library.running()
    assert closed.value.code == 4004
    headers = {"Authorization": f"Bot {library.guild.token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.get(f"{library.guild.base_url}/users/@me") as answer:
            assert (answer.status, await answer.json()) == (401, {"message": "401: Unauthorized", "code": 0})
        library.guild.restore()
        async with session.get(f"{library.guild.base_url}/users/@me") as answer:
            assert answer.status == 200


async def test_privileged_intents_need_the_portal(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with connected(acme(), monkeypatch, PRIVILEGED):
            pass
    guild = acme()
    guild.world.privileged.add("members")
    async with connected(guild, monkeypatch, PRIVILEGED) as library:
        seen = library.client.guilds[0]
        assert {m.name async for m in seen.fetch_members()} == {"clarion", "alice", "bob", "carol"}
        assert [m.name for m in await seen.query_members("bo", limit=5)] == ["bob"]
        assert library.client.application_flags.gateway_guild_members_limited


async def test_members_are_not_listed_without_the_intent(library: Library) -> None:
    with pytest.raises(discord.Forbidden) as error:
        await library.request("GET", f"/guilds/{library.guild.id}/members?limit=5")
    assert error.value.code == 50001


async def test_what_the_bot_may_not_see_it_does_not_hear(library: Library) -> None:
    guild = library.guild
    hidden = (await guild.say(ALICE, OTHER, "psst"))["id"]
    assert (await library.hear("message")).channel.id == int(OTHER)
    await guild.kick(OTHER)
    await guild.react(ALICE, OTHER, hidden, "✅")
    await guild.say(ALICE, OTHER, "they are gone")
    await guild.say(ALICE, SOCIAL, "hello")
    assert (await library.hear("message")).channel.id == int(SOCIAL)
    with pytest.raises(discord.Forbidden) as error:
        await library.request("GET", f"/channels/{OTHER}")
    assert error.value.code == 50001


async def test_nothing_is_left_of_a_bot_that_was_thrown_out(library: Library) -> None:
    await library.guild.banish()
    for path in (f"/channels/{SOCIAL}", f"/guilds/{library.guild.id}"):
        with pytest.raises(discord.Forbidden) as error:
            await library.request("GET", path)
        assert error.value.code == 50001
    assert await library.request("GET", "/users/@me/guilds") == []


class Caller:
    """Speaks to the gateway by hand."""

    def __init__(self, guild: Guild, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.guild, self.socket = guild, socket

    async def said(self) -> Any:
        return json.loads((await self.socket.receive(timeout=5)).data)

    async def identify(self, **given: Any) -> None:
        data = {"token": self.guild.token, "intents": 1, "properties": {}, **given}
        await self.socket.send_json({"op": 2, "d": data})


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    guild = acme(clock=FakeClock())
    async with (
        bare(guild) as session,
        session.ws_connect(f"{guild.gateway_url}?v=10&encoding=json") as socket,
    ):
        caller = Caller(guild, socket)
        assert await caller.said() == {"op": 10, "d": {"heartbeat_interval": 41250, "_trace": []}}
        yield caller


async def test_the_gateway_speaks_as_documented(caller: Caller) -> None:
    await caller.socket.send_json({"op": 1, "d": None})
    assert (await caller.said())["op"] == 11
    await caller.identify(shard=[0, 1])
    ready, created = await caller.said(), await caller.said()
    assert (ready["t"], ready["s"], created["t"], created["s"]) == ("READY", 1, "GUILD_CREATE", 2)
    assert ready["d"]["guilds"] == [{"id": caller.guild.id, "unavailable": True}]
    assert ready["d"]["resume_gateway_url"] == caller.guild.gateway_url
    assert [member["user"]["username"] for member in created["d"]["members"]] == ["clarion"]


CLOSES: dict[str, tuple[list[Any], int]] = {
    "not JSON": (["{"], 4002),
    "an unknown opcode": (["identify", {"op": 99, "d": None}], 4001),
    "before it identified": ([{"op": 3, "d": {}}], 4003),
    "a wrong token": ([{"op": 2, "d": {"token": "x", "intents": 1}}], 4004),
    "identified twice": (["identify", "identify"], 4005),
    "a sequence from the future": (["resume"], 4007),
    "a shard that does not exist": ([{"shard": [3, 2]}], 4010),
    "an intent that does not exist": ([{"intents": 1 << 30}], 4013),
    "an intent that is not switched on": ([{"intents": 1 << 15}], 4014),
}


@pytest.mark.parametrize("case", CLOSES)
async def test_a_bad_client_is_hung_up_on(caller: Caller, case: str) -> None:
    frames, code = CLOSES[case]
    for frame in frames:
        match frame:
            case str() if frame == "identify":
                await caller.identify()
            case str() if frame == "resume":
                await caller.identify()
                session = (await caller.said())["d"]["session_id"]
                async with aiohttp.ClientSession() as other:
                    url = f"{caller.guild.gateway_url}?v=10&encoding=json"
                    async with other.ws_connect(url) as socket:
                        await socket.receive()
                        data = {"token": caller.guild.token, "session_id": session, "seq": 99}
                        await socket.send_json({"op": 6, "d": data})
                        await socket.receive(timeout=5)
                        assert socket.close_code == code
                return
            case str():
                await caller.socket.send_str(frame)
            case {"op": _}:
                await caller.socket.send_json(frame)
            case _:
                await caller.identify(**frame)
    while not caller.socket.closed:
        await caller.socket.receive(timeout=5)
    assert caller.socket.close_code == code
    assert caller.guild.gateway.closes == [code]


async def test_a_chatterbox_is_hung_up_on(caller: Caller) -> None:
    caller.guild.rates.enforce = True
    for _ in range(121):
        await caller.socket.send_json({"op": 1, "d": None})
    while not caller.socket.closed:
        await caller.socket.receive(timeout=5)
    assert caller.socket.close_code == 4008
    assert caller.guild.breaches == ["gateway: more than 120 in 60 seconds"]


async def test_the_stream_is_one_for_a_connection() -> None:
    guild = acme()
    async with bare(guild) as session:
        url = f"{guild.gateway_url}?v=10&encoding=json&compress=zlib-stream"
        async with session.ws_connect(url) as socket:
            unpacked = zlib.decompressobj()
            first = await socket.receive_bytes()
            assert first.endswith(b"\x00\x00\xff\xff")
            assert json.loads(unpacked.decompress(first))["op"] == 10
            await socket.send_json({"op": 1, "d": None})
            assert json.loads(unpacked.decompress(await socket.receive_bytes()))["op"] == 11
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(f"{guild.gateway_url}?v=10&compress=rot13")


async def test_a_gateway_that_refuses_is_tried_again(caller: Caller) -> None:
    await caller.guild.cut(refuse=True)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as error:
            await session.ws_connect(f"{caller.guild.gateway_url}?v=10&encoding=json")
        assert error.value.status == 503
        caller.guild.mend()
        async with session.ws_connect(f"{caller.guild.gateway_url}?v=10&encoding=json") as socket:
            assert (await socket.receive_json())["op"] == 10


async def test_sessions_begin_one_after_the_other() -> None:
    clock = FakeClock()
    guild = acme(clock=clock)
    guild.rates.enforce = True
    async with bare(guild) as session:
        told = []
        for pause in (0, 1, 5):
            clock.advance(pause)
            async with session.ws_connect(f"{guild.gateway_url}?v=10&encoding=json") as socket:
                caller = Caller(guild, socket)
                await caller.said()
                await caller.identify()
                told.append((await caller.said())["op"])
    assert told == [0, 9, 0]
    assert guild.breaches == ["identify: twice within 5 seconds"]


async def test_identifying_is_budgeted() -> None:
    clock = FakeClock()
    guild = acme(clock=clock)
    async with bare(guild) as session:
        for _ in range(3):
            clock.advance(5)
            async with session.ws_connect(f"{guild.gateway_url}?v=10&encoding=json") as socket:
                await Caller(guild, socket).identify()
                while json.loads((await socket.receive()).data).get("t") != "GUILD_CREATE":
                    pass
        async with session.get(f"{guild.base_url}/gateway/bot") as answer:
            limit = (await answer.json())["session_start_limit"]
    assert (limit["total"], limit["remaining"], limit["max_concurrency"]) == (1000, 997, 1)
    assert guild.breaches == []
