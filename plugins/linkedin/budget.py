"""How many calls LinkedIn takes a day.

Two counters, per member and per app, both from 00:00 UTC on; no header tells what is left
(learn.microsoft.com, shared/api-guide/concepts/rate-limits and consumer/integrations/self-serve/
share-on-linkedin, 2026). LinkedIn counts requests; ours count posts, so pictures make the real
limit come earlier: then LinkedIn says so, and the account waits.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from bot.api import UTC_DAY, Rate, Scope

if TYPE_CHECKING:
    from plugins.linkedin.client import LinkedInSettings

READ = date(2026, 8, 22)
SOURCE = "learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/share-on-linkedin"

RATES = (
    Rate(name="daily limit", scope=Scope.ACCOUNT, limit=150, per=UTC_DAY, as_of=READ, source=SOURCE),
    Rate(name="daily app limit", scope=Scope.APP, limit=100_000, per=UTC_DAY, as_of=READ, source=SOURCE),
)


def app_of(settings: LinkedInSettings) -> str:
    """The developer app, where the account says which; an access token alone does not tell."""
    return settings.client_id.reveal() if settings.client_id else ""
