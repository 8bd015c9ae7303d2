"""When X may be asked again, from whatever it says about its limits.

Source: docs.x.com x-api/fundamentals/rate-limits (2026-08-22). Headers may be missing:
then a window of 15 minutes is assumed. The 24-hour headers are older than today's plans
and count more when present; there is no contract about ``Retry-After``, proxies send it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.api import Reply

WINDOW = timedelta(minutes=15)
DAY = timedelta(hours=25)
"""As long as a window may last and be believed: a day, and an hour for clocks that differ."""

SKEW = timedelta(seconds=10)
"""A reset this far in the past is a clock that differs, not a wrong header."""

SHORT = timedelta(seconds=5)
DAILY = ("x-user-limit-24hour", "x-app-limit-24hour")
WINDOW_WORDS, DAILY_WORDS, MONTHLY_WORDS = "its 15-minute limit", "its daily limit", "its monthly limit"


def wait(reply: Reply, now: datetime) -> tuple[datetime, str]:
    """When a refused call may be repeated, and what is used up, in words."""
    headers = reply.headers
    daily = _daily(headers, now)
    if daily is not None:
        return daily, DAILY_WORDS
    capped = _capped(reply, now)
    if capped is not None:
        return capped
    window = _window(headers, now)
    if window is not None and _number(headers.get("x-rate-limit-remaining")) in (None, 0):
        return window, WINDOW_WORDS
    until = _retry_after(headers, now) or window or now + WINDOW
    return until, WINDOW_WORDS


def quiet_until(reply: Reply, now: datetime) -> datetime | None:
    """After a success: when more is accepted again, if X says that nothing is left."""
    daily = _daily(reply.headers, now)
    if daily is not None:
        return daily
    if _number(reply.headers.get("x-rate-limit-remaining")) == 0:
        return _window(reply.headers, now)
    return None


def left_and_reset(
    headers: Mapping[str, str], prefix: str, now: datetime
) -> tuple[int | None, datetime | None]:
    """What ``prefix-remaining`` and ``prefix-reset`` say, as far as they can be believed."""
    remaining = _number(headers.get(f"{prefix}-remaining"))
    return (None if remaining is None else int(remaining)), _instant(headers.get(f"{prefix}-reset"), now)


def _daily(headers: Mapping[str, str], now: datetime) -> datetime | None:
    spent = [name for name in DAILY if _number(headers.get(f"{name}-remaining")) == 0]
    resets = [at for name in spent if (at := _instant(headers.get(f"{name}-reset"), now))]
    return max(resets, default=None)


def _window(headers: Mapping[str, str], now: datetime) -> datetime | None:
    return _instant(headers.get("x-rate-limit-reset"), now)


def _capped(reply: Reply, now: datetime) -> tuple[datetime, str] | None:
    """The end of the period whose cap is used up, when the body tells of one."""
    body = reply.json()
    if not isinstance(body, dict):
        return None
    kind = str(body.get("type", "")).rpartition("/")[2]
    if kind != "usage-capped" and body.get("title") != "UsageCapExceeded":
        return None
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if str(body.get("period", "")).lower() == "monthly":
        return (midnight.replace(day=1) + timedelta(days=32)).replace(day=1), MONTHLY_WORDS
    return midnight + timedelta(days=1), DAILY_WORDS


def _retry_after(headers: Mapping[str, str], now: datetime) -> datetime | None:
    text = headers.get("retry-after", "").strip()
    seconds = _number(text)
    if seconds is not None:
        return _believable(now + timedelta(seconds=seconds), now) if seconds <= DAY.total_seconds() else None
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return _believable(at if at.tzinfo else at.replace(tzinfo=UTC), now)


def _instant(text: str | None, now: datetime) -> datetime | None:
    """Seconds since 1970 as an instant, if it is one to believe."""
    seconds = _number(text)
    if seconds is None or abs(seconds) > 1e11:
        return None
    return _believable(datetime.fromtimestamp(seconds, UTC), now)


def _believable(at: datetime, now: datetime) -> datetime | None:
    if now - SKEW <= at <= now:
        return now + SHORT
    return at if now < at <= now + DAY else None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if isfinite(number) and number >= 0 else None
