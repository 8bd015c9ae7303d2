"""What waits for one person: decisions, today's queue, failures."""

from __future__ import annotations

from bot.domain.message import Message
from bot.services.context import Services


async def home(svc: Services, user: str, chat: str) -> Message:
    """For a user of a chat, over all brands that they are a member of."""
    return Message(title="Clarion")
