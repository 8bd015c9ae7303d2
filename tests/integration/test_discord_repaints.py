"""A thousand cards are repainted within what Discord allows, by the guild's own accounting."""

from __future__ import annotations

import asyncio

import pytest

from bot.chat.discord import calls
from bot.chat.discord.render import render
from bot.domain.message import Target
from tests.integration.discord_world import card, connected, guilded

CARDS, CHANNELS, SCALE = 1_000, 50, 0.25
EDIT = "PATCH /channels/{channel}/messages/{message}"


async def test_a_thousand_cards_are_repainted_without_a_breach(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a quarter of the time: the guild's windows are that much shorter, and so is the adapter's pace."""
    monkeypatch.setattr(calls, "PER_SECOND", calls.PER_SECOND / SCALE)
    async with guilded() as guild, connected(guild, serve=False) as scene:
        rooms = [guild.add_channel("", f"brand-{number}") for number in range(CHANNELS)]
        painted = render(card()).payload
        refs = [guild.posting.write(rooms[n % CHANNELS], guild.bot, painted).id for n in range(CARDS)]
        guild.rates.enforce, guild.rates.scale = True, SCALE
        await asyncio.gather(
            *(
                scene.chat.edit(
                    Target(chat="discord", channel=rooms[n % CHANNELS].id), refs[n], card(version=2)
                )
                for n in range(CARDS)
            )
        )
        assert guild.breaches == []
        assert guild.called(EDIT) == CARDS
        assert len(guild.rates.invalid) == 0
        shown = [one for room in rooms for one in guild.messages(room.id)]
        assert len(shown) == CARDS
        assert all("v2" in guild.words(one) for one in shown)
