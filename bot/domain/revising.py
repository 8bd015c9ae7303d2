"""What may be changed about a post that is out, and how its platform tells of single days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

TITLE, THUMBNAIL = "title", "thumbnail"


@dataclass(frozen=True, kw_only=True)
class Revises:
    """What a publisher with `Feature.REVISE` can change: ``kinds`` of `TITLE` and `THUMBNAIL`; ``seen``
    those of them that it can read back. ``day_zone``: where its days begin, an IANA name; ``lag``: how long
    after the end of a day its numbers may still come."""

    kinds: tuple[str, ...] = (TITLE,)
    seen: tuple[str, ...] = (TITLE,)
    day_zone: str = "UTC"
    lag: timedelta = timedelta(hours=72)


@dataclass(frozen=True, kw_only=True)
class DayCount:
    """What one post had on one day of its platform; None is unknown. ``clicks``: of those it was shown to."""

    day: date
    impressions: float | None = None
    clicks: float | None = None
    views: float | None = None


def day_of(at: datetime, zone: str) -> date:
    """The platform's day at an instant."""
    return at.astimezone(ZoneInfo(zone)).date()


def begins(day: date, zone: str) -> datetime:
    """The instant at which a day begins there (aware UTC)."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def is_whole(day: date, zone: str) -> bool:
    """Whether it has 24 hours; two days a year have 23 or 25."""
    return begins(day + timedelta(days=1), zone) - begins(day, zone) == timedelta(days=1)
