"""What the bot asks: the same as `plugins.content_tips.api`, loaded when it is first asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.api import AccountProfile, Draft, Suggestion


class ContentTips:
    """Implements `bot.api.Tips`."""

    name = "content-tips"
    title = "Content tips"

    def suggest(self, draft: Draft, profile: AccountProfile, *, now: datetime) -> list[Suggestion]:
        """See `plugins.content_tips.api.suggest`."""
        from plugins.content_tips.api import suggest

        return suggest(draft, profile, now=now)
