"""The simulated guild in a process of its own, and its door for other processes."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bot.testing.chats.discord.control import Controlled
from tests.integration.guild_world import ALICE, POST, SOCIAL, Library, connected


class Door:
    """Asks the guild through its door."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url, self.session = url, session

    async def do(self, verb: str, **given: Any) -> Any:
        told = {"do": verb, "with": given}
        async with self.session.post(f"{self.url}/control/do", json=told) as answer:
            body = await answer.json()
            return body["result"] if answer.status == 200 else (answer.status, body["error"])

    async def report(self) -> Any:
        async with self.session.get(f"{self.url}/control/report") as answer:
            return await answer.json()


async def answering(library: Library) -> None:
    """Answers every command at once."""
    while True:
        got = await library.hear("interaction")
        await got.response.send_message("ok", ephemeral=True)


@asynccontextmanager
async def answered(patch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    """A guild with a door, and a bot that answers."""
    guild = Controlled()
    async with connected(guild, patch) as library, aiohttp.ClientSession() as session:
        work = asyncio.ensure_future(answering(library))
        try:
            yield Door(guild.url, session)
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)


async def test_another_process_acts_and_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    async with answered(monkeypatch) as door:
        assert await door.do("add_member", id=ALICE, name="alice") == {"id": ALICE}
        assert await door.do("add_channel", id=SOCIAL, name="social") == {"id": SOCIAL}
        await door.do("declare", commands=[POST])
        picture = {"name": "a.png", "base64": base64.b64encode(b"png").decode()}
        given = {"text": "hello"}
        typed = await door.do(
            "command", user=ALICE, channel=SOCIAL, name="post", options=given, files={"file": picture}
        )
        assert typed["ok"]
        assert [m["content"] for m in await door.do("ephemerals", user=ALICE)] == ["ok"]
        assert await door.do("command", user="999", channel=SOCIAL, name="post") == (
            400,
            f"CannotDo: 999 sees no channel {SOCIAL}",
        )
        assert await door.do("__class__") == (404, "there is no '__class__'")
        report = await door.report()
        assert (report["connections"], report["identified"], len(report["acks"])) == (1, 1, 1)
        assert report["unacked"] == report["breaches"] == []


async def test_a_storm_of_commands_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    async with answered(monkeypatch) as door:
        await door.do("add_member", id=ALICE, name="alice")
        await door.do("add_channel", id=SOCIAL, name="social")
        await door.do("declare", commands=[POST])
        told = {"rate": 100, "seconds": 0.3, "users": [ALICE], "channels": [SOCIAL]}
        commands = [["post", {"text": "number {number}"}]]
        async with door.session.post(f"{door.url}/control/storm", json={**told, "commands": commands}) as got:
            storm = await got.json()
        assert (len(storm["latencies"]), storm["lost"]) == (30, 0)
        assert all(0 < latency < 3 for latency in storm["latencies"])
        texts = [m["content"] for m in await door.do("ephemerals", user=ALICE)]
        assert texts == ["ok"] * 30
        async with door.session.post(f"{door.url}/control/forget"):
            assert (await door.report())["acks"] == []


async def test_it_runs_by_itself() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.testing.chats.discord", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        told = json.loads(await asyncio.wait_for(process.stdout.readline(), 30))
        assert told["gateway_url"].startswith("ws://127.0.0.1:")
        headers = {"Authorization": f"Bot {told['token']}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            async with session.get(f"{told['base_url']}/users/@me") as answer:
                assert (await answer.json())["id"] == told["bot"]
                assert "X-RateLimit-Remaining" in answer.headers
            assert (await Door(told["url"], session).report())["connections"] == 0
    finally:
        process.terminate()
        await process.wait()
        process._transport.close()  # type: ignore[attr-defined]
