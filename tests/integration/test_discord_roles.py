"""A role of the server decides who approves: asked again at the decision and before anything goes out."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.domain.delivery import State
from tests.integration.discord_bot import configured, staffed, teamed
from tests.integration.discord_world import BOB, GUILD_ROOM, LEADS, MALLORY, soon

ROLE = (f"@discord:{LEADS}",)


async def test_whoever_has_the_role_now_may_approve(tmp_path: Path) -> None:
    async with staffed() as guild:
        guild.world.privileged = {"members"}
        async with teamed(guild, tmp_path, approve=ROLE) as team:
            ref = await team.post(at="in 3d")
            await guild.press(MALLORY, GUILD_ROOM, ref, "Approve")
            await soon(lambda: bool(team.heard(MALLORY)), 25.0)
            assert {one.state for one in await team.deliveries()} == {State.IN_REVIEW}
            await guild.regroup(LEADS, [MALLORY])
            await guild.press(BOB, GUILD_ROOM, ref, "Approve")
            await soon(lambda: bool(team.heard(BOB)), 25.0)
            assert {one.state for one in await team.deliveries()} == {State.IN_REVIEW}
            await guild.press(MALLORY, GUILD_ROOM, ref, "Approve")
            await team.card("SCHEDULED")


async def test_where_roles_cannot_be_listed_nothing_is_decided_and_it_is_said(tmp_path: Path) -> None:
    async with staffed() as guild:
        guild.world.privileged = set()
        async with teamed(guild, tmp_path, approve=ROLE) as team:
            ref = await team.post(at="in 3d")
            said = "I could never see who is in"
            await soon(lambda: any(said in guild.words(m) for m in guild.messages(GUILD_ROOM)), 25.0)
            await guild.press(BOB, GUILD_ROOM, ref, "Approve")
            await soon(lambda: bool(team.heard(BOB)), 25.0)
            assert any("I cannot see who is in" in line for line in team.heard(BOB))
            assert {one.state for one in await team.deliveries()} == {State.IN_REVIEW}


@pytest.mark.parametrize(
    ("role", "visible", "words"),
    [
        (LEADS, True, "discord  1         ok"),
        (LEADS, False, "Switch on Server Members Intent"),
        ("41771983423149999", True, "there is no group @41771983423149999"),
    ],
)
async def test_the_check_reads_every_role_that_is_named(
    role: str,
    visible: bool,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with staffed() as guild:
        guild.world.privileged = {"members"} if visible else set()
        file = configured(guild, tmp_path, approve=(f"@discord:{role}",))
        monkeypatch.setenv("DISCORD_TOKEN", guild.token)
        code = await asyncio.to_thread(main, ["check", "--config", str(file)])
        told = capsys.readouterr()
        assert words in told.out, told
        assert code == (0 if words.endswith("ok") else 1)
        assert guild.token not in told.out + told.err
        assert not guild.messages(GUILD_ROOM)
