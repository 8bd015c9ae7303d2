"""One brand at Slack and at Discord: the same card in both, and one truth behind them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.domain.people import Policy, Role
from bot.ports import Clock
from bot.testing.platforms._demo_server import DemoSimulator
from tests.e2e.chats.bots import ACME, Running, platforms, running, until
from tests.e2e.chats.desks import (
    CHANNEL,
    PLACE,
    DiscordDesk,
    SlackDesk,
    discord_desk,
    slack_desk,
)

MANY = 50
"""People at each of the two services."""


@dataclass
class Both:
    """Two services with their people, and the platforms; bots come and go."""

    slack: SlackDesk
    discord: DiscordDesk
    sims: dict[str, DemoSimulator]
    folder: Path

    @asynccontextmanager
    async def bot(self, *, clock: Clock | None = None, many: bool = False) -> AsyncIterator[Running]:
        names = [f"p{n}" for n in range(2 * MANY)] if many else []
        brand = replace(
            ACME, roles={**ACME.roles, Role.APPROVE: ("bob", "carol", *names)}, policy=Policy(needed=1)
        )
        people = {
            name: [*self.slack.people().get(name, ()), *self.discord.people().get(name, ())]
            for name in ("alice", "bob", "carol", "dana")
        }
        people |= {
            name: [f"slack:U1P{n}" if n < MANY else f"discord:7000000000000{n:05d}"]
            for n, name in enumerate(names)
        }
        async with running(
            self.folder,
            sims=self.sims,
            channels=[self.slack.address, self.discord.address],
            tables={**self.slack.table(), **self.discord.table()},
            people=people,
            brand=brand,
            clock=clock,
        ) as bot:
            await self.slack.ready()
            await self.discord.ready()
            yield bot

    async def both(self, words: str, post: int = 1) -> None:
        for desk in (self.slack, self.discord):
            await until(lambda d=desk: words in d.card(post), f"{words} on the card at {desk.address}")  # type: ignore[misc]  # mypy infers no lambda with a default


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[Both]:
    async with slack_desk() as slack, discord_desk() as discord, platforms() as sims:
        yield Both(slack, discord, sims, tmp_path)


async def test_a_decision_in_one_is_seen_in_the_other_within_two_seconds(both: Both) -> None:
    async with both.bot(clock=SystemClock()) as bot:
        await both.slack.say("alice", 'post "Hello" --at "fri 17:30"')
        await both.both("IN REVIEW")
        began = time.monotonic()
        await both.discord.press("bob", "Approve")
        await both.both("SCHEDULED")
        assert time.monotonic() - began <= 2
        # and the other way round
        began = time.monotonic()
        await both.slack.press("carol", "Hold")
        await both.both("HELD")
        assert time.monotonic() - began <= 2
        assert "bob" in both.slack.card()
        assert bot.creates() == 0


async def test_of_a_hundred_who_decide_at_once_one_is_first_and_every_other_is_answered(both: Both) -> None:
    workspace, guild = both.slack.workspace, both.discord.guild
    for n in range(MANY):
        workspace.add_user(f"U1P{n}", f"p{n}")
        workspace.state.channels[CHANNEL].members.add(f"U1P{n}")
        guild.add_user(f"7000000000000{n + MANY:05d}", f"p{n + MANY}")
    async with both.bot(many=True, clock=SystemClock()) as bot:
        await both.slack.say("alice", 'post "Hello" --at now')
        await both.both("IN REVIEW")
        card, twin = both.slack._message(1), both.discord._message(1)
        button = next(b for b in workspace.buttons(card) if b == "Approve")
        presses = [
            workspace.press(f"U1P{n}", CHANNEL, card["ts"], button, seen=card) for n in range(0, MANY, 2)
        ]
        reactions = [
            workspace.react(f"U1P{n}", CHANNEL, card["ts"], "white_check_mark") for n in range(1, MANY, 2)
        ]
        clicks = [
            guild.press(f"7000000000000{n:05d}", PLACE, twin["id"], "Approve", seen=twin)
            for n in range(MANY, 2 * MANY, 2)
        ]
        marks = [
            guild.react(f"7000000000000{n:05d}", PLACE, twin["id"], "✅")
            for n in range(MANY + 1, 2 * MANY, 2)
        ]
        await asyncio.gather(*presses, *reactions, *clicks, *marks)
        await both.both("LIVE")
        assert bot.creates() == 1

        def answers() -> list[str]:
            told = [workspace.words(m) for n in range(MANY) for m in workspace.ephemerals(f"U1P{n}")]
            for n in range(MANY, 2 * MANY):
                user = f"7000000000000{n:05d}"
                told += [guild.words(m) for m in (*guild.ephemerals(user), *guild.dms(user))]
            return told

        await until(lambda: len(answers()) >= 2 * MANY, "an answer to everybody")
        told = answers()
        assert len(told) == 2 * MANY
        assert sum("is approved and" in text for text in told) == 1
        assert sum("already" in text for text in told) == 2 * MANY - 1


async def test_a_card_outlives_its_process_and_the_first_click_counts(both: Both) -> None:
    async with both.bot():
        await both.discord.say("alice", 'post "Hello" --at now')
        await both.both("IN REVIEW")
    async with both.bot() as bot:
        said = await both.slack.press("bob", "Approve")
        assert "is approved" in said
        await both.both("LIVE")
        assert bot.creates() == 1
