"""One brand in Slack and Discord at once: real libraries, simulated services, one card in both."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.app import App, build, make_log, run
from bot.chat.discord.declare import declared
from bot.clock import SystemClock
from bot.commands import all_commands
from bot.config import read_config
from bot.testing.chats.discord import Guild
from bot.testing.chats.slack import Workspace
from tests.integration.discord_world import ALICE, BOB, CAROL, GUILD_ROOM, guilded, soon
from tests.integration.slack_world import HALL, nothing_running

CONFIG = """
[chat]
use = ["slack", "discord"]
slack = {{ base_url = "{slack}" }}
discord = {{ base_url = "{base}", gateway_url = "{gateway}" }}

[people]
alice = ["slack:U024BE7LA", "discord:{alice}"]
bob = ["slack:U024BE7LB", "discord:{bob}"]
carol = ["discord:{carol}"]

[brand.acme]
timezone = "Europe/Lisbon"
channels = ["slack:{hall}", "discord:{room}"]
roles = {{ create = ["alice"], approve = ["bob", "carol"], admin = ["dana"] }}
approval = {{ mode = "any", needed = 1 }}
"""

REPAINTED = 2.0
"""Seconds in which a decision in one chat is to be seen in the other."""


@dataclass
class Chats:
    """A workspace and a guild, where people sit."""

    slack: Workspace
    guild: Guild

    def slack_card(self, words: str = "") -> str:
        """The newest card in Slack that says that, by its ts; empty while there is none."""
        found = [m for m in self.slack.messages(HALL) if words in self.slack.words(m)]
        return str(found[-1]["ts"]) if found else ""

    def guild_card(self, words: str = "") -> str:
        found = [m for m in self.guild.messages(GUILD_ROOM) if words in self.guild.words(m)]
        return str(found[-1]["id"]) if found else ""

    async def both_say(self, words: str, seconds: float = 15.0) -> float:
        """How long it took until both cards say that."""
        began = time.perf_counter()
        await soon(lambda: bool(self.slack_card(words) and self.guild_card(words)), seconds)
        return time.perf_counter() - began

    def told(self, user: str) -> str:
        return "\n".join(self.slack.words(m) for m in self.slack.ephemerals(user))


@asynccontextmanager
async def people() -> AsyncIterator[Chats]:
    async with AsyncExitStack() as stack:
        slack = Workspace()
        slack.add_user("U024BE7LA", "alice")
        slack.add_user("U024BE7LB", "bob")
        slack.add_channel(HALL, "launch", ["U024BE7LA", "U024BE7LB"])
        stack.push_async_callback(slack.aclose)
        await slack.start()
        guild = await stack.enter_async_context(guilded())
        guild.declare(declared(all_commands(())))
        yield Chats(slack, guild)


@asynccontextmanager
async def at_work(chats: Chats, folder: Path) -> AsyncIterator[App]:
    """The bot over the database in ``folder``; leaving is the end of the process."""
    slack, guild, log = chats.slack, chats.guild, io.StringIO()
    file = folder / "acme.toml"
    file.write_text(
        CONFIG.format(
            slack=slack.base_url,
            base=guild.base_url,
            gateway=guild.gateway_url,
            alice=ALICE,
            bob=BOB,
            carol=CAROL,
            hall=HALL,
            room=GUILD_ROOM,
        )
    )
    env = {
        "SLACK_BOT_TOKEN": slack.state.bot_token,
        "SLACK_APP_TOKEN": slack.state.app_token,
        "DISCORD_TOKEN": guild.token,
    }
    config, problems = read_config(file, env=env)
    async with (
        nothing_running(),
        build(
            config,
            problems=problems,
            clock=SystemClock(),
            env=env,
            chats=[],
            log=make_log(log),
            team_chats=True,
        ) as app,
    ):
        serving = asyncio.get_running_loop().create_task(run(app, linger=None), name="bot under test")
        try:
            await guild.connected()
            await soon(lambda: bool(slack.sockets.lines), 10.0)
            yield app
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
    for secret in env.values():
        assert secret not in log.getvalue()


async def voters(app: App) -> list[str]:
    """Whose votes were counted; one person once, however many accounts."""
    votes = await app.services.store.read(lambda tx: tx.votes.of_post(1))
    return sorted({vote.member for vote in votes})


async def test_T19_one_card_in_two_chats(tmp_path: Path) -> None:
    """Posted in Slack, approved in Discord: both cards show it within two seconds."""
    async with people() as chats, at_work(chats, tmp_path) as app:
        await chats.slack.command("U024BE7LA", HALL, 'post "Launch day" --at "in 9h"')
        await chats.both_say("IN REVIEW")
        await soon(lambda: "P1 waits for approval" in chats.told("U024BE7LA"))
        await chats.guild.press(BOB, GUILD_ROOM, chats.guild_card("P1"), "Approve")
        assert await chats.both_say("SCHEDULED") <= REPAINTED
        assert await voters(app) == ["bob"]
        # the same person in the other chat is the same person
        await chats.slack.command("U024BE7LB", HALL, "approve P1")
        await soon(lambda: "already" in chats.told("U024BE7LB"))
        assert await voters(app) == ["bob"]
        assert len([m for m in chats.slack.messages(HALL) if "Launch day" in chats.slack.words(m)]) == 1


@pytest.mark.parametrize("where", ["slack", "discord"])
async def test_T16_the_first_click_after_a_restart_counts(tmp_path: Path, where: str) -> None:
    async with people() as chats:
        async with at_work(chats, tmp_path):
            await chats.slack.command("U024BE7LA", HALL, 'post "Launch day" --at "in 9h"')
            await chats.both_say("IN REVIEW")
        async with at_work(chats, tmp_path) as app:
            if where == "slack":
                await chats.slack.press("U024BE7LB", HALL, chats.slack_card("P1"), "Approve")
            else:
                await chats.guild.press(BOB, GUILD_ROOM, chats.guild_card("P1"), "Approve")
            await chats.both_say("SCHEDULED")
            assert await voters(app) == ["bob"]


async def test_a_chat_that_is_away_holds_up_nobody_and_catches_up(tmp_path: Path) -> None:
    async with people() as chats, at_work(chats, tmp_path):
        await chats.slack.command("U024BE7LA", HALL, 'post "Launch day" --at "in 9h"')
        await chats.both_say("IN REVIEW")
        chats.slack.cut(everything=True)
        began = time.perf_counter()
        await chats.guild.press(BOB, GUILD_ROOM, chats.guild_card("P1"), "Approve")
        await soon(lambda: bool(chats.guild_card("SCHEDULED")))
        assert time.perf_counter() - began <= REPAINTED
        assert not chats.slack_card("SCHEDULED")
        chats.slack.mend()
        await chats.both_say("SCHEDULED", 30.0)
        assert len([m for m in chats.slack.messages(HALL) if "Launch day" in chats.slack.words(m)]) == 1


async def test_thrown_out_of_one_chat_the_other_is_told_once(tmp_path: Path) -> None:
    async with people() as chats, at_work(chats, tmp_path):
        await chats.slack.command("U024BE7LA", HALL, 'post "Launch day" --at "in 9h"')
        await chats.both_say("IN REVIEW")
        chats.slack.state.channels[HALL].members.discard(chats.slack.state.bot_user)
        await chats.guild.press(BOB, GUILD_ROOM, chats.guild_card("P1"), "Approve")
        await soon(lambda: bool(chats.guild_card("What belongs there waits; nothing is lost.")))
        told = [m for m in chats.guild.messages(GUILD_ROOM) if "nothing is lost" in chats.guild.words(m)]
        assert len(told) == 1
