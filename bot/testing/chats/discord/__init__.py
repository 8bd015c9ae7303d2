"""A guild on loopback that speaks Discord's REST v10 and gateway v10, and the people in it."""

from __future__ import annotations

from bot.testing.chats.discord.faults import FAULTS
from bot.testing.chats.discord.filling import CannotDo, Upload
from bot.testing.chats.discord.guild import Guild
from bot.testing.chats.discord.interactions import Form, Interaction
from bot.testing.chats.discord.limits import violations
from bot.testing.chats.discord.refusals import Refusal

__all__ = ["FAULTS", "CannotDo", "Form", "Guild", "Interaction", "Refusal", "Upload", "violations"]
