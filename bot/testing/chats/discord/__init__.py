"""A guild on loopback that speaks Discord's REST v10 and gateway v10."""

from __future__ import annotations

from bot.testing.chats.discord.limits import violations

__all__ = ["violations"]
