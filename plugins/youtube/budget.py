"""How many uploads Google takes a day, and when its day ends.

Since 1 June 2026 uploads have a bucket of their own: 100 a day for a project, from midnight Pacific time
(developers.google.com/youtube/v3/guides/quota_and_compliance_audits and determine_quota_cost, 2026). Every
post is one upload. No header tells what is left.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.api import Rate, Scope

if TYPE_CHECKING:
    from plugins.youtube.settings import YouTubeSettings

UPLOADS_A_DAY = 100
UPLOADS = "daily app limit"
PACIFIC = "America/Los_Angeles"

RATES = (
    Rate(
        name=UPLOADS,
        scope=Scope.APP,
        limit=UPLOADS_A_DAY,
        per=timedelta(days=1),
        as_of=date(2026, 11, 21),
        source="developers.google.com/youtube/v3/determine_quota_cost",
    ),
)
"""By a rolling day, which is never more than the limit in a day of Google's."""


def midnight_pacific(now: datetime) -> datetime:
    """The next midnight in California (aware UTC), when Google counts anew."""
    here = now.astimezone(ZoneInfo(PACIFIC))
    return datetime.combine(here.date() + timedelta(days=1), time(), ZoneInfo(PACIFIC)).astimezone(UTC)


def app_of(settings: YouTubeSettings) -> str:
    """The Google project, where the account says which."""
    return settings.client_id.reveal() if settings.client_id else ""
