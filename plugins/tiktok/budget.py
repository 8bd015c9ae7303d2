"""How often TikTok lets an account post.

Six inits a minute for each token (content-posting-api-reference-direct-post); about 15 posts in 24 hours for
each account, over all apps, for which TikTok gives no number of its own (content-sharing-guidelines and
field reports of 2026): when it says no earlier, the account waits.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from bot.api import Rate, Scope

if TYPE_CHECKING:
    from plugins.tiktok.settings import TikTokSettings

READ = date(2026, 11, 21)

RATES = (
    Rate(
        name="limit a minute",
        scope=Scope.ACCOUNT,
        limit=6,
        per=timedelta(minutes=1),
        as_of=READ,
        source="developers.tiktok.com: content-posting-api direct post",
    ),
    Rate(
        name="limit of posts a day",
        scope=Scope.ACCOUNT,
        limit=15,
        per=timedelta(hours=24),
        as_of=READ,
        source="developers.tiktok.com: content-sharing-guidelines",
    ),
)


def app_of(settings: TikTokSettings) -> str:
    """The developer app, where the account says which."""
    return settings.client_key.reveal() if settings.client_key else ""
