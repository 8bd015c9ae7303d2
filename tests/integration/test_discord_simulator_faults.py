"""The simulated guild refuses, limits and breaks as Discord does."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord
import pytest

from bot.testing.chats.discord import FAULTS, Guild
from bot.testing.chats.discord.faults import limited
from bot.testing.chats.discord.rates import GLOBAL, INVALID
from bot.testing.clock import FakeClock
from tests.integration.guild_world import ALICE, OTHER, SOCIAL, Library, acme, bare, connected

SEND = "POST /channels/{channel}/messages"
EDIT = "PATCH /channels/{channel}/messages/{message}"


class Site:
    """A guild and a client that knows no manners."""

    def __init__(self, guild: Guild, session: aiohttp.ClientSession) -> None:
        self.guild, self.session = guild, session

    async def call(self, method: str, path: str, **given: Any) -> tuple[int, Any, Any]:
        """Status, headers, body."""
        async with self.session.request(method, self.guild.base_url + path, **given) as answer:
            kind = answer.content_type
            body = await answer.json() if kind == "application/json" else await answer.read()
            return answer.status, answer.headers, body

    async def send(self, text: str = "P1", channel: str = SOCIAL, **body: Any) -> tuple[int, Any, Any]:
        return await self.call("POST", f"/channels/{channel}/messages", json={"content": text, **body})


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    guild = acme(clock=FakeClock())
    async with bare(guild) as session:
        yield Site(guild, session)


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - {"cut", "lost-reply", "slow", "too-slow"}))
async def test_every_fault_is_answered_as_documented(site: Site, fault: str) -> None:
    site.guild.go_wrong(SEND, fault)
    status, headers, body = await site.send()
    failure = FAULTS[fault]
    assert status == failure.status
    assert body == failure.body
    assert ("Via" in headers) == (fault != "banned")
    if isinstance(body, dict) and "code" in body:
        assert set(body) >= {"message", "code"}
    assert len(site.guild.messages(SOCIAL)) == (1 if failure.effect else 0)
    assert (await site.send())[0] == 200


@pytest.mark.parametrize(("fault", "there"), [("cut", 0), ("lost-reply", 1)])
async def test_a_connection_drops_before_or_after_the_work(site: Site, fault: str, there: int) -> None:
    site.guild.go_wrong(SEND, fault)
    with pytest.raises(aiohttp.ClientError):
        await site.send(nonce="k", enforce_nonce=True)
    assert len(site.guild.messages(SOCIAL)) == there
    assert (await site.send(nonce="k", enforce_nonce=True))[0] == 200
    assert len(site.guild.messages(SOCIAL)) == 1
    assert site.guild.called(SEND) == 2


async def test_a_slow_answer_comes_when_the_clock_says(site: Site) -> None:
    site.guild.go_wrong(SEND, "slow")
    clock = site.guild.clock
    assert isinstance(clock, FakeClock)
    sending = asyncio.ensure_future(site.send())
    await asyncio.wait({sending}, timeout=0.05)
    assert not sending.done()
    clock.advance(2)
    assert (await sending)[0] == 200


async def test_the_library_understands_what_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(acme(), monkeypatch) as library:
        guild = library.guild
        expected: dict[str, tuple[type[Exception], int]] = {
            "missing-access": (discord.Forbidden, 50001),
            "missing-permissions": (discord.Forbidden, 50013),
            "unknown-channel": (discord.NotFound, 10003),
            "too-large": (discord.HTTPException, 40005),
            "invalid-form": (discord.HTTPException, 50035),
            "unavailable": (discord.DiscordServerError, 0),
            "banned": (discord.HTTPException, 0),
        }
        for fault, (kind, code) in expected.items():
            guild.go_wrong(SEND, fault)
            with pytest.raises(kind) as error:
                await library.channel.send("P1")
            assert isinstance(error.value, discord.HTTPException)
            assert error.value.code == code
        guild.fail(SEND, limited("shared", 0.05))
        assert (await library.channel.send("P1")).content == "P1"
        assert len(guild.messages(SOCIAL)) == 1


async def test_permissions_decide(site: Site) -> None:
    guild = site.guild
    sent = (await site.send())[2]["id"]
    await guild.deny(SOCIAL, "send_messages")
    assert (await site.send())[2]["code"] == 50013
    assert (await site.send(channel=OTHER))[0] == 200
    await guild.allow(SOCIAL, "send_messages")
    assert (await site.send())[0] == 200
    await guild.deny(SOCIAL, "create_public_threads")
    path = f"/channels/{SOCIAL}/messages/{sent}/threads"
    assert (await site.call("POST", path, json={"name": "P1"}))[2]["code"] == 50013
    await guild.deny(SOCIAL, "read_message_history")
    assert (await site.call("GET", f"/channels/{SOCIAL}/messages"))[2] == []
    await guild.deny(SOCIAL, "embed_links")
    assert (await site.send(embeds=[{"title": "P1"}]))[2]["embeds"] == []
    await guild.kick(SOCIAL)
    for path in (f"/channels/{SOCIAL}", f"/channels/{SOCIAL}/messages/{sent}"):
        assert (await site.call("GET", path))[2]["code"] == 50001
    await guild.invite(SOCIAL)
    assert (await site.call("GET", f"/channels/{SOCIAL}"))[0] == 200
    await guild.delete_channel(SOCIAL)
    assert (await site.send())[2]["code"] == 10003


async def test_what_is_gone_or_not_ours_cannot_be_edited(site: Site) -> None:
    said = await site.guild.say(ALICE, SOCIAL, "mine")
    path = f"/channels/{SOCIAL}/messages"
    assert (await site.call("PATCH", f"{path}/{said['id']}", json={"content": "yours"}))[2]["code"] == 50005
    sent = (await site.send())[2]["id"]
    await site.guild.erase(SOCIAL, sent)
    assert (await site.call("PATCH", f"{path}/{sent}", json={"content": "P1"}))[2]["code"] == 10008
    assert (await site.call("DELETE", f"{path}/{said['id']}"))[2]["code"] == 50013
    with pytest.raises(KeyError):
        site.guild.message(SOCIAL, sent)


async def test_a_refused_form_says_where_it_is_wrong(site: Site) -> None:
    button = {"type": 2, "style": 1, "label": "x" * 81, "custom_id": "a"}
    rows = [{"type": 1, "components": [button]}]
    status, _, body = await site.send("y" * 2001, components=rows)
    assert (status, body["code"], body["message"]) == (400, 50035, "Invalid Form Body")
    assert body["errors"]["content"]["_errors"][0]["code"] == "BASE_TYPE_BAD_LENGTH"
    label = body["errors"]["components"]["0"]["components"]["0"]["label"]
    assert label["_errors"][0]["message"] == "Must be between 0 and 80 in length."
    assert (await site.send(""))[2]["code"] == 50006
    assert (await site.send(flags=64))[2]["code"] == 50035
    data = aiohttp.FormData(quote_fields=False)
    data.add_field("payload_json", '{"content": "P1"}')
    data.add_field("files[0]", io.BytesIO(b"x" * ((10 << 20) + 1)), filename="film.mp4")
    status, _, body = await site.call("POST", f"/channels/{SOCIAL}/messages", data=data)
    assert (status, body["code"]) == (413, 40005)
    status, _, body = await site.call("POST", f"/channels/{SOCIAL}/messages", data=b"{")
    assert body["code"] == 50109
    assert site.guild.messages(SOCIAL) == []


async def test_a_bucket_is_counted_and_told(site: Site) -> None:
    guild, clock = site.guild, site.guild.clock
    assert isinstance(clock, FakeClock)
    guild.rates.enforce = True
    remaining = [(await site.send())[1]["X-RateLimit-Remaining"] for _ in range(5)]
    assert remaining == ["4", "3", "2", "1", "0"]
    status, headers, body = await site.send()
    assert (status, body["global"], body["retry_after"]) == (429, False, 5.0)
    assert (headers["X-RateLimit-Scope"], headers["Retry-After"], headers["X-RateLimit-Limit"]) == (
        "user",
        "6",
        "5",
    )
    assert (await site.send(channel=OTHER))[0] == 200
    clock.advance(5)
    assert (await site.send())[0] == 200
    assert guild.breaches == [f"bucket: {SEND} channel={SOCIAL}"]
    assert len(guild.rates.invalid) == 1


async def test_a_breach_is_counted_even_when_it_is_let_through(site: Site) -> None:
    statuses = [(await site.send(str(number)))[0] for number in range(7)]
    assert statuses == [200] * 7
    assert site.guild.breaches == [f"bucket: {SEND} channel={SOCIAL}"] * 2


async def test_the_global_limit_binds_all_but_interactions(site: Site) -> None:
    guild = site.guild
    guild.rates.enforce = True
    for number in range(GLOBAL):
        await site.call("GET", f"/channels/{number}")
    status, headers, body = await site.call("GET", "/users/@me")
    assert (status, body["global"], headers["X-RateLimit-Scope"]) == (429, True, "global")
    assert headers["X-RateLimit-Global"] == "true"
    assert (await site.call("POST", "/interactions/1/x/callback", json={"type": 4}))[2]["code"] == 10062
    assert guild.breaches == ["global: GET /users/@me"]


async def test_invalid_requests_are_budgeted(site: Site) -> None:
    for _ in range(INVALID):
        site.guild.rates.answered(403)
    site.guild.rates.answered(429, "shared")
    site.guild.rates.answered(404)
    assert site.guild.breaches == []
    assert (await site.call("GET", "/users/@me", headers={"Authorization": "Bot x"}))[0] == 401
    assert site.guild.breaches == ["invalid requests: 10,000 in 10 minutes, the address would be banned"]


async def test_the_library_keeps_within_the_limits_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    guild = acme()
    guild.rates.enforce, guild.rates.scale = True, 0.02
    async with connected(guild, monkeypatch) as library:
        await asyncio.gather(*(library.channel.send(str(number)) for number in range(23)))
        sent = guild.messages(SOCIAL)
        path = f"/channels/{SOCIAL}/messages/{sent[0]['id']}"
        await asyncio.gather(*(library.request("PATCH", path, json={"content": str(n)}) for n in range(12)))
    assert len(sent) == 23
    assert guild.breaches == []


async def test_commands_are_created_two_hundred_times_a_day(site: Site) -> None:
    guild = site.guild
    path = f"/applications/{guild.bot.id}/commands"
    left = 200 - len(guild.world.commands)
    for number in range(left):
        body = [{"name": f"c{number}", "description": "one"}]
        assert (await site.call("PUT", path, json=body))[0] == 200
    body = [{"name": f"c{left - 1}", "description": "changed"}]
    assert (await site.call("PUT", path, json=body))[2][0]["description"] == "changed"
    assert (await site.call("PUT", path, json=[{"name": "new", "description": "one"}]))[2]["code"] == 30034


async def test_reactions_have_their_limits(site: Site) -> None:
    sent = (await site.send())[2]["id"]
    await site.guild.react(ALICE, SOCIAL, sent, "✅")
    path = f"/channels/{SOCIAL}/messages/{sent}/reactions"
    assert [u["id"] for u in (await site.call("GET", f"{path}/✅"))[2]] == [ALICE]
    assert (await site.call("GET", f"{path}/tick"))[2]["code"] == 10014
    assert (await site.call("GET", f"{path}/✅?limit=101"))[2]["code"] == 50035
    assert (await site.call("GET", f"{path}/❌"))[2] == []
    for number in range(19):
        assert (await site.call("PUT", f"{path}/{chr(0x1F600 + number)}/@me"))[0] == 204
    assert (await site.call("PUT", f"{path}/🦊/@me"))[2]["code"] == 30010


async def test_the_rest_can_be_gone_altogether(library_cut: Library) -> None:
    guild = library_cut.guild
    await guild.cut(everything=True)
    with pytest.raises((aiohttp.ClientError, OSError)):
        await library_cut.channel.send("P1")
    guild.mend()
    await library_cut.hear("resumed")
    await library_cut.channel.send("P1")
    assert len(guild.messages(SOCIAL)) == 1


@pytest.fixture
async def library_cut(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Library]:
    async with connected(acme(), monkeypatch) as library:
        yield library
