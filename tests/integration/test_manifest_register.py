"""``clarion manifest``: commands compared with what Discord has, registered, and Slack's manifest printed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli import make_parser
from bot.commands import all_commands
from bot.errors import BadInput, ConfigError
from bot.testing.chats.discord import Guild

TOKEN = "DISCORD_TOKEN"


@dataclass(frozen=True, kw_only=True)
class Told:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A configuration that leads to a simulated Discord."""

    guild: Guild
    file: Path
    screen: pytest.CaptureFixture[str]

    async def run(self, *words: str) -> Told:
        args = make_parser().parse_args(["manifest", *words, "--config", str(self.file)])
        code = await args.run(args)
        out, err = self.screen.readouterr()
        return Told(code=code, out=out, err=err)


@pytest.fixture
async def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> AsyncIterator[Desk]:
    async with Guild().running() as guild:
        monkeypatch.setenv(TOKEN, guild.token)
        file = tmp_path / "config.toml"
        file.write_text(
            f'[chat]\nuse = ["discord"]\ndiscord = {{ base_url = "{guild.base_url}" }}\n\n'
            '[brand.acme]\ntimezone = "Europe/Lisbon"\nchannels = ["discord:1187000000000000001"]\n'
            'roles = { create = ["alice"], approve = ["bob"], admin = ["dana"] }\n',
            encoding="utf-8",
        )
        yield Desk(guild=guild, file=file, screen=capsys)


async def test_commands_are_compared_registered_and_then_the_same(desk: Desk) -> None:
    before = await desk.run("discord")
    assert before.code == 1
    assert before.out.splitlines()[0] == "/clarion is not registered."
    assert before.out.endswith("clarion manifest discord --register brings them there.\n")
    made = await desk.run("discord", "--register")
    assert made.code == 0
    assert made.out.endswith("Now they are registered as they are declared.\n")
    after = await desk.run("discord")
    assert (after.code, after.out) == (0, "Discord has all commands as they are declared.\n")
    other = await desk.run("discord", "--top-level")
    assert other.code == 1
    assert "/clarion is registered, but I have no such command." in other.out
    assert other.out.count("is not registered.") == len(all_commands())


async def test_one_server_has_commands_of_its_own(desk: Desk) -> None:
    assert (await desk.run("discord", "--register", "--guild", desk.guild.id, "--top-level")).code == 0
    assert (await desk.run("discord", "--guild", desk.guild.id, "--top-level")).code == 0
    assert (await desk.run("discord")).code == 1, "nothing was registered for all servers"
    with pytest.raises(BadInput, match="--guild is a server's number"):
        await desk.run("discord", "--guild", "acme")


async def test_registering_twice_changes_nothing_and_asks_once(desk: Desk) -> None:
    await desk.run("discord", "--register")
    asked = len([c for c in desk.guild.calls if c.endpoint.startswith("PUT")])
    again = await desk.run("discord", "--register")
    assert (again.code, again.out) == (0, "Discord has all commands as they are declared.\n")
    assert len([c for c in desk.guild.calls if c.endpoint.startswith("PUT")]) == asked == 1


async def test_a_token_discord_refuses_is_one_sentence(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, "not-the-token")
    told = await desk.run("discord")
    assert told.code == 1
    assert told.err.startswith("discord: ")
    assert len(told.err.splitlines()) == 1
    assert "not-the-token" not in told.err + told.out


async def test_without_a_token_the_variable_is_named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TOKEN)
    with pytest.raises(ConfigError, match=TOKEN):
        await desk.run("discord")


async def test_what_would_be_registered_is_shown_without_a_token(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(TOKEN)
    told = await desk.run("discord", "--show")
    assert [entry["name"] for entry in json.loads(told.out)] == [
        "clarion",
        "clarion-more",
        "Make this a post",
    ]


async def test_slacks_manifest_is_printed_for_either_way(desk: Desk) -> None:
    told = await desk.run("slack")
    assert "SLACK_APP_TOKEN" in told.err
    socket = json.loads(told.out)
    assert socket["settings"]["socket_mode_enabled"] is True
    told = await desk.run("slack", "--url", "https://bot.example.com")
    assert "SLACK_SIGNING_SECRET" in told.err
    http = json.loads(told.out)
    assert http["settings"]["interactivity"]["request_url"] == "https://bot.example.com/slack/events"


async def test_the_slash_command_is_the_one_of_the_configuration(desk: Desk) -> None:
    text = desk.file.read_text(encoding="utf-8")
    desk.file.write_text(text.replace("[chat]", '[chat]\nslack = { command = "/acme" }'), encoding="utf-8")
    made = json.loads((await desk.run("slack")).out)
    assert made["features"]["slash_commands"][0]["command"] == "/acme"
