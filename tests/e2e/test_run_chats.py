"""`clarion run` and `clarion check` as people start them, with Slack and Discord in the configuration."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.chat.discord.declare import declared
from bot.commands import all_commands
from tests.integration.discord_world import GUILD_ROOM
from tests.integration.slack_world import HALL
from tests.integration.test_both_chats import CONFIG, Chats, people

ROOT = Path(__file__).parents[2]
ALICE = "U024BE7LA"


@dataclass
class Started:
    """The program, and the services it talks to."""

    chats: Chats
    file: Path
    env: Mapping[str, str]

    async def __call__(self, *words: str, stdin: bytes | None = None) -> Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *words,
            "--config",
            str(self.file),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            cwd=ROOT,
            env={**os.environ, **self.env},
        )

    async def ended(self, *words: str, stdin: bytes = b"") -> tuple[int, str, str]:
        """Its exit code and what it printed on both."""
        process = await self(*words)
        async with asyncio.timeout(60):
            out, err = await process.communicate(stdin)
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()

    def rewrite(self, old: str, new: str) -> None:
        text = self.file.read_text()
        assert old in text
        self.file.write_text(text.replace(old, new))


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Started]:
    async with people() as chats:
        file = tmp_path / "acme.toml"
        slack, guild = chats.slack, chats.guild
        names = {"alice": 80351110224678912, "bob": 53908232506183680, "carol": 66192955777486848}
        file.write_text(
            CONFIG.format(
                slack=slack.base_url,
                base=guild.base_url,
                gateway=guild.gateway_url,
                hall=HALL,
                room=GUILD_ROOM,
                **names,
            )
        )
        env = {
            "SLACK_BOT_TOKEN": slack.state.bot_token,
            "SLACK_APP_TOKEN": slack.state.app_token,
            "DISCORD_TOKEN": guild.token,
        }
        yield Started(chats, file, env)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize(("sign", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
async def test_without_a_console_it_serves_until_it_is_told_to_stop(
    start: Started, sign: signal.Signals, code: int
) -> None:
    process = await start("run")
    try:
        async with asyncio.timeout(60):
            await start.chats.slack.sockets.connected.wait()
            await start.chats.guild.connected(seconds=30)
            await start.chats.slack.command(ALICE, HALL, 'post "Launch day" --at "in 9h"')
            await start.chats.both_say("IN REVIEW", 30)
            assert process.returncode is None
            process.send_signal(sign)
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == code
    assert out == b""
    text = err.decode()
    assert "Clarion listens in slack and discord. Ctrl-C ends." in text
    assert "SIMULATED" in text
    assert not [secret for secret in start.env.values() if secret in text]


async def test_a_piped_console_ends_it_and_the_cards_are_everywhere(start: Started) -> None:
    start.rewrite('use = ["slack", "discord"]', 'use = ["console", "slack", "discord"]')
    start.rewrite('channels = ["slack:', 'channels = ["console:main", "slack:')
    lines = b'/post "Launch day" --at "in 9h"\nas bob\n/approve latest\n'
    code, out, err = await start.ended("run", stdin=lines)
    assert code == 0, err
    assert "SCHEDULED" in out
    assert start.chats.slack_card("SCHEDULED")
    assert start.chats.guild_card("SCHEDULED")


async def test_everything_that_is_missing_is_told_at_once(start: Started) -> None:
    start.env = {"SLACK_BOT_TOKEN": "", "SLACK_APP_TOKEN": "", "DISCORD_TOKEN": ""}
    start.rewrite('use = ["slack", "discord"]', 'use = ["slack", "discord", "slak"]')
    code, out, err = await start.ended("run")
    assert (code, out) == (2, "")
    problems = err.strip().splitlines()
    assert len(problems) == 3
    assert "acme.toml: chat.slack: needs SLACK_BOT_TOKEN in the environment" in problems
    assert "acme.toml: chat.discord: needs DISCORD_TOKEN in the environment" in problems
    assert [p for p in problems if "chat.use: there is no chat 'slak', did you mean 'slack'?" in p]


async def test_check_proves_the_chats(start: Started) -> None:
    start.chats.guild.declare(declared(all_commands()))
    code, out, err = await start.ended("check")
    assert code == 0, out + err
    assert [line.split() for line in out.splitlines() if line.startswith(("slack", "discord"))] == [
        ["slack", "1", "ok"],
        ["discord", "1", "ok"],
    ]
    assert start.chats.slack.messages(HALL) == []  # the test cards are gone
    assert start.chats.guild.messages(GUILD_ROOM) == []


async def test_check_says_what_is_wrong_with_a_chat(start: Started) -> None:
    start.chats.slack.revoke()
    start.rewrite(f'"discord:{GUILD_ROOM}"', '"discord:1187026123847310000"')
    code, out, _ = await start.ended("check")
    assert code == 1
    assert "NOT WELL" in out
    assert [line for line in out.splitlines() if line.startswith("slack: ")]
    assert [line for line in out.splitlines() if line.startswith("discord: ")]
